/**
 * `xcp snapshot` on stores of files and of S3.
 *
 * @module
 */
import type { Blobs } from "../../../lib/store/blobs.ts";
import { readAccepted } from "../../../lib/store/snapshot/pointers.ts";
import type { S3Server } from "../../tools/s3_server.ts";
import type { Folder } from "./files.ts";
import { runXcp } from "./xcp.ts";

/** The environment of who may use a server's buckets. */
export function s3Environment({ credentials }: Pick<S3Server, "credentials">): Readonly<Record<string, string>> {
  return { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey };
}

/** The URL of a store of files in a folder. */
export function fileStore(folder: Folder, name = "store"): string {
  return `file://${folder.at(name)}`;
}

/** Runs `xcp snapshot …` and returns its standard output; throws unless it ends with 0. */
export async function snapshot(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, stdout, stderr } = await runXcp(["snapshot", ...args], { env });
  if (code !== 0) throw new Error(`xcp snapshot ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}

/** One entry of `xcp snapshot log -o json`. */
export interface LogEntry {
  readonly number: number;
  readonly hash: string | null;
  readonly label?: string | null;
  readonly groups: number | null;
  readonly resources: number | null;
  readonly pointers: readonly string[];
  readonly rollbackOf?: number;
  readonly unfinished?: boolean;
  readonly damaged?: string;
}

/** All snapshots of a store, the newest first. */
export async function snapshotLog(store: string, env: Readonly<Record<string, string>> = {}): Promise<LogEntry[]> {
  return JSON.parse(await snapshot(["log", store, "-o", "json"], env));
}

/** The number of the snapshot that the clients of each group accepted last, by group. */
export async function acceptedIn(blobs: Blobs): Promise<Readonly<Record<string, number>>> {
  const groups = (await readAccepted(blobs))?.pointer.groups ?? {};
  return Object.fromEntries(Object.entries(groups).map(([group, { number }]) => [group, number]));
}

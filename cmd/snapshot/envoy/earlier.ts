/**
 * What an earlier pull wrote, and an Envoy may be using. Envoy reads clusters and listeners apart, in an order that nobody
 * chose, and requests on connections of a listener that is replaced follow its routes until it is drained. So clusters
 * that are new come before the listeners that use them, and those that went away stay for a while; no Envoy says when it
 * is done.
 *
 * @module
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../../lib/system_error.ts";
import { DATA, MARKER, type Tree, type TreeFile } from "../tree.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { CLUSTERS_FILE, LISTENERS_FILE, SECRETS_FOLDER } from "./names.ts";

/** The files of an earlier `pull --as envoy`. */
export interface Earlier {
  readonly clusters: readonly JsonObject[];
  readonly clustersFile: TreeFile;
  readonly listenersFile: TreeFile;
  readonly secretFiles: readonly TreeFile[];
  readonly marker: string;
  /** Since when clusters are no longer in the configuration; milliseconds since the epoch. */
  readonly since: ReadonlyMap<string, number>;
}

/** Clusters that are no longer in the configuration, and stay. */
export interface Leaving {
  readonly clusters: readonly JsonObject[];
  /** In ISO 8601, for the marker. */
  readonly since: Readonly<Record<string, string>>;
  /** Secrets that these clusters name: a file that Envoy is pointed at has to be there. */
  readonly files: readonly TreeFile[];
  /** The file that they were in was for its owner alone. */
  readonly secret: boolean;
}

/** Longer than Envoy drains a listener: `--drain-time-s` is 600 by default. */
const LEAVING_MS = 15 * 60 * 1000;

/** Undefined where there is none, or what is there is not what a pull writes. */
export async function readEarlier(directory: string): Promise<Earlier | undefined> {
  const at = join(directory, DATA);
  const [marker, clustersFile, listenersFile] = [
    await fileOf(at, MARKER),
    await fileOf(at, CLUSTERS_FILE),
    await fileOf(at, LISTENERS_FILE),
  ];
  const { form, leaving } = objectOf(marker?.text) ?? {};
  const clusters = objectOf(clustersFile?.text)?.resources;
  if (marker === undefined || clustersFile === undefined || listenersFile === undefined) return undefined;
  if (form !== "envoy" || !Array.isArray(clusters)) return undefined;
  const secretFiles: TreeFile[] = [];
  for (const name of await readdir(join(at, SECRETS_FOLDER)).catch(() => [])) {
    const file = await fileOf(at, `${SECRETS_FOLDER}/${name}`);
    if (file !== undefined) secretFiles.push(file);
  }
  const since = Object.entries(isObject(leaving) ? leaving : {}).map(([name, time]) =>
    [name, Date.parse(String(time))] as const
  );
  return {
    clusters: clusters.filter(isObject),
    clustersFile,
    listenersFile,
    secretFiles,
    marker: marker.text,
    since: new Map(since),
  };
}

/** What is to stay beside clusters of these names. */
export function leavingOf(earlier: Earlier, staying: ReadonlySet<string>, now: number): Leaving {
  const since: Record<string, string> = {};
  const clusters: JsonObject[] = [];
  for (const cluster of earlier.clusters) {
    const name = String(cluster.name);
    const time = earlier.since.get(name) ?? now;
    // A clock that went backwards keeps nothing for ever.
    if (staying.has(name) || !(Math.abs(now - time) < LEAVING_MS)) continue;
    since[name] = new Date(time).toISOString();
    clusters.push(cluster);
  }
  const text = JSON.stringify(clusters);
  const files = earlier.secretFiles.filter(({ path }) => text.includes(path));
  return { clusters, since, files, secret: clusters.length > 0 && earlier.clustersFile.secret };
}

/** The step before a tree: the same, with the listeners that are there. Undefined where no cluster of it is new. */
export function clustersFirst(earlier: Earlier, { files, folders }: Omit<Tree, "marker">): Tree | undefined {
  const known = new Set(earlier.clusters.map(({ name }) => name));
  const clusters = objectOf(files.find(({ path }) => path === CLUSTERS_FILE)?.text)?.resources;
  const added = Array.isArray(clusters) && clusters.some((cluster) => isObject(cluster) && !known.has(cluster.name));
  if (!added) return undefined;
  const others = files.filter(({ path }) => path !== LISTENERS_FILE);
  const paths = new Set(others.map(({ path }) => path));
  const secrets = earlier.secretFiles.filter(({ path }) => !paths.has(path));
  return { files: [...others, earlier.listenersFile, ...secrets], folders, marker: earlier.marker };
}

/** Undefined for a file that is not there. */
async function fileOf(folder: string, path: string): Promise<TreeFile | undefined> {
  try {
    const file = join(folder, path);
    const { mode } = await stat(file);
    return { path, text: await readFile(file, "utf8"), secret: (mode & 0o077) === 0 };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function objectOf(text: string | undefined): JsonObject | undefined {
  try {
    const json: Json = JSON.parse(text ?? "null");
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

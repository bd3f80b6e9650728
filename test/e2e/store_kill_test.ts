import { assert, assertEquals } from "@std/assert";
import { setTimeout as delay } from "node:timers/promises";
import type { Blobs } from "../../lib/store/blobs.ts";
import { chance } from "../../lib/store/file/testing.ts";
import { openFileStore } from "../../lib/store/file/store.ts";
import { openS3Store } from "../../lib/store/s3/store.ts";
import { chunksOf } from "../../lib/store/snapshot/history.ts";
import { readLatest } from "../../lib/store/snapshot/pointers.ts";
import { readChunk, readManifest } from "../../lib/store/snapshot/read.ts";
import type { S3Server } from "../tools/s3_server.ts";
import { findSeaweedfs, startSeaweedfs } from "../tools/seaweedfs.ts";
import {
  cluster,
  fileStore,
  type Folder,
  runXcp,
  s3Environment,
  snapshot,
  snapshotLog,
  spawn,
  temporaryFolder,
  xcpBinary,
} from "./harness.ts";

interface Store {
  readonly url: string;
  readonly env: Readonly<Record<string, string>>;
  /** For looking at it without a process for each look. */
  readonly blobs: Blobs;
}

/** Somebody else pushed at the same time. */
const CONFLICT = 75;

/** Groups of the content: each has chunks of its own, and most of a push's time is writing. */
const FEW = 2;
const MANY = 40;

/** Writes a content that no push had before. */
async function change(config: Folder, round: number, groups: number): Promise<void> {
  for (let group = 0; group < groups; group++) {
    await config.write(`groups/g${group}/a.yaml`, cluster("one", `alt_stat_name: ${group}-of-${round}`));
  }
  for (let group = groups; group < MANY; group++) await config.remove(`groups/g${group}`);
}

/** What `latest` names, of which every byte was read and found to be what was written; undefined before the first. */
async function whole(blobs: Blobs): Promise<{ readonly number: number; readonly hash: string } | undefined> {
  const latest = (await readLatest(blobs))?.pointer;
  if (latest === undefined) return undefined;
  const read = await readManifest(blobs, latest.number, { hash: latest.hash });
  assert(read !== undefined, `latest names snapshot ${latest.number}, which is not there`);
  await Promise.all([...chunksOf(read.manifest).values()].map((chunk) => readChunk(blobs, chunk)));
  return { number: latest.number, hash: latest.hash };
}

/** How long a push takes that nobody kills, in milliseconds. */
async function duration(args: readonly string[], env: Store["env"]): Promise<number> {
  const start = performance.now();
  await snapshot(args, env);
  return performance.now() - start;
}

/** Pushes and kills, so many times, and expects that nothing that `latest` ever named was harmed. */
async function killed(times: number, seed: number, { url, env, blobs }: Store): Promise<void> {
  await using config = await temporaryFolder();
  await using home = await temporaryFolder();
  const random = chance(seed);
  const named = new Map<number, string>();
  const took = new Map<number, number>();
  const args = ["push", config.path, url];
  const look = async () => {
    const latest = await whole(blobs);
    if (latest === undefined) return 0;
    assertEquals(named.get(latest.number) ?? latest.hash, latest.hash, `snapshot ${latest.number} is another`);
    named.set(latest.number, latest.hash);
    return latest.number;
  };
  for (const groups of [FEW, MANY]) {
    await change(config, -groups, groups);
    took.set(groups, await duration(args, env));
    await look();
  }
  let [cutShort, completed] = [0, 0];
  for (let round = 0; round < times; round++) {
    const groups = round % 2 === 0 ? MANY : FEW;
    await change(config, round, groups);
    const before = await look();
    const child = spawn(xcpBinary(), ["snapshot", ...args], { env: { HOME: home.path, ...env } });
    await Promise.race([delay(random() * (took.get(groups) ?? 0)), child.exit]);
    child.kill("SIGKILL");
    const { success, signal, code } = await child.exit;
    // What the one before had sent may arrive after its death: then it has won.
    assert(success || signal === "SIGKILL" || code === CONFLICT, `round ${round}: ${child.stderr()}`);
    const after = await look();
    assert(after >= before, `latest went from ${before} to ${after}`);
    if (success) assert(after > before, `a push that said "${child.stdout()}" did not move ${before}`);
    if (after > before) completed++;
    else cutShort++;
  }
  // Whoever comes next is not in the way of the dead, and what they left is told apart from what is needed.
  await snapshot(args, env);
  await look();
  const { code, stdout } = await runXcp(["snapshot", "verify", url, "-o", "json"], { env });
  const { defects, unneeded } = JSON.parse(stdout);
  assertEquals([code, defects], [0, []]);
  const log = await snapshotLog(url, env);
  const hashes = new Map(log.map(({ number, hash }) => [number, hash]));
  for (const [number, hash] of named) assertEquals(hashes.get(number), hash, `snapshot ${number}`);
  const finished = log.filter(({ unfinished, damaged }) => !unfinished && damaged === undefined);
  assertEquals(finished.map(({ number }) => number).sort(), [...named.keys()].sort());
  // Else the kills came too early or too late to mean anything.
  const inTheMiddle = unneeded.chunks + unneeded.snapshots.length;
  const seen = JSON.stringify({ cutShort, completed, unneeded });
  assert(cutShort > times / 10 && inTheMiddle > 0, seen);
}

Deno.test("kill -9 of 100 pushes into a folder: whatever latest ever named is whole", async () => {
  await using folder = await temporaryFolder();
  const url = fileStore(folder);
  await killed(100, 6, { url, env: {}, blobs: await openFileStore(url) });
});

const seaweedfs = { path: undefined, reason: undefined, ...await findSeaweedfs() };
if (seaweedfs.reason !== undefined) console.error(seaweedfs.reason);

Deno.test("kill -9 of 12 pushes into a bucket: whatever latest ever named is whole", {
  ignore: seaweedfs.path === undefined,
}, async () => {
  await using server: S3Server = await startSeaweedfs(seaweedfs.path ?? "");
  const { url } = await server.bucket();
  const blobs = await openS3Store(url, { credentials: server.credentials });
  try {
    await killed(12, 7, { url, env: s3Environment(server), blobs });
  } finally {
    await blobs.close();
  }
});

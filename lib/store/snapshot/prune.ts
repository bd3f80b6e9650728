/**
 * Removes old snapshots, and the chunks that nothing needs any more.
 *
 * **Why a push at the same time loses nothing.** A push looks which chunks are there, writes those that are not, then its
 * manifest, then moves `latest`. Between the first and the third step nothing in the store says what it relies on.
 *
 * 1. *What its parent has* is safe: a prune keeps what the pointers name, and a push whose parent is not `latest` any
 *    more ends in a conflict.
 * 2. *What it wrote itself* is young, and no manifest has it yet. Chunks that no manifest has are removed only when they
 *    are older than a day, by the clock of the store, which is asked and not assumed. The same holds for manifests that
 *    no pointer ever named: they may be those of a push that is about to move `latest`.
 * 3. *What it found there, and its parent does not have* (the content of an older snapshot that comes back) is the hard
 *    case: however old a chunk is, a push may have looked at it a moment ago. So both sides look twice. The push looks
 *    again, after its manifest is written, for the chunks that it found, and before it moves `latest`. The prune takes a
 *    copy of a chunk before it removes it, and after that lists the manifests again; a chunk that a new one needs is put
 *    back. Whichever order the calls have: if the push still saw the chunk the second time, its manifest was there
 *    before the chunk was removed, so the prune sees the manifest, and puts it back; if not, the push knows, and
 *    writes the chunk itself. A rollback does the same as a push, and ends in a conflict where it would have to write.
 *
 * Manifests go before chunks: a prune that dies leaves chunks that nothing needs, which the next one takes, and never a
 * snapshot that lacks something. A manifest that cannot be read may need any chunk: while one is kept, no chunk goes.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { type Blobs, type Entry, StoreError } from "../blobs.ts";
import { eachAtOnce } from "./at_once.ts";
import { CHUNKS, manifestKey } from "./format.ts";
import { chunksOf } from "./history.ts";
import { type Found, namedNow, type Pointers, readPointers, signalled, survey } from "./survey.ts";
import { removeChunks } from "./sweep.ts";

export interface PruneOptions {
  /** So many of the newest stay; undefined: as many as are young enough. */
  readonly keep?: number;
  /** What is younger stays, in milliseconds; undefined: only `keep` counts. */
  readonly olderThanMs?: number;
  /** Removes nothing, and writes nothing. */
  readonly dryRun?: boolean;
  /** Milliseconds since the epoch; what the age of a snapshot is measured by. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, all: number) => void;
}

/** What was removed, or would be. */
export interface Pruned {
  /** Numbers, newest first. */
  readonly snapshots: readonly number[];
  /** Those among them that no pointer ever named. */
  readonly unfinished: readonly number[];
  readonly chunks: number;
  /** Bytes of chunks and manifests. */
  readonly bytes: number;
  /** How many snapshots stay. */
  readonly kept: number;
  /** Why no chunk was removed, although some snapshots were. */
  readonly chunksStay: string | undefined;
}

/** How long what nothing needs may belong to a push that is under way. */
export const GRACE_MS = 24 * 60 * 60 * 1000;

/** Why a prune does not begin. The message says the store and the state. */
export class PruneError extends Error {
  override readonly name = "PruneError";
}

/**
 * Removes the snapshots that are neither among the newest nor young, never one that a pointer names, and then the chunks
 * that no snapshot needs.
 *
 * @throws {PruneError} when a pointer cannot be read, or a manifest is of a later format: what they need is not known
 * @throws {StoreError} when the store cannot be read or written
 */
export async function prune(blobs: Blobs, options: PruneOptions): Promise<Pruned> {
  const { signal, dryRun = false } = options;
  // Nothing is written where nothing is: a store that is not there is told before.
  await readPointers(blobs, signal);
  const storeNow = dryRun ? options.now() : await clockOf(blobs, signal);
  const chunks = await chunksIn(blobs, signal);
  // After the chunks: a manifest names only chunks that are written, so what is listed above and unknown here is garbage,
  // or of a push under way.
  const { pointers, snapshots } = await survey(blobs, signalled(signal));
  const pointed = namesOf(blobs, pointers, snapshots);
  const [kept, doomed] = sorted(snapshots, pointed, { ...options, storeNow });

  const needed = new Set(kept.flatMap(({ read }) => read === undefined ? [] : [...chunksOf(read.manifest).keys()]));
  const released = releasedBy(doomed);
  const blind = kept.find(({ read }) => read === undefined);
  const old = ({ modifiedMs }: Entry) => storeNow - modifiedMs > GRACE_MS;
  const garbage = blind !== undefined
    ? []
    : chunks.filter((entry) =>
      !needed.has(entry.key) && (entry.modifiedMs <= (released.get(entry.key) ?? -Infinity) || old(entry))
    );

  let removed = garbage;
  if (!dryRun) {
    const moved = namedNow(await readPointers(blobs, signal));
    // A server may have accepted an old snapshot, or somebody have gone back to one, since the pointers were read.
    const still = doomed.filter(({ number }) => !moved.has(number));
    if (still.length < doomed.length) return await prune(blobs, options);
    await eachAtOnce(doomed, ({ number }) => blobs.remove(manifestKey(number), signalled(signal)));
    removed = await removeChunks(blobs, garbage, new Set(snapshots.map(({ number }) => number)), options);
  }
  const bytes = [...removed, ...doomed].reduce((sum, { size }) => sum + size, 0);
  return {
    snapshots: doomed.map(({ number }) => number),
    unfinished: doomed.filter(({ named }) => !named).map(({ number }) => number),
    chunks: removed.length,
    bytes,
    kept: kept.length,
    chunksStay: blind === undefined ? undefined : `snapshot ${blind.number} cannot be read: ${blind.damage?.why}`,
  };
}

/** What the pointers name; only when everything that may be needed is known. */
function namesOf({ url }: Blobs, pointers: Pointers, snapshots: readonly Found[]): ReadonlySet<number> {
  const [damaged] = pointers.damaged;
  if (damaged !== undefined) {
    throw new PruneError(`Cannot prune "${url}": "${damaged.key}" cannot be read: ${damaged.why}`);
  }
  if (pointers.latest === undefined && snapshots.length > 0) {
    throw new PruneError(`Cannot prune "${url}": "latest.json" is not there, so nothing says which snapshots count`);
  }
  return namedNow(pointers);
}

/** Those that stay and those that go, each newest first. */
function sorted(
  snapshots: readonly Found[],
  pointed: ReadonlySet<number>,
  { keep, olderThanMs, now, storeNow }: PruneOptions & { readonly storeNow: number },
): [Found[], Found[]] {
  const at = now();
  let newest = 0;
  const kept: Found[] = [];
  const doomed: Found[] = [];
  for (const one of snapshots) {
    const age = storeNow - one.modifiedMs;
    const told = Date.parse(one.read?.manifest.time ?? "");
    const young = olderThanMs !== undefined && (Number.isNaN(told) ? age : at - told) <= olderThanMs;
    const stays = one.named ? newest++ < (keep ?? 0) || young : age <= GRACE_MS;
    // Of what a later xcp wrote, this one knows nothing.
    const foreign = one.damage?.fault === "later-format";
    (pointed.has(one.number) || stays || foreign ? kept : doomed).push(one);
  }
  return [kept, doomed];
}

/** When the last of these snapshots was written that has a chunk: one that is younger somebody has written anew. */
function releasedBy(doomed: readonly Found[]): ReadonlyMap<string, number> {
  const released = new Map<string, number>();
  for (const { read, modifiedMs } of doomed) {
    for (const key of read === undefined ? [] : chunksOf(read.manifest).keys()) {
      released.set(key, Math.max(modifiedMs, released.get(key) ?? 0));
    }
  }
  return released;
}

async function chunksIn(blobs: Blobs, signal: AbortSignal | undefined): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of blobs.list(CHUNKS, signalled(signal))) {
    // Not what somebody else put there.
    if (/^chunks\/[0-9a-f]{64}$/.test(entry.key)) entries.push(entry);
  }
  return entries;
}

/** What the store thinks the time is, in milliseconds since the epoch: the ages of its keys are measured by it. */
async function clockOf(blobs: Blobs, signal: AbortSignal | undefined): Promise<number> {
  const prefix = `${CLOCK}${randomUUID()}/`;
  const key = `${prefix}now`;
  await blobs.create(key, new TextEncoder().encode(key), signalled(signal));
  try {
    for await (const entry of blobs.list(prefix, signalled(signal))) if (entry.key === key) return entry.modifiedMs;
  } finally {
    await blobs.remove(key);
  }
  throw new StoreError("failed", `Cannot list "${prefix}" of "${blobs.url}": what was written is not there`);
}

const CLOCK = "clock/";

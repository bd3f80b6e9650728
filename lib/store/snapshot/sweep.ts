/**
 * Takes chunks out of a store that somebody else may be writing to.
 *
 * @module
 */
import type { Blobs, Entry } from "../blobs.ts";
import { eachAtOnce } from "./at_once.ts";
import { SnapshotError } from "./error.ts";
import { LIMITS, SNAPSHOTS } from "./format.ts";
import { chunksOf } from "./history.ts";
import { readManifest } from "./read.ts";
import { numberOf, signalled, type SurveyOptions } from "./survey.ts";

/** Chunks that are removed together, and are kept in memory until it is known that nobody needs them. */
const BATCH = 16;

/**
 * Removes chunks, and puts those back that a manifest needs which was written meanwhile: `prune.ts` says why.
 *
 * @param known Numbers of the snapshots that need none of them.
 * @returns What is gone.
 * @throws {StoreError}
 */
export async function removeChunks(
  blobs: Blobs,
  garbage: readonly Entry[],
  known: Set<number>,
  { signal, onProgress }: SurveyOptions,
): Promise<Entry[]> {
  const gone: Entry[] = [];
  let done = 0;
  for (let at = 0; at < garbage.length; at += BATCH) {
    const copies = new Map<Entry, Uint8Array>();
    const batch = garbage.slice(at, at + BATCH);
    await eachAtOnce(batch, async (entry) => {
      const blob = await blobs.get(entry.key, { limit: LIMITS.stored, ...signalled(signal) });
      if (blob !== undefined) copies.set(entry, blob.bytes);
    });
    try {
      signal?.throwIfAborted();
      // From here on not to be interrupted: what is removed may have to be put back.
      await eachAtOnce(copies.keys(), ({ key }) => blobs.remove(key));
    } finally {
      const needed = await neededByNew(blobs, known);
      await eachAtOnce(copies, async ([entry, bytes]) => {
        if (needed === "unknown" || needed.has(entry.key)) await blobs.create(entry.key, bytes);
        else gone.push(entry);
      });
    }
    onProgress?.(done += batch.length, garbage.length);
  }
  return gone;
}

/** Chunks of the snapshots that are not known yet, which are so from then on. One that cannot be read may need any. */
async function neededByNew(blobs: Blobs, known: Set<number>): Promise<ReadonlySet<string> | "unknown"> {
  const fresh: number[] = [];
  for await (const { key } of blobs.list(SNAPSHOTS)) {
    const number = numberOf(key);
    if (number !== undefined && !known.has(number)) fresh.push(number);
  }
  const needed = new Set<string>();
  let unknown = false;
  await eachAtOnce(fresh, async (number) => {
    try {
      const read = await readManifest(blobs, number);
      for (const key of read === undefined ? [] : chunksOf(read.manifest).keys()) needed.add(key);
    } catch (error) {
      if (!(error instanceof SnapshotError)) throw error;
      unknown = true;
    }
    known.add(number);
  });
  return unknown ? "unknown" : needed;
}

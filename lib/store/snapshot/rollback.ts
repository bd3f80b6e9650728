/**
 * Goes back to an old snapshot: with a new one that repeats it, so that the history says what happened.
 *
 * @module
 */
import type { Blobs } from "../blobs.ts";
import { commit } from "./commit.ts";
import { SnapshotError } from "./error.ts";
import { CHUNKS, type LatestPointer, type Manifest, type Provenance } from "./format.ts";
import { chunksOf } from "./history.ts";
import { readLatest, type SnapshotId } from "./pointers.ts";
import { readManifest } from "./read.ts";
import { onlyOne, RefError, resolveRef } from "./refs.ts";
import { manifestOf } from "./resolved.ts";
import { signalled } from "./survey.ts";

export interface RollbackOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/** What became of it; `to` is the snapshot that was asked for. */
export type RolledBack =
  | { readonly kind: "rolled-back"; readonly to: SnapshotId; readonly manifest: Manifest; readonly hash: string }
  /** It is the newest, and nothing was done. */
  | { readonly kind: "newest"; readonly to: SnapshotId }
  /** Somebody else pushed, or removed what it needs, at the same time. Nothing has changed. */
  | { readonly kind: "conflict"; readonly to: SnapshotId; readonly latest: LatestPointer | undefined };

/**
 * Makes a snapshot that repeats an old one the newest. Its chunks are those of the old one, and are looked for before;
 * what is in them is not read, which `verify` does.
 *
 * @throws {RefError} when the reference names no snapshot, or several
 * @throws {SnapshotError} when the old snapshot cannot be read, or chunks of it are not there
 * @throws {StoreError}
 */
export async function rollback(
  blobs: Blobs,
  ref: string | undefined,
  provenance: Provenance,
  { now, signal }: RollbackOptions,
): Promise<RolledBack> {
  const latest = await readLatest(blobs, signalled(signal));
  if (latest === undefined) {
    throw new RefError("empty", `Cannot roll back "${blobs.url}": no push has come to its end there`);
  }
  const to = onlyOne(blobs, await resolveRef(blobs, ref, "read", signalled(signal)));
  const old = await manifestOf(blobs, to, signal);
  if (latest.pointer.number === to.number) return { kind: "newest", to };
  const found = await chunksThere(blobs, to.number, old, signal);
  // What the newest has, no prune takes; where that cannot be said, all chunks are looked for again at the end.
  for (const key of await chunksOfNewest(blobs, latest.pointer.number, signal)) found.delete(key);

  const { label, rules, groups, leftOut, encryption } = old;
  const { envoyApi } = old.provenance;
  const draft = { label, rules, groups, leftOut, encryption };
  const done = await commit(
    blobs,
    { ...draft, provenance: { ...provenance, envoyApi, rollbackOf: to.number } },
    latest,
    found,
    { now, ...signalled(signal) },
  );
  if (done.kind === "committed") return { kind: "rolled-back", to, manifest: done.manifest, hash: done.hash };
  return { kind: "conflict", to, latest: done.kind === "conflict" ? done.latest : latest.pointer };
}

/** The chunks of a snapshot, by key, with their bytes as they are stored. */
async function chunksThere(
  blobs: Blobs,
  number: number,
  manifest: Manifest,
  signal: AbortSignal | undefined,
): Promise<Map<string, number>> {
  const left = chunksOf(manifest);
  const there = new Map<string, number>();
  for await (const { key, size } of blobs.list(CHUNKS, signalled(signal))) {
    const wanted = left.get(key);
    // What is not encrypted may have been packed by another version of zlib.
    if (wanted === undefined || wanted.encrypted && wanted.stored !== size) continue;
    left.delete(key);
    there.set(key, size);
  }
  const [lost, ...more] = left.keys();
  if (lost === undefined) return there;
  const others = more.length === 0 ? "" : `, nor are ${more.length} more`;
  throw new SnapshotError("absent", lost, `it is not there${others}, and snapshot ${number} needs it`);
}

async function chunksOfNewest(
  blobs: Blobs,
  number: number,
  signal: AbortSignal | undefined,
): Promise<Iterable<string>> {
  try {
    const read = await readManifest(blobs, number, signalled(signal));
    return read === undefined ? [] : chunksOf(read.manifest).keys();
  } catch (error) {
    // A newest one that is damaged is a reason to go back, and none not to.
    if (error instanceof SnapshotError) return [];
    throw error;
  }
}

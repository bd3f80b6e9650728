/**
 * The end of a push: a manifest under the next number, then the pointer.
 *
 * A push that dies before the pointer moves leaves a manifest that no pointer ever named. Its number is passed over: the
 * next push takes one above, with the same parent, so that going from parent to parent never meets it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import type { Blobs } from "../blobs.ts";
import { SnapshotError } from "./error.ts";
import { CHUNKS, FORMAT, LATEST, type LatestPointer, LIMITS, type Manifest, manifestKey, SNAPSHOTS } from "./format.ts";
import { sha256 } from "./pack.ts";
import { encodeJson, parseManifest } from "./parse.ts";
import { type Pointed, readLatest } from "./pointers.ts";

/** A manifest but for what it gets at the end. */
export type Draft = Omit<Manifest, "format" | "number" | "parent" | "time" | "nonce">;

export interface CommitOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

export type Committed =
  | { readonly kind: "committed"; readonly manifest: Manifest; readonly hash: string; readonly size: number }
  /** Somebody else moved `latest`, which is what it is by now. */
  | { readonly kind: "conflict"; readonly latest: LatestPointer | undefined }
  /** Somebody removed chunks that the push had found in the store and not written itself. */
  | { readonly kind: "gone" };

/** Others that take the next number at the same moment. */
const MOST_TRIES = 100;

/**
 * Makes a draft the newest snapshot.
 *
 * @param latest What was newest when the push began: the parent.
 * @param found Chunks that the draft relies on, and that nothing keeps from being removed: key, and bytes as stored. They
 * are looked for once more when the manifest is written; `prune.ts` says why that is enough.
 * @throws {SnapshotError} `too-large`, or `damaged` when the store does not give back what was written
 * @throws {StoreError}
 */
export async function commit(
  blobs: Blobs,
  draft: Draft,
  latest: Pointed<LatestPointer> | undefined,
  found: ReadonlyMap<string, number>,
  { now, signal }: CommitOptions,
): Promise<Committed> {
  const signalled = signal === undefined ? {} : { signal };
  const parent = latest === undefined ? null : { number: latest.pointer.number, hash: latest.pointer.hash };
  const time = new Date(now()).toISOString();
  let number = (parent?.number ?? 0) + 1;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const manifest: Manifest = { format: FORMAT, number, parent, time, ...draft, nonce: randomUUID() };
    const bytes = encode(manifest);
    if (await blobs.create(manifestKey(number), bytes, signalled) === undefined) {
      number = await nextNumber(blobs, number, signalled);
      continue;
    }
    const written = await blobs.get(manifestKey(number), { limit: LIMITS.manifest, ...signalled });
    if (written === undefined || Buffer.compare(written.bytes, bytes) !== 0) {
      const why = "it does not come back as it was written";
      throw new SnapshotError("damaged", manifestKey(number), why, { action: "Cannot write" });
    }
    if (await isGone(blobs, found, signalled)) return { kind: "gone" };
    const hash = sha256(bytes);
    const pointer = encodeJson({ format: FORMAT, number, hash, nonce: randomUUID() });
    const moved = latest === undefined
      ? await blobs.create(LATEST, pointer, signalled)
      : await blobs.replace(LATEST, pointer, latest.version, signalled);
    if (moved === undefined) return { kind: "conflict", latest: (await readLatest(blobs, signalled))?.pointer };
    return { kind: "committed", manifest, hash, size: bytes.length };
  }
  return { kind: "conflict", latest: (await readLatest(blobs, signalled))?.pointer };
}

/** What is written must be what every reader takes. */
function encode(manifest: Manifest): Uint8Array {
  const bytes = encodeJson(manifest);
  const key = manifestKey(manifest.number);
  const action = "Cannot write";
  if (bytes.length > LIMITS.manifest) {
    throw new SnapshotError("too-large", key, `it has more than ${LIMITS.manifest} bytes`, { action });
  }
  try {
    parseManifest(manifest.number, bytes);
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    throw new SnapshotError("too-large", key, error.why, { action, cause: error });
  }
  return bytes;
}

/** One above all that are there. */
async function nextNumber(blobs: Blobs, taken: number, options: { readonly signal?: AbortSignal }): Promise<number> {
  let highest = taken;
  for await (const { key } of blobs.list(SNAPSHOTS, options)) {
    const [, digits] = /^snapshots\/([1-9]\d{0,15})\.json$/.exec(key) ?? [];
    const number = Number(digits);
    if (Number.isSafeInteger(number)) highest = Math.max(highest, number);
  }
  return highest + 1;
}

async function isGone(
  blobs: Blobs,
  found: ReadonlyMap<string, number>,
  options: { readonly signal?: AbortSignal },
): Promise<boolean> {
  if (found.size === 0) return false;
  const left = new Map(found);
  for await (const { key, size } of blobs.list(CHUNKS, options)) if (left.get(key) === size) left.delete(key);
  return left.size > 0;
}

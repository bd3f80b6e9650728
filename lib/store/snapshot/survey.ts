/**
 * Everything that a store says about its snapshots, damaged or not: what `log`, `verify` and `prune` begin with.
 *
 * @module
 */
import { type Blobs, type Entry, StoreError } from "../blobs.ts";
import { eachAtOnce } from "./at_once.ts";
import { SnapshotError, type SnapshotFault } from "./error.ts";
import {
  ACCEPTED,
  type AcceptedPointer,
  LATEST,
  type LatestPointer,
  type Manifest,
  manifestKey,
  SNAPSHOTS,
} from "./format.ts";
import { readAccepted, readLatest } from "./pointers.ts";
import { readManifest } from "./read.ts";

/** What cannot be read, and why: the state, as it follows the colon of a message. */
export interface Damage {
  readonly key: string;
  readonly fault: SnapshotFault;
  readonly why: string;
}

/** A snapshot that is there. */
export interface Found {
  readonly number: number;
  /** Undefined when it cannot be read. */
  readonly read: { readonly manifest: Manifest; readonly hash: string } | undefined;
  readonly damage: Damage | undefined;
  /** Bytes of the manifest, and when it was written, by the clock of the store (milliseconds since the epoch). */
  readonly size: number;
  readonly modifiedMs: number;
  /**
   * Whether a pointer named it, now or before. Not so: a push that died before its end, or one that is under way. Told
   * from what later snapshots say of their parents; where that is lost, it counts as named.
   */
  readonly named: boolean;
}

export interface Pointers {
  readonly latest: LatestPointer | undefined;
  readonly accepted: AcceptedPointer | undefined;
  /** Pointers that cannot be read. */
  readonly damaged: readonly Damage[];
}

export interface Survey {
  readonly pointers: Pointers;
  /** Newest first. */
  readonly snapshots: readonly Found[];
}

export interface SurveyOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, all: number) => void;
}

/**
 * Reads the pointers and all manifests.
 *
 * @throws {StoreError} when the store cannot be read; what is damaged is part of the answer
 */
export async function survey(blobs: Blobs, options: SurveyOptions = {}): Promise<Survey> {
  const { signal } = options;
  // The list comes first: what a pointer names was created before the pointer moved.
  const entries = new Map<number, Entry>();
  for await (const entry of blobs.list(SNAPSHOTS, signalled(signal))) {
    const number = numberOf(entry.key);
    if (number !== undefined) entries.set(number, entry);
  }
  const pointers = await readPointers(blobs, signal);
  for (const number of namedNow(pointers)) {
    if (!entries.has(number)) entries.set(number, { key: manifestKey(number), size: 0, modifiedMs: 0 });
  }
  const found = new Map<number, Omit<Found, "named">>();
  let done = 0;
  await eachAtOnce([...entries], async ([number, entry]) => {
    const read = await readOne(blobs, number, entry, signal);
    if (read !== undefined) found.set(number, read);
    options.onProgress?.(++done, entries.size);
  });
  const newestFirst = [...found.values()].sort((a, b) => b.number - a.number);
  const named = everNamed(newestFirst, pointers);
  return { pointers, snapshots: newestFirst.map((one) => ({ ...one, named: named.has(one.number) })) };
}

/** Reads both pointers; damage is part of the answer. */
export async function readPointers(blobs: Blobs, signal?: AbortSignal): Promise<Pointers> {
  const damaged: Damage[] = [];
  const attempt = async <T>(key: string, read: Promise<T>): Promise<T | undefined> => {
    try {
      return await read;
    } catch (error) {
      damaged.push(damageOf(key, error));
      return undefined;
    }
  };
  const latest = await attempt(LATEST, readLatest(blobs, signalled(signal)));
  const accepted = await attempt(ACCEPTED, readAccepted(blobs, signalled(signal)));
  return { latest: latest?.pointer, accepted: accepted?.pointer, damaged };
}

/** The number of a manifest's key; undefined for a key of something else. */
export function numberOf(key: string): number | undefined {
  const [, digits] = /^snapshots\/([1-9]\d{0,15})\.json$/.exec(key) ?? [];
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Numbers that the pointers name. */
export function namedNow({ latest, accepted }: Pointers): Set<number> {
  const groups = Object.values(accepted?.groups ?? {}).map(({ number }) => number);
  return new Set(latest === undefined ? groups : [latest.number, ...groups]);
}

export function signalled(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

/** What is wrong with one key is part of an answer; all other errors are thrown again. */
function damageOf(key: string, error: unknown): Damage {
  if (error instanceof SnapshotError) return { key: error.key, fault: error.fault, why: error.why };
  if (error instanceof StoreError && error.fault === "too-large") return { key, fault: "too-large", why: TOO_LARGE };
  throw error;
}

const TOO_LARGE = "it is larger than any that is written";

async function readOne(blobs: Blobs, number: number, { size, modifiedMs }: Entry, signal: AbortSignal | undefined) {
  try {
    const read = await readManifest(blobs, number, signalled(signal));
    // Removed since it was listed, or named and not there, which the one who asks for it finds out.
    return read && { number, read, damage: undefined, size: size || read.size, modifiedMs };
  } catch (error) {
    return { number, read: undefined, damage: damageOf(manifestKey(number), error), size, modifiedMs };
  }
}

/**
 * `latest` moves from a snapshot's parent to it, so no number between the two was ever named. Where the parent is not
 * there any more, or a manifest is damaged, the next one below counts as named.
 */
function everNamed(newestFirst: readonly Omit<Found, "named">[], pointers: Pointers): Set<number> {
  const named = namedNow(pointers);
  // Without the pointer nothing can be said of any; if it is damaged, nothing against any.
  let expected = pointers.latest?.number ?? (pointers.damaged.length > 0 ? Infinity : 0);
  for (const { number, read } of newestFirst) {
    if (number > expected) continue;
    named.add(number);
    expected = read === undefined ? number - 1 : read.manifest.parent?.number ?? 0;
  }
  return named;
}

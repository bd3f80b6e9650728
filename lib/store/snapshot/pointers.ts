/**
 * The two things in a store that move: what is newest, and what the clients of each group accepted last.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { type Blob, type Blobs, StoreError } from "../blobs.ts";
import { SnapshotError } from "./error.ts";
import { record } from "./fields.ts";
import { ACCEPTED, type AcceptedPointer, FORMAT, LATEST, type LatestPointer, LIMITS } from "./format.ts";
import { encodeJson, parseAccepted, parseLatest } from "./parse.ts";

/** A snapshot by its number, with the SHA-256 of its manifest. */
export interface SnapshotId {
  readonly number: number;
  readonly hash: string;
}

/** A pointer, and the state of its key. */
export interface Pointed<T> {
  readonly pointer: T;
  readonly version: string;
}

interface Options {
  readonly signal?: AbortSignal;
}

/**
 * The newest snapshot; undefined where nothing was ever pushed.
 *
 * @throws {SnapshotError} `damaged` or `later-format`
 * @throws {StoreError}
 */
export async function readLatest(blobs: Blobs, options: Options = {}): Promise<Pointed<LatestPointer> | undefined> {
  return pointed(await blobs.get(LATEST, { limit: LIMITS.pointer, ...options }), parseLatest);
}

/** The same for whoever knows a state of it: `"same"` while it is that. */
export async function readLatestIfChanged(
  blobs: Blobs,
  version: string,
  options: Options = {},
): Promise<Pointed<LatestPointer> | "same" | undefined> {
  const blob = await blobs.getIfChanged(LATEST, version, { limit: LIMITS.pointer, ...options });
  return blob === "same" ? blob : pointed(blob, parseLatest);
}

/** What the clients of each group accepted last; undefined where none ever did. Throws as {@link readLatest} does. */
export async function readAccepted(blobs: Blobs, options: Options = {}): Promise<Pointed<AcceptedPointer> | undefined> {
  return pointed(await blobs.get(ACCEPTED, { limit: LIMITS.pointer, ...options }), parseAccepted);
}

/** The same for whoever knows a state of it: `"same"` while it is that. */
export async function readAcceptedIfChanged(
  blobs: Blobs,
  version: string,
  options: Options = {},
): Promise<Pointed<AcceptedPointer> | "same" | undefined> {
  const blob = await blobs.getIfChanged(ACCEPTED, version, { limit: LIMITS.pointer, ...options });
  return blob === "same" ? blob : pointed(blob, parseAccepted);
}

function pointed<T>(blob: Blob | undefined, parse: (bytes: Uint8Array) => T): Pointed<T> | undefined {
  return blob && { pointer: parse(blob.bytes), version: blob.version };
}

/** What became of {@link moveAccepted}. */
export interface Moved {
  /** What `accepted` says now; undefined when it is not there, and nothing was to be moved. */
  readonly pointer: AcceptedPointer | undefined;
  /** Groups that were moved or removed. */
  readonly moved: readonly string[];
  /** Groups that somebody else has moved further already. */
  readonly ahead: readonly string[];
}

/** Each time that this one loses, another has won. */
const MOST_TRIES = 200;

/**
 * Says what the clients of some groups accepted; undefined of a group that is no more. All other groups stay as they are,
 * whoever moves them at the same time. A group only moves to higher numbers: a server that is slow does not take back
 * what another one saw accepted.
 *
 * @throws {SnapshotError} `damaged` or `later-format`: then nothing is written over it
 * @throws {StoreError}
 */
export async function moveAccepted(
  blobs: Blobs,
  changes: ReadonlyMap<string, SnapshotId | undefined>,
  options: Options = {},
): Promise<Moved> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const now = await readAccepted(blobs, options);
    const { groups, moved, ahead } = merge(now?.pointer.groups ?? {}, changes);
    if (moved.length === 0) return { pointer: now?.pointer, moved, ahead };
    const pointer: AcceptedPointer = { format: FORMAT, groups, nonce: randomUUID() };
    const bytes = encodeJson(pointer);
    if (bytes.length > LIMITS.pointer) {
      const why = `it would be more than ${LIMITS.pointer} bytes`;
      throw new SnapshotError("too-large", ACCEPTED, why, { action: "Cannot write" });
    }
    const won = now === undefined
      ? await blobs.create(ACCEPTED, bytes, options)
      : await blobs.replace(ACCEPTED, bytes, now.version, options);
    if (won !== undefined) return { pointer, moved, ahead };
  }
  throw new StoreError("failed", `Cannot move "${ACCEPTED}" of "${blobs.url}": others were first ${MOST_TRIES} times`);
}

function merge(now: AcceptedPointer["groups"], changes: ReadonlyMap<string, SnapshotId | undefined>) {
  const groups = new Map(Object.entries(now));
  const moved: string[] = [];
  const ahead: string[] = [];
  for (const [group, to] of changes) {
    const from = groups.get(group);
    if (to === undefined) {
      if (groups.delete(group)) moved.push(group);
    } else if (from === undefined || from.number < to.number) {
      groups.set(group, { number: to.number, hash: to.hash });
      moved.push(group);
    } else if (from.number > to.number) ahead.push(group);
  }
  return { groups: record(groups), moved, ahead };
}

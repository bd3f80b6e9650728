/**
 * What the pointers of a store say is to be served.
 *
 * @module
 */
import type { Blobs } from "../store/blobs.ts";
import { ACCEPTED, LATEST } from "../store/snapshot/format.ts";
import {
  readAccepted,
  readAcceptedIfChanged,
  readLatest,
  readLatestIfChanged,
  type SnapshotId,
} from "../store/snapshot/pointers.ts";
import { onlyOne, resolveRef } from "../store/snapshot/refs.ts";
import { readPointers, signalled } from "../store/snapshot/survey.ts";

/** Snapshots by group. Compared by identity: the same object means the same. */
export interface Wanted {
  /** Groups that are taken from snapshots of their own. */
  readonly groups: ReadonlyMap<string, SnapshotId>;
  /**
   * Has all other groups, and says how nodes are mapped to groups. `"lost"`: nobody knows which it is, because the pointer
   * is damaged, and the newest that can be read takes its place. Undefined when there is none.
   */
  readonly latest: SnapshotId | "lost" | undefined;
}

/** Why there is nothing to follow. The message is a state, as it follows a colon. */
export class NothingWanted extends Error {
  override readonly name = "NothingWanted";
}

const NEVER_PUSHED = "nothing was ever pushed";

/** What is followed: a pointer, which moves, or one snapshot. */
export type Followed = "latest" | "accepted" | { readonly ref: string };

/** What a reference in the name of a source means; without one the newest snapshot. */
export function followedOf(ref: string | undefined): Followed {
  return ref === undefined || ref === "latest" ? "latest" : ref === "accepted" ? "accepted" : { ref };
}

/** Looks at the pointers again and again, and reads only those that moved. */
export class Pointers {
  readonly #followed: Followed;
  readonly #signal: AbortSignal;
  #latest: Seen<SnapshotId> | undefined;
  #accepted: Seen<ReadonlyMap<string, SnapshotId>> | undefined;
  #wanted: Wanted | undefined;

  constructor(followed: Followed, signal: AbortSignal) {
    this.#followed = followed;
    this.#signal = signal;
  }

  /**
   * What is wanted now; the same object while that is the same. `fresh`: reads what did not move, too.
   *
   * @throws {NothingWanted | RefError | SnapshotError | StoreError}
   */
  async look(blobs: Blobs, fresh: boolean): Promise<Wanted> {
    const wanted = typeof this.#followed === "object"
      ? await this.#pinned(blobs, this.#followed.ref)
      : await this.#pointed(blobs, this.#followed, fresh);
    if (this.#wanted === undefined || !sameWanted(this.#wanted, wanted)) this.#wanted = wanted;
    return this.#wanted;
  }

  async #pinned(blobs: Blobs, ref: string): Promise<Wanted> {
    const resolved = await resolveRef(blobs, ref, "read", signalled(this.#signal));
    return { groups: NONE, latest: onlyOne(blobs, resolved) };
  }

  async #pointed(blobs: Blobs, followed: "latest" | "accepted", fresh: boolean): Promise<Wanted> {
    const options = signalled(this.#signal);
    // A pointer is moved and never removed: what it said stands until somebody puts one there again.
    const lost = (pointer: string) => new NothingWanted(`"${pointer}" is not there any more`);
    // What was accepted is in the store before `accepted` says so, and `latest` never stays behind it for long.
    if (followed === "accepted") {
      const known = fresh ? undefined : this.#accepted;
      const now = known
        ? await readAcceptedIfChanged(blobs, known.version, options)
        : await readAccepted(blobs, options);
      if (now === undefined && this.#accepted !== undefined) throw lost(ACCEPTED);
      if (now !== undefined && now !== "same") {
        this.#accepted = { version: now.version, value: new Map(Object.entries(now.pointer.groups)) };
      }
    }
    const known = fresh ? undefined : this.#latest;
    const now = known ? await readLatestIfChanged(blobs, known.version, options) : await readLatest(blobs, options);
    if (now === undefined && this.#latest !== undefined) throw lost(LATEST);
    if (now !== undefined && now !== "same") {
      const { number, hash } = now.pointer;
      this.#latest = { version: now.version, value: { number, hash } };
    }
    const groups = this.#accepted?.value ?? NONE;
    if (this.#latest === undefined && groups.size === 0) {
      throw new NothingWanted(NEVER_PUSHED);
    }
    return { groups, latest: this.#latest?.value };
  }
}

interface Seen<T> {
  readonly value: T;
  readonly version: string;
}

const NONE: ReadonlyMap<string, SnapshotId> = new Map();

/** What is wanted as far as it can be known, and a sentence for each pointer that is damaged. */
interface Guessed {
  readonly wanted: Wanted;
  readonly damage: readonly string[];
}

/**
 * What the pointers say that can be read.
 *
 * @throws {NothingWanted | StoreError}
 */
export async function guessWanted(
  blobs: Blobs,
  followed: "latest" | "accepted",
  signal: AbortSignal,
): Promise<Guessed> {
  const { latest, accepted, damaged } = await readPointers(blobs, signal);
  const groups = new Map(followed === "latest" ? [] : Object.entries(accepted?.groups ?? {}));
  const damage = damaged.filter(({ key }) => followed === "accepted" || key === LATEST);
  if (latest === undefined && groups.size === 0 && damage.length === 0) throw new NothingWanted(NEVER_PUSHED);
  return {
    wanted: {
      groups,
      latest: latest !== undefined
        ? { number: latest.number, hash: latest.hash }
        : damage.length > 0
        ? "lost"
        : undefined,
    },
    damage: damage.map(({ key, why }) => `Cannot read "${key}" of "${blobs.url}": ${why}`),
  };
}

function sameWanted(a: Wanted, b: Wanted): boolean {
  if (!sameId(a.latest, b.latest) || a.groups.size !== b.groups.size) return false;
  for (const [group, id] of a.groups) if (!sameId(id, b.groups.get(group))) return false;
  return true;
}

function sameId(a: Wanted["latest"], b: Wanted["latest"]): boolean {
  if (typeof a !== "object" || typeof b !== "object") return a === b;
  return a.number === b.number && a.hash === b.hash;
}

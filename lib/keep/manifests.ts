/**
 * The manifests of a store for one look at it: each is read once, and those before one that is of no use are found.
 *
 * @module
 */
import { type Blobs, StoreError } from "../store/blobs.ts";
import { SnapshotError } from "../store/snapshot/error.ts";
import type { Manifest } from "../store/snapshot/format.ts";
import type { SnapshotId } from "../store/snapshot/pointers.ts";
import { manifestOf } from "../store/snapshot/resolved.ts";
import { type Found, signalled, survey } from "../store/snapshot/survey.ts";

/** A snapshot of which the manifest is whole. */
export interface Chosen {
  readonly id: SnapshotId;
  readonly manifest: Manifest;
}

interface ManifestsOptions {
  readonly signal: AbortSignal;
  /** Whether an earlier snapshot may be taken instead of another. */
  readonly fits?: (manifest: Manifest) => boolean;
}

/** Snapshots that are tried instead of one, at most. */
const MOST_TRIED = 20;

export class Manifests {
  readonly blobs: Blobs;
  readonly #options: ManifestsOptions;
  readonly #read = new Map<string, Promise<Manifest>>();
  #found: Promise<readonly Found[]> | undefined;

  constructor(blobs: Blobs, options: ManifestsOptions) {
    this.blobs = blobs;
    this.#options = options;
  }

  /**
   * @throws {SnapshotError} when it is not there, or not what its hash says
   * @throws {StoreError}
   */
  async read(id: SnapshotId): Promise<Chosen> {
    let manifest = this.#read.get(id.hash);
    if (manifest === undefined) {
      this.#read.set(id.hash, manifest = manifestOf(this.blobs, id, this.#options.signal));
    }
    return { id, manifest: await manifest };
  }

  /**
   * Snapshots that were the newest one before this one, or ever if it is not known, newest first. The parents are
   * followed; where one cannot be read, what else the store has takes their place.
   */
  async *before(from: SnapshotId | undefined): AsyncGenerator<Chosen> {
    const { fits = () => true } = this.#options;
    let next = from;
    for (let tried = 0; next !== undefined; tried++) {
      const chosen = await this.#whole(next);
      if (chosen === undefined) break;
      if (chosen.id !== from && fits(chosen.manifest)) yield chosen;
      const { parent } = chosen.manifest;
      if (parent === null || tried === MOST_TRIED) return;
      next = parent;
    }
    let tried = 0;
    for (const { number, named, read } of await this.#survey()) {
      if (next !== undefined && number >= next.number || !named || read === undefined) continue;
      if (fits(read.manifest)) yield { id: { number, hash: read.hash }, manifest: read.manifest };
      if (++tried === MOST_TRIED) return;
    }
  }

  async #whole(id: SnapshotId): Promise<Chosen | undefined> {
    try {
      return await this.read(id);
    } catch (error) {
      if (isDamage(error)) return undefined;
      throw error;
    }
  }

  #survey(): Promise<readonly Found[]> {
    return this.#found ??= survey(this.blobs, signalled(this.#options.signal)).then(({ snapshots }) => snapshots);
  }
}

/** Whether the store answered, and what it has is of no use: another snapshot may be. */
export function isDamage(error: unknown): error is SnapshotError | StoreError {
  return error instanceof SnapshotError || error instanceof StoreError && error.fault === "too-large";
}

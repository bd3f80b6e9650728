/**
 * From resources to a snapshot in a store.
 *
 * Nothing that is there is changed before the end, which is one compare-and-swap of `latest`: a push that dies, whenever,
 * has done nothing but left bytes that the next one uses and `prune` removes.
 *
 * @module
 */
import type { Blobs } from "../blobs.ts";
import { carry, isEncrypted, without } from "./carry.ts";
import { commit, type Draft } from "./commit.ts";
import type { Content, Secrets } from "./content.ts";
import { SnapshotError } from "./error.ts";
import { record } from "./fields.ts";
import type { ChunkEntry, LatestPointer, LeftOut, Manifest, Provenance } from "./format.ts";
import { outline, sendGroups } from "./parts.ts";
import { type Pointed, readLatest } from "./pointers.ts";
import { readManifest } from "./read.ts";
import type { SecretFinder } from "./secrets.ts";
import { Sender } from "./send.ts";
import { contentKey, inOrder, sort, type Sorted } from "./sort.ts";
import { openVault } from "./vault.ts";

export interface PushOptions {
  readonly secrets: Secrets;
  readonly finder: Pick<SecretFinder, "holds">;
  /**
   * Which groups of the newest snapshot stay as they are, whatever the content has of them: with their rules, behind those
   * of the content, which count for a group that they name. A group that is only in the content is pushed. Default: none.
   */
  readonly stays?: (group: string) => boolean;
  readonly provenance: Provenance;
  /** Default: none. */
  readonly label?: string;
  /** Writes nothing, and says what would be written. */
  readonly dryRun?: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
  /** Chunks that are done, of all. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** What a push writes beside the pointer. */
export interface Cost {
  /** Chunks that are written, and their bytes as stored. */
  readonly chunks: number;
  readonly bytes: number;
  /** Chunks that are there. */
  readonly reused: number;
  readonly resources: number;
}

export type Pushed =
  | {
    readonly kind: "pushed";
    readonly manifest: Manifest;
    /** SHA-256 of the manifest, in hex. */
    readonly hash: string;
    readonly cost: Cost;
    /** Bytes of the manifest. */
    readonly manifestBytes: number;
    /** Why the manifest of the parent could not be read, so that nothing of it was used. */
    readonly parentDamage?: string;
  }
  /** The newest snapshot has this content. */
  | { readonly kind: "unchanged"; readonly latest: LatestPointer }
  /** Somebody else pushed at the same time, and was first. */
  | { readonly kind: "conflict"; readonly latest: LatestPointer | undefined }
  /** There are secrets, and nobody said what becomes of them. */
  | { readonly kind: "refused"; readonly secrets: readonly LeftOut[] }
  | { readonly kind: "dry-run"; readonly cost: Cost };

/** How often a push begins anew because a prune took what it found in the store. */
const MOST_TRIES = 5;

/**
 * Makes a content the newest snapshot of a store.
 *
 * @throws {SnapshotError} when `latest` cannot be read, is of a later format, or the content is too large
 * @throws {StoreError}
 */
export async function push(blobs: Blobs, content: Content, options: PushOptions): Promise<Pushed> {
  const { secrets: how, dryRun = false, label = null, provenance, signal } = options;
  const signalled = signal === undefined ? {} : { signal };
  // A content of which nothing stays is refused before anything is asked of the store.
  const early = options.stays === undefined ? sort(content, options.finder, how.mode) : undefined;
  const refusal = early && refused(early, how);
  if (refusal !== undefined) return refusal;
  const latest = await readLatest(blobs, signalled);
  const { parent, damage } = await parentOf(blobs, latest, signal);
  const carried = carry(parent, options.stays ?? (() => false));
  const sorted = early ?? sort(without(content, carried), options.finder, how.mode);
  const laterRefusal = refused(sorted, how);
  if (laterRefusal !== undefined) return laterRefusal;
  const vault = await openVault(sorted.secrets, how, parent);
  const outlines = outline(sorted, vault);
  const named = new Set(sorted.rules.map(({ group }) => group));
  const draft = {
    label,
    provenance,
    rules: [...sorted.rules, ...carried.rules.filter(({ group }) => !named.has(group))],
    leftOut: inOrder([...sorted.leftOut, ...carried.leftOut]),
    encryption: vault.encryption ?? (Object.values(carried.groups).some(isEncrypted) ? carried.encryption : null),
  };
  if (latest !== undefined && parent !== undefined) {
    const same = contentKey({ ...draft, groups: merged(outlines, carried.groups) }) === contentKey(parent);
    if (same) return { kind: "unchanged", latest: latest.pointer };
  }
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const sender = new Sender(blobs, { known: chunksOf(parent), dryRun, ...signalled });
    const groups = await sendGroups(sender, sorted, outlines, vault, parent, options.onProgress);
    const whole: Draft = { ...draft, groups: merged(groups, carried.groups) };
    const resources = Array.from(sorted.groups.values(), ({ size }) => size).reduce((sum, size) => sum + size, 0);
    const cost: Cost = { ...sender.counts, resources };
    if (dryRun) return { kind: "dry-run", cost };
    const done = await commit(blobs, whole, latest, sender.found, options);
    if (done.kind === "conflict") return done;
    if (done.kind === "gone") continue;
    const { manifest, hash, size: manifestBytes } = done;
    const parentDamage = damage === undefined ? {} : { parentDamage: damage };
    return { kind: "pushed", manifest, hash, cost, manifestBytes, ...parentDamage };
  }
  return { kind: "conflict", latest: latest?.pointer };
}

function refused(
  { secrets }: Pick<Sorted, "secrets">,
  { mode }: Secrets,
): Extract<Pushed, { kind: "refused" }> | undefined {
  if (mode !== "refuse" || secrets.length === 0) return undefined;
  return { kind: "refused", secrets: secrets.map(({ group, resource: { type, name } }) => ({ group, type, name })) };
}

function merged<T>(one: Readonly<Record<string, T>>, other: Readonly<Record<string, T>>): Record<string, T> {
  return record([...Object.entries(one), ...Object.entries(other)]);
}

/** What the pointer names. One that is damaged is no reason not to push: that is what heals the store. */
async function parentOf(
  blobs: Blobs,
  latest: Pointed<LatestPointer> | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly parent?: Manifest; readonly damage?: string }> {
  if (latest === undefined) return {};
  const { number, hash } = latest.pointer;
  try {
    const read = await readManifest(blobs, number, signal === undefined ? { hash } : { hash, signal });
    return read === undefined ? { damage: "it is not there" } : { parent: read.manifest };
  } catch (error) {
    if (!(error instanceof SnapshotError) || error.fault !== "damaged") throw error;
    return { damage: error.why };
  }
}

function chunksOf(manifest: Manifest | undefined): Map<string, ChunkEntry> {
  const types = Object.values(manifest?.groups ?? {}).flatMap(({ types }) => Object.values(types));
  return new Map(types.flatMap(({ chunks }) => chunks).map((entry) => [entry.sha256, entry]));
}

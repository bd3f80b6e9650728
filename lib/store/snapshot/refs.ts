/**
 * From what a person calls a snapshot to the snapshot.
 *
 * @module
 */
import type { Blobs } from "../blobs.ts";
import type { Manifest } from "./format.ts";
import { type Found, readPointers, signalled, survey } from "./survey.ts";
import type { SnapshotId } from "./pointers.ts";
import { readManifest } from "./read.ts";

/** What a reference means. */
export type Resolved =
  | { readonly kind: "one"; readonly snapshot: SnapshotId }
  /**
   * What the clients of each group accepted last: several snapshots, of which each group is one. `latest` is for the
   * groups that no client ever accepted, and says how nodes are mapped to groups; undefined when there is none.
   */
  | {
    readonly kind: "accepted";
    readonly groups: ReadonlyMap<string, SnapshotId>;
    readonly latest: SnapshotId | undefined;
  };

/** What it is wanted for: a `pull` that names nothing takes what was accepted, everything else the newest. */
export type Purpose = "pull" | "read";

/**
 * - `unknown`: there is nothing of this name.
 * - `ambiguous`: several are meant.
 * - `empty`: nothing was ever pushed.
 * - `damaged`: what it names cannot be read.
 */
export type RefFault = "unknown" | "ambiguous" | "empty" | "damaged";

/** The message names the store, the reference and what there is instead. */
export class RefError extends Error {
  override readonly name = "RefError";
  readonly fault: RefFault;
  /** What there is, or what to do. */
  readonly hint: string | undefined;

  constructor(fault: RefFault, message: string, hint?: string) {
    super(message);
    this.fault = fault;
    this.hint = hint;
  }
}

/** Labels that could not be told from another kind of reference, or would hide one. */
export function isReserved(label: string): boolean {
  return label === "latest" || label === "accepted" || /^\d*$/.test(label) || /[\p{Cc}\p{Zl}\p{Zp}@]/u.test(label);
}

/** Characters of a hash that are enough to be one. */
const SHORTEST_HASH = 6;

/**
 * Looks a reference up: a number, a hash, a label, `latest` or `accepted`, in this order; without one it is `latest`, for
 * a pull `accepted` if a client ever accepted something.
 *
 * @throws {RefError} for a reference that names nothing, or more than one
 * @throws {StoreError} when the store cannot be read
 */
export async function resolveRef(
  blobs: Blobs,
  ref: string | undefined,
  purpose: Purpose,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Resolved> {
  if (ref === undefined || ref === "latest" || ref === "accepted") {
    const resolved = await byPointer(blobs, ref, purpose, signal);
    if (resolved !== undefined) return resolved;
  } else if (/^[1-9]\d{0,15}$/.test(ref)) {
    const one = await readManifest(blobs, Number(ref), signalled(signal));
    if (one !== undefined) return { kind: "one", snapshot: { number: Number(ref), hash: one.hash } };
  }
  const { snapshots } = await survey(blobs, signalled(signal));
  if (ref === undefined || snapshots.length === 0) throw emptyError(blobs, snapshots);
  const found = byHash(blobs, ref, snapshots) ?? byLabel(ref, snapshots);
  if (found === undefined) throw unknownError(blobs, ref, snapshots);
  return { kind: "one", snapshot: found };
}

/**
 * The one snapshot of a reference.
 *
 * @throws {RefError} `ambiguous` when groups accepted different ones
 */
export function onlyOne(blobs: Blobs, resolved: Resolved): SnapshotId {
  if (resolved.kind === "one") return resolved.snapshot;
  const [first, ...others] = resolved.groups.values();
  if (first !== undefined && others.every(({ hash }) => hash === first.hash)) return first;
  const each = [...resolved.groups].map(([group, { number }]) => `${JSON.stringify(group)} ${number}`).join(", ");
  throw new RefError(
    "ambiguous",
    `Cannot find one snapshot "accepted" in "${blobs.url}": the clients of each group accepted their own`,
    `Name one of them: group ${each}`,
  );
}

async function byPointer(
  blobs: Blobs,
  ref: "latest" | "accepted" | undefined,
  purpose: Purpose,
  signal: AbortSignal | undefined,
): Promise<Resolved | undefined> {
  const { latest, accepted, damaged } = await readPointers(blobs, signal);
  const wanted = ref ?? (purpose === "pull" ? undefined : "latest");
  const broken = damaged.find(({ key }) => wanted === undefined || key.startsWith(wanted));
  if (broken !== undefined) {
    throw new RefError(
      "damaged",
      `Cannot read "${broken.key}" of "${blobs.url}": ${broken.why}`,
      `Name a snapshot by its number: "xcp snapshot log ${blobs.url}" lists them`,
    );
  }
  const newest = latest && { number: latest.number, hash: latest.hash };
  const groups = new Map(Object.entries(accepted?.groups ?? {}));
  if (groups.size > 0 && wanted !== "latest") return { kind: "accepted", groups, latest: newest };
  return newest === undefined || wanted === "accepted" ? undefined : { kind: "one", snapshot: newest };
}

function byHash(blobs: Blobs, ref: string, snapshots: readonly Found[]): SnapshotId | undefined {
  const lower = ref.toLowerCase();
  if (lower.length < SHORTEST_HASH || !/^[0-9a-f]{6,64}$/.test(lower)) return undefined;
  const matching = snapshots.filter(({ read }) => read?.hash.startsWith(lower));
  const [first] = matching;
  if (matching.length < 2) return first && idOf(first);
  throw new RefError(
    "ambiguous",
    `Cannot find snapshot "${ref}" in "${blobs.url}": ${matching.length} hashes begin so`,
    `There are ${matching.map(({ number, read }) => `${read?.hash.slice(0, 12)} (${number})`).join(", ")}`,
  );
}

/** A label may come again: the newest counts. That of a push that died is none. */
function byLabel(ref: string, snapshots: readonly Found[]): SnapshotId | undefined {
  const found = snapshots.find(({ named, read }) => named && read?.manifest.label === ref);
  return found && idOf(found);
}

function idOf({ number, read }: Found): SnapshotId | undefined {
  return read && { number, hash: read.hash };
}

function emptyError({ url }: Blobs, snapshots: readonly Found[]): RefError {
  const begun = snapshots.length === 0 ? "" : "; what is there is of pushes that did not end";
  return new RefError("empty", `Cannot find a snapshot in "${url}": none was ever pushed${begun}`);
}

/** Snapshots and labels that an error lists. */
const MOST_LISTED = 5;

function unknownError({ url }: Blobs, ref: string, snapshots: readonly Found[]): RefError {
  const named = snapshots.filter((one) => one.named);
  const listed = named.slice(0, MOST_LISTED).map(({ number, read }) => {
    const label = labelOf(read?.manifest);
    return label === undefined ? String(number) : `${number} (${JSON.stringify(label)})`;
  });
  const more = named.length > listed.length ? `, … ${named.length} in all` : "";
  const state = ref === "accepted"
    ? "no client has accepted one yet"
    : ref === "latest"
    ? "no push has come to its end"
    : "it is no number, hash or label of one";
  const damaged = snapshots.some(({ read }) => read === undefined) ? "; some cannot be read" : "";
  return new RefError(
    "unknown",
    `Cannot find snapshot "${ref}" in "${url}": ${state}${damaged}`,
    listed.length === 0 ? undefined : `There are ${listed.join(", ")}${more}`,
  );
}

function labelOf(manifest: Manifest | undefined): string | undefined {
  return manifest?.label ?? undefined;
}

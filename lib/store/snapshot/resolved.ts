/**
 * From a reference to the configuration that it means.
 *
 * @module
 */
import type { Api } from "../../model/api.ts";
import type { GroupRule } from "../../model/layer.ts";
import type { Resource } from "../../model/resource.ts";
import type { Blobs } from "../blobs.ts";
import type { Content } from "./content.ts";
import { SnapshotError } from "./error.ts";
import { type LeftOut, type Manifest, manifestKey } from "./format.ts";
import type { SnapshotId } from "./pointers.ts";
import { readContent, type ReadContentOptions, readManifest } from "./read.ts";
import type { Resolved } from "./refs.ts";
import { signalled } from "./survey.ts";

export type ResolvedContentOptions = Pick<ReadContentOptions, "identities" | "signal" | "onProgress">;

/** A configuration, and the snapshots that it is made of. */
export interface ResolvedContent {
  readonly content: Content;
  /** By group. */
  readonly snapshots: ReadonlyMap<string, SnapshotId>;
  /** The newest of them. */
  readonly newest: SnapshotId;
}

/** What a reference means, before any chunk is read. */
export interface ResolvedManifests {
  /** By group. */
  readonly snapshots: ReadonlyMap<string, SnapshotId>;
  /** By number of snapshot, the newest first. */
  readonly manifests: ReadonlyMap<number, Manifest>;
  readonly rules: readonly GroupRule[];
  /** The newest of the snapshots. */
  readonly newest: SnapshotId;
}

/**
 * Reads the manifests of what a reference means. For `accepted` each group comes from the snapshot that its clients
 * accepted, and one that no client ever accepted from `latest`, which also says how nodes are mapped to groups.
 *
 * @throws {SnapshotError} when a snapshot is not there or not what was written
 * @throws {StoreError}
 */
export async function resolvedManifests(
  blobs: Blobs,
  resolved: Resolved,
  signal?: AbortSignal,
): Promise<ResolvedManifests> {
  if (resolved.kind === "one") {
    const { snapshot } = resolved;
    const manifest = await manifestOf(blobs, snapshot, signal);
    const snapshots = new Map(Object.keys(manifest.groups).map((group) => [group, snapshot]));
    return { snapshots, manifests: new Map([[snapshot.number, manifest]]), rules: manifest.rules, newest: snapshot };
  }
  const ids = new Map(resolved.groups);
  const read = new Map<number, Manifest>();
  for (const id of [...resolved.groups.values(), ...(resolved.latest === undefined ? [] : [resolved.latest])]) {
    if (!read.has(id.number)) read.set(id.number, await manifestOf(blobs, id, signal));
  }
  const { latest } = resolved;
  if (latest !== undefined) {
    for (const group of Object.keys(read.get(latest.number)?.groups ?? {})) {
      if (!ids.has(group)) ids.set(group, latest);
    }
  }
  const manifests = new Map([...read].sort(([a], [b]) => b - a));
  const [first = 0] = manifests.keys();
  const newest = [...ids.values(), ...(latest === undefined ? [] : [latest])].find(({ number }) => number === first);
  if (newest === undefined) throw new Error("Cannot read what was accepted: it names no snapshot");
  const rules = manifests.get(latest?.number ?? first)?.rules ?? [];
  return { snapshots: ids, manifests, rules, newest };
}

/**
 * Reads what a reference means, see {@link resolvedManifests}.
 *
 * @throws {SnapshotError} when a snapshot, or a chunk of it, is not there or not what was written
 * @throws {StoreError}
 */
export async function resolvedContent(
  blobs: Blobs,
  api: Api,
  resolved: Resolved,
  options: ResolvedContentOptions = {},
): Promise<ResolvedContent> {
  const { snapshots, manifests, rules, newest } = await resolvedManifests(blobs, resolved, options.signal);
  const groups = new Map<string, readonly Resource[]>();
  const leftOut: LeftOut[] = [];
  // The newest of the snapshots may share most of its chunks with the others.
  const cache = new Map<string, readonly Resource[]>();
  for (const [number, manifest] of manifests) {
    const all = resolved.kind === "one";
    const wanted = all ? undefined : [...snapshots].filter(([, id]) => id.number === number).map(([group]) => group);
    if (wanted?.length === 0) continue;
    const only = wanted === undefined ? {} : { groups: wanted };
    const content = await readContent(blobs, api, manifest, { ...options, ...only, cache });
    for (const [group, resources] of content.groups) groups.set(group, resources);
    leftOut.push(...content.leftOut);
  }
  const inOrder = new Map([...groups].sort(([a], [b]) => a < b ? -1 : 1));
  return { content: { groups: inOrder, rules, leftOut }, snapshots, newest };
}

/** @throws {SnapshotError} when it is not there, or not what its hash says */
export async function manifestOf(blobs: Blobs, { number, hash }: SnapshotId, signal?: AbortSignal): Promise<Manifest> {
  const read = await readManifest(blobs, number, { hash, ...signalled(signal) });
  if (read === undefined) throw new SnapshotError("absent", manifestKey(number), "it is not there");
  return read.manifest;
}

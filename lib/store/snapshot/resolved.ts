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

/**
 * Reads what a reference means. For `accepted` each group comes from the snapshot that its clients accepted, and one that
 * no client ever accepted from `latest`, which also says how nodes are mapped to groups.
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
  const { signal } = options;
  if (resolved.kind === "one") {
    const { snapshot } = resolved;
    const manifest = await manifestOf(blobs, snapshot, signal);
    const content = await readContent(blobs, api, manifest, options);
    const snapshots = new Map([...content.groups.keys()].map((group) => [group, snapshot]));
    return { content, snapshots, newest: snapshot };
  }
  const ids = new Map(resolved.groups);
  const manifests = new Map<number, Manifest>();
  for (const id of [...resolved.groups.values(), ...(resolved.latest === undefined ? [] : [resolved.latest])]) {
    if (!manifests.has(id.number)) manifests.set(id.number, await manifestOf(blobs, id, signal));
  }
  const { latest } = resolved;
  if (latest !== undefined) {
    for (const group of Object.keys(manifests.get(latest.number)?.groups ?? {})) {
      if (!ids.has(group)) ids.set(group, latest);
    }
  }
  const numbers = [...manifests.keys()].sort((a, b) => b - a);
  const groups = new Map<string, readonly Resource[]>();
  const leftOut: LeftOut[] = [];
  // The newest of the snapshots may share most of its chunks with the others.
  const cache = new Map<string, readonly Resource[]>();
  for (const number of numbers) {
    const manifest = manifests.get(number);
    const wanted = [...ids].filter(([, id]) => id.number === number).map(([group]) => group);
    if (manifest === undefined || wanted.length === 0) continue;
    const content = await readContent(blobs, api, manifest, { ...options, groups: wanted, cache });
    for (const [group, resources] of content.groups) groups.set(group, resources);
    leftOut.push(...content.leftOut);
  }
  const [first = 0] = numbers;
  const rules: readonly GroupRule[] = manifests.get(latest?.number ?? first)?.rules ?? [];
  const inOrder = new Map([...groups].sort(([a], [b]) => a < b ? -1 : 1));
  const newest = [...ids.values(), ...(latest === undefined ? [] : [latest])].find(({ number }) => number === first);
  if (newest === undefined) throw new Error("Cannot read what was accepted: it names no snapshot");
  return { content: { groups: inOrder, rules, leftOut }, snapshots: ids, newest };
}

/** @throws {SnapshotError} when it is not there, or not what its hash says */
export async function manifestOf(blobs: Blobs, { number, hash }: SnapshotId, signal?: AbortSignal): Promise<Manifest> {
  const read = await readManifest(blobs, number, { hash, ...signalled(signal) });
  if (read === undefined) throw new SnapshotError("absent", manifestKey(number), "it is not there");
  return read.manifest;
}

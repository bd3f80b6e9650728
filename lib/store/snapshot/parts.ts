/**
 * The resources of a snapshot as the chunks they are stored in.
 *
 * @module
 */
import type { Resource } from "../../model/resource.ts";
import type { ResourceSet } from "../../model/resource_set.ts";
import { eachAtOnce } from "./at_once.ts";
import { Budget } from "./budget.ts";
import { encodeChunk } from "./chunks.ts";
import { record } from "./fields.ts";
import type { ChunkEntry, GroupEntry, Manifest } from "./format.ts";
import { encodeOrigins } from "./origins.ts";
import { partition } from "./partition.ts";
import type { Sender } from "./send.ts";
import type { Sorted } from "./sort.ts";
import type { Vault } from "./vault.ts";

/** Chunks that are sent at once, and the bytes of the resources in them. */
const AT_ONCE = 8;
const IN_FLIGHT = 64 * 1024 * 1024;

/** What becomes one chunk. */
interface Part {
  readonly type: string;
  readonly resources: readonly Resource[];
  readonly as: "clear" | "encrypted" | "origins";
}

/** A group as its manifest has it, as yet without chunks. */
export type Outline = Readonly<
  Record<string, { readonly revision: string; readonly types: Readonly<Record<string, { readonly version: string }>> }>
>;

/** The versions that the manifest has. */
export function outline({ groups, sealed }: Sorted, vault: Vault): Outline {
  const hidden = (set: ResourceSet) => [...set].some((resource) => sealed.has(resource));
  return record(Array.from(groups, ([name, snapshot]) => {
    const sets = [...snapshot.sets];
    const revision = sets.some(hidden) ? vault.hide(snapshot.revision) : snapshot.revision;
    const versions = sets.map((set) =>
      [set.type, { version: hidden(set) ? vault.hide(set.version) : set.version }] as const
    );
    return [name, { revision, types: record(versions) }] as const;
  }));
}

/** Sends all chunks. Resolves to the groups as the manifest has them. */
export async function sendGroups(
  sender: Sender,
  sorted: Sorted,
  outlines: Outline,
  vault: Vault,
  parent: Manifest | undefined,
  onProgress?: (done: number, all: number) => void,
): Promise<Record<string, GroupEntry>> {
  const parts = new Map<ResourceSet, readonly Part[]>();
  for (const snapshot of sorted.groups.values()) {
    for (const set of snapshot.sets) parts.set(set, partsOf(set, sorted.sealed, vault.same));
  }
  const all = [...parts.values()].flat();
  const entries = new Map<Part, ChunkEntry>();
  const budget = new Budget(IN_FLIGHT);
  await eachAtOnce(all, async (part) => {
    const size = part.resources.reduce((sum, { bytes }) => sum + bytes.length, 0);
    entries.set(part, await budget.use(size, () => send(sender, part, vault)));
    onProgress?.(entries.size, all.length);
  }, AT_ONCE);

  return record(Array.from(sorted.groups, ([group, snapshot]) => {
    const { revision, types } = outlines[group] ?? { revision: snapshot.revision, types: {} };
    const made = Array.from(snapshot.sets, (set) => {
      const chunks = (parts.get(set) ?? []).flatMap((part) => entries.get(part) ?? []);
      // A group that was carried over by the parent may have had others of its own.
      const hidden = vault.same && [...set].some((resource) => sorted.sealed.has(resource));
      if (hidden) chunks.push(...encryptedOf(parent, group, set.type));
      return [set.type, { version: types[set.type]?.version ?? set.version, resources: set.size, chunks }] as const;
    });
    return [group, { revision, types: record(made) }] as const;
  }));
}

function partsOf(set: ResourceSet, sealed: ReadonlySet<Resource>, same: boolean): Part[] {
  const { type } = set;
  const all = [...set];
  const clear = partition(all.filter((resource) => !sealed.has(resource)));
  const secret = same ? [] : partition(all.filter((resource) => sealed.has(resource)));
  return [
    ...clear.map((resources) => ({ type, resources, as: "clear" }) as const),
    ...(all.some(({ origin }) => origin !== undefined) ? [{ type, resources: all, as: "origins" } as const] : []),
    ...secret.map((resources) => ({ type, resources, as: "encrypted" }) as const),
  ];
}

async function send(sender: Sender, { type, resources, as }: Part, vault: Vault): Promise<ChunkEntry> {
  if (as === "origins") {
    return { ...await sender.put(encodeOrigins(type, resources)), resources: 0, origins: true };
  }
  const bytes = encodeChunk({ type, resources });
  if (as === "clear") return { ...await sender.put(bytes), resources: resources.length };
  const sent = await sender.putEncrypted(bytes, vault.encryption?.recipients ?? []);
  return { ...sent, resources: resources.length, encrypted: true, names: resources.map(({ name }) => name) };
}

function encryptedOf(parent: Manifest | undefined, group: string, type: string): ChunkEntry[] {
  return parent?.groups[group]?.types[type]?.chunks.filter(({ encrypted }) => encrypted) ?? [];
}

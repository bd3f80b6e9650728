/**
 * A snapshot: everything that the clients of one group get, at one moment.
 *
 * @module
 */
import { contentHash, type Resource } from "./resource.ts";
import { difference, emptySet, ResourceSet } from "./resource_set.ts";

/** Immutable: a change is a new snapshot, which shares the sets of every type that did not change. */
export class Snapshot {
  readonly #sets: ReadonlyMap<string, ResourceSet>;
  #revision: string | undefined;

  constructor(sets: Iterable<ResourceSet>) {
    const filled = [...sets].filter((set) => set.size > 0).sort((a, b) => a.type < b.type ? -1 : 1);
    this.#sets = new Map(filled.map((set) => [set.type, set]));
  }

  /** Content hash over all types. */
  get revision(): string {
    return this.#revision ??= contentHash([...this.sets].map((set) => `${set.type} ${set.version}`).join("\n"));
  }

  /** The resources of a type; an empty set for a type that the snapshot does not have. */
  set(type: string): ResourceSet {
    return this.#sets.get(type) ?? emptySet(type);
  }

  /** The types that have resources, in order of URL. */
  get sets(): Iterable<ResourceSet> {
    return this.#sets.values();
  }

  get size(): number {
    let size = 0;
    for (const set of this.#sets.values()) size += set.size;
    return size;
  }
}

/**
 * Builds a snapshot. Sets that have the same content as in `previous` are taken from there, so that what did not change
 * keeps its identity, and its label, and costs nothing downstream. `label` names the content of every set that is new.
 */
export function createSnapshot(resources: Iterable<Resource>, previous?: Snapshot, label?: string): Snapshot {
  const byType = new Map<string, Resource[]>();
  for (const resource of resources) {
    const list = byType.get(resource.type);
    if (list === undefined) byType.set(resource.type, [resource]);
    else list.push(resource);
  }
  const sets = [...byType].map(([type, list]) => {
    const set = new ResourceSet(type, list, label);
    const before = previous?.set(type);
    return before !== undefined && sameContent(before, set) ? before : set;
  });
  return new Snapshot(sets);
}

/** Resources that changed between two snapshots, by type; types without a change are left out. */
export function diff(
  from: Snapshot,
  to: Snapshot,
): Map<string, { changed: readonly Resource[]; removed: readonly string[] }> {
  const types = new Set([...from.sets, ...to.sets].map((set) => set.type));
  const changes = new Map<string, { changed: readonly Resource[]; removed: readonly string[] }>();
  for (const type of [...types].sort()) {
    const change = difference(from.set(type), to.set(type));
    if (change.changed.length + change.removed.length > 0) changes.set(type, change);
  }
  return changes;
}

function sameContent(a: ResourceSet, b: ResourceSet): boolean {
  if (a.size !== b.size) return false;
  for (const resource of b) if (a.get(resource.name)?.version !== resource.version) return false;
  return true;
}

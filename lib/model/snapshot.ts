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

/** Resources in the order of a source, or of several. */
type List = readonly Resource[];

/**
 * Builds a snapshot. Sets that have the same content as in `previous` are taken from there, so that what did not change
 * keeps its identity, and its label, and costs nothing downstream. `label` names the content of every set that is new.
 *
 * @param before What `previous` was made of: when only contents differ from it, the cost is that of what differs.
 */
export function createSnapshot(resources: List, previous?: Snapshot, label?: string, before?: List): Snapshot {
  return previous !== undefined && before !== undefined && before.length === previous.size
    ? replaceIn(previous, replacements(before, resources), label) ?? build(resources, previous, label)
    : build(resources, previous, label);
}

/**
 * Where a list has another content for the same type and name in the same place: what stands there now. Undefined when
 * the lists differ in any other way.
 */
export function replacements(before: List, after: List): List | undefined {
  if (before.length !== after.length) return undefined;
  const replaced: Resource[] = [];
  for (let place = 0; place < after.length; place++) {
    const [one, other] = [before[place], after[place]];
    if (one === other) continue;
    if (one === undefined || other === undefined || one.name !== other.name || one.type !== other.type) {
      return undefined;
    }
    replaced.push(other);
  }
  return replaced;
}

function replaceIn(previous: Snapshot, replaced: List | undefined, label: string | undefined): Snapshot | undefined {
  if (replaced === undefined) return undefined;
  const changed = replaced.filter(({ type, name, version }) => previous.set(type).get(name)?.version !== version);
  if (changed.length === 0) return previous;
  const byType = Map.groupBy(changed, ({ type }) => type);
  const sets: ResourceSet[] = [];
  for (const set of previous.sets) {
    const news = byType.get(set.type);
    const next = news === undefined ? set : set.replace(news, label);
    if (next === undefined) return undefined;
    sets.push(next);
  }
  return new Snapshot(sets);
}

function build(resources: List, previous: Snapshot | undefined, label: string | undefined): Snapshot {
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

/**
 * All resources of one type in one snapshot, immutable, with a version that comes from the content alone. The protocol
 * compares sets by identity first and by version second, and never looks at a resource that did not change.
 *
 * @module
 */
import { Members } from "./members.ts";
import { globOf } from "./names.ts";
import type { Resource } from "./resource.ts";

/** An immutable set of resources of one type, by name, in order of name (code units). */
export class ResourceSet implements Iterable<Resource> {
  readonly type: string;
  /** An operator's name for this content. Two sets may have one label and differ in content. */
  readonly label: string | undefined;
  readonly #members: Members;
  #version: string | undefined;
  #collections: ReadonlyMap<string, readonly Resource[]> | undefined;
  #expiring: readonly Resource[] | undefined;
  #shortestTtl: number | undefined;

  /** Takes the resources in any order. Of two with one name the later one wins. */
  constructor(type: string, resources: Iterable<Resource>, label?: string) {
    this.type = type;
    this.label = label;
    this.#members = resources instanceof Members ? resources : Members.of(resources);
  }

  /**
   * This set with other contents for some of its names; undefined when one of the names is new. Costs what the change
   * costs, whatever the size of the set.
   */
  replace(resources: readonly Resource[], label?: string): ResourceSet | undefined {
    const members = this.#members.replace(resources);
    return members && new ResourceSet(this.type, members, label);
  }

  /** Number of resources. */
  get size(): number {
    return this.#members.size;
  }

  /** Content hash over the members: the same members give the same version in every process, whatever led there. */
  get version(): string {
    return this.#version ??= this.#members.hash(this.type);
  }

  /** What clients are told: the label where there is one, else the content version. */
  get versionInfo(): string {
    return this.label ?? this.version;
  }

  get(name: string): Resource | undefined {
    return this.#members.get(name);
  }

  /** The members of a collection (`xdstp://…/*`), in order of name. */
  members(glob: string): readonly Resource[] {
    this.#collections ??= Map.groupBy(this, ({ name }) => globOf(name) ?? "");
    return this.#collections.get(glob) ?? [];
  }

  /** The resources that have a time to live, in order of name. */
  get expiring(): readonly Resource[] {
    return this.#expiring ??= this.#members.filter(({ ttl }) => ttl !== undefined);
  }

  /** The shortest time to live, in milliseconds; Infinity when nothing expires. */
  get shortestTtl(): number {
    return this.#shortestTtl ??= this.expiring.reduce((least, { ttl }) => Math.min(least, ttl ?? Infinity), Infinity);
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  [Symbol.iterator](): Iterator<Resource> {
    return this.#members[Symbol.iterator]();
  }

  /** What {@link difference} finds, where that needs no look at names. */
  differing(before: ResourceSet): readonly Resource[] | undefined {
    return this.#members.differing(before.#members);
  }
}

/** What leads from one set to another. */
export interface Difference {
  /** Resources of the newer set that the older one lacks or has with other content. */
  readonly changed: readonly Resource[];
  /** Names that only the older set has. */
  readonly removed: readonly string[];
}

const NO_DIFFERENCE: Difference = { changed: [], removed: [] };

/**
 * What leads from `from` to `to`. Computed once for each pair and remembered as long as both live, so that a thousand
 * streams at the same place share one answer; the answer's identity is a key for what is built from it.
 */
export function difference(from: ResourceSet, to: ResourceSet): Difference {
  if (from === to) return NO_DIFFERENCE;
  return remember(differences, to, from, () => {
    const differing = to.differing(from);
    if (differing !== undefined) return differing.length === 0 ? NO_DIFFERENCE : { changed: differing, removed: [] };
    const changed: Resource[] = [];
    const removed: string[] = [];
    let kept = 0;
    for (const resource of to) {
      const before = from.get(resource.name);
      if (before !== undefined) kept++;
      if (before?.version !== resource.version) changed.push(resource);
    }
    if (kept < from.size) { for (const { name } of from) if (!to.has(name)) removed.push(name); }
    return changed.length === 0 && removed.length === 0 ? NO_DIFFERENCE : { changed, removed };
  });
}

/** `to` and everything that only `from` has: what a client holds between the additions and the removals. */
export function union(from: ResourceSet, to: ResourceSet): ResourceSet {
  const { removed } = difference(from, to);
  if (removed.length === 0) return to;
  return remember(unions, to, from, () => new ResourceSet(to.type, [...from, ...to]));
}

/** The set of a type that has no resources; one object for each type, so that identity works for it too. */
export function emptySet(type: string): ResourceSet {
  let empty = empties.get(type);
  if (empty === undefined) {
    empty = new ResourceSet(type, []);
    if (empties.size < MOST_EMPTIES) empties.set(type, empty);
  }
  return empty;
}

// Memory of pure functions: it never changes an answer. Type URLs come from clients, so the map of empties is bounded.
const MOST_EMPTIES = 1_000;
const empties = new Map<string, ResourceSet>();
const differences = new WeakMap<ResourceSet, WeakMap<ResourceSet, Difference>>();
const unions = new WeakMap<ResourceSet, WeakMap<ResourceSet, ResourceSet>>();

function remember<T>(
  memory: WeakMap<ResourceSet, WeakMap<ResourceSet, T>>,
  to: ResourceSet,
  from: ResourceSet,
  compute: () => T,
): T {
  let row = memory.get(to);
  if (row === undefined) memory.set(to, row = new WeakMap());
  let value = row.get(from);
  if (value === undefined) row.set(from, value = compute());
  return value;
}

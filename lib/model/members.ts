/**
 * The members of a set of resources: a list in order of name with an index, made anew at the cost of what changed when
 * the names stay.
 *
 * @module
 */
import { contentHash, type Resource } from "./resource.ts";

/** Resources of one type, immutable, each name once, in order of name (code units). */
export class Members implements Iterable<Resource> {
  readonly #list: readonly Resource[];
  /** Where each name stands. Lists that have the same names may share it. */
  readonly #places: ReadonlyMap<string, number>;
  /** Content hash of each run of {@link RUN} members; undefined where nobody asked yet. */
  readonly #runs: (string | undefined)[];

  private constructor(list: readonly Resource[], places: ReadonlyMap<string, number>, runs: (string | undefined)[]) {
    this.#list = list;
    this.#places = places;
    this.#runs = runs;
  }

  /** Takes resources in any order. Of two with one name the later one wins. */
  static of(resources: Iterable<Resource>): Members {
    const list = inOrderOfName([...resources]);
    const places = new Map<string, number>();
    for (let place = 0; place < list.length; place++) places.set(list[place]?.name ?? "", place);
    return new Members(list, places, []);
  }

  get size(): number {
    return this.#list.length;
  }

  get(name: string): Resource | undefined {
    const place = this.#places.get(name);
    return place === undefined ? undefined : this.#list[place];
  }

  has(name: string): boolean {
    return this.#places.has(name);
  }

  [Symbol.iterator](): Iterator<Resource> {
    return this.#list.values();
  }

  filter(wanted: (resource: Resource) => boolean): readonly Resource[] {
    return this.#list.filter(wanted);
  }

  /** These members with other contents for some of their names; undefined when one of the names is new. */
  replace(resources: readonly Resource[]): Members | undefined {
    const list = this.#list.slice();
    const runs = this.#runs.slice();
    for (const resource of resources) {
      const place = this.#places.get(resource.name);
      if (place === undefined) return undefined;
      list[place] = resource;
      runs[Math.floor(place / RUN)] = undefined;
    }
    return new Members(list, this.#places, runs);
  }

  /** Those that `before` has with other content; undefined when the two are not known to have the same names. */
  differing(before: Members): readonly Resource[] | undefined {
    if (before.#places !== this.#places) return undefined;
    const others = before.#list;
    return this.#list.filter((resource, place) =>
      resource !== others[place] && resource.version !== others[place]?.version
    );
  }

  /** Content hash: the same names and contents give the same in every process, whatever led there. */
  hash(of: string): string {
    const runs = this.#runs;
    for (let index = 0; index * RUN < this.#list.length; index++) {
      runs[index] ??= hashRun(this.#list.slice(index * RUN, (index + 1) * RUN));
    }
    return contentHash(`${of}\n${runs.join("\n")}`);
  }
}

/** Hashed together, so that after a change among ten thousand this many are looked at, and a hash for each of the rest. */
const RUN = 64;

function hashRun(members: readonly Resource[]): string {
  return contentHash(members.map(({ name, version }) => `${name.length}:${name}${version}`).join("\n"));
}

function inOrderOfName(resources: readonly Resource[]): readonly Resource[] {
  if (ascending(resources)) return resources;
  const byName = new Map<string, Resource>();
  for (const resource of resources) byName.set(resource.name, resource);
  return [...byName.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}

function ascending(resources: readonly Resource[]): boolean {
  let previous: string | undefined;
  for (const { name } of resources) {
    if (previous !== undefined && name <= previous) return false;
    previous = name;
  }
  return true;
}

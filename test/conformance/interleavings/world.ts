/**
 * Snapshots for the interleavings: few names, few contents, every reference there. Resources and sets are made once and
 * used again, so that a run of a fraction of a millisecond is spent in the core and not in hashing.
 *
 * @module
 */
import { createResource, type Reference, type Resource } from "../../../lib/model/resource.ts";
import { ResourceSet } from "../../../lib/model/resource_set.ts";
import { Snapshot } from "../../../lib/model/snapshot.ts";
import {
  CLUSTER,
  ENDPOINTS,
  LISTENER,
  RESOURCE_TYPES,
  ROUTES,
  SCOPED_ROUTES,
  SECRET,
} from "../../../lib/model/types.ts";
import type { Random } from "./random.ts";

export const CDS = CLUSTER.url;
export const EDS = ENDPOINTS.url;
export const LDS = LISTENER.url;
export const RDS = ROUTES.url;
export const SDS = SECRET.url;
export const SRDS = SCOPED_ROUTES.url;

/** Every type, in the order in which Envoy asks. */
export const TYPES: readonly string[] = [CDS, EDS, SDS, LDS, SRDS, RDS];
/** Every name of every type. Two are the members of a collection. */
export const NAMES: readonly string[] = ["xdstp://o/t/a", "xdstp://o/t/b", "c"];
/** That collection. */
export const GLOB = "xdstp://o/t/*";

/** Whether a name is the collection's. */
export function isMember(name: string): boolean {
  return name !== GLOB && name.length === GLOB.length;
}

/** The name that people use for a type. */
export function service(url: string): string {
  return RESOURCE_TYPES.find((type) => type.url === url)?.service ?? url;
}

const REFERS: Readonly<Record<string, string>> = { [CDS]: EDS, [LDS]: RDS, [RDS]: CDS };
/** Contents that snapshots are made of. The one after them has a time to live, and the next is {@link World.renewed}'s. */
const CONTENTS = 3;
const [EXPIRES, NEW] = [CONTENTS, CONTENTS + 1];
/** In milliseconds. */
const TTL = 20_000;
/** An operator's name for some contents: always the same, which says nothing. */
const LABEL = "label";

/** What snapshots may have, beside resources. */
export interface Traits {
  /** Some resources have a time to live. */
  readonly expiring: boolean;
  /** Some sets have a label. */
  readonly labelled: boolean;
}

/** A resource that knows what it was made of. */
interface Made {
  readonly resource: Resource;
  readonly content: number;
  /** The names that it refers to, as bits. */
  readonly refers: number;
}

export class World {
  readonly #made = new Map<string, (Made | undefined)[]>(TYPES.map((type) => [type, []]));
  readonly #sets = new Map<string, Map<number, ResourceSet>>(TYPES.map((type) => [type, new Map()]));
  readonly #by = new Map<Resource, Made>();

  /**
   * A consistent snapshot: clusters with endpoints, routes to clusters, listeners with routes, and the rest. With
   * `previous` about a fourth of it is changed.
   */
  snapshot(random: Random, previous: Snapshot | undefined, { expiring, labelled }: Traits): Snapshot {
    const contents = expiring ? CONTENTS + 1 : CONTENTS;
    const before = (type: string, at: number): Made | undefined => {
      const resource = previous?.set(type).get(NAMES[at] ?? "");
      return resource === undefined ? undefined : this.#by.get(resource);
    };
    const content = (made: Made | undefined): number =>
      made === undefined || random.oneIn(4) ? random.below(contents) : made.content;
    const stays = (made: Made | undefined): boolean =>
      previous === undefined || random.oneIn(4) ? random.oneIn(2) : made !== undefined;
    /** One set: of each name what it refers to, or undefined for a name that is not there. */
    const set = (type: string, refersOf: (at: number, made: Made | undefined) => number | undefined): number => {
      let [there, key] = [0, 0];
      for (let at = 0; at < NAMES.length; at++) {
        const made = before(type, at);
        const refers = refersOf(at, made);
        key *= 64;
        if (refers === undefined) continue;
        there |= 1 << at;
        key += 1 + content(made) * 8 + refers;
      }
      sets.push(this.#set(type, key, labelled && random.oneIn(2)));
      return there;
    };
    const sets: ResourceSet[] = [];
    const clusters = set(CDS, (at, made) => stays(made) ? 1 << at : undefined);
    set(EDS, (at) => clusters & (1 << at) || random.oneIn(6) ? 0 : undefined);
    const routes = set(RDS, (_, made) => {
      if (clusters === 0 || !stays(made)) return undefined;
      const kept = (made?.refers ?? 0) & clusters;
      return kept === 0 || random.oneIn(3) ? oneOf(random, clusters) : kept;
    });
    set(LDS, (_, made) => {
      if (routes === 0 || !stays(made)) return undefined;
      const kept = (made?.refers ?? 0) & routes;
      return kept === 0 || random.oneIn(3) ? oneOf(random, routes) : kept;
    });
    for (const type of [SDS, SRDS]) set(type, (_, made) => stays(made) ? 0 : undefined);
    return new Snapshot(sets);
  }

  /** Every name of every type, in a content that nothing had before. */
  renewed(): Snapshot {
    const key = NAMES.reduce((key, _, at) => key * 64 + 1 + NEW * 8 + (1 << at), 0);
    return new Snapshot(TYPES.map((type) => this.#set(type, key)));
  }

  /** The number that stands for a resource's content. */
  contentOf(resource: Resource): number | undefined {
    return this.#by.get(resource)?.content;
  }

  /** A digit to the base 64 for each name: 0, or one more than {@link #resource} takes. */
  #set(type: string, key: number, labelled = false): ResourceSet {
    const sets = this.#sets.get(type);
    const place = labelled ? -1 - key : key;
    let set = sets?.get(place);
    if (set === undefined) {
      const digits = NAMES.map((_, at) => Math.floor(key / 64 ** (NAMES.length - 1 - at)) % 64);
      const resources = digits.flatMap((digit, at) => digit === 0 ? [] : [this.#resource(type, at, digit - 1)]);
      set = new ResourceSet(type, resources, labelled ? LABEL : undefined);
      sets?.set(place, set);
    }
    return set;
  }

  /** `what`: eight times the content, and a bit for each name that it refers to. */
  #resource(type: string, at: number, what: number): Resource {
    const made = this.#made.get(type) ?? [];
    const place = at * 64 + what;
    let known = made[place];
    if (known === undefined) {
      const [content, refers] = [what >> 3, what & 7];
      const referred = REFERS[type];
      const names = NAMES.filter((_, at) => refers & (1 << at));
      const references: Reference[] = referred === undefined
        ? []
        : names.map((name) => ({ type: referred, name, path: "name", required: true }));
      const bytes = new TextEncoder().encode(`${content} ${names}`);
      const lifetime = content === EXPIRES ? { ttl: TTL } : {};
      const resource = createResource({
        type,
        name: NAMES[at] ?? "",
        bytes,
        references,
        origin: undefined,
        ...lifetime,
      });
      made[place] = known = { resource, content, refers };
      this.#by.set(resource, known);
    }
    return known.resource;
  }
}

/** One of the bits that are set. */
function oneOf(random: Random, bits: number): number {
  const set = NAMES.map((_, at) => 1 << at).filter((bit) => bits & bit);
  return random.pick(set);
}

/** A resource in a few characters. */
export function write({ name, bytes }: Resource): string {
  return `${name.slice(-1)}=${new TextDecoder().decode(bytes).trim().replace(" ", ">")}`;
}

/**
 * Snapshots for the interleavings: few names, few contents, every reference there.
 *
 * @module
 */
import { createResource, type Reference, type Resource } from "../../../lib/model/resource.ts";
import { createSnapshot, type Snapshot } from "../../../lib/model/snapshot.ts";
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
/** Every name of every type. */
export const NAMES: readonly string[] = ["a", "b", "c"];

/** The name that people use for a type. */
export function service(url: string): string {
  return RESOURCE_TYPES.find((type) => type.url === url)?.service ?? url;
}

const REFERS: Readonly<Record<string, string>> = { [CDS]: EDS, [LDS]: RDS, [RDS]: CDS };

/** Makes each resource once; hashing them is most of the work otherwise. */
export class World {
  readonly #resources = new Map<string, Resource>();

  /** A consistent snapshot: clusters with endpoints, routes to clusters, listeners with routes, and the rest. */
  snapshot(random: Random, previous: Snapshot | undefined): Snapshot {
    const change = (type: string, name: string): number => {
      const before = previous?.set(type).get(name);
      return before === undefined || random.oneIn(4) ? random.below(3) : Number(contentOf(before));
    };
    const stays = (type: string, name: string): boolean =>
      previous === undefined || random.oneIn(4) ? random.oneIn(2) : previous.set(type).has(name);
    const resources: Resource[] = [];
    const clusters = NAMES.filter((name) => stays(CDS, name));
    for (const name of clusters) resources.push(this.resource(CDS, name, change(CDS, name), [name]));
    for (const name of NAMES) {
      if (clusters.includes(name) || random.oneIn(6)) resources.push(this.resource(EDS, name, change(EDS, name), []));
    }
    const routes = clusters.length === 0 ? [] : NAMES.filter((name) => stays(RDS, name));
    for (const name of routes) {
      const before = previous?.set(RDS).get(name)?.references.map((reference) => reference.name) ?? [];
      const kept = before.filter((cluster) => clusters.includes(cluster));
      const targets = kept.length === 0 || random.oneIn(3) ? [random.pick(clusters)] : kept;
      resources.push(this.resource(RDS, name, change(RDS, name), targets));
    }
    const listeners = routes.length === 0 ? [] : NAMES.filter((name) => stays(LDS, name));
    for (const name of listeners) {
      const before = previous?.set(LDS).get(name)?.references[0]?.name;
      const route = before !== undefined && routes.includes(before) && !random.oneIn(3) ? before : random.pick(routes);
      resources.push(this.resource(LDS, name, change(LDS, name), [route]));
    }
    for (const type of [SDS, SRDS]) {
      for (const name of NAMES) {
        if (stays(type, name)) resources.push(this.resource(type, name, change(type, name), []));
      }
    }
    return createSnapshot(resources, previous);
  }

  /** Every name of every type, in a content that nothing had before. */
  renewed(content: number): Snapshot {
    return createSnapshot(TYPES.flatMap((type) => NAMES.map((name) => this.resource(type, name, content, [name]))));
  }

  resource(type: string, name: string, content: number, refersTo: readonly string[]): Resource {
    const key = `${type} ${name} ${content} ${refersTo}`;
    let resource = this.#resources.get(key);
    if (resource === undefined) {
      const referred = REFERS[type];
      const references: Reference[] = referred === undefined
        ? []
        : refersTo.map((name) => ({ type: referred, name, path: "name", required: true }));
      const bytes = new TextEncoder().encode(`${content} ${refersTo}`);
      resource = createResource({ type, name, bytes, references, origin: undefined });
      this.#resources.set(key, resource);
    }
    return resource;
  }
}

function contentOf(resource: Resource): string {
  return new TextDecoder().decode(resource.bytes).split(" ")[0] ?? "";
}

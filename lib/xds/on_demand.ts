/**
 * Virtual hosts on demand: a client asks for `<route configuration>/<host>` and gets the resource that has this name, or
 * has the host among its domains. From then on it follows that resource by its own name. The wildcard, which Envoy sends
 * when it reconnects, means nothing here.
 *
 * A route configuration with virtual hosts on demand is not used before a response says something of its namespace
 * (Envoy waits 15 s otherwise), so each is followed by the removal of the name that its reference has, the namespace
 * itself: `<route configuration>/`, which no host can be.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/vhds
 * @module
 */
import type { Resource } from "../model/resource.ts";
import type { ResourceSet } from "../model/resource_set.ts";
import type { Content } from "./plan.ts";
import type { TypeState } from "./type_state.ts";

/** What is due. `onlyAsked`: the client rejected what there is, and has questions all the same. */
export function planOnDemand(
  state: TypeState,
  current: ResourceSet,
  { removals, onlyAsked }: { removals: boolean; onlyAsked: boolean },
): Content | undefined {
  const { holdings, owed, subscription } = state;
  const asked = new Map<string, string[]>();
  const found = new Map<string, Resource>();
  const unknown: string[] = [];
  for (const name of new Set([...subscription.names, ...subscription.followed])) {
    const resource = answering(current, name);
    if (resource === undefined) {
      if (owed.has(name)) unknown.push(name);
      continue;
    }
    const differs = holdings.doubtful.has(resource.name) || holdings.version(resource.name) !== resource.version;
    if (owed.has(name) || differs && !onlyAsked) found.set(resource.name, resource);
    if (name === resource.name) continue;
    const names = asked.get(resource.name);
    if (names === undefined) asked.set(resource.name, [name]);
    else names.push(name);
  }
  const held = (name: string) => holdings.version(name) !== undefined || holdings.doubtful.has(name);
  const gone = removals ? [...subscription.followed].filter((name) => !current.has(name) && held(name)) : [];
  const removed = [...gone, ...[...owed].filter((name) => name.endsWith("/"))].sort();
  if (found.size + removed.length + unknown.length === 0 && !state.owedAll) return undefined;
  const changed = [...found.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  for (const name of asked.keys()) if (!found.has(name)) asked.delete(name);
  if (unknown.length > 0) asked.set(NOBODY, unknown.sort());
  const key = JSON.stringify([changed.map(({ name }) => name), removed, [...asked]]);
  return {
    ...{ current, target: current, resources: changed, changed, removed },
    ...{ missing: [], complete: false, leftover: [], asked, key },
  };
}

/** The place of names that no resource answers to. */
export const NOBODY = "";

/**
 * Reads what a client brings from an earlier stream: what it has it follows by name, whatever it once asked for, and what
 * was unknown (reported without a version) may be so still. Returns the names that it does not have.
 */
export function resumeOnDemand(
  { holdings, subscription }: TypeState,
  held: ReadonlyMap<string, string>,
  names: readonly string[],
  current: ResourceSet,
): string[] {
  for (const [name, version] of held) {
    if (version === "") continue;
    subscription.followed.add(name);
    holdings.exceptions.set(name, version);
  }
  return names.filter((name) => !held.has(name) && !held.has(answering(current, name)?.name ?? name));
}

/** The client gave up these names: what only they led to is not followed any more. */
export function unfollow(
  { holdings, subscription }: TypeState,
  dropped: readonly string[],
  current: ResourceSet,
): void {
  if (dropped.length === 0) return;
  const wanted = new Set([...subscription.names].map((name) => answering(current, name)?.name));
  for (const name of dropped) {
    const resource = answering(current, name);
    if (resource === undefined || wanted.has(resource.name)) continue;
    subscription.followed.delete(resource.name);
    holdings.forget(resource.name);
  }
}

/**
 * The resource that answers to a name: its own, one of its aliases, or a domain with a wildcard that matches, in the order
 * in which Envoy looks at domains: `www.example.com`, `*.example.com` (the longest), `www.*` (the longest), `*`. A port
 * counts only where a domain has it.
 */
export function answering(set: ResourceSet, asked: string): Resource | undefined {
  return set.get(asked) ?? indexOf(set).find(asked) ?? indexOf(set).find(asked.replace(/:\d+$/, ""));
}

interface Pattern {
  readonly routes: string;
  readonly text: string;
  readonly resource: Resource;
}

/** Aliases of the resources of one set. */
class Index {
  readonly #exact = new Map<string, Resource>();
  readonly #suffixes: Pattern[] = [];
  readonly #prefixes: Pattern[] = [];
  readonly #all = new Map<string, Resource>();

  constructor(set: ResourceSet) {
    for (const resource of set) for (const alias of resource.aliases) this.#add(alias, resource);
    for (const patterns of [this.#suffixes, this.#prefixes]) patterns.sort((a, b) => b.text.length - a.text.length);
  }

  find(asked: string): Resource | undefined {
    const [routes, host] = split(asked);
    const first = (patterns: Pattern[], matches: (text: string) => boolean) =>
      patterns.find(({ routes: of, text }) => of === routes && host.length > text.length && matches(text))?.resource;
    return this.#exact.get(`${routes}/${host}`) ??
      first(this.#suffixes, (text) => host.endsWith(text)) ??
      first(this.#prefixes, (text) => host.startsWith(text)) ??
      this.#all.get(routes);
  }

  #add(alias: string, resource: Resource): void {
    const [routes, domain] = split(alias);
    if (domain === "*") this.#all.set(routes, resource);
    else if (domain.startsWith("*")) this.#suffixes.push({ routes, text: domain.slice(1), resource });
    else if (domain.endsWith("*")) this.#prefixes.push({ routes, text: domain.slice(0, -1), resource });
    else this.#exact.set(`${routes}/${domain}`, resource);
  }
}

/** Names of route configurations may have slashes, hosts have none. Hosts are compared without case. */
function split(name: string): [routes: string, host: string] {
  const slash = name.lastIndexOf("/");
  return [name.slice(0, Math.max(0, slash)), name.slice(slash + 1).toLowerCase()];
}

// Memory of a pure function, as long as the set lives.
const indexes = new WeakMap<ResourceSet, Index>();

function indexOf(set: ResourceSet): Index {
  let index = indexes.get(set);
  if (index === undefined) indexes.set(set, index = new Index(set));
  return index;
}

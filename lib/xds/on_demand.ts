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
import type { Held } from "./messages.ts";
import type { Content } from "./plan.ts";
import type { TypeState } from "./type_state.ts";

/** Which names lead to which resources of a set, so that one more question does not look at all that went before. */
export interface Leads {
  readonly set: ResourceSet;
  /** By name of the resource: the names that were asked for and that it answers to, without its own. */
  readonly names: Map<string, Set<string>>;
  /** All names were looked at, and nothing was due but what was asked for; true until the client gives something up. */
  settled: boolean;
}

/** What is due. `onlyAsked`: the client rejected what there is, and has questions all the same. */
export function planOnDemand(
  state: TypeState,
  current: ResourceSet,
  { removals, onlyAsked }: { removals: boolean; onlyAsked: boolean },
): Content | undefined {
  const { holdings, owed, subscription } = state;
  const { followed, names } = subscription;
  const onlyOwed = isSettled(state, current);
  const leads = onlyOwed ? state.leads?.names ?? new Map() : new Map<string, Set<string>>();
  const asked = new Map<string, Set<string>>();
  const found = new Map<string, Resource>();
  const unknown: string[] = [];
  let settled = !onlyAsked && holdings.doubtful.size === 0;
  const candidates = onlyOwed
    ? [...owed].filter((name) => subscription.covers(name))
    : new Set([...names, ...followed]);
  for (const name of candidates) {
    // What is followed has its own name, which is no host that another might answer to.
    const resource = names.has(name) ? answering(current, name) : current.get(name);
    if (resource === undefined) {
      if (owed.has(name)) unknown.push(name);
      continue;
    }
    const differs = holdings.doubtful.has(resource.name) || holdings.version(resource.name) !== resource.version;
    if (differs && !owed.has(name)) settled = false;
    const all = entry(leads, resource.name);
    if (name !== resource.name) all.add(name);
    if (!owed.has(name) && (!differs || onlyAsked)) continue;
    found.set(resource.name, resource);
    // Of what it has the client is told only what it asks now: a host for every domain may have 100,000 names.
    if (differs || name === resource.name) asked.set(resource.name, all);
    else if (asked.get(resource.name) !== all) entry(asked, resource.name).add(name);
  }
  const held = (name: string) => holdings.version(name) !== undefined || holdings.doubtful.has(name);
  const lost = onlyOwed ? [] : [...followed].filter((name) => !current.has(name) && held(name));
  state.leads = { set: current, names: leads, settled: settled && lost.length === 0 };
  const gone = removals ? lost : [];
  const removed = [...gone, ...[...owed].filter((name) => name.endsWith("/"))].sort();
  if (found.size + removed.length + unknown.length === 0 && !state.owedAll) return undefined;
  const changed = [...found.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  const answers = new Map<string, readonly string[]>();
  for (const [name, names] of asked) if (names.size > 0) answers.set(name, [...names]);
  if (unknown.length > 0) answers.set(NOBODY, unknown.sort());
  const key = JSON.stringify([changed.map(({ name }) => name), removed, [...answers]]);
  return {
    ...{ current, target: current, resources: changed, changed, removed },
    ...{ missing: [], complete: false, leftover: [], asked: answers, key },
  };
}

/** Nothing is due of this set but what is owed. */
export function isSettled({ holdings, leads }: TypeState, current: ResourceSet): boolean {
  return leads?.set === current && leads.settled && holdings.doubtful.size === 0;
}

function entry(sets: Map<string, Set<string>>, key: string): Set<string> {
  let names = sets.get(key);
  if (names === undefined) sets.set(key, names = new Set());
  return names;
}

/** The place of names that no resource answers to. */
export const NOBODY = "";

/**
 * Reads what a client brings from an earlier stream: what it has it follows by name, whatever it once asked for, and what
 * was unknown (reported without a version) may be so still. Returns the names that it does not have.
 */
export function resumeOnDemand(
  { holdings, subscription }: TypeState,
  held: Held,
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
export function unfollow(state: TypeState, dropped: readonly string[], current: ResourceSet): void {
  if (dropped.length === 0) return;
  const { holdings, subscription } = state;
  const leads = state.leads = state.leads?.set === current ? state.leads : leadsTo(current, subscription.names);
  for (const name of dropped) {
    // It had this name from its own, and other names may lead to it still.
    if (subscription.followed.has(name)) leads.settled = false;
    const resource = answering(current, name);
    if (resource === undefined) continue;
    const others = leads.names.get(resource.name);
    others?.delete(name);
    // A name that was asked for since is owed, and its answer follows the resource again.
    if ((others?.size ?? 0) > 0 || subscription.names.has(resource.name)) continue;
    leads.names.delete(resource.name);
    subscription.followed.delete(resource.name);
    holdings.forget(resource.name);
  }
}

function leadsTo(set: ResourceSet, asked: Iterable<string>): Leads {
  const names = new Map<string, Set<string>>();
  for (const name of asked) {
    const resource = answering(set, name);
    if (resource !== undefined && resource.name !== name) entry(names, resource.name).add(name);
  }
  return { set, names, settled: false };
}

/**
 * The resource that answers to a name: its own, one of its aliases, or a domain with a wildcard that matches, in the order
 * in which Envoy looks at domains: `www.example.com`, `*.example.com` (the longest), `www.*` (the longest), `*`. A port
 * counts only where a domain has it.
 */
export function answering(set: ResourceSet, asked: string): Resource | undefined {
  const found = set.get(asked) ?? indexOf(set).find(asked);
  if (found !== undefined) return found;
  const portless = asked.replace(/:\d+$/, "");
  return portless === asked ? undefined : indexOf(set).find(portless);
}

/** What the star of a domain leaves out: the texts by their length, the longest first, so that no host looks at them all. */
class Patterns {
  readonly #byLength = new Map<number, Map<string, Resource>>();
  #lengths: readonly number[] = [];

  /** Of two resources with one pattern the first counts. */
  add(text: string, resource: Resource): void {
    let texts = this.#byLength.get(text.length);
    if (texts === undefined) {
      this.#byLength.set(text.length, texts = new Map());
      this.#lengths = [...this.#byLength.keys()].sort((a, b) => b - a);
    }
    if (!texts.has(text)) texts.set(text, resource);
  }

  /** `cut` gives the part of the host that has this length. */
  find(host: string, cut: (length: number) => string): Resource | undefined {
    for (const length of this.#lengths) {
      const found = host.length > length ? this.#byLength.get(length)?.get(cut(length)) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** Domains of the virtual hosts of one route configuration. */
class Domains {
  readonly exact = new Map<string, Resource>();
  readonly suffixes = new Patterns();
  readonly prefixes = new Patterns();
  all: Resource | undefined;

  add(domain: string, resource: Resource): void {
    if (domain === "*") this.all = resource;
    else if (domain.startsWith("*")) this.suffixes.add(domain.slice(1), resource);
    else if (domain.endsWith("*")) this.prefixes.add(domain.slice(0, -1), resource);
    else this.exact.set(domain, resource);
  }

  find(host: string): Resource | undefined {
    return this.exact.get(host) ??
      this.suffixes.find(host, (length) => host.slice(host.length - length)) ??
      this.prefixes.find(host, (length) => host.slice(0, length)) ??
      this.all;
  }
}

/** Aliases of the resources of one set. */
class Index {
  readonly #routes = new Map<string, Domains>();

  constructor(set: ResourceSet) {
    for (const resource of set) {
      for (const alias of resource.aliases) {
        const [routes, domain] = split(alias);
        let domains = this.#routes.get(routes);
        if (domains === undefined) this.#routes.set(routes, domains = new Domains());
        domains.add(domain, resource);
      }
    }
  }

  find(asked: string): Resource | undefined {
    const [routes, host] = split(asked);
    return this.#routes.get(routes)?.find(host);
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

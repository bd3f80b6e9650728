/**
 * What to send next, of one type: a pure function of the subscription, of what the client holds, and of the target. It
 * is asked when something is about to be sent, never before, so there is nothing to queue and nothing to go stale.
 *
 * @module
 */
import { globOf, isGlob } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { difference, type ResourceSet, union } from "../model/resource_set.ts";
import type { Capabilities } from "./capabilities.ts";
import { isSettled, planOnDemand } from "./on_demand.ts";
import type { TypeState } from "./type_state.ts";

/** The content of a response, and what the client holds once it acknowledges. */
export interface Content {
  /** What the snapshot had when this was planned. */
  readonly current: ResourceSet;
  /** What the response leads to: {@link current}, and with it what may not be removed yet. */
  readonly target: ResourceSet;
  /** What goes into the response. In state-of-the-world this may be more than what changed. */
  readonly resources: Iterable<Resource>;
  /** What changed for this client, and what it asked for: the resources whose verdict this response brings. */
  readonly changed: readonly Resource[];
  /** Delta: `removed_resources`. State-of-the-world: what the response removes by not having it. */
  readonly removed: readonly string[];
  /** Names that the client asked for and that are not there. */
  readonly missing: readonly string[];
  /** See `Response.asked`. */
  readonly asked?: ReadonlyMap<string, readonly string[]>;
  /** After a clean ACK the client holds all of {@link target}, except for {@link leftover}. */
  readonly complete: boolean;
  /** Names whose removal is withheld for now ({@link Order.removedAfter}) and that the target does not have. */
  readonly leftover: readonly string[];
  /** See `Response.key`. */
  readonly key: object | string;
}

/** Who is spoken to, and how. */
export interface Listener {
  readonly mode: "sotw" | "delta";
  readonly client: Capabilities;
}

/**
 * What is due, or undefined when nothing is. `current` is what the snapshot has; `removals` says whether names that it
 * does not have may be taken from the client now.
 */
export function plan(
  { mode, client }: Listener,
  state: TypeState,
  current: ResourceSet,
  removals: boolean,
): Content | undefined {
  const { holdings, subscription } = state;
  const onDemand = state.onDemand && mode === "delta";
  const asked = state.owedAll || state.owed.size > 0;
  if (!subscription.active && !(onDemand && asked)) return undefined;
  // The same content is not sent again to a client that rejected it (endless loops otherwise); questions are answered.
  const onlyAsked = state.refused !== undefined && unchanged(state, state.refused, current);
  if (onlyAsked && !asked) return undefined;
  if (onDemand) return planOnDemand(state, current, { removals, onlyAsked });
  const sets = { current, target: removals ? current : union(holdings.base, current) };
  if (mode === "sotw" && state.fullState) return planFullState(state, sets, asked);
  if (subscription.wildcard && holdings.exact && state.owed.size === 0) return planShared(mode, state, sets);
  const absence = mode === "delta" || client.absence;
  return planNames(mode, state, sets, { removals, onlyAsked: onlyAsked && !state.owedAll, absence });
}

/** Whether two sets are the same for this subscription. */
export function unchanged({ onDemand, subscription }: TypeState, before: ResourceSet, now: ResourceSet): boolean {
  const { changed, removed } = difference(before, now);
  // A resource that was never asked for may be the answer to an open question.
  if (onDemand) return changed.length + removed.length === 0;
  return !changed.some(({ name }) => subscription.covers(name)) && !removed.some((name) => subscription.covers(name));
}

/** Whether the client holds anything that the snapshot does not have, and can be told so. */
export function removes(mode: "sotw" | "delta", state: TypeState, current: ResourceSet): boolean {
  const { holdings, subscription, fullState } = state;
  if (mode === "sotw" && !fullState) return false;
  if (state.onDemand && isSettled(state, current)) return false;
  const gone = (name: string) => subscription.covers(name) && !current.has(name);
  const lost = (name: string) => gone(name) && holdings.version(name) !== undefined;
  if (difference(holdings.base, current).removed.some(lost)) return true;
  for (const name of holdings.exceptions.keys()) if (lost(name)) return true;
  for (const name of holdings.doubtful) if (gone(name)) return true;
  return false;
}

interface Sets {
  readonly current: ResourceSet;
  readonly target: ResourceSet;
}

/** State-of-the-world of LDS, CDS, SRDS: all or nothing. */
function planFullState(state: TypeState, { current, target }: Sets, asked: boolean): Content | undefined {
  const { holdings, subscription, owed } = state;
  // The usual case, in which 20,000 names need not be looked at.
  if (!asked && holdings.exact && holdings.base === target) return undefined;
  // What only waits for its removal is not given to a client that never had it.
  const kept = ({ name }: Resource) => current.has(name) || holdings.version(name) !== undefined;
  const picked = subscription.wildcard ? undefined : pick(target, subscription.names).filter(kept);
  const resources = picked ?? target;
  let { changed, removed } = difference(holdings.base, target);
  if (picked !== undefined || !holdings.exact || owed.size > 0) {
    const must = mustSend(state);
    changed = [...resources].filter((resource) =>
      must(resource) || holdings.version(resource.name) !== resource.version
    );
    removed = removed.filter((name) => subscription.covers(name) && holdings.version(name) !== undefined);
  }
  if (!asked && holdings.doubtful.size === 0 && changed.length === 0 && removed.length === 0) return undefined;
  const gone = removed.filter((name) => subscription.names.has(name));
  const missing = [...new Set([...absent(state, target), ...gone])].sort();
  const all = missing.length === 0 ? target : `*\n${keyOf([], missing)}`;
  const key = picked === undefined ? all : keyOf(picked, missing);
  return { current, target, resources, changed, removed, missing, complete: true, leftover: [], key };
}

/** Everything that leads from one set to another, for a client that follows everything: shared by all such clients. */
function planShared(mode: "sotw" | "delta", state: TypeState, { current, target }: Sets): Content | undefined {
  const change = difference(state.holdings.base, target);
  const removed = mode === "delta" ? change.removed : [];
  if (!state.owedAll && change.changed.length === 0 && removed.length === 0) return undefined;
  const { changed } = change;
  const { names } = state.subscription;
  const missing = names.size === 0 ? [] : removed.filter((name) => names.has(name));
  const shared = changed.length + removed.length === 0 ? "" : change;
  const key = missing.length === 0 ? shared : keyOf(changed, removed, missing);
  return { current, target, resources: changed, changed, removed, missing, complete: true, leftover: [], key };
}

/** Name by name: for named subscriptions, and for clients whose state is not exactly one set. */
function planNames(
  mode: "sotw" | "delta",
  state: TypeState,
  { current, target }: Sets,
  { removals, onlyAsked, absence }: { removals: boolean; onlyAsked: boolean; absence: boolean },
): Content | undefined {
  const { holdings, subscription, owed } = state;
  const names = onlyAsked ? new Set<string>() : changedNames(state, target);
  for (const name of owed) {
    const members = isGlob(name) ? target.members(name) : [];
    for (const member of members) names.add(member.name);
    // A collection without members is answered by its own name.
    if (members.length === 0) names.add(name);
  }
  const must = mustSend(state);
  const changed: Resource[] = [];
  const removed: string[] = [];
  const leftover: string[] = [];
  for (const name of names) {
    // The own name of a collection is nothing but the answer to a question.
    if (isGlob(name) && !(owed.has(name) && target.members(name).length === 0)) continue;
    const held = holdings.version(name);
    // What only waits for its removal is not given to a client that never had it.
    const resource = current.get(name) ?? (held === undefined ? undefined : target.get(name));
    if (resource !== undefined) {
      if (must(resource) || resource.version !== held) changed.push(resource);
    } else if (mode === "delta" && (owed.has(name) || holdings.doubtful.has(name) || held !== undefined)) {
      if (removals || owed.has(name)) removed.push(name);
      else leftover.push(name);
    }
  }
  const missing = mode === "sotw" ? absent(state, target) : removed.filter((name) => subscription.names.has(name));
  const nothing = changed.length === 0 && removed.length === 0 && !(absence && missing.length > 0);
  if (nothing && !(mode === "delta" && state.owedAll)) return undefined;
  changed.sort((a, b) => a.name < b.name ? -1 : 1);
  removed.sort();
  missing.sort();
  const key = keyOf(changed, removed, missing);
  return { current, target, resources: changed, changed, removed, missing, complete: !onlyAsked, leftover, key };
}

/** Names of which the client does not hold what the target has, as far as it follows them. */
function changedNames({ holdings, subscription }: TypeState, target: ResourceSet): Set<string> {
  const { changed, removed } = difference(holdings.base, target);
  const names = new Set<string>();
  const add = (name: string) => subscription.covers(name) && names.add(name);
  for (const { name } of changed) add(name);
  for (const name of removed) add(name);
  for (const name of holdings.exceptions.keys()) add(name);
  for (const name of holdings.doubtful) add(name);
  return names;
}

/** What is sent although the client is believed to hold it: it asked, or it may not have what it acknowledged. */
function mustSend({ holdings, owed }: TypeState): (resource: Resource) => boolean {
  const globs = new Set([...owed].filter(isGlob));
  return ({ name }) => owed.has(name) || holdings.doubtful.has(name) || globs.size > 0 && globs.has(globOf(name) ?? "");
}

/** Names that were asked for, are still, and have nothing. */
function absent({ owed, subscription }: TypeState, target: ResourceSet): string[] {
  const there = (name: string) => target.has(name) || isGlob(name) && target.members(name).length > 0;
  return [...owed].filter((name) => subscription.names.has(name) && !there(name));
}

function pick(set: ResourceSet, names: Iterable<string>): Resource[] {
  const picked = new Map<string, Resource>();
  for (const name of names) {
    const resource = set.get(name);
    if (resource !== undefined) picked.set(name, resource);
    if (isGlob(name)) { for (const member of set.members(name)) picked.set(member.name, member); }
  }
  return [...picked.values()].sort((a, b) => a.name < b.name ? -1 : 1);
}

// A target and the names make the content. They come from clients: lengths keep two lists from having one key.
function keyOf(resources: readonly Resource[], ...lists: (readonly string[])[]): string {
  const write = (name: string) => `${name.length}:${name}`;
  return [...resources.map(({ name }) => write(name)), ...lists.flatMap((list) => ["", ...list.map(write)])].join("\n");
}

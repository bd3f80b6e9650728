/**
 * What to send next, of one type: a pure function of the subscription, of what the client holds, and of the target. It
 * is asked when something is about to be sent, never before, so there is nothing to queue and nothing to go stale.
 *
 * @module
 */
import type { Resource } from "../model/resource.ts";
import { difference, type ResourceSet, union } from "../model/resource_set.ts";
import type { Subscription } from "./subscription.ts";
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
  /** After a clean ACK the client holds all of {@link target}, except for {@link leftover}. */
  readonly complete: boolean;
  /** Names whose removal is withheld for now ({@link Order.removedAfter}) and that the target does not have. */
  readonly leftover: readonly string[];
  /** See `Response.key`. */
  readonly key: object | string;
}

/**
 * What is due, or undefined when nothing is. `current` is what the snapshot has; `removals` says whether names that it
 * does not have may be taken from the client now.
 */
export function plan(
  mode: "sotw" | "delta",
  state: TypeState,
  current: ResourceSet,
  removals: boolean,
): Content | undefined {
  const { holdings, subscription } = state;
  if (!subscription.active) return undefined;
  const target = removals ? current : union(holdings.base, current);
  const asked = state.owedAll || state.owed.size > 0;
  // The same content is not sent again to a client that rejected it (endless loops otherwise); questions are answered.
  const onlyAsked = state.refused !== undefined && unchanged(subscription, state.refused, current);
  if (onlyAsked && !asked) return undefined;
  const sets = { current, target };
  if (mode === "sotw" && state.fullState) return planFullState(state, sets, asked);
  if (subscription.wildcard && holdings.exact && state.owed.size === 0) return planShared(mode, state, sets);
  return planNames(mode, state, sets, { removals, onlyAsked: onlyAsked && !state.owedAll });
}

/** Whether two sets are the same for this subscription. */
export function unchanged(subscription: Subscription, before: ResourceSet, now: ResourceSet): boolean {
  const { changed, removed } = difference(before, now);
  return !changed.some(({ name }) => subscription.covers(name)) && !removed.some((name) => subscription.covers(name));
}

/** Whether the client holds anything that the snapshot does not have, and can be told so. */
export function removes(mode: "sotw" | "delta", state: TypeState, current: ResourceSet): boolean {
  const { holdings, subscription, fullState } = state;
  if (mode === "sotw" && !fullState) return false;
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
  // What only waits for its removal is not given to a client that never had it.
  const kept = ({ name }: Resource) => current.has(name) || holdings.version(name) !== undefined;
  const picked = subscription.wildcard ? undefined : pick(target, subscription.names).filter(kept);
  const resources = picked ?? target;
  let { changed, removed } = difference(holdings.base, target);
  if (picked !== undefined || !holdings.exact || owed.size > 0) {
    const must = (name: string) => owed.has(name) || holdings.doubtful.has(name);
    changed = [...resources].filter(({ name, version }) => must(name) || holdings.version(name) !== version);
    removed = removed.filter((name) => subscription.covers(name) && holdings.version(name) !== undefined);
  }
  if (!asked && holdings.doubtful.size === 0 && changed.length === 0 && removed.length === 0) return undefined;
  const key = picked === undefined ? target : keyOf(picked, []);
  return { current, target, resources, changed, removed, complete: true, leftover: [], key };
}

/** Everything that leads from one set to another, for a client that follows everything: shared by all such clients. */
function planShared(mode: "sotw" | "delta", state: TypeState, { current, target }: Sets): Content | undefined {
  const change = difference(state.holdings.base, target);
  const removed = mode === "delta" ? change.removed : [];
  if (!state.owedAll && change.changed.length === 0 && removed.length === 0) return undefined;
  const { changed } = change;
  const key = changed.length + removed.length === 0 ? "" : change;
  return { current, target, resources: changed, changed, removed, complete: true, leftover: [], key };
}

/** Name by name: for named subscriptions, and for clients whose state is not exactly one set. */
function planNames(
  mode: "sotw" | "delta",
  state: TypeState,
  { current, target }: Sets,
  { removals, onlyAsked }: { removals: boolean; onlyAsked: boolean },
): Content | undefined {
  const { holdings, subscription, owed } = state;
  const names = new Set(owed);
  if (!onlyAsked) {
    const change = difference(holdings.base, target);
    for (const { name } of change.changed) if (subscription.covers(name)) names.add(name);
    for (const name of change.removed) if (subscription.covers(name)) names.add(name);
    for (const name of holdings.exceptions.keys()) if (subscription.covers(name)) names.add(name);
    for (const name of holdings.doubtful) if (subscription.covers(name)) names.add(name);
  }
  const changed: Resource[] = [];
  const removed: string[] = [];
  const leftover: string[] = [];
  for (const name of names) {
    const must = owed.has(name) || holdings.doubtful.has(name);
    const held = holdings.version(name);
    // What only waits for its removal is not given to a client that never had it.
    const resource = current.get(name) ?? (held === undefined ? undefined : target.get(name));
    if (resource !== undefined) {
      if (must || resource.version !== held) changed.push(resource);
    } else if (mode === "delta" && (must || held !== undefined)) {
      if (removals || owed.has(name)) removed.push(name);
      else leftover.push(name);
    }
  }
  if (changed.length === 0 && removed.length === 0 && !(mode === "delta" && state.owedAll)) return undefined;
  changed.sort((a, b) => a.name < b.name ? -1 : 1);
  removed.sort();
  const key = keyOf(changed, removed);
  return { current, target, resources: changed, changed, removed, complete: !onlyAsked, leftover, key };
}

function pick(set: ResourceSet, names: Iterable<string>): Resource[] {
  const picked: Resource[] = [];
  for (const name of names) {
    const resource = set.get(name);
    if (resource !== undefined) picked.push(resource);
  }
  return picked.sort((a, b) => a.name < b.name ? -1 : 1);
}

// A target and the names make the content. They come from clients: lengths keep two lists from having one key.
function keyOf(resources: readonly Resource[], removed: readonly string[]): string {
  const write = (name: string) => `${name.length}:${name}`;
  return [...resources.map(({ name }) => write(name)), "", ...removed.map(write)].join("\n");
}

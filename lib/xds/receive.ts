/**
 * Taking a request into what a stream remembers: the subscription, and what the client brings from an earlier stream.
 *
 * @module
 */
import { isGlob } from "../model/names.ts";
import { emptySet, type ResourceSet } from "../model/resource_set.ts";
import { UNKNOWN } from "./holdings.ts";
import type { Body, DeltaRequest, Effect, End, Request, SotwRequest } from "./messages.ts";
import { resumeOnDemand, unfollow } from "./on_demand.ts";
import type { StreamState } from "./stream.ts";
import type { Asked } from "./subscription.ts";
import { TypeState } from "./type_state.ts";
import { judge } from "./verdict.ts";
import { owe } from "./waiting.ts";
import { compareHeld } from "./wire/held.ts";

/** Takes a request into the state. False when the stream ends. */
export function receive<B extends Body>(
  stream: StreamState<B>,
  request: Request,
  now: number,
  effects: Effect<B>[],
): boolean {
  if (request.type === "") {
    return end(effects, "INVALID_ARGUMENT", "type_url is missing, an aggregated stream needs it");
  }
  let state = stream.types.get(request.type);
  const first = state === undefined;
  if (state === undefined) {
    if (stream.types.size >= stream.limits.types) {
      return end(effects, "RESOURCE_EXHAUSTED", `more than ${stream.limits.types} resource types`);
    }
    state = new TypeState(request.type);
    stream.types.set(request.type, state);
  }
  // A request with a stale nonce is not answered: a newer response is on its way, and the client will answer that.
  const stale = state.nonce !== 0 && request.nonce !== String(state.nonce);
  judge(state, request, now, effects);
  const followedAll = state.subscription.wildcard;
  const asked = request.mode === "sotw"
    ? state.subscription.replace(request, stale)
    : state.subscription.amend(request, first);
  if (first) {
    ask(state, resume(stream, state, request, asked, now));
    // Envoy's first request for virtual hosts names none, and its start waits for the answer.
    if (state.onDemand) state.owedAll = true;
    for (const { flight, order, subscription, type } of stream.types.values()) {
      if (order.warms !== state.type) continue;
      // The client may have said what it holds before it knew that it would warm.
      if (flight !== undefined) owe(state, flight.content.changed);
      const users = state.onDemand ? [...stream.snapshot?.set(type) ?? []] : [];
      owe(state, users.filter(({ name }) => subscription.covers(name)));
    }
  } else {
    if (followedAll && !state.subscription.wildcard) narrow(state);
    if (!followedAll && state.subscription.wildcard) widen(state, asked.fresh);
    ask(state, asked);
    if (state.onDemand) unfollow(state, asked.dropped, stream.snapshot?.set(state.type) ?? emptySet(state.type));
    // On a running stream even what the client is believed to hold is sent again: it may have forgotten.
    const again = asked.all && !state.onDemand ? stream.snapshot?.set(state.type) : undefined;
    if (again !== undefined) repeat(state, again);
  }
  const { followed, names } = state.subscription;
  if (Math.max(names.size, followed.size) > stream.limits.names) {
    return end(effects, "RESOURCE_EXHAUSTED", `more than ${stream.limits.names} resource names`);
  }
  return true;
}

/**
 * Everything is answered, as it is when the answer goes: what there is now, and what the client holds and there is not,
 * which may be back by then.
 */
function repeat({ holdings, owed }: TypeState, current: ResourceSet): void {
  for (const { name } of current) owed.add(name);
  const gone = (name: string) => !current.has(name) && holdings.version(name) !== undefined;
  for (const { name } of holdings.base) if (gone(name)) owed.add(name);
  for (const name of holdings.exceptions.keys()) if (gone(name)) owed.add(name);
}

function end<B extends Body>(effects: Effect<B>[], code: End["code"], message: string): false {
  effects.push({ kind: "end", code, message });
  return false;
}

function ask(state: TypeState, asked: Asked): void {
  const { holdings, owed, subscription } = state;
  if (asked.all) state.owedAll = true;
  letGo(state, asked.dropped);
  for (const name of asked.names) owed.add(name);
  for (const name of asked.fresh) {
    if (!isGlob(name)) holdings.exceptions.set(name, null);
    for (const member of isGlob(name) ? holdings.base.members(name) : []) {
      // What the client follows by its own name it may have.
      if (!subscription.names.has(member.name)) holdings.exceptions.set(member.name, null);
    }
  }
}

/** The client does not follow these names any more. */
function letGo(state: TypeState, names: readonly string[]): void {
  const { holdings, owed, subscription } = state;
  const known = names.some(isGlob) ? [...holdings.exceptions.keys(), ...holdings.doubtful, ...owed] : [];
  for (const name of [...names, ...known.filter((name) => !subscription.covers(name))]) {
    // What was rejected together with this name gets another try: the client may never have looked at it.
    if (holdings.doubtful.has(name)) state.refused = undefined;
    owed.delete(name);
    holdings.forget(name);
  }
}

/** The subscription shrinks from everything to names: the client lets go of the rest. */
function narrow(state: TypeState): void {
  const { holdings, owed, subscription } = state;
  state.owedAll = false;
  const known = [...holdings.exceptions.keys(), ...holdings.doubtful, ...owed];
  letGo(state, known.filter((name) => !subscription.covers(name)));
}

/**
 * The subscription grows from names to everything. A response in flight was made for the names. `fresh`: names that the
 * same request added.
 */
function widen({ flight, holdings, subscription }: TypeState, fresh: readonly string[]): void {
  const globs = subscription.globs.difference(new Set(fresh));
  const members = [...globs].flatMap((glob) => holdings.base.members(glob).map(({ name }) => name));
  const names = [...subscription.names].filter((name) => !isGlob(name));
  holdings.restrict([...names, ...members, ...holdings.exceptions.keys()]);
  if (flight !== undefined) flight.complete = false;
}

/** Reads what the first request of a type says of an earlier stream. Returns what must be answered all the same. */
function resume<B extends Body>(
  stream: StreamState<B>,
  state: TypeState,
  request: Request,
  asked: Asked,
  now: number,
): Asked {
  const { holdings, subscription } = state;
  const answer = request.mode === "sotw"
    ? resumeSotw(stream, state, request, asked, now)
    : resumeDelta(stream, state, request, asked, now);
  for (const name of stream.surroundings.doubts(state.type)) {
    state.doubted = true;
    if (subscription.covers(name)) holdings.doubtful.add(name);
  }
  return answer;
}

/**
 * A wildcard client that reports a version we still know holds that set: if it is the current one nothing is sent.
 * Named resources are always sent again: the version of the type says nothing about which of them the client had.
 */
function resumeSotw<B extends Body>(
  stream: StreamState<B>,
  state: TypeState,
  request: SotwRequest,
  asked: Asked,
  now: number,
): Asked {
  const { holdings, subscription, type } = state;
  if (!subscription.wildcard) {
    if (stream.snapshot !== undefined) holdings.base = stream.snapshot.set(type);
    return asked;
  }
  // With an explicit wildcard the version may be that of names which the client asked for before.
  const legacy = state.fullState && request.names.length === 0;
  const known = legacy && request.version !== "" ? stream.surroundings.recall(type, request.version) : undefined;
  if (known === undefined) return asked;
  holdings.base = known;
  state.resumedAt = now;
  return { ...asked, all: false };
}

/**
 * `initial_resource_versions`: kept as exceptions to the current set, so that a client that is up to date costs nothing.
 * What it holds need not be answered; the wildcard is, even if with nothing.
 */
function resumeDelta<B extends Body>(
  stream: StreamState<B>,
  state: TypeState,
  request: DeltaRequest,
  asked: Asked,
  now: number,
): Asked {
  const { holdings, subscription, type } = state;
  const { held } = request;
  if (held.size > 0) state.resumedAt = now;
  if (state.onDemand) {
    const names = resumeOnDemand(state, held, asked.names, stream.snapshot?.set(type) ?? emptySet(type));
    return { ...asked, names, fresh: [] };
  }
  // A new wildcard client holds nothing; everyone else is compared with what there is, or asks by name.
  if (stream.snapshot !== undefined && (held.size > 0 || !subscription.wildcard)) {
    holdings.base = stream.snapshot.set(type);
  }
  const { differing, lacking } = compareHeld(held, holdings.base);
  for (const [name, version] of differing) {
    if (subscription.covers(name)) holdings.exceptions.set(name, version || UNKNOWN);
  }
  const answered = new Set<string>();
  for (const glob of subscription.globs) {
    for (const { name } of holdings.base.members(glob)) {
      if (held.has(name)) answered.add(glob);
      else if (!subscription.names.has(name)) holdings.exceptions.set(name, null);
    }
  }
  if (subscription.wildcard) { for (const name of lacking()) holdings.exceptions.set(name, null); }
  const unknown = (name: string) => !held.has(name) && !answered.has(name);
  return {
    ...asked,
    names: asked.names.filter(unknown),
    fresh: asked.fresh.filter((name) => unknown(name) && !isGlob(name)),
  };
}

/**
 * One xDS stream as a pure machine: an event goes in, effects come out. No clock, no promise, no socket, no bytes.
 *
 * Each event changes what the stream knows (a subscription, a verdict, a snapshot), and then {@link advance} looks at
 * every type in the order of the table and sends what is due and may go. Nothing is queued: what is sent is made from the
 * subscription and the snapshot of that moment, and while one response of a type is unanswered the next one waits, so a
 * burst of changes becomes one response and a slow client costs no memory.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol
 * @module
 */
import type { Resource } from "../model/resource.ts";
import { type ResourceSet, union } from "../model/resource_set.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { Body, Effect, Event, Surroundings } from "./messages.ts";
import { byRank } from "./order.ts";
import { type Content, plan, removes } from "./plan.ts";
import { receive } from "./receive.ts";
import type { TypeState } from "./type_state.ts";
import { leave } from "./verdict.ts";
import { lapses, outdated, reopen } from "./waiting.ts";

/** Bounds and times of a stream. */
export interface Limits {
  /** How long a type waits for another, and for an answer before a newer response may follow; milliseconds. */
  readonly orderTimeout: number;
  /** Resource types on one stream. */
  readonly types: number;
  /** Names in the subscription of one type. */
  readonly names: number;
}

/** Everything a stream remembers. Mutable; changed by {@link step} alone. */
export class StreamState<B extends Body> {
  readonly types = new Map<string, TypeState>();
  snapshot: Snapshot | undefined;
  /** The time that a `wake` effect has asked for. */
  wakeAt: number | undefined;

  constructor(
    readonly mode: "sotw" | "delta",
    readonly surroundings: Surroundings<B>,
    readonly limits: Limits,
  ) {}
}

/** Takes one event. The effects are to be carried out in their order, before the next event. */
export function step<B extends Body>(stream: StreamState<B>, event: Event): Effect<B>[] {
  const effects: Effect<B>[] = [];
  switch (event.kind) {
    case "request":
      if (!receive(stream, event.request, event.now, effects)) return effects;
      break;
    case "snapshot":
      stream.snapshot = event.snapshot;
      break;
    case "wake":
      stream.wakeAt = undefined;
      if (!reopen(stream, event.now, event.drained, effects)) return effects;
      break;
    case "closed":
      for (const state of stream.types.values()) leave(state, effects);
      return effects;
  }
  advance(stream, event.now, effects);
  return effects;
}

/** Sends what is due and may go, in the order of the table, and asks to be woken when a wait lapses by itself. */
function advance<B extends Body>(stream: StreamState<B>, now: number, effects: Effect<B>[]): void {
  const { mode, snapshot, limits } = stream;
  // A group that never had content: held open, unanswered. An empty answer would take everything from the client.
  if (snapshot === undefined) return;
  let wakeAt = Infinity;
  for (const state of [...stream.types.values()].sort((a, b) => byRank(a.type, b.type))) {
    const current = snapshot.set(state.type);
    if (state.flight !== undefined) {
      if (outdated(state, current)) wakeAt = Math.min(wakeAt, state.flight.since + limits.orderTimeout);
      continue;
    }
    const removals = !removes(mode, state, current) || lapses(stream, state, "removals", now) <= now;
    if (!removals) wakeAt = Math.min(wakeAt, lapses(stream, state, "removals", now));
    const content = plan(mode, state, current, removals);
    if (content === undefined) {
      rest(state, removals ? current : union(state.holdings.base, current));
      continue;
    }
    const until = lapses(stream, state, "additions", now);
    if (until > now) {
      state.waitingSince ??= now;
      const lapse = Math.min(until, state.waitingSince + limits.orderTimeout);
      if (lapse > now) {
        wakeAt = Math.min(wakeAt, lapse);
        continue;
      }
    }
    send(stream, state, content, now, effects);
  }
  if (wakeAt !== Infinity && wakeAt !== stream.wakeAt) {
    stream.wakeAt = wakeAt;
    effects.push({ kind: "wake", at: wakeAt });
  }
}

function send<B extends Body>(
  stream: StreamState<B>,
  state: TypeState,
  content: Content,
  now: number,
  effects: Effect<B>[],
): void {
  const { type } = state;
  const { target, resources, removed, key } = content;
  const { version } = target;
  const body = stream.surroundings.build({
    mode: stream.mode,
    type,
    version,
    resources,
    removed: stream.mode === "delta" ? removed : [],
    target,
    key,
  }, state.nonce);
  state.nonce = body.nonce;
  state.flight = { nonce: body.nonce, version, content, since: now };
  state.silentSince ??= now;
  state.waitingSince = undefined;
  state.owedAll = false;
  state.owed.clear();
  effects.push({ kind: "send", type, version, body });
  if (state.order.warms !== undefined) owe(stream.types.get(state.order.warms), content.changed);
}

/** What the changed resources refer to is sent again, if the client follows it: it warms until that comes. */
function owe(warming: TypeState | undefined, changed: readonly Resource[]): void {
  if (warming === undefined || !warming.subscription.active) return;
  for (const { references } of changed) {
    for (const { type, name } of references) {
      if (type === warming.type && warming.subscription.covers(name)) warming.owed.add(name);
    }
  }
}

/** Nothing is due: the client holds the target. Moving on lets go of the older set. */
function rest(state: TypeState, target: ResourceSet): void {
  state.waitingSince = undefined;
  if (state.refused !== undefined || !state.holdings.exact) return;
  state.holdings.base = target;
  // What is owed and not there cannot be said in state-of-the-world; it is sent when it appears.
  state.owed.clear();
}

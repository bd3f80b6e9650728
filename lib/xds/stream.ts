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
import { type ResourceSet, union } from "../model/resource_set.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { BASE, type Capabilities } from "./capabilities.ts";
import { beat } from "./heartbeat.ts";
import type { Body, Effect, Event, Surroundings } from "./messages.ts";
import { byRank } from "./order.ts";
import { type Content, plan, removes, unchanged } from "./plan.ts";
import { receive } from "./receive.ts";
import type { TypeState } from "./type_state.ts";
import { leave } from "./verdict.ts";
import { lapses, outdated, owe, reopen } from "./waiting.ts";

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
  /** Set when the node is known, before its first request. */
  client: Capabilities = BASE;
  /** Nonce of the last heartbeat; 0 before the first. */
  lastBeat = 0;
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
  let drained: boolean | undefined;
  switch (event.kind) {
    case "request":
      if (!receive(stream, event.request, event.now, effects)) return effects;
      break;
    case "snapshot":
      stream.snapshot = event.snapshot;
      break;
    case "wake":
      stream.wakeAt = undefined;
      drained = event.drained;
      if (!reopen(stream, event.now, event.drained, effects)) return effects;
      break;
    case "closed":
      for (const state of stream.types.values()) leave(state, effects);
      return effects;
  }
  advance(stream, drained, event.now, effects);
  return effects;
}

/** Sends what is due and may go, in the order of the table, and asks to be woken when a wait lapses by itself. */
function advance<B extends Body>(
  stream: StreamState<B>,
  drained: boolean | undefined,
  now: number,
  effects: Effect<B>[],
): void {
  const { snapshot } = stream;
  // A group that never had content: held open, unanswered. An empty answer would take everything from the client.
  if (snapshot === undefined) return;
  const states = [...stream.types.values()].sort((a, b) => byRank(a.type, b.type));
  const beats = states.map((state) => beat(stream, state, snapshot.set(state.type), drained, now, effects));
  let wakeAt = MOVED;
  // What one type does may be what an earlier one waits for, so they all look again until nothing moves.
  while (wakeAt === MOVED) {
    wakeAt = Math.min(...states.map((state) => consider(stream, state, snapshot.set(state.type), now, effects)));
  }
  wakeAt = Math.min(wakeAt, ...beats);
  if (wakeAt !== Infinity && wakeAt !== stream.wakeAt) {
    stream.wakeAt = wakeAt;
    effects.push({ kind: "wake", at: wakeAt });
  }
}

/** Earlier than any time. */
const MOVED = -Infinity;

/**
 * Sends what is due of one type, if it may go. Returns when to look at this type again if nothing happens until then:
 * Infinity for "not at all", {@link MOVED} if something happened just now.
 */
function consider<B extends Body>(
  stream: StreamState<B>,
  state: TypeState,
  current: ResourceSet,
  now: number,
  effects: Effect<B>[],
): number {
  const { mode, limits: { orderTimeout } } = stream;
  const { flight } = state;
  if (flight?.overdue === false) return outdated(state, current) ? flight.since + orderTimeout : Infinity;
  const leaves = removes(mode, state, current);
  if (!leaves) state.letsGoSince = undefined;
  const withheld = leaves ? lapses(stream, state, "removals", now) : -Infinity;
  const wakeAt = withheld > now ? withheld : Infinity;
  const content = plan(stream, state, current, withheld <= now);
  if (content === undefined) return rest(state, current, withheld <= now) ? MOVED : wakeAt;
  const until = lapses(stream, state, "additions", now);
  if (until > now) {
    state.waitingSince ??= now;
    const lapse = Math.min(until, state.waitingSince + orderTimeout);
    if (lapse > now) return Math.min(wakeAt, lapse);
  }
  send(stream, state, content, now, effects);
  return MOVED;
}

function send<B extends Body>(
  stream: StreamState<B>,
  state: TypeState,
  content: Content,
  now: number,
  effects: Effect<B>[],
): void {
  const { type } = state;
  const { asked, key, missing, removed, resources, target } = content;
  const version = target.versionInfo;
  const body = stream.surroundings.build({
    mode: stream.mode,
    type,
    version,
    resources,
    removed: stream.mode === "delta" ? removed : [],
    missing,
    heartbeat: false,
    ttl: stream.client.ttl && target.expiring.length > 0,
    asked,
    target,
    key,
  }, Math.max(state.nonce, stream.lastBeat));
  state.nonce = body.nonce;
  state.flight = { nonce: body.nonce, version, content, complete: content.complete, overdue: false, since: now };
  state.silentSince ??= now;
  state.waitingSince = undefined;
  // What is in an answer lives anew; the rest has the time that it had.
  if (target.expiring.length > 0 && new Set(target.expiring).isSubsetOf(new Set(resources))) state.beatAt = undefined;
  state.owedAll = false;
  state.owed.clear();
  if (asked !== undefined) { for (const { name } of content.changed) state.subscription.followed.add(name); }
  effects.push({ kind: "send", type, version, target, body });
  const warming = state.order.warms === undefined ? undefined : stream.types.get(state.order.warms);
  if (warming !== undefined) owe(warming, content.changed);
}

/**
 * Nothing is due: the client holds what it should. Moving on lets go of the older set. True when other types need not
 * wait for this one any more.
 */
function rest(state: TypeState, current: ResourceSet, removals: boolean): boolean {
  const { holdings, refused } = state;
  state.waitingSince = undefined;
  if (refused !== undefined) {
    if (unchanged(state, refused, current)) return false;
    // What was rejected is gone, and state-of-the-world has no words for that.
    state.refused = undefined;
    return true;
  }
  // On demand, what the client holds is what was named to it, one by one.
  if (!state.onDemand) holdings.rebase(removals ? current : union(holdings.base, current));
  return false;
}

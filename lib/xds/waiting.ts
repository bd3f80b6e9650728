/**
 * How long a type waits for others, and what ends a wait. The policy is the table in `order.ts`.
 *
 * @module
 */
import type { Resource } from "../model/resource.ts";
import { emptySet, type ResourceSet } from "../model/resource_set.ts";
import type { Body, Effect } from "./messages.ts";
import { plan, unchanged } from "./plan.ts";
import type { StreamState } from "./stream.ts";
import type { TypeState } from "./type_state.ts";
import { doubt } from "./verdict.ts";

/**
 * When this type may go ahead as far as other types are concerned: a time that has passed for "now", a later one for a
 * wait that lapses by itself, Infinity for one that only the client ends. The policy is the table in `order.ts`.
 */
export function lapses<B extends Body>(
  stream: StreamState<B>,
  state: TypeState,
  what: "additions" | "removals",
  now: number,
): number {
  const { orderTimeout } = stream.limits;
  const letsGo = state.order.letsGo === true && !state.subscription.wildcard;
  let until = -Infinity;
  for (const type of what === "additions" ? state.order.after : state.order.removedAfter) {
    const other = stream.types.get(type);
    if (other === undefined || !other.subscription.active) {
      // After a reconnect the users of what is removed may not have asked yet, and still hold what they had. Of a type
      // that has no resources nobody is expected to ask.
      if (what === "removals" && state.resumedAt !== undefined && currentSet(stream, type).size > 0) {
        until = Math.max(until, state.resumedAt + orderTimeout);
      }
    } else if (other.refused !== undefined) {
      until = Infinity;
    } else if (other.silentSince !== undefined) {
      until = Math.max(until, other.silentSince + orderTimeout);
    } else if (plan(stream, other, currentSet(stream, type), what === "removals") !== undefined) {
      until = Infinity;
    } else if (what === "removals" && letsGo && other.tookAt !== undefined && other.tookAt + orderTimeout > now) {
      // From the first time on: what its users acknowledge later (a refresh, another change) puts nothing off.
      state.letsGoSince ??= now;
      until = Math.max(until, state.letsGoSince + orderTimeout);
    }
  }
  return until > now ? until : -Infinity;
}

/** What the changed resources refer to is sent again, if the client follows it: it warms until that comes. */
export function owe({ onDemand, owed, subscription, type: warming }: TypeState, changed: readonly Resource[]): void {
  for (const { references } of changed) {
    for (const { type, name } of references) {
      if (type === warming && (onDemand || subscription.covers(name))) owed.add(name);
    }
  }
}

function currentSet<B extends Body>({ snapshot }: StreamState<B>, type: string): ResourceSet {
  return snapshot?.set(type) ?? emptySet(type);
}

/** Whether the snapshot or the subscription went on since the response in flight was built. */
export function outdated(state: TypeState, current: ResourceSet): boolean {
  if (state.flight === undefined) return false;
  return state.owedAll || state.owed.size > 0 || !unchanged(state, state.flight.content.current, current);
}

/**
 * A response has been unanswered for too long and a newer one waits behind it. If the client reads, the newer one goes (a
 * corrected cluster must pass one that never warms); if it does not, only ending the stream keeps memory bounded.
 */
export function reopen<B extends Body>(
  stream: StreamState<B>,
  now: number,
  drained: boolean,
  effects: Effect<B>[],
): boolean {
  const { snapshot, limits } = stream;
  if (snapshot === undefined) return true;
  for (const state of stream.types.values()) {
    const { flight } = state;
    if (flight === undefined || flight.overdue || now - flight.since < limits.orderTimeout) continue;
    if (!outdated(state, snapshot.set(state.type))) continue;
    if (!drained) {
      const message = `no answer to ${state.type} for ${limits.orderTimeout} ms, and the stream is not being read`;
      effects.push({ kind: "end", code: "DEADLINE_EXCEEDED", message });
      return false;
    }
    doubt(state, flight.content);
    flight.overdue = true;
  }
  return true;
}

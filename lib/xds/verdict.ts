/**
 * What a client says of a response, and what is left in doubt when it says no, or nothing.
 *
 * @module
 */
import { globOf, isGlob } from "../model/names.ts";
import type { Body, Effect, Request } from "./messages.ts";
import type { Content } from "./plan.ts";
import type { TypeState } from "./type_state.ts";

/**
 * The first request that carries the nonce of the response in flight is the verdict; Envoy's next one repeats the nonce
 * of a rejected response without the error, and that is no ACK.
 */
export function judge<B extends Body>(state: TypeState, request: Request, now: number, effects: Effect<B>[]): void {
  const { flight, holdings } = state;
  if (flight === undefined || request.nonce !== String(flight.nonce)) return;
  const { complete, content, version } = flight;
  state.flight = undefined;
  state.silentSince = undefined;
  effects.push({ kind: "verdict", type: state.type, version, target: content.target, error: request.error });
  if (request.error !== undefined) {
    doubt(state, content);
    state.refused = holdings.doubtful.size > 0 ? content.current : undefined;
    tell(state, effects);
    return;
  }
  state.tookAt = now;
  if (complete) {
    holdings.settle(content);
  } else {
    for (const { name, version } of content.changed) confirm(state, name, version);
    for (const name of content.removed) confirm(state, name, null);
    if (holdings.doubtful.size > 0) return;
  }
  state.refused = undefined;
  tell(state, effects);
}

/** Brings the mark that the next stream will find up to date. */
function tell<B extends Body>(state: TypeState, effects: Effect<B>[]): void {
  const { doubtful } = state.holdings;
  if (!state.doubted && doubtful.size === 0) return;
  state.doubted = doubtful.size > 0;
  effects.push({ kind: "doubt", type: state.type, names: new Set(doubtful) });
}

function confirm({ holdings, subscription }: TypeState, name: string, version: string | null): void {
  holdings.forget(name);
  if (subscription.covers(name)) holdings.exceptions.set(name, version);
}

/** Whatever was in this response may or may not be applied. */
export function doubt({ holdings, subscription }: TypeState, content: Content): void {
  for (const { name } of content.changed) if (subscription.covers(name)) holdings.doubtful.add(name);
  for (const name of content.removed) if (subscription.covers(name) && !isGlob(name)) holdings.doubtful.add(name);
}

/**
 * The stream is gone: what is unanswered stays in doubt. So do the members of collections: Envoy does not report them on
 * its next stream, and would keep those that vanish in between.
 */
export function leave<B extends Body>(state: TypeState, effects: Effect<B>[]): void {
  const { flight, holdings, subscription } = state;
  if (flight !== undefined) doubt(state, flight.content);
  const { globs } = subscription;
  const add = (name: string) => holdings.version(name) !== undefined && holdings.doubtful.add(name);
  for (const glob of globs) for (const { name } of holdings.base.members(glob)) add(name);
  // Once, not for each of the collections: a client may have 100,000 of both.
  if (globs.size > 0) { for (const name of holdings.exceptions.keys()) if (globs.has(globOf(name) ?? "")) add(name); }
  tell(state, effects);
}

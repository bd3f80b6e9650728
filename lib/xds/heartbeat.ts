/**
 * Keeps resources with a time to live alive. Every half of the shortest time the client hears of all of them again: in delta by resources without a body and with the version that it has, in state-of-the-world, where
 * some clients take such a resource for a removal, by the whole of it.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#ttl
 * @module
 */
import type { Resource } from "../model/resource.ts";
import type { ResourceSet } from "../model/resource_set.ts";
import type { Body, Effect } from "./messages.ts";
import type { StreamState } from "./stream.ts";
import type { TypeState } from "./type_state.ts";

/** However short a time to live is, a client does not hear of it more often; milliseconds. */
const LEAST_PERIOD = 100;

/**
 * Sends or owes what keeps a type alive, if its time has come. `drained` says whether everything that was sent has
 * left, undefined that nobody looked: a heartbeat is sent only then, for a client that does not read must not cost memory.
 * Returns when to look again, Infinity for never.
 */
export function beat<B extends Body>(
  stream: StreamState<B>,
  state: TypeState,
  current: ResourceSet,
  drained: boolean | undefined,
  now: number,
  effects: Effect<B>[],
): number {
  if (!stream.client.ttl || current.expiring.length === 0 || !state.subscription.active) {
    state.beatAt = undefined;
    return Infinity;
  }
  // Asked at every event of the stream, so what it holds is looked at only when the time has come.
  const period = Math.max(LEAST_PERIOD, current.shortestTtl / 2);
  const due = state.beatAt = Math.min(state.beatAt ?? Infinity, now + period);
  if (due > now || drained === undefined) return due;
  if (!drained) return now + LEAST_PERIOD;
  state.beatAt = now + period;
  const kept = alive(state, current);
  if (kept.length === 0) return state.beatAt;
  if (stream.mode === "delta" && !state.onDemand) send(stream, state, current, kept, effects);
  // What was rejected is not sent again by itself, so what the client keeps instead may come to its end.
  else if (state.refused === undefined) { for (const { name } of kept) state.owed.add(name); }
  return state.beatAt;
}

/** What the client holds as it is now, and would lose. */
function alive({ holdings, subscription }: TypeState, current: ResourceSet): readonly Resource[] {
  return current.expiring.filter(({ name, version }) =>
    subscription.covers(name) && holdings.version(name) === version && !holdings.doubtful.has(name)
  );
}

/** Goes beside a response in flight: an ACK that is withheld while a cluster warms must not let others expire. */
function send<B extends Body>(
  stream: StreamState<B>,
  { type, nonce }: TypeState,
  target: ResourceSet,
  kept: readonly Resource[],
  effects: Effect<B>[],
): void {
  const names = kept.map(({ name }) => `${name.length}:${name}`);
  const version = target.versionInfo;
  const body = stream.surroundings.build({
    mode: stream.mode,
    type,
    version,
    resources: kept,
    removed: [],
    missing: [],
    heartbeat: true,
    ttl: true,
    asked: undefined,
    target,
    key: `heartbeat\n${names.join("\n")}`,
  }, Math.max(nonce, stream.lastBeat));
  stream.lastBeat = body.nonce;
  effects.push({ kind: "send", type, version, target: undefined, body });
}

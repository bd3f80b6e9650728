/**
 * Questions about a stream that change nothing: has the client taken what there is, and what has it of each resource.
 *
 * @module
 */
import type { Resource } from "../model/resource.ts";
import { emptySet } from "../model/resource_set.ts";
import type { Body } from "./messages.ts";
import { answering } from "./on_demand.ts";
import { plan } from "./plan.ts";
import type { StreamState } from "./stream.ts";
import type { TypeState } from "./type_state.ts";

/** `taken`: everything that it follows was acknowledged; `refused`: it rejected some of it; `open`: neither, yet. */
export type Standing = "taken" | "open" | "refused";

/** Where a client stands with these types of the stream's snapshot. Who follows none of them has taken everything. */
export function standing<B extends Body>(stream: StreamState<B>, types: ReadonlySet<string>): Standing {
  let open = false;
  for (const state of stream.types.values()) {
    if (!types.has(state.type)) continue;
    const current = stream.snapshot?.set(state.type) ?? emptySet(state.type);
    // What it rejected before says nothing of what it is being sent now.
    if (state.flight !== undefined || plan(stream, state, current, true) !== undefined) open = true;
    else if (state.refused !== undefined) return "refused";
  }
  return open ? "open" : "taken";
}

/** What a client has of one resource; see `ResourceStatus` of the hub. */
export interface Held {
  readonly name: string;
  readonly state: "synced" | "not-sent" | "stale" | "error";
  /** What the snapshot has. */
  readonly resource: Resource | undefined;
}

/** Resource by resource, what has come of a subscription: names that are followed, and what is still held. */
export function holdingsOf<B extends Body>({ snapshot }: StreamState<B>, state: TypeState): Held[] {
  const { flight, holdings, subscription, type } = state;
  const current = snapshot?.set(type) ?? emptySet(type);
  const names = new Set<string>([...subscription.names].filter((name) => !subscription.globs.has(name)));
  for (const set of [current, holdings.base]) {
    if (subscription.wildcard || subscription.globs.size > 0) {
      for (const { name } of set) if (subscription.covers(name)) names.add(name);
    }
  }
  for (const name of [...holdings.exceptions.keys(), ...holdings.doubtful, ...subscription.followed]) {
    if (subscription.covers(name)) names.add(name);
  }
  const flying = new Set([...flight?.content.changed ?? []].map(({ name }) => name));
  for (const name of flight?.content.removed ?? []) flying.add(name);
  return [...names].sort().map((name) => {
    const resource = current.get(name) ?? (state.onDemand ? answering(current, name) : undefined);
    const held = holdings.version(resource?.name ?? name);
    const place = resource?.name ?? name;
    if (state.refused !== undefined && holdings.doubtful.has(place)) return { name, state: "error", resource };
    if (flying.has(place)) return { name, state: "stale", resource };
    if (resource === undefined) return { name, state: held === undefined ? "not-sent" : "stale", resource };
    if (held === resource.version) return { name, state: "synced", resource };
    return { name, state: held === undefined ? "not-sent" : "stale", resource };
  });
}

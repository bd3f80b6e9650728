/**
 * Connected clients, as the API tells them.
 *
 * @module
 */
import * as v from "valibot";
import { list, named, TIME } from "./common.ts";

export const SUBSCRIPTION = named("Subscription", {
  type: v.string(),
  wildcard: v.boolean(),
  names: v.number(),
  sent: v.nullable(v.string()),
  acknowledged: v.nullable(v.string()),
  rejected: v.nullable(v.object({ version: v.string(), message: v.string(), at: TIME })),
  pending: v.boolean(),
});

/** Who a client says it is. */
export const NODE = named("Node", {
  id: v.string(),
  cluster: v.string(),
  locality: v.string(),
  user_agent: v.string(),
});

/** `GET /v1/clients/{stream}`. */
export const CLIENT = named("Client", {
  stream: v.string(),
  mode: v.picklist(["sotw", "delta"]),
  /** Type URL of a per-type service; null for an aggregated stream. */
  service: v.nullable(v.string()),
  address: v.string(),
  identities: list(v.string()),
  node: v.nullable(NODE),
  group: v.nullable(v.string()),
  connected: TIME,
  subscriptions: list(SUBSCRIPTION),
});

export const CLIENTS = v.object({ clients: list(CLIENT) });

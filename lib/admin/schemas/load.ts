/**
 * What clients report of the load on their upstreams, as the API tells it.
 *
 * @module
 */
import * as v from "valibot";
import { NODE } from "./client.ts";
import { list, named, TIME } from "./common.ts";

/** Since the client was first heard of, and in its last report. */
const AMOUNT = named("Amount", { total: v.number(), last: v.number() });

export const CLUSTER_LOAD = named("ClusterLoad", {
  cluster: v.string(),
  service: v.string(),
  /** Seconds that the last report was about. */
  interval: v.number(),
  reported: TIME,
  dropped: AMOUNT,
  categories: v.record(v.string(), AMOUNT),
  localities: list(v.object({
    locality: v.string(),
    priority: v.number(),
    issued: AMOUNT,
    success: AMOUNT,
    error: AMOUNT,
    active: v.number(),
    metrics: v.record(v.string(), v.object({ requests: AMOUNT, sum: AMOUNT })),
  })),
});

/** `GET /v1/loads`. `stream` is of the load reporting service: none of `GET /v1/clients`. */
export const CLIENT_LOAD = named("ClientLoad", {
  stream: v.string(),
  node: NODE,
  group: v.string(),
  address: v.string(),
  connected: TIME,
  reported: v.nullable(TIME),
  gone: v.nullable(TIME),
  clusters: list(CLUSTER_LOAD),
});

export const LOADS = v.object({ loads: list(CLIENT_LOAD) });

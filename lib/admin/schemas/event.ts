/**
 * What happens, as `GET /v1/events` tells it: the data of each event, by its kind.
 *
 * @module
 */
import * as v from "valibot";
import { NODE } from "./client.ts";
import { ISSUE, list, named, TIME } from "./common.ts";

const COMMON = { at: TIME };
const MODE = v.picklist(["sotw", "delta"]);

/** By the name of the event. */
export const EVENTS = {
  connected: named("Connected", {
    ...COMMON,
    stream: v.string(),
    mode: MODE,
    service: v.nullable(v.string()),
    node: NODE,
    group: v.string(),
    address: v.string(),
  }),
  disconnected: named("Disconnected", {
    ...COMMON,
    stream: v.string(),
    mode: MODE,
    service: v.nullable(v.string()),
    node: v.nullable(NODE),
    group: v.nullable(v.string()),
  }),
  acknowledged: named("Acknowledged", {
    ...COMMON,
    stream: v.string(),
    group: v.string(),
    type: v.string(),
    version: v.string(),
    /** Since the snapshot changed, when this is the first answer to it. */
    propagation_seconds: v.nullable(v.number()),
  }),
  rejected: named("Rejected", {
    ...COMMON,
    stream: v.string(),
    node: NODE,
    group: v.string(),
    type: v.string(),
    version: v.string(),
    message: v.string(),
  }),
  reloaded: named("Reloaded", {
    ...COMMON,
    ok: v.boolean(),
    changed: list(v.string()),
    held: list(v.string()),
    gone: list(v.string()),
    issues: list(ISSUE),
  }),
  /** Not of the hub: the events after `Last-Event-ID` are no longer kept, or were of another process. */
  missed: named("Missed", { ...COMMON, after: v.string() }),
};

/** Any of them. */
export const EVENT = v.union(Object.values(EVENTS));

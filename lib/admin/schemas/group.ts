/**
 * Groups and what they serve, as the API tells them.
 *
 * @module
 */
import * as v from "valibot";
import { ISSUE, list, named, VERSIONS } from "./common.ts";

/** `GET /v1/groups/{group}`. */
export const GROUP = named("Group", {
  name: v.string(),
  revision: v.nullable(v.string()),
  versions: VERSIONS,
  counts: v.record(v.string(), v.number()),
  /** The layers that feed it; of a restored one the store that it is from. */
  source: list(v.string()),
  /** What it serves came from a store, because the sources failed. */
  restored: v.boolean(),
  stale: v.boolean(),
  /** Seconds since the current snapshot was taken, or stored if it is restored. */
  age: v.nullable(v.number()),
  issues: list(ISSUE),
  rollout: v.object({ policy: v.string() }),
  /** Connected streams. */
  clients: v.number(),
});

export const GROUPS = v.object({ groups: list(GROUP) });

/** Maps a node to a group: all conditions that are there hold. */
export const RULE = named("Rule", {
  group: v.string(),
  /** Glob over the node's id. */
  id: v.optional(v.string()),
  cluster: v.optional(v.string()),
  locality: v.optional(v.object({
    region: v.optional(v.string()),
    zone: v.optional(v.string()),
    sub_zone: v.optional(v.string()),
  })),
  metadata: v.optional(v.record(v.string(), v.string())),
});

/** `GET /v1/rules`. */
export const RULES = v.object({ rules: list(RULE) });

/** A resource with its `@type`, names as in Envoy's documentation. */
export const CONTENT = v.pipe(v.looseObject({ "@type": v.string() }), v.metadata({ ref: "Resource" }));

/** `GET /v1/groups/{group}/effective`. */
export const EFFECTIVE = v.object({
  group: v.string(),
  revision: v.nullable(v.string()),
  versions: VERSIONS,
  resources: list(v.object({
    type: v.string(),
    name: v.string(),
    version: v.string(),
    origin: v.nullable(v.object({
      layer: v.string(),
      file: v.string(),
      line: v.number(),
      column: v.number(),
    })),
    resource: CONTENT,
  })),
});

/** `GET /v1/groups/{group}/resources`: what a `PUT` takes, unless something had to be hidden. */
export const WRITTEN = v.object({
  version: v.optional(v.string()),
  /** Some value was replaced by `[redacted]`: a `PUT` of this answer is refused. */
  redacted: v.optional(v.literal(true)),
  resources: list(CONTENT),
});

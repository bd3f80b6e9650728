/**
 * What `/healthz` and `/readyz` say. Everybody who can reach the address may read it: no name of a store, no file beyond
 * those that hold a group back.
 *
 * @module
 */
import * as v from "valibot";
import { list } from "./common.ts";
import { STORE_ROLE } from "./store.ts";

export const HEALTH = v.object({ healthy: v.literal(true) });

export const READINESS = v.object({
  ready: v.boolean(),
  /** Why it is not ready; when it is, what is wrong all the same. */
  reasons: list(v.string()),
  groups: list(v.object({
    name: v.string(),
    /** Where what it serves is from: the sources, or, because they failed, the store or the local copy. */
    source: v.nullable(v.picklist(["sources", "store", "copy"])),
    restored: v.boolean(),
    stale: v.boolean(),
    /** Seconds since the current snapshot was taken, or stored if it is restored. */
    age: v.nullable(v.number()),
  })),
  stores: list(v.object({
    role: STORE_ROLE,
    failing: v.boolean(),
    /** Seconds since it was last read or written with success. */
    age: v.nullable(v.number()),
  })),
});

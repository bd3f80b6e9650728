/**
 * The stores of a server, as the API tells them.
 *
 * @module
 */
import * as v from "valibot";
import { list, named, TIME } from "./common.ts";

/** What a store is to the server. */
export const STORE_ROLE = v.picklist(["store", "source", "copy"]);

export const STORE = named("Store", {
  /** Without credentials. */
  url: v.string(),
  role: STORE_ROLE,
  /** Why the last attempt failed, while that stands. */
  failure: v.nullable(v.string()),
  /** When it was last read or written with success. */
  succeeded: v.nullable(TIME),
  /** Number of the snapshot that was stored or is followed. */
  snapshot: v.nullable(v.number()),
});

/** `GET /v1/stores`. */
export const STORES = v.object({ stores: list(STORE) });

/**
 * What a write answers.
 *
 * @module
 */
import * as v from "valibot";
import { VERSIONS } from "./common.ts";

const WHAT = { group: v.string(), revision: v.nullable(v.string()), versions: VERSIONS };

/** 200. `outcome` is there when the caller waited. */
export const WRITE_DONE = v.object({ ...WHAT, outcome: v.optional(v.literal("accepted")) });

/** 202: written, and not all clients have answered. */
export const WRITE_PENDING = v.object({
  ...WHAT,
  outcome: v.literal("pending"),
  /** Streams that have not answered yet. */
  clients: v.number(),
});

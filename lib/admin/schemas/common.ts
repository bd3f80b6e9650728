/**
 * The pieces that the schemas of the API are made of. A schema checks what comes in, describes it in `/openapi.json`, and
 * gives the type of what goes out: there is one of each, and nothing to keep in step.
 *
 * @module
 */
import * as v from "valibot";

/** A list that nobody changes. */
export function list<S extends v.GenericSchema>(item: S) {
  return v.pipe(v.array(item), v.readonly());
}

/** An object with a name of its own in `components` of the description. */
export function named<E extends v.ObjectEntries>(name: string, entries: E) {
  return v.pipe(v.object(entries), v.metadata({ ref: name }));
}

/** A moment in ISO 8601. */
export const TIME = v.pipe(v.string(), v.isoTimestamp());

/** A version of each type, by type URL. */
export const VERSIONS = v.record(v.string(), v.string());

/** One thing that is wrong, as the validator prints it. */
export const ISSUE = named("Issue", {
  file: v.nullable(v.string()),
  line: v.nullable(v.number()),
  column: v.nullable(v.number()),
  path: v.string(),
  rule: v.string(),
  severity: v.picklist(["error", "warning", "info"]),
  message: v.string(),
});

/** What a client said when it refused a response. */
export const CLIENT_REJECTION = named("ClientRejection", {
  stream: v.string(),
  node: v.nullable(v.string()),
  type: v.string(),
  version: v.string(),
  message: v.string(),
  at: TIME,
});

/** RFC 9457, with what xcp adds to some of them. */
export const PROBLEM = named("Problem", {
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  /** 422: what is wrong with the configuration; nothing changed. */
  issues: v.optional(list(ISSUE)),
  /** 422 `rejected-by-clients`: what was written stays, and these refused it. */
  outcome: v.optional(v.literal("rejected-by-clients")),
  rejections: v.optional(list(CLIENT_REJECTION)),
  group: v.optional(v.string()),
  revision: v.optional(v.nullable(v.string())),
  versions: v.optional(VERSIONS),
});

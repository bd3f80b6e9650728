/**
 * What comes in: path, query, headers, and the envelope of a write. Bodies are not checked with these: a body is read
 * once, by the codec, which checks the resources in it with their positions; here it is only described.
 *
 * @module
 */
import * as v from "valibot";
import { parseWait } from "../wait.ts";
import { list } from "./common.ts";
import { CONTENT } from "./group.ts";

/** Bytes of UTF-8; a file system takes 255 in a name, and some of them are for whoever keeps the layer. */
const MOST_NAME_BYTES = 200;

export const GROUP_PARAM = v.object({ group: v.pipe(v.string(), v.minLength(1)) });
export const STREAM_PARAM = v.object({ stream: v.pipe(v.string(), v.minLength(1)) });

/** A group that may come into being: its name must do as the name of a directory. */
export const NEW_GROUP_PARAM = v.object({
  group: v.pipe(
    v.string(),
    v.description("The group: what nodes have as node.cluster, unless a rule of groups.yaml says otherwise"),
    v.minLength(1, "it is empty"),
    v.maxLength(MOST_NAME_BYTES, `it is longer than ${MOST_NAME_BYTES} characters`),
    v.regex(/^[^/]+$/, 'it has a "/"'),
    v.check((name) => !/\p{Cc}/u.test(name), "it has a control character"),
    v.check((name) => name !== "." && name !== "..", "it is no name of a directory"),
    v.check(
      (name) => new TextEncoder().encode(name).length <= MOST_NAME_BYTES,
      `it is longer than ${MOST_NAME_BYTES} bytes`,
    ),
  ),
});

export const EFFECTIVE_QUERY = v.object({
  type: v.optional(v.pipe(v.string(), v.description('A type URL or a short name, singular or plural: "cluster"'))),
  name: v.optional(v.pipe(v.string(), v.description("The name of a resource"))),
});
export const CLIENTS_QUERY = v.object({ group: v.optional(v.string()), node: v.optional(v.string()) });

export const LOADS_QUERY = v.object({ ...CLIENTS_QUERY.entries, cluster: v.optional(v.string()) });

/** `30s`: comes out as milliseconds. */
export const WAIT_QUERY = v.object({
  wait: v.optional(v.pipe(
    v.string(),
    v.regex(/^\d{1,9}(\.\d{1,3})?(ms|s|m|h)$/, 'it is a time like "30s" or "2m"'),
    v.description("How long to wait until all connected clients of the group took the change or one refused it"),
    v.metadata({ examples: ["30s"] }),
    v.transform(parseWait),
  )),
});

/** A list of entity tags, or `*`. */
const TAGS = /^(?:\*|(?:W\/)?"[!#-~]*"(?: *, *(?:W\/)?"[!#-~]*")*)$/;
const tags = v.pipe(
  v.string(),
  v.regex(TAGS, 'it is "*" or a list of quoted entity tags'),
  v.metadata({ examples: ["*", '"S1Apu6GnBUHg"'] }),
);

export const READ_HEADERS = v.object({
  "if-none-match": v.optional(v.pipe(tags, v.description("304 when the group's ETag is among these"))),
});
export const WRITE_HEADERS = v.object({
  "if-match": v.optional(v.pipe(tags, v.description("412 unless the group's ETag is among these"))),
  "if-none-match": v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\*$/, 'a write takes only "*"'),
      v.description("412 when the group is there already"),
      v.metadata({ examples: ["*"] }),
    ),
  ),
});
export const EVENT_HEADERS = v.object({ "last-event-id": v.optional(v.string()) });

/** The `version_info` of what changes with it. */
const VERSION = v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(256)));

const CLUSTER = { "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", name: "web", connect_timeout: "1s" };

export const PUT_BODY = v.pipe(
  v.strictObject({ version: VERSION, resources: list(CONTENT) }),
  v.metadata({ examples: [{ version: "8f3a2c1", resources: [CLUSTER] }] }),
);
/** Checked as it is described: it holds no resources. */
export const ADAPTER_EVENT_BODY = v.pipe(
  v.strictObject({
    ids: v.optional(v.pipe(
      list(v.pipe(v.string(), v.minLength(1), v.maxLength(1_024))),
      v.description("Which definitions changed; none: any"),
    )),
  }),
  v.metadata({ examples: [{ ids: ["orders"] }] }),
);
export const PATCH_BODY = v.pipe(
  v.strictObject({
    version: VERSION,
    upsert: v.optional(list(CONTENT)),
    remove: v.optional(list(v.strictObject({ type: v.string(), name: v.string() }))),
  }),
  v.metadata({ examples: [{ upsert: [CLUSTER], remove: [{ type: "cluster", name: "old" }] }] }),
);

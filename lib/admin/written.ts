/**
 * The layer that is written over HTTP: to read it, replace it, amend it, drop it.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import type { HubView } from "../hub/status.ts";
import { REDACTED } from "../model/codec/redact.ts";
import type { Resource } from "../model/resource.ts";
import { jsonText } from "./answer.ts";
import { type BodyLimits, BodyReader } from "./body.ts";
import { allowedTags, notModified, tagHeader } from "./conditions.ts";
import { groupTag, noGroup } from "./groups.ts";
import { BODY_TYPES, bodyForm } from "./media.ts";
import { type Input, operation } from "./operation.ts";
import { outcome } from "./outcome.ts";
import { problem, type ProblemStatus } from "./problem.ts";
import { changeOf, type WriteReader } from "./read_write.ts";
import type { Register } from "./router.ts";
import { WRITTEN } from "./schemas/group.ts";
import {
  GROUP_PARAM,
  NEW_GROUP_PARAM,
  PATCH_BODY,
  PUT_BODY,
  READ_HEADERS,
  WAIT_QUERY,
  WRITE_HEADERS,
} from "./schemas/request.ts";
import { WRITE_DONE, WRITE_PENDING } from "./schemas/write.ts";
import { eachInSlices } from "./slices.ts";
import type { Change } from "../model/written.ts";
import type { Writes } from "./writes.ts";

export interface WrittenOptions {
  readonly hub: HubView;
  /** Undefined when the server takes no writes. */
  readonly writes: Writes | undefined;
  readonly reader: WriteReader;
  /** A resource in a form that it can be read from again, secrets redacted. */
  readonly printWritten: (resource: Resource) => unknown;
  readonly bodies: BodyLimits;
}

/** Methods of a path and what answers them. */
export type Operations = Partial<Readonly<Record<"put" | "patch" | "delete", readonly MiddlewareHandler[]>>>;

const ANSWERS = {
  200: { description: "It is on disk, and new subscribers see it", schema: WRITE_DONE, tagged: true },
  202: { description: "The same, and not all clients have answered yet", schema: WRITE_PENDING, tagged: true },
} as const;

type Written = Input<{ group: string }, { wait?: number | undefined }, {
  "if-match"?: string | undefined;
  "if-none-match"?: string | undefined;
}>;

const WRITE = { params: NEW_GROUP_PARAM, query: WAIT_QUERY, headers: WRITE_HEADERS, answers: ANSWERS };
const BODY_PROBLEMS: readonly ProblemStatus[] = [408, 412, 413, 415, 422, 503];

/** Registers the paths of the layer. `before` guards writes; the result drops the layer under another path. */
export function writtenRoutes(register: Register, options: WrittenOptions, before: MiddlewareHandler): Operations {
  const { hub, writes, reader } = options;
  const bodies = new BodyReader(options.bodies);

  const get = operation({
    id: "getWrittenResources",
    summary: "The layer that was written through the API, in the form that PUT takes",
    params: GROUP_PARAM,
    headers: READ_HEADERS,
    answers: {
      200: { description: "Nothing written is an empty list", schema: WRITTEN, tagged: true },
      304: { description: "The group is as before" },
    },
    problems: [404, 503],
  }, async ({ params, headers }) => {
    if (writes === undefined) return problem(404, `Cannot find what was written to "${params.group}": ${NO_WRITES}`);
    const tag = groupTag(options, params.group);
    // A group that serves nothing yet has no tag.
    if (tag === undefined && hub.group(params.group) === undefined) return noGroup(params.group);
    // An empty list would be read, changed and put back.
    const unreadable = writes.unreadable(params.group);
    if (unreadable !== undefined) return problem(503, unreadable);
    return notModified(headers["if-none-match"], tag) ??
      await printed(writes.get(params.group), options.printWritten, tag);
  });

  /** `written` is called when the write has ended, and its caller may still wait for the clients. */
  async function change({ params, query, headers }: Written, change: Change, written?: () => void): Promise<Response> {
    if (writes === undefined) return refused(params.group);
    const { group } = params;
    const absent = headers["if-none-match"] !== undefined;
    const result = await writes.write(group, change, allowedTags(headers["if-match"]), absent);
    written?.();
    return await outcome({ hub, group, result, tag: writes.etag(group), wait: query.wait });
  }

  function withBody(kind: "put" | "patch"): (input: Written) => Promise<Response> {
    return async (input) => {
      const { group } = input.params;
      if (writes === undefined) return refused(group);
      const form = bodyForm(input.context);
      if (form instanceof Response) return form;
      const body = await bodies.read(input.context);
      if (body instanceof Response) return body;
      try {
        const read = changeOf(group, body.bytes, form, kind, reader);
        return read instanceof Response ? read : await change(input, read, body.release);
      } finally {
        body.release();
      }
    };
  }

  const put = operation({
    ...WRITE,
    id: "putWrittenResources",
    summary: "Replaces the layer of a group; the group comes into being with it",
    body: { types: BODY_TYPES, schema: PUT_BODY },
    problems: BODY_PROBLEMS,
  }, withBody("put"));

  const patch = operation({
    ...WRITE,
    id: "patchWrittenResources",
    summary: "Adds, replaces and removes resources of the layer of a group",
    body: { types: BODY_TYPES, schema: PATCH_BODY },
    problems: BODY_PROBLEMS,
  }, withBody("patch"));

  const drop = (id: string) =>
    operation({
      ...WRITE,
      id,
      summary: "Drops the layer of a group, and the group with it when it has no other",
      problems: [404, 412, 422, 503],
    }, (input) => change(input, { kind: "delete" }));

  register("/v1/groups/:group/resources", {
    get,
    put: [before, ...put],
    patch: [before, ...patch],
    delete: [before, ...drop("deleteWrittenResources")],
  });
  return { delete: [before, ...drop("deleteGroup")] };
}

const NO_WRITES = "this server takes no writes, start it with --accept-writes";

function refused(group: string): Response {
  return problem(403, `Cannot write to group "${group}": ${NO_WRITES}`);
}

/** What {@link REDACTED} is in a field of bytes. */
const REDACTED_BYTES = btoa(REDACTED);

/** The layer in the form that a `PUT` takes. What had to be hidden makes it one that is refused, and says so. */
async function printed(
  written: ReturnType<Writes["get"]>,
  print: WrittenOptions["printWritten"],
  tag: string | undefined,
): Promise<Response> {
  const resources: string[] = [];
  let redacted = false;
  await eachInSlices(written?.resources ?? [], (resource) => {
    const text = JSON.stringify(print(resource));
    redacted ||= text.includes(`"${REDACTED}"`) || text.includes(`"${REDACTED_BYTES}"`);
    resources.push(text);
  });
  const label = written?.label === undefined ? "" : `"version":${JSON.stringify(written.label)},`;
  const note = redacted ? '"redacted":true,' : "";
  return jsonText(`{${label}${note}"resources":[${resources.join(",")}]}`, 200, tagHeader(tag));
}

/**
 * Telling the adapter from outside that something changed, and hearing what became of it.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { clearTimeout, setTimeout } from "node:timers";
import * as v from "valibot";
import type { HubView } from "../hub/status.ts";
import type { Issue } from "../model/issue.ts";
import { type AdminContext, json } from "./answer.ts";
import { BodyReader } from "./body.ts";
import { tagHeader } from "./conditions.ts";
import { groupTag } from "./groups.ts";
import { issueJson } from "./json.ts";
import { bodyForm } from "./media.ts";
import { operation } from "./operation.ts";
import { settled } from "./outcome.ts";
import { problem } from "./problem.ts";
import type { Register } from "./router.ts";
import { ADAPTER_EVENT_BODY, NEW_GROUP_PARAM, WAIT_QUERY } from "./schemas/request.ts";
import { WRITE_DONE, WRITE_PENDING } from "./schemas/write.ts";
import type { Writes } from "./writes.ts";

/** How a change that was announced ended. */
export type AdapterChanged =
  /** The hub has what was generated. */
  | { readonly kind: "published" }
  /** The adapter has no such group. */
  | { readonly kind: "absent" }
  /** The group could not be generated, and keeps what it has. The message is a whole sentence. */
  | { readonly kind: "failed"; readonly message: string; readonly issues: readonly Issue[] }
  /** There is nobody to be asked. */
  | { readonly kind: "unavailable"; readonly message: string };

/** The adapters that are served. */
export interface AdapterEvents {
  /** These ids of a group changed, or without ids anything. Resolves when it is known what became of it; never rejects. */
  changed(group: string, ids: readonly string[] | undefined): Promise<AdapterChanged>;
}

export interface AdapterEventOptions {
  readonly hub: HubView;
  readonly writes: Writes | undefined;
  /** Undefined when no adapter is served. */
  readonly adapter?: AdapterEvents;
}

/** Ids, not resources. */
const BODIES = { body: 1 << 20, total: 16 << 20, silenceMs: 30_000 };
/** How long somebody waits for a generation who did not say how long. */
const GENERATION_MS = 5_000;
/** More than these help nobody at a time. */
const MOST_ISSUES = 100;

/** Registers the path. `before` guards writes. */
export function adapterEventRoutes(register: Register, options: AdapterEventOptions, before: MiddlewareHandler): void {
  const { hub, adapter } = options;
  const bodies = new BodyReader(BODIES);

  const post = operation({
    id: "postAdapterEvent",
    summary: "Tells the adapter that definitions of a group changed; the group is generated again",
    params: NEW_GROUP_PARAM,
    query: WAIT_QUERY,
    body: { types: ["application/json"], schema: ADAPTER_EVENT_BODY },
    answers: {
      200: { description: "It is generated, and new subscribers see it", schema: WRITE_DONE, tagged: true },
      202: {
        description: "It is not generated yet, or not all clients have answered",
        schema: WRITE_PENDING,
        tagged: true,
      },
    },
    problems: [404, 408, 413, 415, 422, 503],
  }, async ({ params: { group }, query, context }) => {
    if (adapter === undefined) return problem(404, `Cannot tell of a change of group "${group}": no adapter is served`);
    const ids = await idsOf(bodies, context);
    if (ids instanceof Response) return ids;
    const begin = performance.now();
    const changed = await within(
      query.wait ?? GENERATION_MS,
      adapter.changed(group, ids.length === 0 ? undefined : ids),
    );
    const tag = groupTag(options, group);
    const status = hub.group(group);
    if (changed === undefined) {
      const what = { group, revision: status?.revision ?? null, versions: status?.versions ?? {} };
      return json({ ...what, outcome: "pending", clients: status?.clients ?? 0 }, 202, tagHeader(tag));
    }
    switch (changed.kind) {
      case "absent":
        return problem(404, `Cannot find group "${group}": the adapter has none of this name`);
      case "unavailable":
        return problem(503, changed.message, { "retry-after": "1" });
      case "failed":
        return refused(changed.message, changed.issues);
      case "published": {
        // What it generated may be sound by itself, and not together with what else the group has.
        const issues = status?.stale ? status.issues : [];
        const first = issues.find(({ severity }) => severity === "error");
        if (first !== undefined) {
          return refused(`Cannot serve what was generated for group "${group}": ${first.message}`, issues);
        }
        const left = query.wait === undefined ? undefined : Math.max(query.wait - (performance.now() - begin), 0);
        return await settled({ hub, group, tag, wait: left, made: "generated for" });
      }
    }
  });
  register("/v1/groups/:group/events", { post: [before, ...post] });
}

function refused(detail: string, issues: readonly Issue[]): Response {
  return problem(422, detail, {}, {
    type: "urn:xcp:problem:invalid-configuration",
    issues: issues.slice(0, MOST_ISSUES).map(issueJson),
  });
}

/** The ids of the body, or the problem with it; an empty body has none. */
async function idsOf(bodies: BodyReader, context: AdminContext): Promise<readonly string[] | Response> {
  const form = bodyForm(context);
  if (form instanceof Response) return form;
  if (form !== "json") {
    return problem(415, "Cannot read a body in YAML: a change is told in JSON", { accept: "application/json" });
  }
  const body = await bodies.read(context);
  if (body instanceof Response) return body;
  try {
    if (body.bytes.length === 0) return [];
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body.bytes));
    const read = v.safeParse(ADAPTER_EVENT_BODY, value);
    if (read.success) return read.output.ids ?? [];
    const [issue] = read.issues;
    return problem(400, `Cannot read "${v.getDotPath(issue) ?? ""}" of the body: ${issue.message}`);
  } catch {
    return problem(400, "Cannot read the body: it is no JSON in UTF-8");
  } finally {
    body.release();
  }
}

/** What it resolves with, or undefined when that takes longer. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), ms));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

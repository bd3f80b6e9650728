/**
 * Groups and what they serve, to read.
 *
 * @module
 */
import type { HubView } from "../hub/status.ts";
import type { Resource } from "../model/resource.ts";
import { json } from "./answer.ts";
import { notModified, revisionTag, tagHeader } from "./conditions.ts";
import { effective } from "./effective.ts";
import { groupJson } from "./json.ts";
import { operation } from "./operation.ts";
import { problem } from "./problem.ts";
import type { Register } from "./router.ts";
import { EFFECTIVE, GROUP, GROUPS } from "./schemas/group.ts";
import { EFFECTIVE_QUERY, GROUP_PARAM, READ_HEADERS } from "./schemas/request.ts";
import type { Operations } from "./written.ts";
import type { Writes } from "./writes.ts";

export interface GroupsOptions {
  readonly hub: HubView;
  /** Undefined when nothing can be written. */
  readonly writes: Writes | undefined;
  readonly print: (resource: Resource) => unknown;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The entity tag of a group: also of what was written to it, where something can be. */
export function groupTag({ hub, writes }: Pick<GroupsOptions, "hub" | "writes">, name: string): string | undefined {
  return writes === undefined ? revisionTag(hub.group(name)?.revision) : writes.etag(name);
}

export function noGroup(name: string): Response {
  return problem(404, `Cannot find group "${name}": there is no such group`);
}

/** `change` are the calls that change a group as a whole. */
export function groupRoutes(register: Register, options: GroupsOptions, change: Operations): void {
  const { hub, print, now } = options;

  const all = operation({
    id: "listGroups",
    summary: "All groups",
    answers: { 200: { description: "In order of name", schema: GROUPS } },
  }, () => json({ groups: hub.groups().map((group) => groupJson(group, now())) }));

  const one = operation({
    id: "getGroup",
    summary: "One group: what it serves, how old it is, and what is wrong with it",
    params: GROUP_PARAM,
    headers: READ_HEADERS,
    answers: {
      200: { description: "The group", schema: GROUP, tagged: true },
      304: { description: "What it serves and what was written to it is as before" },
    },
    problems: [404],
  }, ({ params, headers }) => {
    const group = hub.group(params.group);
    if (group === undefined) return noGroup(params.group);
    const tag = groupTag(options, group.name);
    return notModified(headers["if-none-match"], tag) ?? json(groupJson(group, now()), 200, tagHeader(tag));
  });

  const merged = operation({
    id: "getEffectiveResources",
    summary: "What the clients of a group get: the merged resources, each with its origin",
    params: GROUP_PARAM,
    query: EFFECTIVE_QUERY,
    headers: READ_HEADERS,
    answers: {
      200: { description: "In order of type and name", schema: EFFECTIVE, tagged: true },
      304: { description: "It is as before" },
    },
    problems: [404],
  }, async ({ params, query, headers }) => {
    const group = hub.group(params.group);
    if (group === undefined) return noGroup(params.group);
    const tag = groupTag(options, group.name);
    const same = notModified(headers["if-none-match"], tag);
    if (same !== undefined) return same;
    const answer = await effective({ hub, group, print, type: query.type, name: query.name });
    return answer instanceof Response ? answer : json(answer, 200, tagHeader(tag));
  });

  register("/v1/groups", { get: all });
  register("/v1/groups/:group", { get: one, ...change });
  register("/v1/groups/:group/effective", { get: merged });
}

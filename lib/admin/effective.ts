/**
 * `GET /v1/groups/{group}/effective`: what clients of a group get.
 *
 * @module
 */
import type { GroupStatus, HubView } from "../hub/status.ts";
import type { Resource } from "../model/resource.ts";
import { RESOURCE_TYPES, typeByName } from "../model/types.ts";
import { resourceJson } from "./json.ts";
import { problem } from "./problem.ts";

export interface EffectiveQuery {
  readonly hub: HubView;
  readonly group: GroupStatus;
  readonly print: (resource: Resource) => unknown;
  /** Type URL, short name, plural or service name. */
  readonly type: string | undefined;
  readonly name: string | undefined;
}

/** Milliseconds of printing after which other work gets its turn: 10,000 resources take most of a second. */
const SLICE_MS = 10;

/** The answer's body, or a problem. */
export async function effective({ hub, group, print, type, name }: EffectiveQuery): Promise<unknown> {
  const url = type === undefined ? undefined : typeByName(type)?.url ?? (type.includes("/") ? type : undefined);
  if (type !== undefined && url === undefined) {
    const known = RESOURCE_TYPES.map(({ short }) => short).join(", ");
    return problem(400, `Cannot read type "${type}": it is a type URL or one of ${known}`);
  }
  const resources: unknown[] = [];
  let began = performance.now();
  for (const resource of hub.effective(group.name, url, name) ?? []) {
    resources.push(resourceJson(resource, print(resource)));
    if (performance.now() - began > SLICE_MS) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      began = performance.now();
    }
  }
  return { group: group.name, revision: group.revision ?? null, versions: group.versions, resources };
}

/**
 * `GET /v1/groups/{group}/effective`: what clients of a group get.
 *
 * @module
 */
import type { GroupStatus, HubView } from "../hub/status.ts";
import type { Resource } from "../model/resource.ts";
import { RESOURCE_TYPES, typeByName } from "../model/types.ts";
import { type EffectiveJson, resourceJson } from "./json.ts";
import { problem } from "./problem.ts";
import { eachInSlices } from "./slices.ts";

export interface EffectiveQuery {
  readonly hub: HubView;
  readonly group: GroupStatus;
  readonly print: (resource: Resource) => unknown;
  /** Type URL, short name, plural or service name. */
  readonly type: string | undefined;
  readonly name: string | undefined;
}

/** The answer's body, or a problem. */
export async function effective({ hub, group, print, type, name }: EffectiveQuery): Promise<unknown> {
  const url = type === undefined ? undefined : typeByName(type)?.url ?? (type.includes("/") ? type : undefined);
  if (type !== undefined && url === undefined) {
    const known = RESOURCE_TYPES.map(({ short }) => short).join(", ");
    return problem(400, `Cannot read type "${type}": it is a type URL or one of ${known}`);
  }
  const resources: EffectiveJson[] = [];
  await eachInSlices(hub.effective(group.name, url, name) ?? [], (resource) => {
    resources.push(resourceJson(resource, print(resource)));
  });
  return { group: group.name, revision: group.revision ?? null, versions: group.versions, resources };
}

/**
 * Resources that no other one names: often what is left of something that was taken away.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { Resource } from "../model/resource.ts";
import { CLUSTER, ENDPOINTS, EXTENSION_CONFIG, LISTENER, ROUTES, SCOPED_ROUTES, SECRET } from "../model/types.ts";
import { at, capitalized, nounOf, quote } from "./words.ts";

/** What can be unused, and by which types it is named: without any of those, the rest of the configuration is elsewhere. */
const USERS: ReadonlyMap<string, readonly string[]> = new Map([
  [CLUSTER.url, [LISTENER.url, ROUTES.url]],
  [ENDPOINTS.url, [CLUSTER.url]],
  [ROUTES.url, [LISTENER.url, SCOPED_ROUTES.url]],
  [SECRET.url, [LISTENER.url, CLUSTER.url]],
  [EXTENSION_CONFIG.url, [LISTENER.url]],
]);

/**
 * Notes, never more: a cluster may also be chosen by a header or a script, and whatever a client's own bootstrap file
 * names is not seen here.
 */
export function checkUnused(resources: readonly Resource[]): Issue[] {
  const types = new Set(resources.map(({ type }) => type));
  const used = new Set(resources.flatMap(({ references }) => references.map(({ type, name }) => `${type} ${name}`)));
  return resources.filter(({ type, name }) =>
    USERS.get(type)?.some((user) => types.has(user)) && !used.has(`${type} ${name}`)
  ).map(({ type, name, origin }) => ({
    ...at(origin),
    path: "",
    rule: "unused-resource",
    severity: "info",
    message: `${capitalized(nounOf(type))} ${quote(name)} ${
      type === ENDPOINTS.url ? "are" : "is"
    } named by nothing here`,
  }));
}

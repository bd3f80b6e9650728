/**
 * Clusters that an Envoy needs before it has any other: those behind the management servers of its bootstrap.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { Resource } from "../model/resource.ts";
import { CLUSTER, ENDPOINTS } from "../model/types.ts";
import { at, quote } from "./words.ts";

/**
 * An error for each management server behind a cluster whose endpoints come from a management server.
 *
 * @see source/common/config/utility.cc of Envoy, `checkApiConfigSourceSubscriptionBackingCluster`
 */
export function checkPrimary(resources: readonly Resource[]): Issue[] {
  const later = new Set(
    resources.filter(({ type, references }) =>
      type === CLUSTER.url && references.some((reference) => reference.type === ENDPOINTS.url)
    ).map(({ name }) => name),
  );
  return resources.flatMap(({ origin, references }) =>
    references.filter(({ primary, name }) => primary && later.has(name)).map((reference) => ({
      ...at(reference.at ?? origin),
      path: reference.path,
      rule: "late-cluster",
      severity: "error" as const,
      message: `Cluster ${
        quote(reference.name)
      } gets its endpoints by EDS, and so cannot be what configuration comes from`,
    }))
  );
}

/**
 * Where a route sends requests, and copies of them.
 *
 * Source: `weighted_cluster_specifier.cc` and `ShadowPolicyImpl` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";

const ROUTE = "envoy.config.route.v3";
const MAX_UINT32 = 2 ** 32 - 1;

const weightedClusters: Watcher = (view) => {
  let total = 0;
  const clusters = view.messages("clusters");
  for (const cluster of clusters) {
    checkTarget(cluster, "name");
    const weight = cluster.number("weight");
    if (weight === undefined) {
      // Without all weights there is no sum.
      cluster.reject("missing-field", "weight is missing");
      total = NaN;
      continue;
    }
    if (total <= MAX_UINT32 && total + weight > MAX_UINT32) {
      cluster.reject("bad-weights", `The weights are more than ${MAX_UINT32} together`, "weight");
    }
    total += weight;
  }
  if (total === 0 && clusters.length > 0) view.reject("bad-weights", "All weights are 0", "clusters");
};

const mirror: Watcher = (view) => checkTarget(view, "cluster");

/** A cluster is named, or a header that names it. */
function checkTarget(view: MessageView, field: string): void {
  const named = view.string(field) !== undefined;
  if (named !== (view.string("cluster_header") !== undefined)) return;
  if (named) view.reject("conflicting-fields", `"${field}" and "cluster_header" exclude each other`, "cluster_header");
  else view.reject("missing-field", `Neither ${field} nor cluster_header is set`);
}

export const CLUSTER_CHECKS: CheckTable = [
  [`${ROUTE}.WeightedCluster`, weightedClusters],
  [`${ROUTE}.RouteAction.RequestMirrorPolicy`, mirror],
];

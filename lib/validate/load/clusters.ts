/**
 * What Envoy checks of clusters, their endpoints, and the sources of configuration, when it loads them.
 *
 * @module
 */
import type { Watcher } from "../../model/codec/view.ts";
import type { Area } from "../rule.ts";
import { checkBalancing, isHashed } from "./clusters/balancing.ts";
import { bindConfig } from "./clusters/binding.ts";
import { CLAIM_CHECKS } from "./clusters/claims.ts";
import { discoveryOf } from "./clusters/discovery.ts";
import { checkCache } from "./clusters/dns.ts";
import { checkEjection } from "./clusters/durations.ts";
import { checkAssignment, checkDrops, checkStatic } from "./clusters/endpoints.ts";
import { GRPC_CHECKS } from "./clusters/grpc.ts";
import { checkHealthChecks } from "./clusters/health.ts";
import { checkKind } from "./clusters/kinds.ts";
import { checkFilter, checkOptionKeys, checkSockets, checkThresholds } from "./clusters/options.ts";
import { checkOptions, checkProtocols, HTTP_OPTIONS } from "./clusters/protocols.ts";
import { CLUSTER_RULES } from "./clusters/rules.ts";
import { SOURCE_CHECKS } from "./clusters/sources.ts";
import { COMMON_RULES } from "./common.ts";

const checkCluster: Watcher = (cluster) => {
  const discovery = discoveryOf(cluster);
  checkKind(cluster, discovery);
  checkBalancing(cluster, discovery);
  const assignment = cluster.message("load_assignment");
  if (assignment !== undefined && discovery.kind === "static") checkStatic(assignment, isHashed(cluster));
  checkDrops(assignment);
  checkProtocols(cluster, discovery);
  checkHealthChecks(cluster);
  checkEjection(cluster);
  checkThresholds(cluster);
  checkSockets(cluster);
  checkOptionKeys(cluster);
};

const CLUSTER = "envoy.config.cluster.v3.Cluster";

export const CLUSTER_AREA: Area = {
  checks: [
    [CLUSTER, checkCluster],
    [CLUSTER, bindConfig("upstream_bind_config")],
    ["envoy.config.bootstrap.v3.ClusterManager", bindConfig("upstream_bind_config")],
    ["envoy.config.cluster.v3.Filter", checkFilter],
    ["envoy.config.endpoint.v3.ClusterLoadAssignment", checkAssignment],
    ["envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig", checkCache],
    [HTTP_OPTIONS, checkOptions],
    ...CLAIM_CHECKS,
    ...GRPC_CHECKS,
    ...SOURCE_CHECKS,
  ],
  rules: [...COMMON_RULES, ...CLUSTER_RULES],
};

/**
 * What each kind of cluster needs, and what it cannot have.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";
import { formatFault } from "../format.ts";
import { checkBackOff } from "./durations.ts";
import type { Discovery } from "./discovery.ts";
import { checkResolver } from "./dns.ts";

const CLUSTER_PROVIDED = 6;
const EDS = 3;

export function checkKind(cluster: MessageView, discovery: Discovery): void {
  if (cluster.has("eds_cluster_config") && cluster.enum("type") !== EDS) {
    const message = "eds_cluster_config is set, and the cluster is not of type EDS";
    cluster.reject("conflicting-fields", message, "eds_cluster_config");
  }
  switch (discovery.kind) {
    case "eds":
      return eds(cluster);
    case "strict_dns":
      return dns(cluster, discovery);
    case "logical_dns":
      oneEndpoint(cluster);
      return dns(cluster, discovery);
    case "original_dst":
      return originalDestination(cluster, discovery);
    case "reverse_connection":
      for (const field of ["host_id_format", "tenant_id_format"]) checkFormat(discovery.config, field);
      return noEndpoints(cluster, "A cluster of reverse connections");
    case "dynamic_forward_proxy":
      return forwardProxy(discovery);
    case "redis":
      return redis(cluster);
  }
}

function eds(cluster: MessageView): void {
  const config = cluster.message("eds_cluster_config");
  if (!cluster.has("eds_cluster_config")) {
    cluster.reject("missing-field", "The cluster is of type EDS, and eds_cluster_config is not set");
  } else if (config !== undefined && !config.has("eds_config")) {
    const name = config.string("service_name") ?? cluster.string("name");
    // Names of this kind lead to an authority, whose source is in the bootstrap.
    if (name?.value.startsWith("xdstp:")) return;
    cluster.reject("missing-field", "eds_config is not set: where the endpoints come from", "eds_cluster_config");
  }
}

function dns(cluster: MessageView, { config }: Discovery): void {
  checkBackOff(config ?? cluster, "dns_failure_refresh_rate");
  checkResolver(config ?? cluster);
  for (const locality of cluster.message("load_assignment")?.messages("endpoints") ?? []) {
    for (const member of locality.messages("lb_endpoints")) {
      const address = member.message("endpoint")?.message("address")?.message("socket_address");
      if (address?.string("resolver_name") === undefined) continue;
      address.reject("unsupported", "A cluster of type DNS cannot have a resolver_name", "resolver_name");
    }
  }
}

/** Where two stand, the second is one too many. */
function oneEndpoint(cluster: MessageView): void {
  const rule = "single-endpoint";
  const localities = cluster.message("load_assignment")?.messages("endpoints") ?? [];
  const members = localities.flatMap((locality) => locality.messages("lb_endpoints"));
  const surplus = members[1] ?? localities[1];
  if (surplus !== undefined) {
    surplus.reject(rule, "A cluster of type LOGICAL_DNS can have one endpoint only");
  } else if (members.length === 0) {
    const message = "A cluster of type LOGICAL_DNS needs one endpoint, and has none";
    if (localities[0] !== undefined) localities[0].reject(rule, message, "lb_endpoints");
    else cluster.reject(rule, message, "load_assignment");
  }
}

function checkFormat(config: MessageView | undefined, field: string): void {
  const text = config?.string(field);
  const fault = text === undefined ? undefined : formatFault(text.value);
  if (fault !== undefined) config?.reject("bad-format", fault, field);
}

function originalDestination(cluster: MessageView, { config }: Discovery): void {
  noEndpoints(cluster, "A cluster of type ORIGINAL_DST");
  const balancing = config ?? cluster.message("original_dst_lb_config");
  if (balancing?.string("http_header_name") === undefined || balancing.bool("use_http_header")) return;
  const message = "http_header_name is set, and use_http_header is not true";
  balancing.reject("conflicting-fields", message, "http_header_name");
}

/** These kinds name their policy, and `load_balancing_policy` does not count. */
function noEndpoints(cluster: MessageView, subject: string): void {
  if (cluster.enum("lb_policy") !== CLUSTER_PROVIDED) {
    cluster.reject("cluster-lb-policy", `${subject} needs lb_policy CLUSTER_PROVIDED`, "lb_policy");
  }
  if (!cluster.has("load_assignment")) return;
  cluster.reject("conflicting-fields", `${subject} cannot have a load_assignment`, "load_assignment");
}

function forwardProxy({ config }: Discovery): void {
  const balancing = config?.message("sub_clusters_config");
  if (balancing?.enum("lb_policy") === CLUSTER_PROVIDED) {
    balancing.reject("cluster-lb-policy", "A sub-cluster cannot have lb_policy CLUSTER_PROVIDED", "lb_policy");
  }
}

function redis(cluster: MessageView): void {
  const custom = cluster.message("cluster_type");
  const name = custom?.string("name")?.value;
  if (name === undefined || name === "envoy.clusters.redis") return;
  custom?.reject("unsupported", 'A Redis cluster must have the name "envoy.clusters.redis" here', "name");
}

/**
 * What kind of cluster a cluster is: by its `type`, or by what its `cluster_type` holds.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";

/** The kinds that the checks tell apart. Of `other`, nothing is known. */
export type Kind =
  | "static"
  | "strict_dns"
  | "logical_dns"
  | "eds"
  | "original_dst"
  | "aggregate"
  | "composite"
  | "dynamic_forward_proxy"
  | "redis"
  | "reverse_connection"
  | "other";

/** A cluster's kind, with the message that says more of it. */
export interface Discovery {
  readonly kind: Kind;
  readonly config?: MessageView;
}

/** Numbers of `Cluster.DiscoveryType`. */
const BY_TYPE: readonly Kind[] = ["static", "strict_dns", "logical_dns", "eds", "original_dst"];

/** Envoy finds its older kinds by their name too, where nothing typed is given. */
const BY_NAME: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ["envoy.cluster.static", "static"],
  ["envoy.cluster.strict_dns", "strict_dns"],
  ["envoy.cluster.logical_dns", "logical_dns"],
  ["envoy.cluster.eds", "eds"],
  ["envoy.cluster.original_dst", "original_dst"],
  ["envoy.clusters.redis", "redis"],
]);

const CLUSTERS = "envoy.extensions.clusters";

const BY_MESSAGE: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  [`${CLUSTERS}.aggregate.v3.ClusterConfig`, "aggregate"],
  [`${CLUSTERS}.composite.v3.ClusterConfig`, "composite"],
  [`${CLUSTERS}.dns.v3.DnsCluster`, "strict_dns"],
  [`${CLUSTERS}.dynamic_forward_proxy.v3.ClusterConfig`, "dynamic_forward_proxy"],
  [`${CLUSTERS}.original_dst.v3.OriginalDstCluster`, "original_dst"],
  [`${CLUSTERS}.redis.v3.RedisClusterConfig`, "redis"],
  [`${CLUSTERS}.reverse_connection.v3.ReverseConnectionClusterConfig`, "reverse_connection"],
]);

export function discoveryOf(cluster: MessageView): Discovery {
  const custom = cluster.message("cluster_type");
  if (custom === undefined) return { kind: BY_TYPE[cluster.enum("type")] ?? "other" };
  if (!custom.has("typed_config")) return { kind: BY_NAME.get(custom.string("name")?.value ?? "") ?? "other" };
  const config = custom.typed("typed_config");
  if (config === undefined) return { kind: "other" };
  const kind = BY_MESSAGE.get(config.desc.typeName) ?? "other";
  const single = kind === "strict_dns" && config.bool("all_addresses_in_single_endpoint");
  return { kind: single ? "logical_dns" : kind, config };
}

/** Kinds that bring a load balancer of their own, and can have no other. A Redis cluster takes its own in any case. */
export function bringsBalancer(kind: Kind): boolean | undefined {
  if (kind === "other" || kind === "redis") return undefined;
  return kind !== "static" && kind !== "eds" && kind !== "strict_dns" && kind !== "logical_dns";
}

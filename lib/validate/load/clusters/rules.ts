/**
 * Pages of the rules of clusters.
 *
 * @module
 */
import type { RuleDoc } from "../../rule.ts";

/** A bootstrap with a cluster of these fields. */
function cluster(fields: string): string {
  return `static_resources:
  clusters:
  - name: shop
${fields}`;
}

const LOGICAL_DNS = (endpoints: readonly string[]) =>
  cluster(`    type: LOGICAL_DNS
    load_assignment:
      cluster_name: shop
      endpoints:
      - lb_endpoints:
${
    endpoints.map((address) =>
      `        - endpoint: {address: {socket_address: {address: ${address}, port_value: 80}}}\n`
    ).join("")
  }`);

const WEIGHTED = (weight: number) =>
  cluster(`    type: STATIC
    lb_policy: MAGLEV
    load_assignment:
      cluster_name: shop
      endpoints:
      - lb_endpoints:
        - endpoint: {address: {socket_address: {address: 192.0.2.1, port_value: 80}}}
          load_balancing_weight: 4294967295
        - endpoint: {address: {socket_address: {address: 192.0.2.2, port_value: 80}}}
      - priority: 1
        lb_endpoints:
        - endpoint: {address: {socket_address: {address: 192.0.2.3, port_value: 80}}}
`).replace("4294967295", String(weight));

const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

const HEALTH_CHECK = (config: string) =>
  cluster(`    typed_extension_protocol_options:
      ${OPTIONS}:
        "@type": type.googleapis.com/${OPTIONS}
        explicit_http_config: {${config}: {}}
    health_checks:
    - timeout: 1s
      interval: 10s
      unhealthy_threshold: 3
      healthy_threshold: 1
      grpc_health_check: {}
`);

export const CLUSTER_RULES: readonly RuleDoc[] = [{
  name: "cluster-lb-policy",
  severity: "error",
  title: "A cluster has lb_policy CLUSTER_PROVIDED if it brings a load balancer, and else it has not",
  text: `Clusters of type ORIGINAL_DST, aggregate clusters, composite ones, dynamic forward proxies and reverse
connections choose hosts themselves, and must say so: \`lb_policy: CLUSTER_PROVIDED\`, or \`ClusterProvided\` in
\`load_balancing_policy\` (not for ORIGINAL_DST and reverse connections, where \`lb_policy\` alone counts). All other
clusters have no load balancer of their own that this could mean.`,
  bad: cluster(`    type: ORIGINAL_DST
`),
  good: cluster(`    type: ORIGINAL_DST
    lb_policy: CLUSTER_PROVIDED
`),
}, {
  name: "single-endpoint",
  severity: "error",
  title: "A cluster of type LOGICAL_DNS has one endpoint",
  text: `Such a cluster connects to whatever its one name leads to when a connection is made. Several names, or several
localities, need type STRICT_DNS. The same holds for a \`DnsCluster\` with \`all_addresses_in_single_endpoint\`.`,
  bad: LOGICAL_DNS(["a.example", "b.example"]),
  good: LOGICAL_DNS(["a.example"]),
}, {
  name: "weight-overflow",
  severity: "error",
  title: "Weights that a hashing policy adds up have a sum that fits into 32 bits",
  text: `RING_HASH and MAGLEV give each host a share of their table by its weight. The weights of all hosts of one
priority, and those of its localities, must not add up to more than 4294967295. A weight that is not set is 1.`,
  bad: WEIGHTED(4294967295),
  good: WEIGHTED(2147483648),
}, {
  name: "upstream-protocol",
  severity: "error",
  title: "What a cluster speaks goes with its transport socket and its health checks",
  text: `\`auto_config\` negotiates the protocol by ALPN, for which every transport socket of the cluster must be TLS or
contain it. HTTP/3 needs a transport socket with the name \`envoy.transport_sockets.quic\`; here the name counts. A health
check by gRPC needs HTTP/2, which a cluster speaks only if its options say so.`,
  bad: HEALTH_CHECK("http_protocol_options"),
  good: HEALTH_CHECK("http2_protocol_options"),
}];

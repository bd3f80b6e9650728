import { assertEquals } from "@std/assert";
import { type Case, misjudged } from "./testing.ts";

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  [
    "type: STRICT_DNS, load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: foo.com, port_value: 80, resolver_name: x}}}}]}]}",
    "unsupported",
  ],
  [
    "type: LOGICAL_DNS, load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: foo.com, port_value: 80, resolver_name: x}}}}]}]}",
    "unsupported",
  ],
  [
    "lb_policy: CLUSTER_PROVIDED, cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, allow_insecure_cluster_options: true, dns_cache_config: {name: d, max_hosts: 1, preresolve_hostnames: [{address: a, port_value: 1},{address: b, port_value: 1}]}}}",
    "conflicting-fields",
  ],
  ["lb_policy: CLUSTER_PROVIDED, cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, allow_insecure_cluster_options: true, dns_cache_config: {name: d, dns_failure_refresh_rate: {base_interval: 5s, max_interval: 1s}}}}"],
  [
    "cluster_type: {name: envoy.cluster.dns, typed_config: {<extensions.clusters.dns.v3.DnsCluster>}}, load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {resolver_name: a, address: foo.com, port_value: 80}}}}]}]}",
    "unsupported",
  ],
  [
    "cluster_type: {name: envoy.cluster.dns, typed_config: {<extensions.clusters.dns.v3.DnsCluster>, dns_failure_refresh_rate: {base_interval: 5s, max_interval: 1s}}}",
    "conflicting-fields",
  ],
  ["type: STRICT_DNS, dns_failure_refresh_rate: {base_interval: 5s, max_interval: 1s}", "conflicting-fields"],
  ["type: STATIC, dns_failure_refresh_rate: {base_interval: 5s, max_interval: 1s}"],
  [
    "type: LOGICAL_DNS, dns_failure_refresh_rate: {base_interval: 5s, max_interval: 1s}, load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: foo.com, port_value: 80}}}}]}]}",
    "conflicting-fields",
  ],
  ["type: STRICT_DNS, dns_resolvers: [{socket_address: {address: 8.8.8.8, port_value: 53}}]"],
  ["type: STRICT_DNS, dns_resolvers: [{socket_address: {address: foo.com, port_value: 53}}]", "bad-address"],
  [
    "type: STRICT_DNS, dns_resolution_config: {resolvers: [{socket_address: {address: foo.com, port_value: 53}}]}",
    "bad-address",
  ],
  ["type: STRICT_DNS, dns_resolution_config: {resolvers: [{pipe: {path: /tmp/x}}]}", "bad-address"],
  ["type: STATIC, dns_resolution_config: {resolvers: [{socket_address: {address: foo.com, port_value: 53}}]}"],
  [
    "type: STRICT_DNS, typed_dns_resolver_config: {name: envoy.network.dns_resolver.cares, typed_config: {<extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig>, resolvers: [{socket_address: {address: foo.com, port_value: 53}}]}}",
    "bad-address",
  ],
  [
    "type: STRICT_DNS, typed_dns_resolver_config: {name: envoy.network.dns_resolver.cares, typed_config: {<extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig>, resolvers: [{pipe: {path: /tmp/a}}]}}",
    "bad-address",
  ],
  ["type: STATIC, typed_dns_resolver_config: {name: envoy.network.dns_resolver.cares, typed_config: {<extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig>, resolvers: [{socket_address: {address: foo.com, port_value: 53}}]}}"],
  ["type: STRICT_DNS, typed_dns_resolver_config: {name: a, typed_config: {<extensions.network.dns_resolver.getaddrinfo.v3.GetAddrInfoDnsResolverConfig>}}"],
  ["type: STRICT_DNS, dns_resolution_config: {resolvers: [{socket_address: {address: foo.com, port_value: 53}}]}, typed_dns_resolver_config: {name: a, typed_config: {<extensions.network.dns_resolver.getaddrinfo.v3.GetAddrInfoDnsResolverConfig>}}"],
  ["static_resources: {}, dns_resolution_config: {resolvers: [{socket_address: {address: foo.com, port_value: 53}}]}"],
  ["static_resources: {}, typed_dns_resolver_config: {name: envoy.network.dns_resolver.cares, typed_config: {<extensions.filters.http.router.v3.Router>}}"],
  ["static_resources: {}, typed_dns_resolver_config: {name: envoy.network.dns_resolver.cares, typed_config: {<extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig>, resolvers: [{socket_address: {address: foo.com, port_value: 53}}]}}"],
  ["static_resources: {}, typed_dns_resolver_config: {name: envoy.network.dns_resolver.cares, typed_config: {<extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig>, resolvers: [{pipe: {path: /tmp/x}}]}}"],
  ["type: STRICT_DNS, dns_failure_refresh_rate: {base_interval: 1.0009s, max_interval: 1.0001s}"],
];

Deno.test("clusters of type DNS have resolvers and intervals that Envoy takes", () => {
  assertEquals(misjudged(CASES), []);
});

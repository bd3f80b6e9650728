import { assertEquals } from "@std/assert";
import { loadApi } from "../model/api.ts";
import { readFile } from "../model/codec/read.ts";
import { checksOf } from "./checks.ts";
import { checkConfiguration } from "./configuration.ts";

const API = loadApi();
const CHECKS = checksOf(API);

/** Place and message of the errors of one file. */
function errors(text: string): string[] {
  const content = readFile(API, new TextEncoder().encode(text), "a.yaml", "a.yaml", CHECKS);
  return checkConfiguration([[{ file: "a.yaml", content }]]).filter(({ severity }) => severity === "error")
    .map(({ at, message }) => `${at?.line} ${message}`);
}

const DFP = "type.googleapis.com/envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig";

/** A bootstrap with two clusters that have a DNS cache each. */
function caches(one: string, other: string): string {
  const cluster = (name: string, cache: string) => `
  - name: ${name}
    lb_policy: CLUSTER_PROVIDED
    cluster_type: {name: d, typed_config: {"@type": ${DFP}, dns_cache_config: {${cache}}}}`;
  return `static_resources:\n  clusters:${cluster("a", one)}${cluster("b", other)}\n`;
}

Deno.test("a DNS cache has the same settings wherever it stands, as Envoy compares them", () => {
  const cares = (more: string) =>
    `name: x, typed_dns_resolver_config: {name: r, typed_config: {"@type": type.googleapis.com/` +
    `envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig${more}}}`;
  const same: [string, string][] = [
    ["name: x", "name: x"],
    ["name: x, max_hosts: 5", "name: other"],
    ["name: x, dns_lookup_family: AUTO", "name: x"],
    ["name: x, dns_lookup_family: 1", "name: x, dns_lookup_family: V4_ONLY"],
    ["name: x, dns_refresh_rate: {seconds: 1}", "name: x, dnsRefreshRate: 1.0s"],
    ["name: x, max_hosts: {value: 5}", `name: x, maxHosts: "5"`],
    ["name: x, dns_cache_circuit_breaker: {}", "name: x"],
    ["name: x, disable_dns_refresh_on_failure: false", "name: x"],
    [cares(", filter_unroutable_families: false"), cares("")],
    [
      cares(", resolvers: [{socket_address: {address: 1.2.3.4, port_value: 53, protocol: TCP}}]"),
      cares(", resolvers: [{socket_address: {port_value: 53, address: 1.2.3.4}}]"),
    ],
  ];
  for (const [one, other] of same) assertEquals(errors(caches(one, other)), [], one);
  const different: [string, string, string][] = [
    ["name: x, dns_refresh_rate: 60s", "name: x", "dns_refresh_rate"],
    ["name: x, max_hosts: 1024", "name: x", "max_hosts"],
    ["name: x, dns_lookup_family: V4_ONLY", "name: x, dns_lookup_family: V6_ONLY", "dns_lookup_family"],
    [cares(", filter_unroutable_families: true"), cares(""), "typed_dns_resolver_config"],
  ];
  for (const [one, other, field] of different) {
    const message = `DNS cache "x" has different settings in two places: ${field}`;
    assertEquals(errors(caches(one, other)).map((text) => text.replace(/^\d+ /, "")), [message, message], one);
  }
});

/** A bootstrap with a cluster of these fields, and the fields of its cluster manager. */
function bootstrap(cluster: string, manager: string): string {
  const endpoint = "{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}";
  return `static_resources:
  clusters:
  - name: c
    load_assignment:
      cluster_name: c
      endpoints:
      - lb_endpoints: [${endpoint}]
        ${cluster}
cluster_manager: {${manager}}
`;
}

const REPORTS =
  "load_stats_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: c}}]}";

Deno.test("what clusters say goes with the cluster manager of the bootstrap", () => {
  const statistics = "priority: 0\n    track_cluster_stats: {per_endpoint_stats: true}";
  const table: [string, string, string[]][] = [
    ["priority: 0", "local_cluster_name: c", []],
    ["priority: 1", "", []],
    ["priority: 1", "local_cluster_name: c", [`8 Endpoints of the local cluster "c" have one priority, 0`]],
    [statistics, "", []],
    ["priority: 0", REPORTS, []],
    ["priority: 0", "load_stats_config: {}", []],
    [statistics, REPORTS, ["9 per_endpoint_stats and load_stats_config of the bootstrap exclude each other"]],
  ];
  for (const [cluster, manager, found] of table) assertEquals(errors(bootstrap(cluster, manager)), found, cluster);
});

Deno.test("a limit shared in the local cluster needs one, where there is a bootstrap to say so", () => {
  const listener = `name: l
address: {socket_address: {address: 127.0.0.1, port_value: 0}}
filter_chains:
- filters:
  - name: h
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
      stat_prefix: s
      route_config: {}
      http_filters:
      - name: f
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit
          stat_prefix: s
          local_cluster_rate_limit: {}
      - name: r
        typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
`;
  assertEquals(errors(`"@type": type.googleapis.com/envoy.config.listener.v3.Listener\n${listener}`), []);
  const whole = `static_resources:\n  clusters: [{name: c}]\n  listeners:\n  - ${
    listener.replaceAll("\n", "\n    ").trimEnd()
  }\n`;
  const missing = "18 The bootstrap says nothing of a local cluster: cluster_manager.local_cluster_name";
  assertEquals(errors(whole), [missing]);
  assertEquals(errors(`${whole}cluster_manager: {local_cluster_name: c}\n`), []);
});

import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { broken, type Case } from "./testing.ts";

const STATS = "<extensions.access_loggers.stats.v3.Config>, stat_prefix: x";

function sink(fields: string): string {
  return `static_resources: {clusters: [{name: c}]}, stats_sinks: [{name: x, typed_config: {${fields}}}]`;
}

function heap(fields: string): string {
  return "overload_manager: {resource_monitors: [{name: x, typed_config: " +
    `{<extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig>, ${fields}}}]}`;
}

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  ["bootstrap", sink("<config.metrics.v3.StatsdSink>, tcp_cluster_name: c")],
  ["bootstrap", sink("<config.metrics.v3.StatsdSink>, tcp_cluster_name: ''"), "missing-field"],
  ["log", `${STATS}, histograms: [{stat: {name: a}, value_format: '%BYTES_SENT%'}]`],
  ["log", `${STATS}, histograms: [{stat: {name: a}, value_format: '%NOPE%'}]`, "bad-format"],
  ["log", `${STATS}, counters: [{stat: {name: a, tags: [{name: t, value_format: 'x%BYTES_SENT%y'}]}, value_fixed: 1}]`],
  [
    "log",
    `${STATS}, counters: [{stat: {name: a, tags: [{name: t, value_format: '%NOPE%'}]}, value_fixed: 1}]`,
    "bad-format",
  ],
  ["log", `${STATS}, counters: [{stat: {name: a}}]`, "missing-field"],
  [
    "log",
    `${STATS}, counters: [{stat: {name: a}, value_fixed: 1, value_format: '%BYTES_SENT%'}]`,
    "conflicting-fields",
  ],
  ["bootstrap", heap("max_heap_size_bytes: 1")],
  ["bootstrap", heap("max_heap_size_bytes: 0"), "bad-value"],
  ["bootstrap", heap(""), "bad-value"],
  ["bootstrap", heap("max_heap_size_bytes: 0, max_heap_size_bytes_runtime: {default_value: 1, runtime_key: x}")],
  ["bootstrap", heap("max_heap_size_bytes_runtime: {default_value: 0, runtime_key: x}"), "bad-value"],
  [
    "bootstrap",
    heap("max_heap_size_bytes: 1, max_heap_size_bytes_runtime: {default_value: 1, runtime_key: x}"),
    "conflicting-fields",
  ],
  ...["", "collector_cluster: c", "collector_endpoint: /x, collector_cluster: ''", "collector_service: {}"]
    .map((fields): Case => ["bootstrap", traced(fields), "missing-field"]),
  ["bootstrap", traced("collector_cluster: c, collector_endpoint: /x")],
  ["bootstrap", traced("collector_service: {http_uri: {uri: 'http://x/', cluster: c, timeout: 1s}}")],
  ["cluster TLS", "common_tls_context: {validation_context: {system_root_certs: {}}}"],
  [
    "cluster TLS",
    "common_tls_context: {validation_context: {allow_expired_certificate: true, system_root_certs: {}}}",
    "tls-without-ca",
  ],
  [
    "cluster TLS",
    "common_tls_context: {validation_context: {match_typed_subject_alt_names: [{san_type: DNS, matcher: {exact: a}}], ca_certificate_provider_instance: {instance_name: x}}}",
    "tls-without-ca",
  ],
  [
    "cluster TLS",
    "common_tls_context: {tls_certificates: [{certificate_chain: {filename: /x}, private_key_provider: {provider_name: x}}]}",
    "unknown-name",
  ],
];

function traced(fields: string): string {
  const manager = "<extensions.filters.network.http_connection_manager.v3.HttpConnectionManager>";
  const provider =
    `{name: z, typed_config: {<config.trace.v3.ZipkinConfig>, collector_endpoint_version: HTTP_JSON, ${fields}}}`;
  return "static_resources: {listeners: [{name: l, address: {socket_address: {address: 127.0.0.1, port_value: 0}}, " +
    `filter_chains: [{filters: [{name: h, typed_config: {${manager}, stat_prefix: s, route_config: {}, ` +
    `tracing: {provider: ${provider}}, http_filters: [{name: r, typed_config: ` +
    "{<extensions.filters.http.router.v3.Router>}}]}}]}]}]}";
}

Deno.test("tracers, sinks and monitors have what Envoy asks of them", () => {
  const api = loadApi();
  for (const each of CASES) {
    const [place, fields, rule] = each;
    assertEquals([...new Set(broken(api, each))], rule === undefined ? [] : [rule], `${place}: ${fields}`);
  }
});

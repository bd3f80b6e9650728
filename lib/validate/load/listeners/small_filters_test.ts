import { assertEquals } from "@std/assert";
import { ACTION, type Case, differing, matcher, network, PORT, rbac } from "./testing.ts";

export const CASES: readonly Case[] = [
  ["RBAC by address", undefined, rbac(`destination_ip: {address_prefix: 1.2.3.4, prefix_len: 33}`)],
  ["RBAC by a bad address", "bad-address", rbac("destination_ip: {address_prefix: x}")],
  [
    "RBAC by a bad address inside",
    "bad-address",
    rbac("not_rule: {and_rules: {rules: [{destination_ip: {address_prefix: x}}]}}"),
  ],
  [
    "RBAC by a bad address that is not read",
    undefined,
    rbac("destination_ip: {address_prefix: x}", `, matcher: ${matcher(PORT, ACTION)}`),
  ],
  ["RBAC by header", "unsupported", rbac("or_rules: {rules: [{header: {name: a, present_match: true}}]}")],
  [
    "an opcode twice",
    "duplicate-name",
    network(
      "zookeeper_proxy.v3.ZooKeeperProxy",
      "stat_prefix: x, latency_threshold_overrides: [{opcode: Create, threshold: 1s}, {opcode: Create, threshold: 1s}]",
    ),
  ],
  [
    "a bucket that fills too often",
    "unsupported",
    network(
      "local_ratelimit.v3.LocalRateLimit",
      "stat_prefix: x, token_bucket: {max_tokens: 1, fill_interval: 0.0499s}",
    ),
  ],
  [
    "a bucket that fills often",
    undefined,
    network("local_ratelimit.v3.LocalRateLimit", "stat_prefix: x, token_bucket: {max_tokens: 1, fill_interval: 0.05s}"),
  ],
  ["no limit of connections", "missing-field", network("connection_limit.v3.ConnectionLimit", "stat_prefix: x")],
  [
    "ext_authz of version 2",
    "unsupported",
    network("ext_authz.v3.ExtAuthz", "stat_prefix: x, transport_api_version: V2"),
  ],
  [
    "ext_authz of any version",
    undefined,
    network("ext_authz.v3.ExtAuthz", "stat_prefix: x, transport_api_version: AUTO"),
  ],
  ["ext_proc without a service", "missing-field", network("ext_proc.v3.NetworkExternalProcessor", "stat_prefix: x")],
  [
    "ext_proc of nothing",
    "conflicting-fields",
    network(
      "ext_proc.v3.NetworkExternalProcessor",
      "stat_prefix: x, grpc_service: {envoy_grpc: {cluster_name: c}}, processing_mode: {process_read: SKIP, process_write: SKIP}",
    ),
  ],
  [
    "an unknown filter state object",
    "wrong-extension",
    network(
      "set_filter_state.v3.Config",
      "on_new_connection: [{object_key: x, format_string: {text_format_source: {inline_string: a}}}]",
    ),
  ],
  [
    "a filter state object of a known factory",
    undefined,
    network(
      "set_filter_state.v3.Config",
      "on_new_connection: [{object_key: x, factory_key: envoy.string, format_string: {text_format_source: {inline_string: a}}}]",
    ),
  ],
];

Deno.test("small filters have what they need", () => assertEquals(differing(CASES), []));

import { assertEquals } from "@std/assert";
import { A, AT, bootstrap, type Case, CHAIN, differing, discovered, INTERNAL, UDP } from "./testing.ts";

export const CASES: readonly Case[] = [
  ["a listener", undefined, bootstrap(`${A}, ${CHAIN}`)],
  ["no address", "missing-field", bootstrap(CHAIN)],
  ["no filter chain", "missing-filter-chain", bootstrap(A)],
  ["a list of chains without any", "missing-filter-chain", bootstrap(`${A}, filter_chains: []`)],
  ["a chain that is null", undefined, bootstrap(`${A}, filter_chains: [~]`)],
  ["only a default filter chain", undefined, bootstrap(`${A}, default_filter_chain: {}`)],
  ["UDP without a filter chain", undefined, bootstrap(UDP)],
  ["UDP with a filter chain", "unsupported", bootstrap(`${UDP}, ${CHAIN}`)],
  ["UDP with a default filter chain", "unsupported", bootstrap(`${UDP}, default_filter_chain: {}`)],
  [
    "UDP with a discovered filter",
    "unsupported",
    bootstrap(`${UDP}, listener_filters: [${discovered(`${AT}.filters.udp.udp_proxy.v3.UdpProxyConfig`)}]`),
  ],
  ["an API listener in a bootstrap", "unsupported", bootstrap(`api_listener: {}`)],
  ["an API listener that is internal", "conflicting-fields", bootstrap(`api_listener: {}, internal_listener: {}`)],
  ["MPTCP over UDP", "unsupported", bootstrap(`${UDP}, enable_mptcp: true`)],
  [
    "MPTCP over a socket of a file",
    "unsupported",
    bootstrap(`address: {pipe: {path: /x}}, enable_mptcp: true, ${CHAIN}`),
  ],
  [
    "discovered chains without a matcher",
    "missing-field",
    bootstrap(`${A}, fcds_config: {name: x, config_source: {ads: {}}}`),
  ],
  ["addresses of two protocols", "conflicting-fields", bootstrap(`${A}, additional_addresses: [{${UDP}}], ${CHAIN}`)],
  ["one address twice", undefined, bootstrap(`${A}, additional_addresses: [{${A}}], ${CHAIN}`)],
  ["an internal listener", undefined, INTERNAL("")],
  [
    "an internal listener without its extension",
    "missing-field",
    bootstrap(`name: i, internal_listener: {}, ${CHAIN}`),
  ],
  ["an internal listener with an address", "conflicting-fields", INTERNAL(`, ${A}`)],
  ["an internal listener with freebind", "conflicting-fields", INTERNAL(", freebind: true")],
  ["an internal listener with freebind that is false", undefined, INTERNAL(", freebind: false")],
  ["an internal listener with a backlog", "conflicting-fields", INTERNAL(", tcp_backlog_size: 1")],
  [
    "an internal listener with exact balance",
    "conflicting-fields",
    INTERNAL(", connection_balance_config: {exact_balance: {}}"),
  ],
  [
    "an internal address of a listener",
    "unsupported",
    bootstrap(`address: {envoy_internal_address: {server_listener_name: x}}, ${CHAIN}`),
  ],
];

Deno.test("a listener has what its kind asks for, and nothing else", () => assertEquals(differing(CASES), []));

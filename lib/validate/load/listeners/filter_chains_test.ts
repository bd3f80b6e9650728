import { assertEquals } from "@std/assert";
import {
  A,
  ACTION,
  bootstrap,
  type Case,
  differing,
  matcher,
  matches,
  network,
  PORT,
  range,
  STRING,
  TRANSPORT,
} from "./testing.ts";

export const CASES: readonly Case[] = [
  ["two chains without a match", "duplicate-filter-chain", matches("{}", "{}")],
  [
    "a chain that is null beside one without a match",
    "duplicate-filter-chain",
    bootstrap(`${A}, filter_chains: [~, {}]`),
  ],
  ["a default value", "duplicate-filter-chain", matches("{}", "{source_type: ANY}")],
  ["server names, case aside", "duplicate-filter-chain", matches("{server_names: [a.b]}", "{server_names: [A.B]}")],
  ["a server name twice in one chain", "duplicate-filter-chain", matches("{server_names: [a, a]}")],
  ["an empty server name", "duplicate-filter-chain", matches(`{server_names: [""]}`, "{}")],
  ["a server name that is null", "duplicate-filter-chain", matches(`{server_names: [~]}`, "{}")],
  ["a server name that is null beside another", "duplicate-filter-chain", matches("{server_names: [~, a]}", "{}")],
  [
    "a wildcard and a name with a dot",
    "duplicate-filter-chain",
    matches(`{server_names: ["*.x"]}`, `{server_names: [".x"]}`),
  ],
  ["protocols, with regard to case", undefined, matches("{transport_protocol: TLS}", "{transport_protocol: tls}")],
  [
    "overlapping combinations",
    "duplicate-filter-chain",
    matches("{source_ports: [1, 2], server_names: [a, b]}", "{source_ports: [2], server_names: [b]}"),
  ],
  [
    "other combinations",
    undefined,
    matches("{source_ports: [1, 2], server_names: [a, b]}", "{source_ports: [2], server_names: [c]}"),
  ],
  [
    "one network",
    "duplicate-filter-chain",
    matches(`{prefix_ranges: ${range("10.1.0.0", 8)}}`, `{prefix_ranges: ${range("10.2.0.0", 8)}}`),
  ],
  [
    "too many bits",
    "duplicate-filter-chain",
    matches(`{prefix_ranges: ${range("10.1.0.0", 33)}}`, `{prefix_ranges: ${range("10.1.0.0", 32)}}`),
  ],
  [
    "a network inside another",
    undefined,
    matches(`{prefix_ranges: ${range("10.0.0.0", 8)}}`, `{prefix_ranges: ${range("10.0.0.0", 9)}}`),
  ],
  ["all of IPv4 and everything", undefined, matches(`{prefix_ranges: ${range("0.0.0.0", 0)}}`, "{}")],
  [
    "source and direct source",
    undefined,
    matches(
      `{source_prefix_ranges: ${range("10.0.0.0", 8)}}`,
      `{direct_source_prefix_ranges: ${range("10.0.0.0", 8)}}`,
    ),
  ],
  ["source types by name and number", "duplicate-filter-chain", matches("{source_type: 2}", "{source_type: EXTERNAL}")],
  ["a port as number and text", "duplicate-filter-chain", matches("{source_ports: 1}", `{source_ports: ["0x1"]}`)],
  ["a bad range", "bad-address", matches(`{prefix_ranges: ${range("10.0.0", 8)}}`)],
  ["a bad source range", "bad-address", matches(`{source_prefix_ranges: ${range("x", 8)}}`)],
  ["a partial wildcard", "bad-server-name", matches(`{server_names: ["a*.b"]}`)],
  ["a wildcard alone", "bad-server-name", matches(`{server_names: ["*"]}`)],
  ["a wildcard in front", undefined, matches(`{server_names: ["*.b"]}`)],
  ["a suffix", "unsupported", matches("{suffix_len: 1}")],
  [
    "a match of the default chain",
    undefined,
    bootstrap(`${A}, default_filter_chain: {filter_chain_match: {server_names: ["a*"], suffix_len: 1}}`),
  ],
  [
    "a matcher",
    undefined,
    bootstrap(`${A}, filter_chain_matcher: ${matcher(PORT, STRING)}, filter_chains: [{name: a}, {name: b}]`),
  ],
  [
    "a matcher and a chain without a name",
    "missing-field",
    bootstrap(`${A}, filter_chain_matcher: {}, filter_chains: [{}]`),
  ],
  [
    "a matcher and one name twice",
    "duplicate-name",
    bootstrap(`${A}, filter_chain_matcher: {}, filter_chains: [{name: a}, {name: a}]`),
  ],
  [
    "one name twice without a matcher",
    undefined,
    bootstrap(`${A}, filter_chains: [{name: a, filter_chain_match: {server_names: [a]}}, {name: a}]`),
  ],
  [
    "a matcher, and a range that is not read",
    undefined,
    bootstrap(
      `${A}, filter_chain_matcher: {}, filter_chains: [{name: a, filter_chain_match: {prefix_ranges: ${
        range("x", 8)
      }}}]`,
    ),
  ],
  [
    "an input of HTTP",
    "wrong-extension",
    bootstrap(
      `${A}, filter_chain_matcher: ${
        matcher("envoy.type.matcher.v3.HttpRequestHeaderMatchInput, header_name: x", STRING)
      }, filter_chains: [{name: a}]`,
    ),
  ],
  [
    "an action of RBAC",
    "wrong-extension",
    bootstrap(`${A}, filter_chain_matcher: ${matcher(PORT, ACTION)}, filter_chains: [{name: a}]`),
  ],
  [
    "an input that RBAC does not have",
    "wrong-extension",
    network("rbac.v3.RBAC", `stat_prefix: x, matcher: ${matcher(TRANSPORT, ACTION)}`),
  ],
  ["an input that RBAC has", undefined, network("rbac.v3.RBAC", `stat_prefix: x, matcher: ${matcher(PORT, ACTION)}`)],
];

Deno.test("no two filter chains match the same", () => assertEquals(differing(CASES), []));

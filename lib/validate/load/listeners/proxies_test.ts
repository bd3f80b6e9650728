import { assertEquals } from "@std/assert";
import { type Case, differing, matcher, tcp, TRANSPORT, tunnel, udp } from "./testing.ts";

export const CASES: readonly Case[] = [
  [
    "options of access logs twice",
    "conflicting-fields",
    tcp("access_log_options: {}, flush_access_log_on_connected: true"),
  ],
  [
    "options of access logs and a false one",
    undefined,
    tcp("access_log_options: {}, flush_access_log_on_connected: false"),
  ],
  [
    "an interval of access logs twice",
    "conflicting-fields",
    tcp("access_log_options: {}, access_log_flush_interval: 1s"),
  ],
  ["pauses that shrink", "conflicting-fields", tcp("backoff_options: {base_interval: 2s, max_interval: 1s}")],
  [
    "pauses that differ by less than a millisecond",
    undefined,
    tcp("backoff_options: {base_interval: 0.0019s, max_interval: 0.0011s}"),
  ],
  ["early data without a limit", "missing-field", tcp("upstream_connect_mode: ON_DOWNSTREAM_DATA")],
  ["early data with a limit", undefined, tcp("upstream_connect_mode: ON_DOWNSTREAM_DATA, max_early_data_bytes: 0")],
  ["a TLV without a value", "missing-field", tcp("proxy_protocol_tlvs: [{type: 3}]")],
  [
    "a TLV with two",
    "conflicting-fields",
    tcp("proxy_protocol_tlvs: [{type: 3, value: YQ==, format_string: {text_format_source: {inline_string: a}}}]"),
  ],
  ["a path without POST", "conflicting-fields", tcp("tunneling_config: {hostname: h, post_path: /x}")],
  ["a path with POST", undefined, tcp("tunneling_config: {hostname: h, post_path: x, use_post: true}")],
  ["a bad format of a tunnel", "bad-format", tcp(`tunneling_config: {hostname: "%FOO%"}`)],
  [
    "a header of a tunnel that cannot be set",
    "bad-header",
    tcp(`tunneling_config: {hostname: h, headers_to_add: [{header: {key: ":path", value: x}}]}`),
  ],
  [
    "a tunnel by packet",
    "conflicting-fields",
    udp(
      "use_per_packet_load_balancing: true, tunneling_config: {proxy_host: a, target_host: b, default_target_port: 1}",
    ),
  ],
  ["a UDP tunnel", undefined, tunnel("proxy_port: 65535")],
  ["port 0 of a UDP tunnel", "bad-port", tunnel("proxy_port: 0")],
  ["a port of a UDP tunnel that is too big", "bad-port", tunnel("proxy_port: 65536")],
  ["a UDP tunnel to a path", "bad-value", tunnel("post_path: x, use_post: true")],
  [
    "a matcher of the UDP proxy by TLS",
    "wrong-extension",
    udp(`matcher: ${matcher(TRANSPORT, "envoy.extensions.filters.udp.udp_proxy.v3.Route, cluster: c")}`).replace(
      "cluster: c, ",
      "",
    ),
  ],
];

Deno.test("options of tcp_proxy and udp_proxy go together", () => assertEquals(differing(CASES), []));

import { assertEquals } from "@std/assert";
import {
  A,
  bootstrap,
  type Case,
  CHAIN,
  differing,
  discovered,
  filters,
  HTTP3,
  LIMIT,
  LISTENER,
  NETWORK,
  preferred,
  quic,
  QUIC_SOCKET,
  TCP,
  TLS_SOCKET,
  typed,
} from "./testing.ts";

export const CASES: readonly Case[] = [
  ["no filter", undefined, filters()],
  ["a terminal filter that is not the last", "terminal-filter", filters(TCP, LIMIT)],
  ["a terminal filter twice", "terminal-filter", filters(TCP, TCP)],
  ["no terminal filter", "terminal-filter", filters(LIMIT)],
  ["a terminal filter at the end", undefined, filters(LIMIT, TCP)],
  ["a filter of any type that is discovered", undefined, filters(discovered(`${NETWORK}.tcp_proxy.v3.TcpProxy`), TCP)],
  [
    "a terminal default of what is discovered",
    "terminal-filter",
    filters(discovered(`${NETWORK}.echo.v3.Echo`, `, default_config: {"@type": ${NETWORK}.echo.v3.Echo}`), TCP),
  ],
  [
    "a default chain that does not end",
    "terminal-filter",
    bootstrap(`${A}, default_filter_chain: {filters: [${LIMIT}]}`),
  ],
  ["a chain of QUIC", undefined, quic(`${QUIC_SOCKET}, filters: [${HTTP3}]`)],
  ["QUIC without a transport socket", "missing-field", quic(`filters: [${HTTP3}]`)],
  ["QUIC with plain TLS", "wrong-extension", quic(`${TLS_SOCKET}, filters: [${HTTP3}]`)],
  ["QUIC without HTTP", "terminal-filter", quic(`${QUIC_SOCKET}, filters: [${TCP}]`)],
  ["QUIC without a filter", "terminal-filter", quic(QUIC_SOCKET)],
  [
    "QUIC that is balanced",
    "unsupported",
    quic(`${QUIC_SOCKET}, filters: [${HTTP3}]`, ", connection_balance_config: {exact_balance: {}}"),
  ],
  [
    "QUIC with a filter of TCP",
    "wrong-extension",
    quic(
      `${QUIC_SOCKET}, filters: [${HTTP3}]`,
      `, listener_filters: [${typed(`${LISTENER}.tls_inspector.v3.TlsInspector`)}]`,
    ),
  ],
  ["a preferred address", undefined, preferred("ipv4_address: 1.2.3.4")],
  ["a preferred address that is none", "bad-address", preferred("ipv4_address: x")],
  [
    "a preferred address of another version",
    "bad-address",
    preferred(`ipv4_config: {address: {address: "::1", port_value: 0}}`),
  ],
  [
    "a preferred address with a port",
    "bad-port",
    preferred(`ipv4_config: {address: {address: 1.2.3.4, port_value: 1}}`),
  ],
  [
    "a translated address alone",
    "missing-field",
    preferred("ipv4_config: {dnat_address: {address: 1.2.3.4, port_value: 0}}"),
  ],
  [
    "proxy protocol of no version",
    "conflicting-fields",
    bootstrap(
      `${A}, ${CHAIN}, listener_filters: [${
        typed(`${LISTENER}.proxy_protocol.v3.ProxyProtocol`, "disallowed_versions: [V1, V2]")
      }]`,
    ),
  ],
  [
    "proxy protocol of one version",
    undefined,
    bootstrap(
      `${A}, ${CHAIN}, listener_filters: [${
        typed(`${LISTENER}.proxy_protocol.v3.ProxyProtocol`, "disallowed_versions: [V1, V1]")
      }]`,
    ),
  ],
];

Deno.test("a chain ends with its last filter, and that of QUIC with HTTP", () => assertEquals(differing(CASES), []));

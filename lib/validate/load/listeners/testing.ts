/**
 * For tests of this area: bootstraps in few words, and what the area says of them.
 *
 * @module
 */
import type { DescMessage } from "@bufbuild/protobuf";
import { loadApi } from "../../../model/api.ts";
import { readFile } from "../../../model/codec/read.ts";
import type { Watcher } from "../../../model/codec/view.ts";
import { checkClaims } from "../../addresses.ts";
import { LISTENER_AREA } from "../listeners.ts";

/**
 * What it is, the rule that refuses it (nothing where Envoy accepts it), and a whole bootstrap. Every verdict is that of
 * Envoy 1.40.0.
 */
export type Case = readonly [what: string, rule: string | undefined, text: string];

const api = loadApi();

/** Only what this area finds, beside what cannot be read. */
const watch = (desc: DescMessage): Watcher | undefined => {
  const own = LISTENER_AREA.checks.filter(([typeName]) => typeName === desc.typeName).map(([, watcher]) => watcher);
  return own.length === 0 ? undefined : (view, run) => own.forEach((watcher) => watcher(view, run));
};

/** What is wrong with a bootstrap, by this area alone. */
export function found(
  text: string,
): { readonly rule: string; readonly severity: string; readonly line: number | undefined }[] {
  const { issues, resources, bootstrap } = readFile(api, text, "t.yaml", "test", { watch, severity: "error" });
  const all = [...issues, ...checkClaims([...resources, ...bootstrap === undefined ? [] : [bootstrap]])];
  return all.filter(({ rule }) => rule !== "missing-name")
    .map(({ rule, severity, at }) => ({ rule, severity, line: at?.line }));
}

/** The cases that are not refused by their rule alone, or not accepted, and by what. */
export function differing(cases: readonly Case[]): string[] {
  return cases.flatMap(([what, rule, text]) => {
    const errors = found(text).filter(({ severity }) => severity === "error");
    const rules = [...new Set(errors.map((issue) => issue.rule))].join();
    return rules === (rule ?? "") ? [] : [`${what}: ${rules || "accepted"}, not ${rule ?? "accepted"}`];
  });
}

export const AT = "type.googleapis.com/envoy.extensions";
export const NETWORK = `${AT}.filters.network`;
export const LISTENER = `${AT}.filters.listener`;

export function bootstrap(...listeners: string[]): string {
  return `static_resources:\n  listeners:\n${
    listeners.map((each) => `  - {${each}}\n`).join("")
  }  clusters:\n  - name: c\n`;
}

export function typed(type: string, body = ""): string {
  return `{name: f, typed_config: {"@type": ${type}${body === "" ? "" : `, ${body}`}}}`;
}

export function address(ip: string, rest = "port_value: 1"): string {
  return `address: {socket_address: {address: "${ip}", ${rest}}}`;
}

export const TCP = typed(`${NETWORK}.tcp_proxy.v3.TcpProxy`, "stat_prefix: x, cluster: c");
export const LIMIT = typed(`${NETWORK}.connection_limit.v3.ConnectionLimit`, "stat_prefix: x, max_connections: 1");
export const ROUTER = typed(`${AT}.filters.http.router.v3.Router`);
export const HTTP3 = typed(
  `${NETWORK}.http_connection_manager.v3.HttpConnectionManager`,
  `stat_prefix: x, codec_type: HTTP3, route_config: {}, http_filters: [${ROUTER}]`,
);
export const A = address("127.0.0.1");
export const UDP = address("127.0.0.1", "port_value: 1, protocol: UDP");
export const CHAIN = `filter_chains: [{filters: [${TCP}]}]`;

export function filters(...list: string[]): string {
  return bootstrap(`${A}, filter_chains: [{filters: [${list.join(", ")}]}]`);
}

export function matches(...list: string[]): string {
  return bootstrap(`${A}, filter_chains: [${list.map((match) => `{filter_chain_match: ${match}}`).join(", ")}]`);
}

export function range(prefix: string, length: number): string {
  return `[{address_prefix: "${prefix}", prefix_len: ${length}}]`;
}

export function network(type: string, body: string): string {
  return filters(typed(`${NETWORK}.${type}`, body), TCP);
}

export function last(type: string, body: string): string {
  return filters(typed(`${NETWORK}.${type}`, body));
}

export function discovered(type: string, more = ""): string {
  return `{name: e, config_discovery: {config_source: {ads: {}}, type_urls: ["${type}"]${more}}}`;
}

export function tcp(body: string): string {
  return last("tcp_proxy.v3.TcpProxy", `stat_prefix: x, cluster: c, ${body}`);
}

export function udp(body: string): string {
  const filter = typed(`${AT}.filters.udp.udp_proxy.v3.UdpProxyConfig`, `stat_prefix: x, cluster: c, ${body}`);
  return bootstrap(`${UDP}, listener_filters: [${filter}]`);
}

export function tunnel(body: string): string {
  return udp(`tunneling_config: {proxy_host: a, target_host: b, default_target_port: 1, ${body}}`);
}

export function rbac(permission: string, more = ""): string {
  const rules = `rules: {policies: {p: {permissions: [{${permission}}], principals: [{any: true}]}}}`;
  return network("rbac.v3.RBAC", `stat_prefix: x, ${rules}${more}`);
}

export function redis(routes: string): string {
  return last("redis_proxy.v3.RedisProxy", `stat_prefix: x, settings: {op_timeout: 1s}, prefix_routes: {${routes}}`);
}

export const THRIFT_ROUTES = "route_config: {name: r, routes: [{match: {method_name: a}, route: {cluster: c}}]}";

export function thrift(body: string): string {
  return last("thrift_proxy.v3.ThriftProxy", `stat_prefix: x, ${body}`);
}

export const CODEC = typed(`${NETWORK}.generic_proxy.codecs.dubbo.v3.DubboCodecConfig`);
export const GENERIC_ROUTER = typed(`${NETWORK}.generic_proxy.router.v3.Router`);

export function generic(list: string, routes = ""): string {
  const body = `stat_prefix: x, codec_config: ${CODEC}, filters: [${list}], route_config: {name: r${routes}}`;
  return last("generic_proxy.v3.GenericProxy", body);
}

export const SDS = "common_tls_context: {tls_certificate_sds_secret_configs: [{name: s, sds_config: {ads: {}}}]}";
export const QUIC_SOCKET = `transport_socket: ${
  typed(`${AT}.transport_sockets.quic.v3.QuicDownstreamTransport`, `downstream_tls_context: {${SDS}}`)
}`;
export const TLS_SOCKET = `transport_socket: ${typed(`${AT}.transport_sockets.tls.v3.DownstreamTlsContext`, SDS)}`;

export function quic(chain: string, more = "", options = ""): string {
  return bootstrap(`${UDP}, udp_listener_config: {quic_options: {${options}}}, filter_chains: [{${chain}}]${more}`);
}

export function preferred(body: string): string {
  const type = `${AT}.quic.server_preferred_address.v3.FixedServerPreferredAddressConfig`;
  return quic(`${QUIC_SOCKET}, filters: [${HTTP3}]`, "", `server_preferred_address_config: ${typed(type, body)}`);
}

export function matcher(input: string, action: string): string {
  const tree = `input: {name: p, typed_config: {"@type": type.googleapis.com/${input}}}, ` +
    `exact_match_map: {map: {"1": {action: {name: a, typed_config: {"@type": type.googleapis.com/${action}}}}}}`;
  return `{matcher_tree: {${tree}}}`;
}

export const PORT = "envoy.extensions.matching.common_inputs.network.v3.DestinationPortInput";
export const TRANSPORT = "envoy.extensions.matching.common_inputs.network.v3.TransportProtocolInput";
export const STRING = "google.protobuf.StringValue, value: a";
export const ACTION = "envoy.config.rbac.v3.Action, name: a";

export const INTERNAL = (rest: string) =>
  `${bootstrap(`name: i, internal_listener: {}, ${CHAIN}${rest}`)}bootstrap_extensions:\n- ${
    typed(`${AT}.bootstrap.internal_listener.v3.InternalListener`)
  }\n`;

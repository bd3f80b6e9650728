/**
 * Parts of bootstraps that have a place for an extension, as plain data.
 *
 * @module
 */
import { CLUSTER } from "./minimal.ts";

export type Data = Readonly<Record<string, unknown>>;

/** Where the extension stands in a template; what it stands in has a name if it must. */
export const X = "$extension";
export const T = "type.googleapis.com/envoy";
export const ROUTER = { name: "router", typed_config: { "@type": `${T}.extensions.filters.http.router.v3.Router` } };
export const ECHO = { name: "echo", typed_config: { "@type": `${T}.extensions.filters.network.echo.v3.Echo` } };
export const STDOUT = `${T}.extensions.access_loggers.stream.v3.StdoutAccessLog`;
export const NAMED = { name: "x", typed_config: X };

export const GRPC = { envoy_grpc: { cluster_name: CLUSTER } };
export const ADS = { ads: {}, resource_api_version: "V3" };
export const SECRET = { name: "s", sds_config: ADS };
export const SDS = { tls_certificate_sds_secret_configs: [SECRET] };
export const LUA = { inline_string: "function envoy_on_route(h)\n return 'x'\nend" };
export const POLICY = {
  policies: [{
    typed_extension_config: {
      name: "p",
      typed_config: { "@type": `${T}.extensions.load_balancing_policies.round_robin.v3.RoundRobin` },
    },
  }],
};

export function library(direction: string, type: string): Data {
  const typed_config = { "@type": `${T}.extensions.compression.gzip.${direction}.v3.${type}` };
  return { name: "l", typed_config };
}

export function bootstrap(listener: Data | undefined, more: Data = {}, clusters: Data[] = []): Data {
  return {
    static_resources: {
      ...(listener === undefined ? {} : { listeners: [listener] }),
      clusters: ["$cluster", ...clusters],
    },
    ...more,
  };
}

const ADDRESS = { socket_address: { address: "127.0.0.1", port_value: 0 } };

export function listener(filters: unknown[], more: Data = {}, chain: Data = {}): Data {
  return bootstrap({ name: "l", address: ADDRESS, filter_chains: [{ filters, ...chain }], ...more });
}

export function udp(more: Data): Data {
  const address = { socket_address: { protocol: "UDP", address: "127.0.0.1", port_value: 0 } };
  return bootstrap({ name: "l", address, udp_listener_config: {}, ...more });
}

const HCM = `${T}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;

interface Http {
  readonly filters?: unknown[];
  readonly manager?: Data;
  readonly route?: Data;
  readonly action?: Data;
  readonly host?: Data;
  readonly match?: Data;
}

export function http(
  { filters = [], manager = {}, route = {}, action = {}, host = {}, match = { prefix: "/" } }: Http,
): Data {
  const one = { match, route: { cluster: CLUSTER, ...action }, ...route };
  const config = {
    "@type": HCM,
    stat_prefix: "x",
    route_config: { name: "r", virtual_hosts: [{ name: "v", domains: ["*"], routes: [one], ...host }] },
    http_filters: [...filters, ROUTER],
    ...manager,
  };
  return listener([{ name: "hcm", typed_config: config }]);
}

export function cluster(more: Data): Data {
  return bootstrap(undefined, {}, [{ name: "c", connect_timeout: "1s", ...more }]);
}

export const ENDPOINTS = {
  cluster_name: "c",
  endpoints: [{
    lb_endpoints: [{ endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: 1 } } } }],
  }],
};
export const STATIC = { type: "STATIC", load_assignment: ENDPOINTS };
export const CHECK = { timeout: "1s", interval: "1s", unhealthy_threshold: 1, healthy_threshold: 1 };

export function tree(
  input: unknown,
  action: unknown = { "@type": "type.googleapis.com/google.protobuf.StringValue", value: "c" },
) {
  const on_match = { action: { name: "a", typed_config: action } };
  return { matcher_tree: { input: { name: "i", typed_config: input }, exact_match_map: { map: { a: on_match } } } };
}

/** Filter chains chosen by a matcher. */
export function chains(matcher: Data): Data {
  return listener([ECHO], { filter_chain_matcher: matcher, filter_chains: [{ name: "c", filters: [ECHO] }] });
}

export const HEADER_INPUT = { "@type": `${T}.type.matcher.v3.HttpRequestHeaderMatchInput`, header_name: "x" };

export function filter(type: string, fields: Data): Data {
  return { name: "f", typed_config: { "@type": `${T}.extensions.filters.http.${type}`, ...fields } };
}

export function rbac(policy: Data): Data {
  return http({ filters: [filter("rbac.v3.RBAC", { rules: { policies: { p: policy } } })] });
}

export function accessLog(log: Data): Data {
  return http({ manager: { access_log: [log] } });
}

export function quic(options: Data): Data {
  const tls = {
    "@type": `${T}.extensions.transport_sockets.quic.v3.QuicDownstreamTransport`,
    downstream_tls_context: { common_tls_context: SDS },
  };
  const manager = {
    "@type": HCM,
    codec_type: "HTTP3",
    stat_prefix: "x",
    route_config: { name: "r" },
    http_filters: [ROUTER],
    http3_protocol_options: {},
  };
  return udp({
    udp_listener_config: { quic_options: options },
    filter_chains: [{
      transport_socket: { name: "quic", typed_config: tls },
      filters: [{ name: "hcm", typed_config: manager }],
    }],
  });
}

export function udpSession(): Data {
  return udp({
    listener_filters: [{
      name: "u",
      typed_config: {
        "@type": `${T}.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig`,
        stat_prefix: "x",
        cluster: CLUSTER,
        session_filters: [NAMED],
      },
    }],
  });
}

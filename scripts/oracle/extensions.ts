/**
 * Every extension type of the API in the smallest bootstrap that has a place for it. Whether it is valid there is for
 * Envoy to say.
 *
 * @module
 */
import type { DescMessage } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import type { Api } from "../../lib/model/api.ts";
import { type Base, grpcCluster } from "./base.ts";
import { CLUSTER, type Minimal } from "./minimal.ts";
import { from, list, type Value } from "./value.ts";
import { fieldOf } from "./walk.ts";

type Data = Readonly<Record<string, unknown>>;

/** Where the extension stands in a template; what it stands in has a name if it must. */
const X = "$extension";
const T = "type.googleapis.com/envoy";
const ROUTER = { name: "router", typed_config: { "@type": `${T}.extensions.filters.http.router.v3.Router` } };
const ECHO = { name: "echo", typed_config: { "@type": `${T}.extensions.filters.network.echo.v3.Echo` } };
const STDOUT = `${T}.extensions.access_loggers.stream.v3.StdoutAccessLog`;
const NAMED = { name: "x", typed_config: X };

const GRPC = { envoy_grpc: { cluster_name: CLUSTER } };
const ADS = { ads: {}, resource_api_version: "V3" };
const SECRET = { name: "s", sds_config: ADS };
const SDS = { tls_certificate_sds_secret_configs: [SECRET] };
const LUA = { inline_string: "function envoy_on_route(h)\n return 'x'\nend" };
const POLICY = {
  policies: [{
    typed_extension_config: {
      name: "p",
      typed_config: { "@type": `${T}.extensions.load_balancing_policies.round_robin.v3.RoundRobin` },
    },
  }],
};

function library(direction: string, type: string): Data {
  const typed_config = { "@type": `${T}.extensions.compression.gzip.${direction}.v3.${type}` };
  return { name: "l", typed_config };
}

function bootstrap(listener: Data | undefined, more: Data = {}, clusters: Data[] = []): Data {
  return {
    static_resources: {
      ...(listener === undefined ? {} : { listeners: [listener] }),
      clusters: ["$cluster", ...clusters],
    },
    ...more,
  };
}

const ADDRESS = { socket_address: { address: "127.0.0.1", port_value: 0 } };

function listener(filters: unknown[], more: Data = {}, chain: Data = {}): Data {
  return bootstrap({ name: "l", address: ADDRESS, filter_chains: [{ filters, ...chain }], ...more });
}

function udp(more: Data): Data {
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

function http({ filters = [], manager = {}, route = {}, action = {}, host = {}, match = { prefix: "/" } }: Http): Data {
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

function cluster(more: Data): Data {
  return bootstrap(undefined, {}, [{ name: "c", connect_timeout: "1s", ...more }]);
}

const ENDPOINTS = {
  cluster_name: "c",
  endpoints: [{
    lb_endpoints: [{ endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: 1 } } } }],
  }],
};
const STATIC = { type: "STATIC", load_assignment: ENDPOINTS };
const CHECK = { timeout: "1s", interval: "1s", unhealthy_threshold: 1, healthy_threshold: 1 };

function tree(
  input: unknown,
  action: unknown = { "@type": "type.googleapis.com/google.protobuf.StringValue", value: "c" },
) {
  const on_match = { action: { name: "a", typed_config: action } };
  return { matcher_tree: { input: { name: "i", typed_config: input }, exact_match_map: { map: { a: on_match } } } };
}

/** Filter chains chosen by a matcher. */
function chains(matcher: Data): Data {
  return listener([ECHO], { filter_chain_matcher: matcher, filter_chains: [{ name: "c", filters: [ECHO] }] });
}

const HEADER_INPUT = { "@type": `${T}.type.matcher.v3.HttpRequestHeaderMatchInput`, header_name: "x" };

/** Templates by the package of the type. All that fit are tried, the first that Envoy accepts is kept. */
const POINTS: readonly (readonly [RegExp, ...Data[]])[] = [
  [
    /\.filters\.http\./,
    http({ filters: [NAMED] }),
    http({ route: { typed_per_filter_config: { x: X } } }),
    http({ filters: [{ name: "x", typed_config: X }].slice(0, 0), manager: { http_filters: [NAMED] } }),
  ],
  [/\.filters\.network\./, listener([NAMED]), listener([NAMED, ECHO])],
  [/\.filters\.listener\./, listener([ECHO], { listener_filters: [NAMED] })],
  [/\.filters\.udp\.udp_proxy\.session\./, udpSession()],
  [/\.filters\.udp\./, udp({ listener_filters: [NAMED] })],
  [
    /\.access_loggers\.filters\./,
    accessLog({ name: "x", filter: { extension_filter: NAMED }, typed_config: { "@type": STDOUT } }),
  ],
  [/\.access_loggers\./, accessLog(NAMED)],
  [
    /\.transport_sockets\./,
    cluster({ ...STATIC, transport_socket: NAMED }),
    listener([ECHO], {}, { transport_socket: NAMED }),
  ],
  [
    /\.clusters\.|\.reverse_tunnel/,
    cluster({ cluster_type: NAMED }),
    cluster({ cluster_type: NAMED, lb_policy: "CLUSTER_PROVIDED" }),
    cluster({ cluster_type: NAMED, load_assignment: ENDPOINTS }),
  ],
  [
    /\.load_balancing_policies\./,
    cluster({ ...STATIC, load_balancing_policy: { policies: [{ typed_extension_config: NAMED }] } }),
  ],
  [/\.health_checkers\./, cluster({ ...STATIC, health_checks: [{ ...CHECK, custom_health_check: NAMED }] })],
  [
    /\.health_check\.event_sinks\./,
    cluster({ ...STATIC, health_checks: [{ ...CHECK, tcp_health_check: {}, event_logger: [NAMED] }] }),
  ],
  [/\.outlier_detection_monitors\./, cluster({ ...STATIC, outlier_detection: { monitors: [NAMED] } })],
  [/\.retry\.host\./, http({ action: { retry_policy: { retry_on: "5xx", retry_host_predicate: [NAMED] } } })],
  [/\.retry\.priority\./, http({ action: { retry_policy: { retry_on: "5xx", retry_priority: NAMED } } })],
  [/\.resource_monitors\./, bootstrap(undefined, { overload_manager: { resource_monitors: [NAMED] } })],
  [/^envoy\.config\.trace\.|\.tracers\./, http({ manager: { tracing: { provider: NAMED } } })],
  [
    /\.tracers\.opentelemetry\.resource_detectors\./,
    http({
      manager: {
        tracing: {
          provider: {
            name: "o",
            typed_config: {
              "@type": `${T}.config.trace.v3.OpenTelemetryConfig`,
              grpc_service: GRPC,
              resource_detectors: [NAMED],
            },
          },
        },
      },
    }),
  ],
  [
    /\.tracers\.opentelemetry\.samplers\./,
    http({
      manager: {
        tracing: {
          provider: {
            name: "o",
            typed_config: { "@type": `${T}.config.trace.v3.OpenTelemetryConfig`, grpc_service: GRPC, sampler: NAMED },
          },
        },
      },
    }),
  ],
  [/^envoy\.config\.metrics\.|\.stat_sinks\./, bootstrap(undefined, { stats_sinks: [NAMED] })],
  [/\.bootstrap\.|\.network\.socket_interface\.|\.wasm\./, bootstrap(undefined, { bootstrap_extensions: [NAMED] })],
  [
    /\.formatter\./,
    accessLog({
      name: "x",
      typed_config: {
        "@type": STDOUT,
        log_format: { text_format_source: { inline_string: "x\n" }, formatters: [NAMED] },
      },
    }),
  ],
  [/\.http\.original_ip_detection\./, http({ manager: { original_ip_detection_extensions: [NAMED] } })],
  [/\.http\.early_header_mutation\./, http({ manager: { early_header_mutation_extensions: [NAMED] } })],
  [/\.http\.header_validators\./, http({ manager: { typed_header_validation_config: NAMED } })],
  [
    /\.http\.header_formatters\./,
    http({ manager: { http_protocol_options: { header_key_format: { stateful_formatter: NAMED } } } }),
  ],
  [
    /\.http\.stateful_session\./,
    http({ filters: [filter("stateful_session.v3.StatefulSession", { session_state: NAMED })] }),
  ],
  [
    /\.http\.injected_credentials\./,
    http({ filters: [filter("credential_injector.v3.CredentialInjector", { credential: NAMED })] }),
  ],
  [
    /\.http\.custom_response\./,
    http({
      filters: [
        filter("custom_response.v3.CustomResponse", { custom_response_matcher: { on_no_match: { action: NAMED } } }),
      ],
    }),
  ],
  [/\.http\.cache\./, http({ filters: [filter("cache.v3.CacheConfig", { typed_config: X })] })],
  [
    /\.http\.ext_proc\./,
    http({
      filters: [
        filter("ext_proc.v3.ExternalProcessor", {
          grpc_service: { envoy_grpc: { cluster_name: CLUSTER } },
          on_processing_response: NAMED,
        }),
      ],
    }),
  ],
  [/\.internal_redirect\./, http({ action: { internal_redirect_policy: { predicates: [NAMED] } } })],
  [/\.early_data\./, http({ action: { early_data_policy: NAMED } })],
  [/\.request_id\./, http({ manager: { request_id_extension: { typed_config: X } } })],
  [/\.path\.match\./, http({ match: { path_match_policy: NAMED } })],
  [
    /\.path\.rewrite\./,
    http({
      match: {
        path_match_policy: {
          name: "m",
          typed_config: {
            "@type": `${T}.extensions.path.match.uri_template.v3.UriTemplateMatchConfig`,
            path_template: "/{a}",
          },
        },
      },
      action: { path_rewrite_policy: NAMED },
    }),
  ],
  [
    /\.router\.cluster_specifiers\./,
    http({ action: { cluster: undefined, inline_cluster_specifier_plugin: { extension: NAMED } } }),
  ],
  [
    /\.upstreams\.http\.v3\.|\.upstreams\.tcp\.v3\./,
    cluster({
      ...STATIC,
      typed_extension_protocol_options: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": X },
    }),
    cluster({
      ...STATIC,
      typed_extension_protocol_options: { "envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions": X },
    }),
  ],
  [/\.upstreams\.(http|tcp)\.\w+\.v3|\.upstreams\./, cluster({ ...STATIC, upstream_config: NAMED })],
  [
    /\.network\.dns_resolver\./,
    cluster({ type: "STRICT_DNS", load_assignment: ENDPOINTS, typed_dns_resolver_config: NAMED }),
  ],
  [
    /\.config\.validators\./,
    bootstrap(undefined, {
      dynamic_resources: {
        ads_config: {
          api_type: "GRPC",
          transport_api_version: "V3",
          grpc_services: [{ envoy_grpc: { cluster_name: CLUSTER } }],
          config_validators: [NAMED],
        },
      },
    }),
  ],
  [/\.rate_limit_descriptors\./, http({ action: { rate_limits: [{ actions: [{ extension: NAMED }] }] } })],
  [/\.regex_engines\./, bootstrap(undefined, { default_regex_engine: NAMED })],
  [
    /\.compression\.\w+\.compressor\./,
    http({ filters: [filter("compressor.v3.Compressor", { compressor_library: NAMED })] }),
  ],
  [
    /\.compression\.\w+\.decompressor\./,
    http({ filters: [filter("decompressor.v3.Decompressor", { decompressor_library: NAMED })] }),
  ],
  [/\.rbac\.matchers\./, rbac({ permissions: [{ matcher: NAMED }], principals: [{ any: true }] })],
  [/\.rbac\.principals\./, rbac({ permissions: [{ any: true }], principals: [{ custom: NAMED }] })],
  [
    /\.rbac\.audit_loggers\./,
    http({
      filters: [
        filter("rbac.v3.RBAC", {
          rules: {
            policies: {},
            audit_logging_options: { audit_condition: "ON_DENY", logger_configs: [{ audit_logger: NAMED }] },
          },
        }),
      ],
    }),
  ],
  [
    /\.string_matcher\./,
    http({
      host: {
        routes: [{
          match: { prefix: "/", headers: [{ name: "x", string_match: { custom: NAMED } }] },
          route: { cluster: CLUSTER },
        }],
      },
    }),
  ],
  [
    /\.matching\.http\.|^envoy\.type\.matcher\.v3\.Http/,
    http({
      manager: {
        route_config: {
          name: "r",
          virtual_hosts: [{
            name: "v",
            domains: ["*"],
            matcher: tree(X, {
              "@type": `${T}.config.route.v3.Route`,
              match: { prefix: "/" },
              route: { cluster: CLUSTER },
            }),
          }],
        },
      },
    }),
  ],
  [/\.matching\.common_inputs\.(network|ssl|environment)/, chains(tree(X))],
  [
    /\.matching\.input_matchers\.|^xds\.type\.matcher/,
    http({
      manager: {
        route_config: {
          name: "r",
          virtual_hosts: [{
            name: "v",
            domains: ["*"],
            matcher: {
              matcher_list: {
                matchers: [{
                  predicate: {
                    single_predicate: { input: { name: "i", typed_config: HEADER_INPUT }, custom_match: NAMED },
                  },
                  on_match: {
                    action: {
                      name: "a",
                      typed_config: {
                        "@type": `${T}.config.route.v3.Route`,
                        match: { prefix: "/" },
                        route: { cluster: CLUSTER },
                      },
                    },
                  },
                }],
              },
            },
          }],
        },
      },
    }),
  ],
  [
    /\.matching\.actions\./,
    chains(tree({ "@type": `${T}.extensions.matching.common_inputs.network.v3.DestinationPortInput` }, X)),
  ],
  [
    /\.udp_packet_writer\./,
    udp({ udp_listener_config: { udp_packet_packet_writer_config: NAMED }, listener_filters: [] }),
  ],
  [/\.quic\.connection_id_generator\./, quic({ connection_id_generator_config: NAMED })],
  [/\.quic\.crypto_stream\./, quic({ crypto_stream_config: NAMED })],
  [/\.quic\.proof_source\./, quic({ proof_source_config: NAMED })],
  [/\.quic\.server_preferred_address\./, quic({ server_preferred_address_config: NAMED })],
  [/\.quic\.connection_debug_visitor\./, quic({ connection_debug_visitor_config: NAMED })],
  [
    /\.key_value\./,
    cluster({
      ...STATIC,
      typed_extension_protocol_options: {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
          "@type": `${T}.extensions.upstreams.http.v3.HttpProtocolOptions`,
          auto_config: {
            http2_protocol_options: {},
            alternate_protocols_cache_options: { name: "a", key_value_store_config: NAMED },
          },
        },
      },
    }),
  ],
  [/\.geoip_providers\./, http({ filters: [filter("geoip.v3.Geoip", { provider: NAMED })] })],
  [
    /\.local_address_selectors\./,
    cluster({
      ...STATIC,
      upstream_bind_config: { source_address: { address: "127.0.0.1", port_value: 0 }, local_address_selector: NAMED },
    }),
  ],
  [/\.connection_balance\./, listener([ECHO], { connection_balance_config: { extend_balance: NAMED } })],
  [
    /\.watchdog\.|\.config\.watchdog\./,
    bootstrap(undefined, { watchdogs: { main_thread_watchdog: { actions: [{ config: NAMED, event: "MISS" }] } } }),
  ],
];

function filter(type: string, fields: Data): Data {
  return { name: "f", typed_config: { "@type": `${T}.extensions.filters.http.${type}`, ...fields } };
}

function rbac(policy: Data): Data {
  return http({ filters: [filter("rbac.v3.RBAC", { rules: { policies: { p: policy } } })] });
}

function accessLog(log: Data): Data {
  return http({ manager: { access_log: [log] } });
}

function quic(options: Data): Data {
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

function udpSession(): Data {
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

/** What an extension needs beyond what its descriptor requires. */
const NEEDED: Readonly<Record<string, Data>> = {
  "config.trace.v3.OpenTelemetryConfig": { grpc_service: GRPC },
  "config.trace.v3.ZipkinConfig": {
    collector_cluster: CLUSTER,
    collector_endpoint: "/",
    collector_endpoint_version: "HTTP_JSON",
  },
  "config.trace.v3.XRayConfig": {
    daemon_endpoint: { protocol: "UDP", address: "127.0.0.1", port_value: 2000 },
  },
  "access_loggers.file.v3.FileAccessLog": { path: "/dev/null" },
  "access_loggers.filters.cel.v3.ExpressionFilter": { expression: "true" },
  "access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig": { grpc_service: GRPC },
  "access_loggers.stats.v3.Config": { stat_prefix: "x" },
  "filters.http.adaptive_concurrency.v3.AdaptiveConcurrency": {
    gradient_controller_config: {
      concurrency_limit_params: { concurrency_update_interval: "1s" },
      min_rtt_calc_params: { interval: "1s" },
    },
  },
  "filters.http.aws_lambda.v3.Config": { arn: "arn:aws:lambda:us-west-2:987654321:function:x" },
  "filters.http.aws_request_signing.v3.AwsRequestSigning": { region: "r" },
  "filters.http.basic_auth.v3.BasicAuth": {
    users: { inline_string: "a:{SHA}hvfkN/qlp/zhXR3cuerq6jd2Z7g=" },
  },
  "filters.http.cache.v3.CacheConfig": { disabled: true },
  "filters.http.cache_v2.v3.CacheV2Config": { disabled: true },
  "filters.http.compressor.v3.Compressor": { compressor_library: library("compressor", "Gzip") },
  "filters.http.decompressor.v3.Decompressor": { decompressor_library: library("decompressor", "Gzip") },
  "filters.http.credential_injector.v3.CredentialInjector": {
    credential: {
      name: "c",
      typed_config: { "@type": `${T}.extensions.http.injected_credentials.generic.v3.Generic`, credential: SECRET },
    },
  },
  "filters.http.ext_proc.v3.ExternalProcessor": { grpc_service: GRPC },
  "filters.http.ip_tagging.v3.IPTagging": {
    ip_tags: [{ ip_tag_name: "x", ip_list: [{ address_prefix: "10.0.0.0", prefix_len: 8 }] }],
  },
  "filters.http.oauth2.v3.OAuth2": {
    config: {
      token_endpoint: { uri: "http://127.0.0.1/", cluster: CLUSTER, timeout: "1s" },
      authorization_endpoint: "http://127.0.0.1/",
      credentials: { client_id: "x", token_secret: SECRET, hmac_secret: SECRET },
      redirect_uri: "http://127.0.0.1/",
      redirect_path_matcher: { path: { exact: "/a" } },
      signout_path: { path: { exact: "/b" } },
    },
  },
  "filters.network.http_connection_manager.v3.HttpConnectionManager": {
    rds: { route_config_name: "r", config_source: { ads: {}, resource_api_version: "V3" } },
    http_filters: [ROUTER],
  },
  "filters.network.redis_proxy.v3.RedisProxy": { prefix_routes: { catch_all_route: { cluster: CLUSTER } } },
  "filters.http.thrift_to_metadata.v3.ThriftToMetadata": {
    request_rules: [{ field: "METHOD_NAME", on_present: { key: "k" } }],
  },
  "filters.http.rate_limit_quota.v3.RateLimitQuotaFilterConfig": { rlqs_server: GRPC, domain: "d" },
  "formatter.generic_secret.v3.GenericSecret": {},
  "transport_sockets.tls.v3.DownstreamTlsContext": { common_tls_context: SDS },
  "transport_sockets.starttls.v3.StartTlsConfig": { tls_socket_config: { common_tls_context: SDS } },
  "transport_sockets.quic.v3.QuicDownstreamTransport": { downstream_tls_context: { common_tls_context: SDS } },
  "health_checkers.thrift.v3.Thrift": { transport: "FRAMED", protocol: "BINARY" },
  "health_checkers.udp.v3.UdpHealthCheck": { send: { text: "00" }, receive: [{ text: "00" }] },
  "health_check.event_sinks.file.v3.HealthCheckEventFileSink": { event_log_path: "/dev/null" },
  "load_balancing_policies.override_host.v3.OverrideHost": { override_host_sources: [{ header: "x" }] },
  "load_balancing_policies.load_aware_locality.v3.LoadAwareLocality": { endpoint_picking_policy: POLICY },
  "load_balancing_policies.wrr_locality.v3.WrrLocality": { endpoint_picking_policy: POLICY },
  "load_balancing_policies.subset.v3.Subset": { subset_lb_policy: POLICY },
  "rate_limit_descriptors.expr.v3.Descriptor": { text: "true" },
  "rate_limit_descriptors.jwt_claim.v3.Descriptor": { header_name: "x" },
  "rbac.matchers.upstream_ip_port.v3.UpstreamIpPortMatcher": { upstream_port_range: { start: 1, end: 2 } },
  "rbac.principals.mtls_authenticated.v3.Config": { any_validated_client_certificate: true },
  "resource_monitors.fixed_heap.v3.FixedHeapConfig": { max_heap_size_bytes: "1000000" },
  "router.cluster_specifiers.lua.v3.LuaConfig": { source_code: LUA },
  "string_matcher.lua.v3.Lua": { source_code: { inline_string: "function envoy_match(s)\n return true\nend" } },
};

/** What cannot be had here: code, a data base, a device. */
const ABSENT = /wasm|dynamic_module|maxmind|\.v2|cryptomb|qat|kafka/i;

/** All extension types, each in all templates that suit it: with what is required, and with every field. */
export function extensionBases(api: Api, minimal: Minimal): Base[][] {
  const bases: Base[][] = [];
  for (const desc of extensionTypes(api)) {
    const templates = POINTS.filter(([pattern]) => pattern.test(desc.typeName)).flatMap(([, ...all]) => all);
    if (templates.length === 0 || ABSENT.test(desc.typeName)) continue;
    const value = withNeeded(
      minimal.message(desc, true),
      NEEDED[desc.typeName.replace(/^envoy\.(extensions\.)?/, "")] ?? NEEDED[desc.typeName.replace(/^envoy\./, "")],
    );
    bases.push(templates.map((template, i) => ({
      name: `${desc.typeName}#${i}`,
      form: "bootstrap",
      root: list([fill(template, value)]),
    })));
  }
  return bases;
}

function withNeeded(value: Value, needed: Data = {}): Value {
  if (value.kind !== "map") return value;
  const more = from(needed);
  const kept = value.entries.filter(({ key }) => !(key in needed));
  return { kind: "map", entries: [...kept, ...(more.kind === "map" ? more.entries : [])] };
}

function extensionTypes(api: Api): DescMessage[] {
  const found: DescMessage[] = [];
  for (const path of api.paths) {
    if (!/^envoy\/(extensions|config\/(trace|metrics))\/|^(envoy\/type|xds\/type)\/matcher/.test(path)) continue;
    const file = api.file(path);
    for (const type of file === undefined ? [] : nestedTypes(file)) {
      if (type.kind === "message" && type.parent === undefined && fieldOf(type, "@type") === undefined) {
        found.push(type);
      }
    }
  }
  return found;
}

function fill(template: unknown, extension: Value): Value {
  if (template === X) return extension;
  if (template === "$cluster") return grpcCluster(CLUSTER);
  if (Array.isArray(template)) return list(template.map((each) => fill(each, extension)));
  if (typeof template !== "object" || template === null) return from(template);
  const entries = Object.entries(template).filter(([, value]) => value !== undefined);
  return { kind: "map", entries: entries.map(([key, value]) => ({ key, value: fill(value, extension) })) };
}

/**
 * Where the extensions of each package stand.
 *
 * @module
 */
import { CLUSTER } from "./minimal.ts";
import {
  accessLog,
  bootstrap,
  chains,
  CHECK,
  cluster,
  type Data,
  ECHO,
  ENDPOINTS,
  filter,
  GRPC,
  HEADER_INPUT,
  http,
  listener,
  NAMED,
  quic,
  rbac,
  STATIC,
  STDOUT,
  T,
  tree,
  udp,
  udpSession,
  X,
} from "./parts.ts";

/** Templates by the package of the type. All that fit are tried, the first that Envoy accepts is kept. */
export const POINTS: readonly (readonly [RegExp, ...Data[]])[] = [
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

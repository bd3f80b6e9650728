/**
 * The places of extensions: fields whose `Any` Envoy takes only if it has an extension of that type in one of the
 * place's categories. The categories stand in comments of Envoy's API (`[#extension-category: …]`), so they are listed
 * here. Only places that Envoy reads while it loads a configuration: each was tried with a type that belongs nowhere.
 *
 * @module
 */

/** What Envoy makes of a type that it does not know in this place. */
export interface Place {
  /** The field that is an `Any`, a `TypedExtensionConfig`, or a message with a `typed_config`; or a list of these. */
  readonly field: string;
  /** Any of these will do. One that ends with `*` stands for all that begin so. */
  readonly categories: readonly string[];
}

const FILTERS = "envoy.extensions.filters";
const HCM = `${FILTERS}.network.http_connection_manager.v3`;
const OLD_MATCHER = "envoy.config.common.matcher.v3.Matcher";
const SOCKETS = "envoy.extensions.transport_sockets";

const ANY_SOCKET = ["envoy.transport_sockets.downstream", "envoy.transport_sockets.upstream"];

/** Rows of message, field, and categories. */
const ROWS: readonly (readonly [message: string, field: string, ...categories: string[]])[] = [
  // Listeners. Which of the listener filters fit is told by the protocol: see `filters.ts`.
  ["envoy.config.listener.v3.Filter", "typed_config", "envoy.filters.network"],
  ["envoy.config.listener.v3.FilterChain", "transport_socket", "envoy.transport_sockets.downstream"],
  ["envoy.config.listener.v3.QuicProtocolOptions", "crypto_stream_config", "envoy.quic.server.crypto_stream"],
  ["envoy.config.listener.v3.QuicProtocolOptions", "proof_source_config", "envoy.quic.proof_source"],
  [
    "envoy.config.listener.v3.QuicProtocolOptions",
    "connection_id_generator_config",
    "envoy.quic.connection_id_generator",
  ],
  [
    "envoy.config.listener.v3.QuicProtocolOptions",
    "server_preferred_address_config",
    "envoy.quic.server_preferred_address",
  ],
  [
    "envoy.config.listener.v3.QuicProtocolOptions",
    "connection_debug_visitor_config",
    "envoy.quic.connection_debug_visitor",
  ],
  [
    "envoy.config.listener.v3.Listener.ConnectionBalanceConfig",
    "extend_balance",
    "envoy.network.connection_balance",
  ],
  ["envoy.config.accesslog.v3.AccessLog", "typed_config", "envoy.access_loggers"],
  ["envoy.config.accesslog.v3.ExtensionFilter", "typed_config", "envoy.access_loggers.extension_filters"],
  ["envoy.config.core.v3.SubstitutionFormatString", "formatters", "envoy.formatter"],
  ["envoy.extensions.access_loggers.fluentd.v3.FluentdAccessLogConfig", "formatters", "envoy.formatter"],
  [
    "envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig",
    "formatters",
    "envoy.formatter",
  ],
  [
    "envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig",
    "resource_detectors",
    "envoy.tracers.opentelemetry.resource_detectors",
  ],
  // The HTTP connection manager and its routes.
  [`${HCM}.HttpConnectionManager`, "original_ip_detection_extensions", "envoy.http.original_ip_detection"],
  [`${HCM}.HttpConnectionManager`, "early_header_mutation_extensions", "envoy.http.early_header_mutation"],
  [`${HCM}.RequestIDExtension`, "typed_config", "envoy.request_id"],
  [
    "envoy.config.core.v3.Http1ProtocolOptions.HeaderKeyFormat",
    "stateful_formatter",
    "envoy.http.stateful_header_formatters",
  ],
  ["envoy.config.trace.v3.Tracing.Http", "typed_config", "envoy.tracers"],
  [
    "envoy.config.trace.v3.OpenTelemetryConfig",
    "resource_detectors",
    "envoy.tracers.opentelemetry.resource_detectors",
  ],
  ["envoy.config.trace.v3.OpenTelemetryConfig", "sampler", "envoy.tracers.opentelemetry.samplers"],
  [
    "envoy.extensions.tracers.opentelemetry.samplers.v3.ParentBasedSamplerConfig",
    "wrapped_sampler",
    "envoy.tracers.opentelemetry.samplers",
  ],
  ["envoy.config.route.v3.RouteMatch", "path_match_policy", "envoy.path.match"],
  ["envoy.config.route.v3.RouteAction", "path_rewrite_policy", "envoy.path.rewrite"],
  ["envoy.config.route.v3.RouteAction", "early_data_policy", "envoy.route.early_data_policy"],
  ["envoy.config.route.v3.RetryPolicy.RetryPriority", "typed_config", "envoy.retry_priorities"],
  ["envoy.config.route.v3.RetryPolicy.RetryHostPredicate", "typed_config", "envoy.retry_host_predicates"],
  ["envoy.config.route.v3.RetryPolicy", "retry_options_predicates", "envoy.retry_options_predicates"],
  [
    "envoy.config.route.v3.RateLimit.Action",
    "extension",
    "envoy.rate_limit_descriptors",
    "envoy.matching.http.input",
    "envoy.matching.common_inputs",
  ],
  ["envoy.config.route.v3.InternalRedirectPolicy", "predicates", "envoy.internal_redirect_predicates"],
  ["envoy.type.matcher.v3.StringMatcher", "custom", "envoy.string_matcher"],
  // Matchers: which inputs fit depends on where the matcher is.
  [
    "xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate",
    "custom_match",
    "envoy.matching.input_matchers",
  ],
  ["xds.type.matcher.v3.Matcher.MatcherList.Predicate.SinglePredicate", "input", "envoy.matching.*"],
  ["xds.type.matcher.v3.Matcher.MatcherTree", "input", "envoy.matching.*"],
  [`${OLD_MATCHER}.MatcherList.Predicate.SinglePredicate`, "custom_match", "envoy.matching.input_matchers"],
  [`${OLD_MATCHER}.MatcherList.Predicate.SinglePredicate`, "input", "envoy.matching.*"],
  [`${OLD_MATCHER}.MatcherTree`, "input", "envoy.matching.*"],
  // HTTP filters.
  ["envoy.config.rbac.v3.Permission", "matcher", "envoy.rbac.matchers"],
  ["envoy.config.rbac.v3.Permission", "uri_template", "envoy.path.match"],
  ["envoy.config.rbac.v3.Principal", "custom", "envoy.rbac.principals"],
  [`${FILTERS}.http.compressor.v3.Compressor`, "compressor_library", "envoy.compression.compressor"],
  [`${FILTERS}.http.decompressor.v3.Decompressor`, "decompressor_library", "envoy.compression.decompressor"],
  [`${FILTERS}.http.credential_injector.v3.CredentialInjector`, "credential", "envoy.http.injected_credentials"],
  [`${FILTERS}.http.geoip.v3.Geoip`, "provider", "envoy.geoip_providers"],
  [
    `${FILTERS}.http.ext_proc.v3.ExternalProcessor`,
    "processing_request_modifier",
    "envoy.http.ext_proc.processing_request_modifiers",
  ],
  [
    `${FILTERS}.http.ext_proc.v3.ExternalProcessor`,
    "on_processing_response",
    "envoy.http.ext_proc.response_processors",
  ],
  [
    `${FILTERS}.http.sse_to_metadata.v3.SseToMetadata.ProcessingRules`,
    "content_parser",
    "envoy.content_parsers",
  ],
  [`${FILTERS}.http.header_mutation.v3.Mutations`, "formatters", "envoy.formatter"],
  [`${FILTERS}.http.filter_chain.v3.FilterChain`, "filters", "envoy.filters.http"],
  [
    "envoy.extensions.http.custom_response.redirect_policy.v3.RedirectPolicy",
    "modify_request_headers_action",
    "envoy.http.custom_response",
  ],
  [`${FILTERS}.http.composite.v3.ExecuteFilterAction`, "typed_config", "envoy.filters.http*"],
  ["envoy.extensions.common.matching.v3.ExtensionWithMatcher", "extension_config", "envoy.filters.http*"],
  [
    "envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig",
    "typed_dns_resolver_config",
    "envoy.network.dns_resolver",
  ],
  ["envoy.config.common.key_value.v3.KeyValueStoreConfig", "config", "envoy.common.key_value"],
  // Other network filters.
  [`${FILTERS}.network.thrift_proxy.v3.ThriftFilter`, "typed_config", "envoy.thrift_proxy.filters"],
  [`${FILTERS}.network.generic_proxy.v3.GenericProxy`, "codec_config", "envoy.generic_proxy.codecs"],
  [`${FILTERS}.network.generic_proxy.v3.GenericProxy`, "filters", "envoy.generic_proxy.filters"],
  [`${FILTERS}.udp.udp_proxy.v3.UdpProxyConfig.SessionFilter`, "typed_config", "envoy.filters.udp.session"],
  [`${FILTERS}.network.tcp_proxy.v3.TcpProxy.TunnelingConfig`, "formatters", "envoy.formatter"],
  [`${FILTERS}.udp.udp_proxy.v3.UdpProxyConfig.UdpTunnelingConfig`, "formatters", "envoy.formatter"],
  [
    `${FILTERS}.udp.dns_filter.v3.DnsFilterConfig.ClientContextConfig`,
    "typed_dns_resolver_config",
    "envoy.network.dns_resolver",
  ],
  // Clusters.
  ["envoy.config.core.v3.BindConfig", "local_address_selector", "envoy.upstream.local_address_selector"],
  ["envoy.config.cluster.v3.Cluster", "transport_socket", "envoy.transport_sockets.upstream"],
  ["envoy.config.cluster.v3.Cluster.TransportSocketMatch", "transport_socket", "envoy.transport_sockets.upstream"],
  ["envoy.config.cluster.v3.Filter", "typed_config", "envoy.filters.upstream_network"],
  ["envoy.extensions.clusters.dns.v3.DnsCluster", "typed_dns_resolver_config", "envoy.network.dns_resolver"],
  ["envoy.config.core.v3.HealthCheck.CustomHealthCheck", "typed_config", "envoy.health_checkers"],
  ["envoy.config.core.v3.HealthCheck", "event_logger", "envoy.health_check.event_sinks"],
  // Transport sockets.
  [`${SOCKETS}.tap.v3.Tap`, "transport_socket", ...ANY_SOCKET],
  [`${SOCKETS}.tcp_stats.v3.Config`, "transport_socket", ...ANY_SOCKET],
  [
    `${SOCKETS}.proxy_protocol.v3.ProxyProtocolUpstreamTransport`,
    "transport_socket",
    "envoy.transport_sockets.upstream",
  ],
  [
    `${SOCKETS}.http_11_proxy.v3.Http11ProxyUpstreamTransport`,
    "transport_socket",
    "envoy.transport_sockets.upstream",
  ],
  [
    `${SOCKETS}.internal_upstream.v3.InternalUpstreamTransport`,
    "transport_socket",
    "envoy.transport_sockets.upstream",
  ],
  [
    `${SOCKETS}.tls.v3.CommonTlsContext`,
    "custom_tls_certificate_selector",
    "envoy.tls.certificate_selectors",
    "envoy.tls.upstream_certificate_selectors",
  ],
  [`${SOCKETS}.tls.v3.CommonTlsContext`, "custom_handshaker", "envoy.tls_handshakers"],
  // The bootstrap.
  ["envoy.config.bootstrap.v3.Bootstrap", "bootstrap_extensions", "envoy.bootstrap"],
  ["envoy.config.bootstrap.v3.Bootstrap", "default_regex_engine", "envoy.regex_engines"],
  ["envoy.config.bootstrap.v3.Bootstrap", "xds_delegate_extension", "envoy.xds_delegates"],
  ["envoy.config.bootstrap.v3.Bootstrap", "xds_config_tracker_extension", "envoy.config.xds_config_tracker"],
  [
    "envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig",
    "resource_detectors",
    "envoy.tracers.opentelemetry.resource_detectors",
  ],
  ["envoy.config.metrics.v3.StatsSink", "typed_config", "envoy.stats_sinks"],
  ["envoy.config.overload.v3.ResourceMonitor", "typed_config", "envoy.resource_monitors"],
];

/** Places by the message that has them. */
export const PLACES: ReadonlyMap<string, readonly Place[]> = Map.groupBy(
  ROWS.map(([message, field, ...categories]) => ({ message, field, categories })),
  ({ message }) => message,
);

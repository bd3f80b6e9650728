/**
 * What to use in place of deprecated fields. The descriptors say only that a field is deprecated; the comments of the
 * protos say what to use, and are not in the descriptors.
 *
 * @module
 */

const OPTIONS = "typed_extension_protocol_options with envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
const DNS_CLUSTER = "cluster_type with envoy.extensions.clusters.dns.v3.DnsCluster";

/** By message and field: another field of the message, or a few words. */
export const REPLACEMENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "envoy.config.bootstrap.v3.Admin": { access_log_path: "access_log" },
  "envoy.config.bootstrap.v3.Bootstrap": {
    dns_resolution_config: "typed_dns_resolver_config",
    tracing: "tracing in the HTTP connection manager",
    use_tcp_for_dns_lookups: "typed_dns_resolver_config",
    watchdog: "watchdogs",
  },
  "envoy.config.cluster.v3.Cluster": {
    common_http_protocol_options: OPTIONS,
    dns_failure_refresh_rate: DNS_CLUSTER,
    dns_jitter: DNS_CLUSTER,
    dns_refresh_rate: DNS_CLUSTER,
    dns_resolution_config: "typed_dns_resolver_config",
    dns_resolvers: "typed_dns_resolver_config",
    http2_protocol_options: OPTIONS,
    http_protocol_options: OPTIONS,
    max_requests_per_connection: OPTIONS,
    protocol_selection: OPTIONS,
    respect_dns_ttl: DNS_CLUSTER,
    track_timeout_budgets: "track_cluster_stats",
    upstream_http_protocol_options: OPTIONS,
    use_tcp_for_dns_lookups: "typed_dns_resolver_config",
  },
  "envoy.config.core.v3.BindConfig": { additional_source_addresses: "extra_source_addresses" },
  "envoy.config.core.v3.ConfigSource": { path: "path_config_source" },
  "envoy.config.core.v3.HeaderValueOption": { append: "append_action" },
  "envoy.config.core.v3.HealthCheck": { event_log_path: "event_logger" },
  "envoy.config.core.v3.Http2ProtocolOptions": {
    stream_error_on_invalid_http_messaging: "override_stream_error_on_invalid_http_message",
  },
  "envoy.config.core.v3.SubstitutionFormatString": { text_format: "text_format_source" },
  "envoy.config.listener.v3.FilterChain": { use_proxy_proto: "the listener filter proxy_protocol" },
  "envoy.config.listener.v3.Listener": { reuse_port: "enable_reuse_port" },
  "envoy.config.rbac.v3.Permission": { metadata: "sourced_metadata" },
  "envoy.config.rbac.v3.Principal": {
    metadata: "sourced_metadata",
    source_ip: "direct_remote_ip",
  },
  "envoy.config.route.v3.HeaderMatcher": {
    contains_match: "string_match",
    exact_match: "string_match",
    prefix_match: "string_match",
    safe_regex_match: "string_match",
    suffix_match: "string_match",
  },
  "envoy.config.route.v3.RateLimit.Action": { dynamic_metadata: "metadata" },
  "envoy.config.route.v3.Route": { per_request_buffer_limit_bytes: "request_body_buffer_limit" },
  "envoy.config.route.v3.RouteAction": {
    cors: "typed_per_filter_config of the route",
    grpc_timeout_offset: "max_stream_duration",
    internal_redirect_action: "internal_redirect_policy",
    max_grpc_timeout: "max_stream_duration",
    max_internal_redirects: "internal_redirect_policy",
  },
  "envoy.config.route.v3.VirtualHost": {
    cors: "typed_per_filter_config",
    per_request_buffer_limit_bytes: "request_body_buffer_limit",
  },
  "envoy.extensions.access_loggers.file.v3.FileAccessLog": {
    format: "log_format",
    json_format: "log_format",
    typed_json_format: "log_format",
  },
  "envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig": {
    dns_resolution_config: "typed_dns_resolver_config",
    use_tcp_for_dns_lookups: "typed_dns_resolver_config",
  },
  "envoy.extensions.filters.http.compressor.v3.Compressor": {
    content_length: "response_direction_config",
    content_type: "response_direction_config",
    disable_on_etag_header: "response_direction_config",
    remove_accept_encoding_header: "response_direction_config",
    runtime_enabled: "response_direction_config",
  },
  "envoy.extensions.filters.http.ext_authz.v3.AuthorizationRequest": {
    allowed_headers: "allowed_headers of the filter itself",
  },
  "envoy.extensions.filters.http.lua.v3.Lua": { inline_code: "default_source_code" },
  "envoy.extensions.filters.http.set_metadata.v3.Config": { metadata_namespace: "metadata", value: "metadata" },
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager": {
    access_log_flush_interval: "access_log_options",
    flush_access_log_on_new_request: "access_log_options",
  },
  "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy": {
    access_log_flush_interval: "access_log_options",
    flush_access_log_on_connected: "access_log_options",
  },
  "envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig": { cluster: "matcher" },
  "envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash": {
    hash_balance_factor: "consistent_hashing_lb_config",
    use_hostname_for_hashing: "consistent_hashing_lb_config",
  },
  "envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext": {
    match_subject_alt_names: "match_typed_subject_alt_names",
  },
  "envoy.extensions.wasm.v3.PluginConfig": { fail_open: "failure_policy" },
};

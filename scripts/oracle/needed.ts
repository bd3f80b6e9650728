/**
 * What extensions need that their descriptors do not say.
 *
 * @module
 */
import { CLUSTER } from "./minimal.ts";
import { type Data, GRPC, library, LUA, POLICY, ROUTER, SDS, SECRET, T } from "./parts.ts";

/** What an extension needs beyond what its descriptor requires. */
export const NEEDED: Readonly<Record<string, Data>> = {
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

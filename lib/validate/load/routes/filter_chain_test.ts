import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { ROUTE_AREA } from "../routes.ts";
import { bootstrap, broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  [
    "manager",
    "http_filters: []",
  ],
  [
    "manager",
    "http_filters: null",
  ],
  [
    "manager",
    "http_filters: [$router, $router]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: a, typed_config: {<extensions.filters.http.cors.v3.Cors>}}]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [$router, {name: a, typed_config: {<extensions.filters.http.cors.v3.Cors>}}]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: a, typed_config: {<extensions.filters.http.cors.v3.Cors>}}, {name: a, typed_config: {<extensions.filters.http.cors.v3.Cors>}}, $router]",
  ],
  [
    "manager",
    "http_filters: [{name: r, disabled: true, typed_config: {<extensions.filters.http.router.v3.Router>}}]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: r, disabled: true, typed_config: {<extensions.filters.http.router.v3.Router>}}, $router]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: r, is_optional: true, typed_config: {<extensions.filters.http.router.v3.Router>}}, $router]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: r, is_optional: true}, $router]",
  ],
  [
    "manager",
    "http_filters: [{name: r, is_optional: true}]",
  ],
  [
    "manager",
    "http_filters: [{name: r, is_optional: true, typed_config: {<google:protobuf.Struct>}}]",
  ],
  [
    "manager",
    "http_filters: [{name: r, is_optional: true, typed_config: {<config.route.v3.Route>, $match, $direct}}]",
  ],
  [
    "manager",
    "http_filters: [{name: r, typed_config: {<xds:type.v3.TypedStruct>, type_url: type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]",
  ],
  [
    "manager",
    "http_filters: [{name: r, typed_config: {<udpa:type.v1.TypedStruct>, type_url: type.googleapis.com/envoy.extensions.filters.http.router.v3.Router, value: {}}}]",
  ],
  [
    "manager",
    "http_filters: [{name: r, typed_config: {<xds:type.v3.TypedStruct>, type_url: type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors}}]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: d, config_discovery: {config_source: {ads: {}}, type_urls: [type.googleapis.com/envoy.extensions.filters.http.router.v3.Router]}}]",
  ],
  [
    "manager",
    "http_filters: [{name: d, config_discovery: {config_source: {path_config_source: {path: /dev/null}}, type_urls: [type.googleapis.com/envoy.extensions.filters.http.router.v3.Router]}}]",
  ],
  [
    "manager",
    "http_filters: [{name: d, config_discovery: {config_source: {path_config_source: {path: /dev/null}}, type_urls: [type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors]}}]",
  ],
  [
    "manager",
    "http_filters: [{name: d, config_discovery: {config_source: {path_config_source: {path: /dev/null}}, type_urls: [type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors]}}, $router]",
  ],
  [
    "manager",
    "http_filters: [{name: d, config_discovery: {config_source: {path_config_source: {path: /dev/null}}, type_urls: [type.googleapis.com/envoy.extensions.filters.http.router.v3.Router], default_config: {<extensions.filters.http.router.v3.Router>}}}, $router]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: d, config_discovery: {config_source: {path_config_source: {path: /dev/null}}, type_urls: [type.googleapis.com/envoy.extensions.filters.http.router.v3.Router]}}, $router]",
  ],
  [
    "manager",
    "http_filters: [{name: d, config_discovery: {config_source: {path_config_source: {path: /dev/null}}, type_urls: [type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors], default_config: {<extensions.filters.http.cors.v3.Cors>}}}]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: d, config_discovery: {config_source: {path_config_source: {path: /dev/null}}, apply_default_config_without_warming: true, type_urls: [type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors]}}, $router]",
    "missing-field",
  ],
  [
    "manager",
    "http_filters: [{name: d, config_discovery: {config_source: {path_config_source: {path: /dev/null}}, type_urls: [envoy.extensions.filters.http.cors.v3.Cors]}}, $router]",
  ],
  [
    "manager",
    "http_filters: [{name: d, disabled: true, config_discovery: {config_source: {path_config_source: {path: /dev/null}}, type_urls: [type.googleapis.com/envoy.extensions.filters.http.router.v3.Router]}}]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: d, typed_config: {<extensions.filters.http.mcp_router.v3.McpRouter>}}]",
  ],
  [
    "manager",
    "http_filters: [{name: d, typed_config: {<extensions.filters.http.mcp_router.v3.McpRouter>}}, $router]",
    "terminal-filter",
  ],
  [
    "manager",
    "upgrade_configs: [{upgrade_type: websocket, filters: []}]",
  ],
  [
    "manager",
    "upgrade_configs: [{upgrade_type: websocket, filters: [{name: a, typed_config: {<extensions.filters.http.cors.v3.Cors>}}]}]",
    "terminal-filter",
  ],
  [
    "manager",
    "upgrade_configs: [{upgrade_type: websocket, filters: [$router, $router]}]",
    "terminal-filter",
  ],
  [
    "manager",
    "upgrade_configs: [{upgrade_type: websocket, filters: [$router]}]",
  ],
  [
    "bootstrap",
    "static_resources: {clusters: [{name: c, type: STATIC, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}, http_filters: [{name: a, typed_config: {<extensions.filters.http.buffer.v3.Buffer>, max_request_bytes: 5}}]}}}]}",
    "terminal-filter",
  ],
  [
    "bootstrap",
    "static_resources: {clusters: [{name: c, type: STATIC, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}, http_filters: [{name: a, typed_config: {<extensions.filters.http.buffer.v3.Buffer>, max_request_bytes: 5}}, {name: u, typed_config: {<extensions.filters.http.upstream_codec.v3.UpstreamCodec>}}]}}}]}",
  ],
  [
    "bootstrap",
    "static_resources: {clusters: [{name: c, type: STATIC, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}, http_filters: [{name: u, typed_config: {<extensions.filters.http.upstream_codec.v3.UpstreamCodec>}}, {name: u, typed_config: {<extensions.filters.http.upstream_codec.v3.UpstreamCodec>}}]}}}]}",
    "terminal-filter",
  ],
  [
    "bootstrap",
    "static_resources: {clusters: [{name: c, type: STATIC, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}, http_filters: [{name: u, disabled: true, typed_config: {<extensions.filters.http.upstream_codec.v3.UpstreamCodec>}}]}}}]}",
    "terminal-filter",
  ],
  [
    "bootstrap",
    "static_resources: {clusters: [{name: c, type: STATIC, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}, http_filters: [{name: d, config_discovery: {config_source: {path_config_source: {path: /dev/null}}, type_urls: [type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec]}}]}}}]}",
    "terminal-filter",
  ],
  [
    "bootstrap",
    "static_resources: {clusters: [{name: c, type: STATIC, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}, http_filters: [{name: u, typed_config: {<xds:type.v3.TypedStruct>, type_url: type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec}}]}}}]}",
  ],
  [
    "bootstrap",
    "static_resources: {clusters: [{name: c, type: STATIC, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}, http_filters: [{name: u, is_optional: true}]}}}]}",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: r, typed_config: {<extensions.filters.http.router.v3.Router>, upstream_http_filters: [{name: a, typed_config: {<extensions.filters.http.buffer.v3.Buffer>, max_request_bytes: 5}}]}}]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: r, typed_config: {<extensions.filters.http.router.v3.Router>, upstream_http_filters: [{name: a, typed_config: {<extensions.filters.http.upstream_codec.v3.UpstreamCodec>}}]}}]",
  ],
  [
    "manager",
    "http_filters: [{name: r, typed_config: {<extensions.filters.http.router.v3.Router>, upstream_http_filters: [{name: a, typed_config: {<extensions.filters.http.buffer.v3.Buffer>, max_request_bytes: 5}}, {name: a, typed_config: {<extensions.filters.http.upstream_codec.v3.UpstreamCodec>}}]}}]",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.cache.v3.CacheConfig>, disabled: true, key_creator_params: {query_parameters_included: [{name: a, string_match: {safe_regex: {regex: "("}}}]}}}, $router]',
  ],
  [
    "manager",
    "upgrade_configs: [{upgrade_type: a, filters: [{name: b, disabled: true, typed_config: {<extensions.filters.http.router.v3.Router>}}]}]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: m, typed_config: {<extensions.common.matching.v3.ExtensionWithMatcher>, extension_config: {name: r, typed_config: {<extensions.filters.http.router.v3.Router>}}, xds_matcher: {}}}]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: m, typed_config: {<extensions.filters.http.file_server.v3.FileServerConfig>, manager_config: {thread_pool: {}}}}]",
    "terminal-filter",
  ],
  [
    "manager",
    "http_filters: [{name: d, is_optional: true, disabled: true, typed_config: {<extensions.filters.http.cors.v3.Cors>}}, $router]",
  ],
  [
    "manager",
    "http_filters: [{name: h, typed_config: {<extensions.filters.http.health_check.v3.HealthCheck>, pass_through_mode: false}}]",
    "terminal-filter",
  ],
  [
    "manager",
    "rds: {route_config_name: a, config_source: {path_config_source: {path: /dev/null}}}, http_filters: []",
  ],
  [
    "manager",
    "http_filters: [{name: a, typed_config: {<extensions.filters.http.oauth2.v3.OAuth2>}}, $router]",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.ext_proc.v3.ExternalProcessor>, grpc_service: {envoy_grpc: {cluster_name: c}}, mutation_rules: {allow_expression: {regex: "("}}}}, $router]',
    "bad-regex",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.ext_authz.v3.ExtAuthz>, grpc_service: {envoy_grpc: {cluster_name: c}}, decoder_header_mutation_rules: {disallow_expression: {regex: "("}}}}, $router]',
    "bad-regex",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.ext_authz.v3.ExtAuthz>, grpc_service: {envoy_grpc: {cluster_name: c}}, allowed_headers: {patterns: [{safe_regex: {regex: "("}}]}}}, $router]',
    "bad-regex",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.ext_authz.v3.ExtAuthz>, grpc_service: {envoy_grpc: {cluster_name: c}}, filter_enabled_metadata: {filter: a, path: [{key: a}], value: {string_match: {safe_regex: {regex: "("}}}}}}, $router]',
    "bad-regex",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.ext_authz.v3.ExtAuthz>, http_service: {server_uri: {uri: "http://a/b", cluster: c, timeout: 1s}, authorization_response: {allowed_client_headers: {patterns: [{safe_regex: {regex: "("}}]}}}}}, $router]',
    "bad-regex",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.json_to_metadata.v3.JsonToMetadata>, request_rules: {allow_content_types_regex: {regex: "("}, rules: [{selectors: [{key: a}], on_present: {key: a}}]}}}, $router]',
    "bad-regex",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.header_to_metadata.v3.Config>, request_rules: [{header: a, on_header_present: {key: a, regex_value_rewrite: {pattern: {regex: "("}, substitution: a}}}]}}, $router]',
    "bad-regex",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.health_check.v3.HealthCheck>, pass_through_mode: false, headers: [{name: a, string_match: {safe_regex: {regex: "("}}}]}}, $router]',
    "bad-regex",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.fault.v3.HTTPFault>, headers: [{name: a, string_match: {safe_regex: {regex: "("}}}]}}, $router]',
    "bad-regex",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.csrf.v3.CsrfPolicy>, filter_enabled: {default_value: {}}, additional_origins: [{safe_regex: {regex: "("}}]}}, $router]',
    "bad-regex",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.local_ratelimit.v3.LocalRateLimit>, stat_prefix: a, token_bucket: {max_tokens: 1, fill_interval: 1s}, rate_limits: [{actions: [{remote_address_match: {descriptor_value: "%A%", address_matcher: {ranges: []}}}]}]}}, $router]',
    "bad-format",
  ],
];

Deno.test("chains of HTTP filters end with what ends a chain", () => {
  const api = loadApi();
  for (const each of CASES) {
    const [, fields, rule] = each;
    const rules = new Set(broken(api, bootstrap(each), ROUTE_AREA.checks));
    assertEquals([...rules], rule === undefined ? [] : [rule], fields);
  }
});

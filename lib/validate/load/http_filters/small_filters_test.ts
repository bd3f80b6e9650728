import { assertCases, type Case } from "./testing.ts";

const EMPTY = "{name: x, typed_config: {<extensions.filters.http.composite.v3.Composite>}}";

function response(fields: string, rule?: string): Case {
  const policy = `{<extensions.http.custom_response.redirect_policy.v3.RedirectPolicy>, ${fields}}`;
  const matcher = `custom_response_matcher: {on_no_match: {action: {name: a, typed_config: ${policy}}}}`;
  const type = "custom_response.v3.CustomResponse";
  return rule === undefined ? ["filter", type, matcher] : ["filter", type, matcher, rule];
}

function claims(fields: string): string {
  return "providers: {p: {remote_jwks: {http_uri: {uri: 'http://x/', cluster: c, timeout: 1s}}, " +
    `claim_to_headers: [{header_name: x, ${fields}}]}}`;
}

function required(requirement: string): string {
  return "providers: {p: {remote_jwks: {http_uri: {uri: 'http://x/', cluster: c, timeout: 1s}}}}, " +
    `rules: [{match: {prefix: /}, requires: {${requirement}}}]`;
}

function stored(version: string, manager: string): string {
  const type = `extensions.http.cache${version}.file_system_http_cache.v3.FileSystemHttpCache${version && "V2"}Config`;
  return `typed_config: {<${type}>, cache_path: /tmp, manager_config: ${manager}}`;
}

const CASES: readonly Case[] = [
  ["filter", "file_server.v3.FileServerConfig", "manager_config: {thread_pool: {}}, directory_behaviors: [{list: {}}]"],
  [
    "filter",
    "file_server.v3.FileServerConfig",
    "manager_config: {thread_pool: {}}, directory_behaviors: [{}]",
    "missing-field",
  ],
  [
    "filter",
    "file_server.v3.FileServerConfig",
    "manager_config: {thread_pool: {}}, directory_behaviors: [{list: {}, default_file: a}]",
    "conflicting-fields",
  ],
  ["filter", "bandwidth_share.v3.BandwidthShare", "response_trailer_prefix: x, enable_response_trailers: true"],
  ["filter", "bandwidth_share.v3.BandwidthShare", "response_trailer_prefix: x", "conflicting-fields"],
  response("uri: 'http://x/'"),
  response("uri: /x", "bad-value"),
  response("redirect_action: {path_redirect: /x}"),
  response("redirect_action: {prefix_rewrite: x}", "unsupported"),
  response("uri: 'http://x/', modify_request_headers_action: " + EMPTY, "wrong-extension"),
  ["route", "aws_lambda.v3.PerRouteConfig", "invoke_config: {arn: 'arn:aws:lambda:r:1:function:f'}"],
  ["route", "aws_lambda.v3.PerRouteConfig", "", "missing-field"],
  ["filter", "ai_protocol_manager.v3.AiProtocolManager", ""],
  ["filter", "ai_protocol_manager.v3.AiProtocolManager", `filters: [${EMPTY}]`, "missing-field"],
  ["filter", "jwt_authn.v3.JwtAuthentication", claims("claim_name: a")],
  ["filter", "jwt_authn.v3.JwtAuthentication", claims("claim_path: [{key: a}]")],
  ["filter", "jwt_authn.v3.JwtAuthentication", claims("claim_name: a, claim_path: [{key: a}]"), "conflicting-fields"],
  ["filter", "jwt_authn.v3.JwtAuthentication", claims(""), "missing-field"],
  ["filter", "jwt_authn.v3.JwtAuthentication", required("provider_name: p")],
  ["filter", "jwt_authn.v3.JwtAuthentication", required("provider_name: ''"), "unknown-name"],
  ["filter", "jwt_authn.v3.JwtAuthentication", required("provider_and_audiences: {audiences: [x]}"), "unknown-name"],
  ["filter", "basic_auth.v3.BasicAuth", "", "missing-field"],
  ["filter", "cache.v3.CacheConfig", stored("", "{thread_pool: {}}")],
  ["filter", "cache.v3.CacheConfig", stored("", "{}"), "missing-field"],
  ["filter", "cache_v2.v3.CacheV2Config", stored("_v2", "{}"), "missing-field"],
  ["filter", "header_mutation.v3.HeaderMutation", `mutations: {formatters: [${EMPTY}]}`, "wrong-extension"],
  [
    "filter",
    "ip_tagging.v3.IPTagging",
    "ip_tags: [{ip_tag_name: a, ip_list: [{address_prefix: 1.2.3.4}]}], ip_tags_datasource: {filename: /tmp/x}",
    "conflicting-fields",
  ],
  [
    "filter",
    "ext_proc.v3.ExternalProcessor",
    "grpc_service: {envoy_grpc: {cluster_name: c}}, request_attributes: ['']",
    "bad-value",
  ],
];

Deno.test("filters of one rule each have what Envoy asks of them", () => {
  assertCases(CASES);
});

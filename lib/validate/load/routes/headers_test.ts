import { assert, assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { ROUTE_AREA } from "../routes.ts";
import { HEADER_FIELDS } from "./headers.ts";
import { bootstrap, broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: ":path", value: a}}]',
    "bad-header",
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "Host", value: a}}]',
    "bad-header",
  ],
  [
    "route",
    '$match, $direct, response_headers_to_add: [{header: {key: "host", value: a}}]',
    "bad-header",
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a b", value: a}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%FOO%"}}]',
    "bad-format",
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%"}}]',
    "bad-format",
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "100%%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", raw_value: "JUZPTyU="}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%UPSTREAM_METADATA([\\"a\\", \\"b\\"])%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%UPSTREAM_METADATA(a:b)%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%PER_REQUEST_STATE(a)%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "b"}, append: true, append_action: OVERWRITE_IF_EXISTS_OR_ADD}]',
    "conflicting-fields",
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "b"}, append: false, append_action: APPEND_IF_EXISTS_OR_ADD}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "b"}, append: false, append_action: ADD_IF_ABSENT}]',
    "conflicting-fields",
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "b"}, append: true, keep_empty_value: true}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_remove: [":path"]',
    "bad-header",
  ],
  [
    "route",
    '$match, $direct, request_headers_to_remove: ["HOST"]',
    "bad-header",
  ],
  [
    "route",
    '$match, $direct, response_headers_to_remove: [":status"]',
    "bad-header",
  ],
  [
    "route",
    '$match, $direct, response_headers_to_remove: ["a b"]',
  ],
  [
    "virtual host",
    'request_headers_to_remove: [":path"]',
    "bad-header",
  ],
  [
    "routes",
    'request_headers_to_remove: [":path"]',
    "bad-header",
  ],
  [
    "routes",
    'response_headers_to_add: [{header: {key: "a", value: "%FOO%"}}]',
    "bad-format",
  ],
  [
    "manager",
    'early_header_mutation_extensions: [{name: x, typed_config: {<extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation>, mutations: [{remove: ":path"}]}}]',
  ],
  [
    "manager",
    'early_header_mutation_extensions: [{name: x, typed_config: {<extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation>, mutations: [{append: {header: {key: ":path", value: a}}}]}}]',
    "bad-header",
  ],
  [
    "manager",
    'early_header_mutation_extensions: [{name: x, typed_config: {<extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation>, mutations: [{append: {header: {key: "x", value: "%FOO%"}}}]}}]',
    "bad-format",
  ],
  [
    "manager",
    'local_reply_config: {mappers: [{filter: {not_health_check_filter: {}}, headers_to_add: [{header: {key: ":status", value: a}}]}]}',
    "bad-header",
  ],
  [
    "manager",
    'local_reply_config: {mappers: [{filter: {not_health_check_filter: {}}, headers_to_add: [{header: {key: "a", value: "%A%"}}]}]}',
    "bad-format",
  ],
  [
    "route",
    '$match, route: {weighted_clusters: {clusters: [{name: c, weight: 1, request_headers_to_remove: [":path"]}]}}',
    "bad-header",
  ],
  [
    "route",
    '$match, route: {weighted_clusters: {clusters: [{name: c, weight: 1, request_headers_to_add: [{header: {key: ":path", value: a}}]}]}}',
    "bad-header",
  ],
  [
    "route",
    '$match, route: {cluster: c, request_mirror_policies: [{cluster: c, request_headers_mutations: [{remove: ":path"}]}]}',
  ],
  [
    "route",
    '$match, route: {cluster: c, request_mirror_policies: [{cluster: c, request_headers_mutations: [{append: {header: {key: ":path", value: a}}}]}]}',
    "bad-header",
  ],
  [
    "route",
    '$match, route: {cluster: c, request_mirror_policies: [{cluster: c, request_headers_mutations: [{append: {header: {key: "a", value: "%A%"}}}]}]}',
    "bad-format",
  ],
  [
    "route",
    '$match, route: {cluster: c, request_mirror_policies: [{cluster: c, request_headers_mutations: [{remove_on_match: {key_matcher: {safe_regex: {regex: "("}}}}]}]}',
    "bad-regex",
  ],
  [
    "route",
    '$match, route: {cluster: c, internal_redirect_policy: {response_headers_to_copy: [":path"]}}',
    "bad-header",
  ],
  [
    "route",
    '$match, route: {cluster: c, internal_redirect_policy: {response_headers_to_copy: ["Host"]}}',
    "bad-header",
  ],
  [
    "virtual host",
    'matcher: {on_no_match: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct, request_headers_to_remove: [":path"]}}}}',
    "bad-header",
  ],
  [
    "bootstrap",
    'static_resources: {clusters: [{name: c, type: STATIC, health_checks: [{timeout: 1s, interval: 1s, healthy_threshold: 1, unhealthy_threshold: 1, http_health_check: {path: /, request_headers_to_add: [{header: {key: ":a", value: b}}]}}]}]}',
    "bad-header",
  ],
  [
    "bootstrap",
    'static_resources: {clusters: [{name: c, type: STATIC, health_checks: [{timeout: 1s, interval: 1s, healthy_threshold: 1, unhealthy_threshold: 1, http_health_check: {path: /, request_headers_to_add: [{header: {key: "a", value: "%A%"}}]}}]}]}',
    "bad-format",
  ],
  [
    "bootstrap",
    'static_resources: {clusters: [{name: c, type: STATIC, health_checks: [{timeout: 1s, interval: 1s, healthy_threshold: 1, unhealthy_threshold: 1, http_health_check: {path: /, request_headers_to_remove: [":path"]}}]}]}',
    "bad-header",
  ],
  [
    "bootstrap",
    'static_resources: {clusters: [{name: c, type: STATIC, health_checks: [{timeout: 1s, interval: 1s, healthy_threshold: 1, unhealthy_threshold: 1, grpc_health_check: {initial_metadata: [{header: {key: "host", value: b}}]}}]}]}',
    "bad-header",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.ratelimit.v3.RateLimit>, domain: a, rate_limit_service: {transport_api_version: V3, grpc_service: {envoy_grpc: {cluster_name: c}}}, response_headers_to_add: [{header: {key: "a", value: "%A%"}}]}}, $router]',
    "bad-format",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.local_ratelimit.v3.LocalRateLimit>, stat_prefix: a, response_headers_to_add: [{header: {key: "a", value: "%A%"}}]}}, $router]',
    "bad-format",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.local_ratelimit.v3.LocalRateLimit>, stat_prefix: a, token_bucket: {max_tokens: 1, fill_interval: 1s}, request_headers_to_add_when_not_enforced: [{header: {key: "host", value: "a"}}]}}, $router]',
    "bad-header",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.header_mutation.v3.HeaderMutation>, mutations: {request_mutations: [{append: {header: {key: "host", value: "a"}}}]}}}, $router]',
    "bad-header",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.header_mutation.v3.HeaderMutation>, mutations: {response_mutations: [{append: {header: {key: "a", value: "%A%"}}}]}}}, $router]',
    "bad-format",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.rate_limit_quota.v3.RateLimitQuotaFilterConfig>, domain: a, rlqs_server: {envoy_grpc: {cluster_name: c}}, bucket_matchers: {}, request_headers_to_add_when_not_enforced: [{header: {key: "host", value: "a"}}]}}, $router]',
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.transform.v3.TransformConfig>, request_transformation: {headers_mutations: [{append: {header: {key: "host", value: "a"}}}]}}}, $router]',
    "bad-header",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.transform.v3.TransformConfig>, request_transformation: {headers_mutations: [{append: {header: {key: "a", value: "%REQUEST_BODY(a)%"}}}]}}}, $router]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%REQ(a)% %START_TIME% %DOWNSTREAM_REMOTE_ADDRESS% %PROTOCOL% %HOSTNAME% %RESPONSE_CODE%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%UPSTREAM_METADATA([\\"a\\"])%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%UPSTREAM_METADATA([a])%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%UPSTREAM_METADATA([])%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%PER_REQUEST_STATE()%"}}]',
    "bad-format",
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%DYNAMIC_METADATA([\\"a\\", \\"b\\"])% and %UPSTREAM_METADATA([\\"c\\"])%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%REQ_WITHOUT_QUERY(a)%"}}]',
    "bad-format",
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%CEL(request.headers)%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%METADATA(ROUTE:a)%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%ENVIRONMENT(A)%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%DOWNSTREAM_PEER_URI_SAN%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "50% off"}}]',
    "bad-format",
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%REQ(A?B):10%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%PATH(NQ)%"}}]',
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%REQ()%"}}]',
    "bad-format",
  ],
  [
    "route",
    '$match, $direct, request_headers_to_add: [{header: {key: "a", value: "%PROTOCOL(x)%"}}]',
    "bad-format",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.ext_authz.v3.ExtAuthz>, grpc_service: {envoy_grpc: {cluster_name: c}, initial_metadata: [{key: "a", value: "%A%"}]}}}, $router]',
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.ratelimit.v3.RateLimit>, domain: a, rate_limit_service: {transport_api_version: V3, grpc_service: {envoy_grpc: {cluster_name: c}, initial_metadata: [{key: "host", value: "a"}]}}}}, $router]',
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.ext_proc.v3.ExternalProcessor>, grpc_service: {envoy_grpc: {cluster_name: c}, initial_metadata: [{key: "a", value: "%A%"}]}}}, $router]',
  ],
  [
    "manager",
    'tracing: {provider: {name: x, typed_config: {<config.trace.v3.OpenTelemetryConfig>, service_name: a, grpc_service: {envoy_grpc: {cluster_name: c}, initial_metadata: [{key: "a", value: "%A%"}]}}}}',
  ],
  [
    "manager",
    'tracing: {provider: {name: x, typed_config: {<config.trace.v3.OpenTelemetryConfig>, service_name: a, http_service: {http_uri: {uri: "http://a/b", cluster: c, timeout: 1s}, request_headers_to_add: [{header: {key: ":a", value: "b"}}]}}}}',
  ],
  [
    "manager",
    'tracing: {provider: {name: x, typed_config: {<config.trace.v3.OpenTelemetryConfig>, service_name: a, http_service: {http_uri: {uri: "http://a/b", cluster: c, timeout: 1s}, request_headers_to_add: [{header: {key: "a", value: "%A%"}}]}}}}',
    "bad-format",
  ],
  [
    "manager",
    'tracing: {provider: {name: x, typed_config: {<config.trace.v3.ZipkinConfig>, collector_service: {http_uri: {uri: "http://a/b", cluster: c, timeout: 1s}, request_headers_to_add: [{header: {key: "a", value: "%A%"}}]}, collector_endpoint_version: HTTP_JSON}}}',
    "bad-format",
  ],
  [
    "manager",
    'tracing: {provider: {name: x, typed_config: {<config.trace.v3.ZipkinConfig>, collector_service: {http_uri: {uri: "http://a/b", cluster: c, timeout: 1s}, request_headers_to_add: [{header: {key: "host", value: "a"}}]}, collector_endpoint_version: HTTP_JSON}}}',
  ],
  [
    "manager",
    'access_log: [{name: a, typed_config: {<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, http_service: {http_uri: {uri: "http://a/b", cluster: c, timeout: 1s}, request_headers_to_add: [{header: {key: "a", value: "%A%"}}]}}}]',
    "bad-format",
  ],
  [
    "manager",
    'access_log: [{name: a, typed_config: {<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, http_service: {http_uri: {uri: "http://a/b", cluster: c, timeout: 1s}, request_headers_to_add: [{header: {key: "host", value: "a"}}]}}}]',
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.ext_proc.v3.ExternalProcessor>, http_service: {http_service: {http_uri: {uri: "http://a/b", cluster: c, timeout: 1s}, request_headers_to_add: [{header: {key: "a", value: "%A%"}}]}}, processing_mode: {request_body_mode: NONE, response_body_mode: NONE, response_trailer_mode: SKIP, request_trailer_mode: SKIP}}}, $router]',
    "bad-format",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.custom_response.v3.CustomResponse>, custom_response_matcher: {on_no_match: {action: {name: x, typed_config: {<extensions.http.custom_response.local_response_policy.v3.LocalResponsePolicy>, response_headers_to_add: [{header: {key: "a", value: "%A%"}}]}}}}}}, $router]',
    "bad-format",
  ],
  [
    "manager",
    'http_filters: [{name: a, typed_config: {<extensions.filters.http.custom_response.v3.CustomResponse>, custom_response_matcher: {on_no_match: {action: {name: x, typed_config: {<extensions.http.custom_response.redirect_policy.v3.RedirectPolicy>, uri: "http://a/b", request_headers_to_add: [{header: {key: "host", value: "a"}}]}}}}}}, $router]',
    "bad-header",
  ],
];

Deno.test("headers are set and removed as Envoy lets them be", () => {
  const api = loadApi();
  for (const each of CASES) {
    const [, fields, rule] = each;
    const rules = new Set(broken(api, bootstrap(each), ROUTE_AREA.checks));
    assertEquals([...rules], rule === undefined ? [] : [rule], fields);
  }
});

Deno.test("every field of the tables of headers is in Envoy's API", () => {
  const api = loadApi();
  for (const [message, field] of HEADER_FIELDS) {
    assert(api.message(message)?.fields.some(({ name }) => name === field), `${message}.${field}`);
  }
});

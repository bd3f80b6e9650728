import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { ROUTE_AREA } from "../routes.ts";
import { bootstrap, broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  [
    "virtual host",
    "virtual_clusters: [{name: x, headers: [{name: a}]}]",
  ],
  [
    "virtual host",
    'virtual_clusters: [{name: x, headers: [{name: a, safe_regex_match: {regex: "("}}]}]',
    "bad-regex",
  ],
  [
    "route",
    "$match, route: {cluster: c, prefix_rewrite: /a, regex_rewrite: {pattern: {regex: a}, substitution: b}}",
    "conflicting-fields",
  ],
  [
    "route",
    '$match, route: {cluster: c, prefix_rewrite: "", regex_rewrite: {pattern: {regex: a}, substitution: b}}',
  ],
  [
    "route",
    '$match, route: {cluster: c, regex_rewrite: {pattern: {regex: "("}, substitution: b}}',
    "bad-regex",
  ],
  [
    "route",
    '$match, route: {cluster: c, regex_rewrite: {pattern: {regex: "(a)"}, substitution: "\\\\\\\\2"}}',
  ],
  [
    "route",
    '$match, route: {cluster: c, host_rewrite_path_regex: {pattern: {regex: "("}, substitution: b}}',
    "bad-regex",
  ],
  [
    "route",
    '$match, route: {cluster: c, host_rewrite_path_regex: {pattern: {regex: "(a)"}, substitution: "\\\\9"}}',
  ],
  [
    "route",
    '$match, redirect: {regex_rewrite: {pattern: {regex: "("}}}',
    "bad-regex",
  ],
  [
    "route",
    'match: {safe_regex: {regex: "("}}, $direct',
    "bad-regex",
  ],
  [
    "route",
    'match: {safe_regex: {regex: "a{150}"}}, $direct',
    "bad-regex",
  ],
  [
    "route",
    'match: {safe_regex: {google_re2: {}, regex: "a"}}, $direct',
  ],
  [
    "route",
    'match: {safe_regex: {google_re2: {max_program_size: 1}, regex: "abcdefgh"}}, $direct',
    "bad-regex",
  ],
  [
    "route",
    'match: {safe_regex: {google_re2: {max_program_size: 1000}, regex: "a{150}"}}, $direct',
  ],
  [
    "route",
    '$match, route: {cluster: c, retry_policy: {retriable_headers: [{name: a, safe_regex_match: {regex: "("}}]}}',
    "bad-regex",
  ],
  [
    "route",
    '$match, route: {cluster: c, retry_policy: {retriable_request_headers: [{name: ":method", string_match: {safe_regex: {regex: "("}}}]}}',
    "bad-regex",
  ],
  [
    "route",
    '$match, route: {cluster: c, hash_policy: [{header: {header_name: a, regex_rewrite: {pattern: {regex: "("}, substitution: b}}}]}',
    "bad-regex",
  ],
  [
    "route",
    '$match, route: {cluster: c, cors: {allow_origin_string_match: [{safe_regex: {regex: "("}}]}}',
    "bad-regex",
  ],
  [
    "virtual host",
    'rate_limits: [{actions: [{generic_key: {descriptor_value: "%A%"}}]}]',
  ],
  [
    "virtual host",
    'rate_limits: [{actions: [{generic_key: {descriptor_value: "a", descriptor_key: "%A%"}}]}]',
  ],
  [
    "virtual host",
    'rate_limits: [{actions: [{generic_key: {descriptor_value: "50%"}}]}]',
  ],
  [
    "virtual host",
    'rate_limits: [{actions: [{header_value_match: {descriptor_value: "%A%", headers: [{name: a}]}}]}]',
  ],
  [
    "virtual host",
    'rate_limits: [{actions: [{header_value_match: {descriptor_value: "a", headers: [{name: a, safe_regex_match: {regex: "("}}]}}]}]',
    "bad-regex",
  ],
  [
    "virtual host",
    'rate_limits: [{actions: [{query_parameter_value_match: {descriptor_value: "%A%", query_parameters: [{name: a}]}}]}]',
  ],
  [
    "virtual host",
    'rate_limits: [{actions: [{query_parameter_value_match: {descriptor_value: "a", query_parameters: [{name: a, string_match: {safe_regex: {regex: "("}}}]}}]}]',
    "bad-regex",
  ],
  [
    "virtual host",
    'rate_limits: [{actions: [{remote_address_match: {descriptor_value: "%A%", address_matcher: {ranges: [{address_prefix: 1.1.1.1}]}}}]}]',
    "bad-format",
  ],
  [
    "virtual host",
    'rate_limits: [{actions: [{remote_address_match: {descriptor_value: "a", address_matcher: {}}}]}]',
  ],
  [
    "virtual host",
    "rate_limits: [{limit: {dynamic_metadata: {metadata_key: {key: a, path: [{key: b}]}}}, actions: [{source_cluster: {}}]}]",
  ],
  [
    "route",
    '$match, route: {cluster: c, rate_limits: [{actions: [{generic_key: {descriptor_value: "%A%"}}]}]}',
  ],
  [
    "route",
    "match: {prefix: /, headers: [{name: a, range_match: {start: 5, end: 1}}]}, $direct",
  ],
  [
    "route",
    "match: {prefix: /, headers: [{name: a, range_match: {}}]}, $direct",
  ],
  [
    "route",
    'match: {prefix: /, headers: [{name: "a b", exact_match: b}]}, $direct',
  ],
  [
    "route",
    'match: {prefix: /, headers: [{name: ":path", exact_match: ""}]}, $direct',
  ],
  [
    "route",
    'match: {prefix: /, headers: [{name: a, string_match: {exact: ""}}]}, $direct',
  ],
  [
    "route",
    'match: {prefix: /, headers: [{name: a, string_match: {exact: "a", ignore_case: true}}]}, $direct',
  ],
  [
    "route",
    "match: {prefix: /, headers: [{name: a, string_match: {safe_regex: {regex: a}, ignore_case: true}}]}, $direct",
    "conflicting-fields",
  ],
  [
    "route",
    "match: {prefix: /, headers: [{name: a, string_match: {safe_regex: {regex: a}, ignore_case: false}}]}, $direct",
  ],
  [
    "route",
    "match: {prefix: /, headers: [{name: a, present_match: false, invert_match: true, treat_missing_header_as_empty: true}]}, $direct",
  ],
  [
    "route",
    'match: {prefix: /, query_parameters: [{name: a, string_match: {safe_regex: {regex: "("}}}]}, $direct',
    "bad-regex",
  ],
  [
    "route",
    "match: {prefix: /, query_parameters: [{name: a, present_match: false}]}, $direct",
  ],
  [
    "route",
    "match: {prefix: /, query_parameters: [{name: a}]}, $direct",
  ],
  [
    "route",
    'match: {prefix: /, cookies: [{name: a, string_match: {safe_regex: {regex: "("}}}]}, $direct',
    "bad-regex",
  ],
  [
    "route",
    "match: {prefix: /, cookies: [{name: a, string_match: {exact: a}}, {name: a, string_match: {exact: b}}]}, $direct",
  ],
  [
    "route",
    "match: {prefix: /, runtime_fraction: {default_value: {numerator: 500}}}, $direct",
  ],
  [
    "route",
    'match: {prefix: /, dynamic_metadata: [{filter: a, path: [{key: a}], value: {string_match: {safe_regex: {regex: "("}}}}]}, $direct',
    "bad-regex",
  ],
  [
    "route",
    "match: {prefix: /, dynamic_metadata: [{filter: a, path: [{key: a}], value: {null_match: {}}}]}, $direct",
  ],
  [
    "route",
    "match: {prefix: /, dynamic_metadata: [{filter: a, path: [{key: a}], value: {double_match: {range: {start: 5, end: 1}}}}]}, $direct",
  ],
  [
    "route",
    "match: {prefix: /, filter_state: [{key: a, string_match: {exact: a}}]}, $direct",
  ],
  [
    "route",
    'match: {prefix: /, filter_state: [{key: a, string_match: {safe_regex: {regex: "("}}}]}, $direct',
    "bad-regex",
  ],
  [
    "routes",
    'internal_only_headers: ["a b", ":path", "Host"]',
  ],
  [
    "bootstrap",
    'stats_config: {stats_matcher: {inclusion_list: {patterns: [{safe_regex: {regex: "("}}]}}}',
  ],
  [
    "bootstrap",
    'stats_config: {stats_matcher: {inclusion_list: {patterns: [{safe_regex: {regex: "a"}, ignore_case: true}]}}}',
  ],
  [
    "bootstrap",
    'static_resources: {clusters: [{name: c, type: STATIC, health_checks: [{timeout: 1s, interval: 1s, healthy_threshold: 1, unhealthy_threshold: 1, http_health_check: {path: /, service_name_matcher: {safe_regex: {regex: "("}}}}]}]}',
    "bad-regex",
  ],
  [
    "bootstrap",
    'static_resources: {clusters: [{name: c, type: STATIC, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>, common_tls_context: {validation_context: {match_typed_subject_alt_names: [{san_type: DNS, matcher: {safe_regex: {regex: "("}}}]}}}}}]}',
    "bad-regex",
  ],
  [
    "listener",
    'filter_chains: [{filters: [{name: u, typed_config: {<extensions.filters.network.thrift_proxy.v3.ThriftProxy>, stat_prefix: s, route_config: {name: a, routes: [{match: {method_name: a, headers: [{name: a, safe_regex_match: {regex: "("}}]}, route: {cluster: c}}]}}}]}]',
    "bad-regex",
  ],
  [
    "listener",
    'filter_chains: [{filters: [{name: u, typed_config: {<extensions.filters.network.thrift_proxy.v3.ThriftProxy>, stat_prefix: s, route_config: {name: a, routes: [{match: {method_name: a}, route: {cluster: c, rate_limits: [{actions: [{remote_address_match: {descriptor_value: "%A%", address_matcher: {ranges: []}}}]}]}}]}}}]}]',
    "bad-format",
  ],
  [
    "route",
    '$match, route: {cluster: c, retry_policy: {rate_limited_retry_back_off: {reset_headers: [{name: "a b"}]}}}',
  ],
  [
    "virtual host",
    "cors: {allow_origin_string_match: [{exact: a}], filter_enabled: {default_value: {numerator: 300}}}",
  ],
];

Deno.test("matchers of strings are compiled as Envoy does it", () => {
  const api = loadApi();
  for (const each of CASES) {
    const [, fields, rule] = each;
    const rules = new Set(broken(api, bootstrap(each), ROUTE_AREA.checks));
    assertEquals([...rules], rule === undefined ? [] : [rule], fields);
  }
});

import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { ROUTE_AREA } from "../routes.ts";
import { bootstrap, broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  [
    "virtual host",
    "matcher: {on_no_match: {action: {name: route, typed_config: {<config.route.v3.Route>, $match, $direct}}}}, routes: [{$match, $direct}]",
    "conflicting-fields",
  ],
  [
    "virtual host",
    "matcher: {on_no_match: {action: {name: route, typed_config: {<config.route.v3.Route>, $match, $direct}}}}",
  ],
  [
    "virtual host",
    "matcher: {on_no_match: {action: {name: route, typed_config: {<config.route.v3.RouteList>, routes: [{$match, $direct}]}}}}",
  ],
  [
    "virtual host",
    "matcher: {matcher_tree: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, exact_match_map: {map: {a: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}}}}",
  ],
  [
    "virtual host",
    "matcher: {matcher_tree: {input: {name: i, typed_config: {<type.matcher.v3.HttpResponseHeaderMatchInput>, header_name: a}}, exact_match_map: {map: {a: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}}}}",
    "unsupported",
  ],
  [
    "virtual host",
    "matcher: {matcher_tree: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestQueryParamMatchInput>, query_param: a}}, prefix_match_map: {map: {a: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}}}}",
    "unsupported",
  ],
  [
    "virtual host",
    "matcher: {matcher_tree: {input: {name: i, typed_config: {<extensions.matching.common_inputs.network.v3.FilterStateInput>, key: a}}, exact_match_map: {map: {a: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}}}}",
  ],
  [
    "virtual host",
    "matcher: {matcher_tree: {input: {name: i, typed_config: {<extensions.matching.common_inputs.environment_variable.v3.Config>, name: PATH}}, exact_match_map: {map: {a: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}}}}",
  ],
  [
    "virtual host",
    "matcher: {matcher_tree: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, exact_match_map: {map: {a: {keep_matching: true, action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}}}}",
    "unsupported",
  ],
  [
    "virtual host",
    "matcher: {matcher_tree: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, exact_match_map: {map: {a: {action: {name: r, typed_config: {<google:protobuf.StringValue>, value: a}}}}}}}",
    "unsupported",
  ],
  [
    "virtual host",
    "matcher: {matcher_tree: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, exact_match_map: {map: {a: {action: {name: r, typed_config: {<config.core.v3.SubstitutionFormatString>, text_format: a}}}}}}}",
    "unsupported",
  ],
  [
    "virtual host",
    "matcher: {matcher_tree: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, exact_match_map: {map: {a: {matcher: {on_no_match: {keep_matching: true, action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}}}}}}",
    "unsupported",
  ],
  [
    "virtual host",
    "matcher: {matcher_list: {matchers: [{predicate: {single_predicate: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, value_match: {exact: a}}}, on_match: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}]}}",
  ],
  [
    "virtual host",
    'matcher: {matcher_list: {matchers: [{predicate: {single_predicate: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, value_match: {safe_regex: {google_re2: {}, regex: "("}}}}, on_match: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}]}}',
    "bad-regex",
  ],
  [
    "virtual host",
    'matcher: {matcher_list: {matchers: [{predicate: {single_predicate: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, value_match: {safe_regex: {google_re2: {}, regex: "a"}, ignore_case: true}}}, on_match: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}]}}',
    "conflicting-fields",
  ],
  [
    "virtual host",
    "matcher: {matcher_list: {matchers: [{predicate: {single_predicate: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, custom_match: {name: c, typed_config: {<xds:type.matcher.v3.CelMatcher>, expr_match: {cel_expr_checked: {expr: {const_expr: {bool_value: true}}}}}}}}, on_match: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}]}}",
    "conflicting-fields",
  ],
  [
    "virtual host",
    "matcher: {matcher_tree: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, custom_match: {name: x, typed_config: {<xds:type.matcher.v3.ServerNameMatcher>, domain_matchers: [{domains: [a, a], on_match: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}]}}}}",
    "duplicate-domain",
  ],
  [
    "virtual host",
    'matcher: {matcher_tree: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, custom_match: {name: x, typed_config: {<xds:type.matcher.v3.ServerNameMatcher>, domain_matchers: [{domains: [a, "*.a", "*"], on_match: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}]}}}}',
  ],
  [
    "virtual host",
    'matcher: {matcher_tree: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, custom_match: {name: x, typed_config: {<xds:type.matcher.v3.ServerNameMatcher>, domain_matchers: [{domains: ["a.*"], on_match: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}]}}}}',
    "bad-domain",
  ],
  [
    "virtual host",
    'matcher: {matcher_tree: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, custom_match: {name: x, typed_config: {<xds:type.matcher.v3.ServerNameMatcher>, domain_matchers: [{domains: ["*a"], on_match: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}]}}}}',
    "bad-domain",
  ],
  [
    "virtual host",
    "matcher: {matcher_tree: {input: {name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}, custom_match: {name: x, typed_config: {<xds:type.matcher.v3.IPMatcher>, range_matchers: [{ranges: [{address_prefix: 1.1.1.1, prefix_len: 32}], on_match: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, $direct}}}}]}}}}",
  ],
  [
    "virtual host",
    "matcher: {on_no_match: {action: {name: r, typed_config: {<config.route.v3.Route>, $match, route: {cluster: nope}}}}}",
  ],
  [
    "manager",
    "forward_client_cert_matcher: {on_no_match: {action: {name: a, typed_config: {<extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertConfig>}}}}",
  ],
  [
    "manager",
    "forward_client_cert_matcher: {on_no_match: {action: {name: a, typed_config: {<config.route.v3.Route>, $match, $direct}}}}",
    "unsupported",
  ],
  [
    "manager",
    "forward_client_cert_matcher: {matcher_list: {matchers: [{predicate: {single_predicate: {input: {name: i, typed_config: {<type.matcher.v3.HttpResponseHeaderMatchInput>, header_name: a}}, value_match: {exact: a}}}, on_match: {keep_matching: true, action: {name: r, typed_config: {<extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertConfig>}}}}]}}",
  ],
];

Deno.test("trees of matchers fit together and lead to routes", () => {
  const api = loadApi();
  for (const each of CASES) {
    const [, fields, rule] = each;
    const rules = new Set(broken(api, bootstrap(each), ROUTE_AREA.checks));
    assertEquals([...rules], rule === undefined ? [] : [rule], fields);
  }
});

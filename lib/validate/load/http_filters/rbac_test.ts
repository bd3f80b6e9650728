import { assertCases } from "./testing.ts";

Deno.test("policies of access have ranges and conditions", () => {
  assertCases([
    ["filter", "rbac.v3.RBAC", "rules: {policies: {p: {permissions: [{any: true}], principals: [{any: true}]}}}"],
    [
      "filter",
      "rbac.v3.RBAC",
      "rules: {policies: {p: {permissions: [{destination_port_range: {start: 5, end: 5}}], principals: [{any: true}]}}}",
      "bad-value",
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      "rules: {policies: {p: {permissions: [{destination_port_range: {start: 5, end: 70000}}], principals: [{any: true}]}}}",
      "bad-value",
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      "rules: {policies: {p: {permissions: [{destination_port_range: {start: 5, end: 65536}}], principals: [{any: true}]}}}",
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      "rules: {policies: {p: {permissions: [{destination_port_range: {start: -5, end: 5}}], principals: [{any: true}]}}}",
      "bad-value",
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      "rules: {policies: {}}, matcher: {on_no_match: {action: {name: a, typed_config: {<config.rbac.v3.Action>, name: x}}}}",
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      "matcher: {on_no_match: {action: {name: a, typed_config: {<config.rbac.v3.Action>, name: x}}}}",
    ],
    ["filter", "rbac.v3.RBAC", ""],
    [
      "filter",
      "rbac.v3.RBAC",
      "rules: {policies: {p: {permissions: [{any: true}], principals: [{any: true}], condition: {}}}}",
      "missing-field",
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      'rules: {policies: {p: {permissions: [{any: true}], principals: [{any: true}], condition: {id: "1", ident_expr: {name: request}}}}}',
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      'rules: {policies: {p: {permissions: [{any: true}], principals: [{any: true}], condition: {id: "1", call_expr: {function: "_==_", args: [{id: "2", ident_expr: {name: request}}, {id: "3", const_expr: {string_value: a}}]}}}}}',
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      'rules: {policies: {p: {permissions: [{any: true}], principals: [{any: true}], condition: {id: "1", ident_expr: {name: request}}, checked_condition: {expr: {id: "1", ident_expr: {name: request}}}}}}',
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      "rules: {policies: {p: {permissions: [{any: true}], principals: [{custom: {name: x, typed_config: {<extensions.rbac.principals.mtls_authenticated.v3.Config>}}}]}}}",
      "missing-field",
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      "rules: {policies: {p: {permissions: [{matcher: {name: x, typed_config: {<extensions.rbac.matchers.upstream_ip_port.v3.UpstreamIpPortMatcher>}}}], principals: [{any: true}]}}}",
      "missing-field",
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      "rules: {policies: {p: {permissions: [{metadata: {filter: a, path: [{key: b}], value: {present_match: true}}}], principals: [{any: true}]}}}",
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      "rules: {policies: {p: {permissions: [{sourced_metadata: {metadata_matcher: {filter: a, path: [{key: b}], value: {present_match: true}}}}], principals: [{any: true}]}}}",
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      "rules: {policies: {p: {permissions: [{header: {name: a}}], principals: [{any: true}]}}}",
    ],
    [
      "filter",
      "rbac.v3.RBAC",
      "rules: {policies: {p: {permissions: [{header: {name: a, range_match: {start: 5, end: 5}}}], principals: [{any: true}]}}}",
    ],
    ["route", "rbac.v3.RBACPerRoute", ""],
  ]);
});

import { assertCases, type Case } from "./testing.ts";

/** A policy with a condition. */
function condition(expression: string, rule?: string): Case {
  const type = "rbac.v3.RBAC";
  const fields =
    `rules: {policies: {p: {permissions: [{any: true}], principals: [{any: true}], condition: {${expression}}}}}`;
  return rule === undefined ? ["filter", type, fields] : ["filter", type, fields, rule];
}

/** A matcher that asks an expression. */
function matched(expression: string, rule?: string): Case {
  const action = "action: {name: a, typed_config: {<config.rbac.v3.Action>, name: x}}";
  const input =
    `{name: i, typed_config: {"@type": type.googleapis.com/xds.type.matcher.v3.HttpAttributesCelMatchInput}}`;
  const cel = `{name: m, typed_config: {"@type": type.googleapis.com/xds.type.matcher.v3.CelMatcher, ` +
    `expr_match: {${expression}}}}`;
  const fields = `matcher: {on_no_match: {${action}}, matcher_list: {matchers: [{` +
    `predicate: {single_predicate: {input: ${input}, custom_match: ${cel}}}, on_match: {${action}}}]}}`;
  const type = "rbac.v3.RBAC";
  return rule === undefined ? ["filter", type, fields] : ["filter", type, fields, rule];
}

Deno.test("a tree of CEL is whole, as Envoy 1.40 asks", () => {
  assertCases([
    condition("", "missing-field"),
    condition("const_expr: {string_value: ''}"),
    condition("const_expr: {}", "missing-field"),
    condition("ident_expr: {name: x}"),
    condition("ident_expr: {}", "missing-field"),
    condition("select_expr: {field: path, operand: {ident_expr: {name: request}}}"),
    condition("select_expr: {operand: {ident_expr: {name: request}}}", "missing-field"),
    condition("select_expr: {field: path, operand: {}}", "missing-field"),
    condition("select_expr: {field: path}", "missing-field"),
    condition("call_expr: {}", "missing-field"),
    condition("call_expr: {function: _==_, args: [{const_expr: {int64_value: 1}}, {const_expr: {int64_value: 1}}]}"),
    condition("call_expr: {function: _==_, args: [{const_expr: {int64_value: 1}}]}", "bad-value"),
    condition("call_expr: {function: _&&_}", "bad-value"),
    condition("call_expr: {function: '!_'}", "bad-value"),
    condition("call_expr: {function: '_?_:_', args: [{const_expr: {int64_value: 1}}]}", "bad-value"),
    condition(
      "call_expr: {function: startsWith, target: {const_expr: {string_value: b}}, args: [{const_expr: {string_value: a}}]}",
    ),
    condition("list_expr: {}"),
    condition("list_expr: {elements: [{}]}", "missing-field"),
    condition("struct_expr: {}"),
    condition("comprehension_expr: {}", "unsupported"),
    matched("cel_expr_parsed: {expr: {ident_expr: {name: a}}}"),
    matched("cel_expr_checked: {expr: {ident_expr: {name: a}}}"),
    matched("", "missing-field"),
    matched("cel_expr_string: request.path", "missing-field"),
    matched("cel_expr_parsed: {}", "missing-field"),
    matched("cel_expr_parsed: {expr: {}}", "missing-field"),
    matched("cel_expr_parsed: {expr: {ident_expr: {}}}", "missing-field"),
  ]);
});

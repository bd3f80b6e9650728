/**
 * CEL that was parsed before: what Envoy's evaluator asks of the tree. What is text is not looked at.
 *
 * Source: `eval/compiler/flat_expr_builder.cc` of cel-cpp.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";

const KINDS = [
  "const_expr",
  "ident_expr",
  "select_expr",
  "call_expr",
  "list_expr",
  "struct_expr",
  "comprehension_expr",
] as const;

/** Operators, and how many arguments each has. */
const OPERATORS: ReadonlyMap<string, number> = new Map([
  ["_==_", 2],
  ["_!=_", 2],
  ["_&&_", 2],
  ["_||_", 2],
  ["_[_]", 2],
  ["_?_:_", 3],
  ["!_", 1],
]);

/** An expression and those inside of it; `holder` is what it stands in. */
function checkExpression(expression: MessageView | undefined, holder: MessageView, field: string): void {
  const kind = expression?.which(...KINDS);
  if (expression === undefined || kind === undefined) {
    return holder.reject("missing-field", `The expression is empty: it needs one of ${KINDS.join(", ")}`, field);
  }
  const inner = expression.message(kind);
  if (inner === undefined) return;
  switch (kind) {
    case "const_expr":
      if (inner.found.length === 0) inner.reject("missing-field", "The constant has no value");
      return;
    case "ident_expr":
      if (inner.string("name") === undefined) inner.reject("missing-field", "The identifier has no name", "name");
      return;
    case "select_expr":
      if (inner.string("field") === undefined) inner.reject("missing-field", "No field is selected", "field");
      return checkExpression(inner.message("operand"), inner, "operand");
    case "call_expr":
      return checkCall(inner);
    case "list_expr":
      for (const each of inner.messages("elements")) checkExpression(each, each, "");
      return;
    case "comprehension_expr":
      return inner.reject("unsupported", "Envoy has no comprehensions in CEL");
  }
}

function checkCall(call: MessageView): void {
  const name = call.string("function")?.value;
  const args = call.messages("args");
  if (name === undefined) return call.reject("missing-field", "No function is called", "function");
  const arity = OPERATORS.get(name);
  if (arity !== undefined && !call.has("target") && args.length !== arity) {
    const message = `Operator ${name} takes ${arity} argument${arity === 1 ? "" : "s"}, not ${args.length}`;
    return call.reject("bad-value", message, "args");
  }
  if (call.has("target")) checkExpression(call.message("target"), call, "target");
  for (const each of args) checkExpression(each, each, "");
}

/** Two of the five have gone out of use, and Envoy knows no text here. */
const PARSED = ["cel_expr_checked", "cel_expr_parsed", "checked_expr", "parsed_expr"] as const;

const matcher: Watcher = (view) => {
  const expression = view.message("expr_match");
  if (expression === undefined) return;
  const field = expression.which(...PARSED);
  if (field === undefined) {
    const message = "The expression has to be parsed already: cel_expr_parsed or cel_expr_checked";
    return expression.reject("missing-field", message, "cel_expr_string");
  }
  const parsed = expression.message(field);
  if (parsed !== undefined) checkExpression(parsed.message("expr"), parsed, "expr");
};

const descriptor: Watcher = (view) => {
  const field = view.which("text", "parsed");
  if (field === undefined) return view.reject("missing-field", "A descriptor needs text or parsed");
  const parsed = view.message("parsed");
  if (parsed !== undefined) checkExpression(parsed, view, "parsed");
};

const policy: Watcher = (view) => {
  const condition = view.message("condition");
  if (condition?.which(...KINDS) !== undefined) checkExpression(condition, view, "condition");
};

export const EXPRESSION_CHECKS: CheckTable = [
  ["xds.type.matcher.v3.CelMatcher", matcher],
  ["envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor", descriptor],
  ["envoy.config.rbac.v3.Policy", policy],
];

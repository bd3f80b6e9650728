/**
 * Trees of the unified matching API: which inputs go with which matchers, and what a tree of routes may hold.
 *
 * Source: `source/common/matcher` and `source/common/router/matcher_visitor.cc` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";

const MATCHING = "envoy.extensions.matching";
const ROUTE = "envoy.config.route.v3";

/** What inputs give that is no string, and the matchers that take it. */
const CEL = "CEL attributes";
const MODULE = "what a dynamic module sees";
const GENERIC = "a generic request";

const INPUTS: ReadonlyMap<string, string> = new Map([
  ["xds.type.matcher.v3.HttpAttributesCelMatchInput", CEL],
  [`${MATCHING}.http.dynamic_modules.v3.HttpDynamicModuleMatchInput`, MODULE],
  ["envoy.extensions.filters.network.generic_proxy.matcher.v3.RequestMatchInput", GENERIC],
]);

const MATCHERS: ReadonlyMap<string, string> = new Map([
  ["xds.type.matcher.v3.CelMatcher", CEL],
  [`${MATCHING}.input_matchers.dynamic_modules.v3.DynamicModuleMatcher`, MODULE],
  ["envoy.extensions.filters.network.generic_proxy.matcher.v3.RequestMatcher", GENERIC],
]);

const STRING = "a string";

/** What an input gives: undefined where there is none, or of a type that nothing is known of. */
function given(view: MessageView): string | undefined {
  const type = view.message("input")?.typed("typed_config")?.desc.typeName;
  return type === undefined ? undefined : INPUTS.get(type) ?? STRING;
}

const predicate: Watcher = (view) => {
  const custom = view.message("custom_match")?.typed("typed_config")?.desc.typeName;
  const wanted = view.has("value_match") ? STRING : custom === undefined ? undefined : MATCHERS.get(custom) ?? STRING;
  check(view, wanted, view.has("value_match") ? "value_match" : "custom_match");
};

const tree: Watcher = (view) => check(view, STRING, view.which("exact_match_map", "prefix_match_map", "custom_match"));

function check(view: MessageView, wanted: string | undefined, field = ""): void {
  const input = given(view);
  if (input === undefined || wanted === undefined || input === wanted) return;
  view.reject("conflicting-fields", `The input gives ${input}, and ${field} matches ${wanted}`, "input");
}

const ROUTE_INPUTS: ReadonlySet<string> = new Set([
  "envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
  `${MATCHING}.common_inputs.network.v3.FilterStateInput`,
  `${MATCHING}.http.dynamic_modules.v3.HttpDynamicModuleMatchInput`,
  // No inputs of HTTP but of all protocols, which are not asked about.
  `${MATCHING}.common_inputs.environment_variable.v3.Config`,
]);

const ROUTE_ACTIONS: ReadonlySet<string> = new Set([`${ROUTE}.Route`, `${ROUTE}.RouteList`]);

/** A virtual host that finds its routes by a tree. */
const virtualHost: Watcher = (view) => {
  const matcher = view.message("matcher");
  if (matcher !== undefined) walkMatcher(matcher);
};

function walkMatcher(matcher: MessageView): void {
  const list = matcher.message("matcher_list");
  for (const each of list?.messages("matchers") ?? []) {
    walkPredicate(each.message("predicate"));
    walkMatch(each.message("on_match"));
  }
  const tree = matcher.message("matcher_tree");
  if (tree !== undefined) checkInput(tree);
  for (const map of ["exact_match_map", "prefix_match_map"]) {
    for (const entry of tree?.message(map)?.entries("map") ?? []) walkMatch(entry.message());
  }
  walkMatch(matcher.message("on_no_match"));
}

function walkPredicate(view: MessageView | undefined): void {
  if (view === undefined) return;
  const single = view.message("single_predicate");
  if (single !== undefined) checkInput(single);
  for (const list of ["or_matcher", "and_matcher"]) view.message(list)?.messages("predicate").forEach(walkPredicate);
  walkPredicate(view.message("not_matcher"));
}

function walkMatch(match: MessageView | undefined): void {
  if (match === undefined) return;
  if (match.bool("keep_matching")) {
    match.reject("unsupported", "Routes are found once: Envoy does not keep matching here", "keep_matching");
  }
  const below = match.message("matcher");
  if (below !== undefined) walkMatcher(below);
  const action = match.message("action");
  const type = action?.typed("typed_config")?.desc.typeName;
  if (action === undefined || type === undefined || ROUTE_ACTIONS.has(type)) return;
  action.reject("unsupported", `"${type}" leads to no route: it must be a Route or a RouteList`, "typed_config");
}

function checkInput(view: MessageView): void {
  const input = view.message("input");
  const type = input?.typed("typed_config")?.desc.typeName;
  if (input === undefined || type === undefined || ROUTE_INPUTS.has(type)) return;
  input.reject(
    "unsupported",
    `Routes are matched by request headers or filter state, not by "${type}"`,
    "typed_config",
  );
}

const DEPRECATED = "envoy.config.common.matcher.v3.Matcher";
const CURRENT = "xds.type.matcher.v3.Matcher";

export const TREE_CHECKS: CheckTable = [
  ...[CURRENT, DEPRECATED].flatMap((matcher) => [
    [`${matcher}.MatcherList.Predicate.SinglePredicate`, predicate] as const,
    [`${matcher}.MatcherTree`, tree] as const,
  ]),
  [`${ROUTE}.VirtualHost`, virtualHost],
];

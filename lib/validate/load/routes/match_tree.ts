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

/** What a tree in a certain place may hold. */
interface Limits {
  /** What its actions do, in words: `lead to routes`. */
  readonly purpose: string;
  readonly actions: ReadonlySet<string>;
  /** Types of inputs, if not all may be there. Then it cannot keep matching either. */
  readonly inputs?: ReadonlySet<string>;
}

const ROUTES: Limits = {
  purpose: "lead to routes",
  actions: new Set([`${ROUTE}.Route`, `${ROUTE}.RouteList`]),
  inputs: ROUTE_INPUTS,
};

const HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

const CLIENT_CERTIFICATES: Limits = {
  purpose: "say what is forwarded of client certificates",
  actions: new Set([`${HCM}.ForwardClientCertConfig`]),
};

/** A tree in a field, which is looked through as a whole. */
function within(field: string, limits: Limits): Watcher {
  return (view) => {
    const matcher = view.message(field);
    if (matcher !== undefined) walkMatcher(matcher, limits);
  };
}

function walkMatcher(matcher: MessageView, limits: Limits): void {
  const list = matcher.message("matcher_list");
  for (const each of list?.messages("matchers") ?? []) {
    walkPredicate(each.message("predicate"), limits);
    walkMatch(each.message("on_match"), limits);
  }
  const tree = matcher.message("matcher_tree");
  if (tree !== undefined) checkInput(tree, limits);
  for (const map of ["exact_match_map", "prefix_match_map"]) {
    for (const entry of tree?.message(map)?.entries("map") ?? []) walkMatch(entry.message(), limits);
  }
  walkMatch(matcher.message("on_no_match"), limits);
}

function walkPredicate(view: MessageView | undefined, limits: Limits): void {
  if (view === undefined) return;
  const single = view.message("single_predicate");
  if (single !== undefined) checkInput(single, limits);
  for (const list of ["or_matcher", "and_matcher"]) {
    for (const each of view.message(list)?.messages("predicate") ?? []) walkPredicate(each, limits);
  }
  walkPredicate(view.message("not_matcher"), limits);
}

function walkMatch(match: MessageView | undefined, limits: Limits): void {
  if (match === undefined) return;
  if (limits.inputs !== undefined && match.bool("keep_matching")) {
    match.reject("unsupported", "Routes are found once: Envoy does not keep matching here", "keep_matching");
  }
  const below = match.message("matcher");
  if (below !== undefined) walkMatcher(below, limits);
  const action = match.message("action");
  const type = action?.typed("typed_config")?.desc.typeName;
  if (action === undefined || type === undefined || limits.actions.has(type)) return;
  action.reject(
    "unsupported",
    `"${type}" is no action here: actions of this matcher ${limits.purpose}`,
    "typed_config",
  );
}

function checkInput(view: MessageView, { inputs }: Limits): void {
  const input = view.message("input");
  const type = input?.typed("typed_config")?.desc.typeName;
  if (input === undefined || type === undefined || inputs?.has(type) !== false) return;
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
  [`${ROUTE}.VirtualHost`, within("matcher", ROUTES)],
  [HCM, within("forward_client_cert_matcher", CLIENT_CERTIFICATES)],
];

/**
 * What matchers of filters do when they match: each filter has actions of its own, which no list of Envoy's names.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { RULES } from "../../../model/codec/rules.ts";
import { fits, isKnown } from "./extensions.ts";
import { isEmptyAny, typeAt, WRONG_EXTENSION } from "./typed_config.ts";

const FILTERS = "envoy.extensions.filters";

/** Whether a type is an action of the filter. */
type IsAction = (type: string) => boolean;

function oneOf(...types: readonly string[]): IsAction {
  return (type) => types.includes(type);
}

const RBAC = oneOf("envoy.config.rbac.v3.Action");
const DELEGATE = oneOf(
  `${FILTERS}.common.matcher.action.v3.SkipFilter`,
  `${FILTERS}.http.composite.v3.ExecuteFilterAction`,
);
const QUOTA = oneOf(`${FILTERS}.http.rate_limit_quota.v3.RateLimitQuotaBucketSettings`);
const SOCKET = oneOf("envoy.extensions.matching.common_inputs.transport_socket.v3.TransportSocketNameAction");
const RESPONSE: IsAction = (type) => fits(type, ["envoy.http.custom_response"]);

const ROWS: readonly (readonly [message: string, field: string, isAction: IsAction])[] = [
  ["envoy.extensions.common.matching.v3.ExtensionWithMatcher", "xds_matcher", DELEGATE],
  ["envoy.extensions.common.matching.v3.ExtensionWithMatcher", "matcher", DELEGATE],
  [`${FILTERS}.http.rbac.v3.RBAC`, "matcher", RBAC],
  [`${FILTERS}.http.rbac.v3.RBAC`, "shadow_matcher", RBAC],
  [`${FILTERS}.network.rbac.v3.RBAC`, "matcher", RBAC],
  [`${FILTERS}.network.rbac.v3.RBAC`, "shadow_matcher", RBAC],
  [`${FILTERS}.http.rate_limit_quota.v3.RateLimitQuotaFilterConfig`, "bucket_matchers", QUOTA],
  ["envoy.config.cluster.v3.Cluster", "transport_socket_matcher", SOCKET],
  [`${FILTERS}.http.custom_response.v3.CustomResponse`, "custom_response_matcher", RESPONSE],
];

/** Looks at all ends of a tree of matchers. */
function checkMatcher(matcher: MessageView | undefined, isAction: IsAction): void {
  if (matcher === undefined) return;
  for (const each of matcher.message("matcher_list")?.messages("matchers") ?? []) checkEnd(each, "on_match", isAction);
  const tree = matcher.message("matcher_tree");
  for (const map of ["exact_match_map", "prefix_match_map"]) {
    for (const { message } of tree?.message(map)?.entries("map") ?? []) checkOnMatch(message(), isAction);
  }
  checkEnd(matcher, "on_no_match", isAction);
}

function checkEnd(holder: MessageView, field: string, isAction: IsAction): void {
  checkOnMatch(holder.message(field), isAction);
}

function checkOnMatch(end: MessageView | undefined, isAction: IsAction): void {
  checkMatcher(end?.message("matcher"), isAction);
  const action = end?.message("action");
  const type = action?.typed("typed_config")?.desc.typeName;
  if (action === undefined || type === undefined || !isKnown(type) || isAction(type)) return;
  const at = typeAt(action, "typed_config", action.node("typed_config"));
  action.reject(WRONG_EXTENSION, `Cannot use "${type}" as an action here: there is no such action`, at);
}

/** No matcher does something without a type. */
const onMatch: Watcher = (view) => {
  const action = view.message("action");
  const node = action?.node("typed_config");
  if (node !== undefined && isEmptyAny(node)) action?.reject(RULES.missingType, "@type is missing", "typed_config");
};

export const ACTION_CHECKS: CheckTable = [
  ...ROWS.map(([message, field, isAction]) =>
    [message, (view) => checkMatcher(view.message(field), isAction)] as CheckTable[number]
  ),
  ["xds.type.matcher.v3.Matcher.OnMatch", onMatch],
  ["envoy.config.common.matcher.v3.Matcher.OnMatch", onMatch],
];

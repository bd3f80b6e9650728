/**
 * Trees of the unified matching API over connections: what may be asked, and what may follow.
 *
 * Source: `maybeConstructMatcher` in `filter_chain_manager_impl.cc`, `rbac_filter.cc` and `router_impl.cc` of the UDP
 * proxy, all of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { fits, isKnown } from "../http_filters/extensions.ts";
import { typeAt } from "../http_filters/typed_config.ts";

/** What a tree is for. */
export interface Purpose {
  /** `filter chains`. */
  readonly what: string;
  /** Types of inputs, by the end of their names. */
  readonly inputs: readonly string[];
  /** The type of the action. */
  readonly action: string;
}

const INPUTS = "envoy.extensions.matching.common_inputs";

/** Inputs that are there for all. */
const COMMON = "envoy.matching.common_inputs";

const ADDRESSES = ["SourceIPInput", "SourcePortInput", "DestinationIPInput", "DestinationPortInput"]
  .map((name) => `${INPUTS}.network.v3.${name}`);

const CONNECTION = [
  ...ADDRESSES,
  ...["DirectSourceIPInput", "ServerNameInput", "NetworkNamespaceInput", "FilterStateInput"]
    .map((name) => `${INPUTS}.network.v3.${name}`),
  ...["UriSanInput", "DnsSanInput", "SubjectInput"].map((name) => `${INPUTS}.ssl.v3.${name}`),
];

export const FILTER_CHAIN: Purpose = {
  what: "filter chains",
  inputs: [
    ...CONNECTION,
    ...["ApplicationProtocolInput", "SourceTypeInput", "TransportProtocolInput"]
      .map((name) => `${INPUTS}.network.v3.${name}`),
  ],
  action: "google.protobuf.StringValue",
};

const RBAC: Purpose = { what: "the network RBAC filter", inputs: CONNECTION, action: "envoy.config.rbac.v3.Action" };

const UDP = "envoy.extensions.filters.udp.udp_proxy.v3";
const UDP_PROXY: Purpose = { what: "the UDP proxy", inputs: ADDRESSES, action: `${UDP}.Route` };

/** Checks a `xds.type.matcher.v3.Matcher`. */
export function checkMatcher(matcher: MessageView | undefined, purpose: Purpose): void {
  if (matcher === undefined) return;
  for (const each of matcher.message("matcher_list")?.messages("matchers") ?? []) {
    checkPredicate(each.message("predicate"), purpose);
    checkOnMatch(each.message("on_match"), purpose);
  }
  const tree = matcher.message("matcher_tree");
  if (tree !== undefined) {
    checkInput(tree, purpose);
    for (const field of ["exact_match_map", "prefix_match_map"]) {
      for (const entry of tree.message(field)?.entries("map") ?? []) checkOnMatch(entry.message(), purpose);
    }
  }
  checkOnMatch(matcher.message("on_no_match"), purpose);
}

function checkPredicate(predicate: MessageView | undefined, purpose: Purpose): void {
  if (predicate === undefined) return;
  const single = predicate.message("single_predicate");
  if (single !== undefined) checkInput(single, purpose);
  for (const field of ["or_matcher", "and_matcher"]) {
    for (const each of predicate.message(field)?.messages("predicate") ?? []) checkPredicate(each, purpose);
  }
  checkPredicate(predicate.message("not_matcher"), purpose);
}

function checkOnMatch(onMatch: MessageView | undefined, purpose: Purpose): void {
  checkMatcher(onMatch?.message("matcher"), purpose);
  const action = onMatch?.message("action");
  const type = action?.typed("typed_config")?.desc.typeName;
  if (action === undefined || type === undefined || type === purpose.action || !isKnown(type)) return;
  const at = typeAt(action, "typed_config", action.node("typed_config"));
  action.reject("wrong-extension", `Cannot use "${type}" as an action of ${purpose.what}`, at);
}

/** An input that is none at all is said elsewhere. */
function checkInput(holder: MessageView, purpose: Purpose): void {
  const input = holder.message("input");
  const type = input?.typed("typed_config")?.desc.typeName;
  if (input === undefined || type === undefined || purpose.inputs.includes(type)) return;
  if (!fits(type, ["envoy.matching.*"]) || fits(type, [COMMON])) return;
  const at = typeAt(input, "typed_config", input.node("typed_config"));
  input.reject("wrong-extension", `Cannot use "${type}" as an input of a matcher for ${purpose.what}`, at);
}

const rbac: Watcher = (filter) => {
  for (const field of ["matcher", "shadow_matcher"]) checkMatcher(filter.message(field), RBAC);
};

export const MATCHER_CHECKS: CheckTable = [
  ["envoy.extensions.filters.network.rbac.v3.RBAC", rbac],
  [`${UDP}.UdpProxyConfig`, (proxy) => checkMatcher(proxy.message("matcher"), UDP_PROXY)],
];

/**
 * Rules of role-based access control as far as they are about connections, in both filters.
 *
 * Source: `source/extensions/filters/common/rbac/` and `network/rbac/config.cc` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { checkRanges } from "./ranges.ts";

/** How rules are put together. */
interface Tree {
  /** Fields with a list in them, and the field of the list. */
  readonly lists: readonly (readonly [field: string, items: string])[];
  readonly not: string;
  readonly ranges: readonly string[];
}

const PERMISSION: Tree = {
  lists: [["and_rules", "rules"], ["or_rules", "rules"]],
  not: "not_rule",
  ranges: ["destination_ip"],
};

const PRINCIPAL: Tree = {
  lists: [["and_ids", "ids"], ["or_ids", "ids"]],
  not: "not_id",
  ranges: ["source_ip", "direct_remote_ip", "remote_ip"],
};

/** Looks at every rule of a filter, also inside others. */
function visit(rules: MessageView | undefined, look: (rule: MessageView, tree: Tree) => void): void {
  const down = (rule: MessageView, tree: Tree) => {
    look(rule, tree);
    for (const [field, items] of tree.lists) {
      for (const each of rule.message(field)?.messages(items) ?? []) down(each, tree);
    }
    const not = rule.message(tree.not);
    if (not !== undefined) down(not, tree);
  };
  for (const entry of rules?.entries("policies") ?? []) {
    const policy = entry.message();
    for (const permission of policy?.messages("permissions") ?? []) down(permission, PERMISSION);
    for (const principal of policy?.messages("principals") ?? []) down(principal, PRINCIPAL);
  }
}

/** Rules beside a matcher are not read. */
const PAIRS = [["rules", "matcher"], ["shadow_rules", "shadow_matcher"]] as const;

const http: Watcher = (filter) => {
  for (const [rules, matcher] of PAIRS) {
    if (!filter.has(matcher)) visit(filter.message(rules), checkRule);
  }
};

const network: Watcher = (filter, run) => {
  for (const [rules] of PAIRS) visit(filter.message(rules), checkNoHeader);
  http(filter, run);
};

function checkRule(rule: MessageView, { ranges }: Tree): void {
  for (const field of ranges) checkRanges(rule, field);
}

/** A connection has none; they are looked for even where rules are not read. */
function checkNoHeader(rule: MessageView): void {
  if (rule.has("header")) rule.reject("unsupported", "The network filter cannot match headers", "header");
}

export const RBAC_CHECKS: CheckTable = [
  ["envoy.extensions.filters.http.rbac.v3.RBAC", http],
  ["envoy.extensions.filters.network.rbac.v3.RBAC", network],
];

/**
 * Filters that write metadata by rules: from headers, JSON and Thrift.
 *
 * Source: `source/extensions/filters/http/{header,json,thrift}_to_metadata/` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";

const HTTP = "envoy.extensions.filters.http";

const headerRule: Watcher = (rule) => {
  const [header, cookie] = [rule.string("header"), rule.string("cookie")];
  if (header !== undefined && cookie !== undefined) {
    rule.reject("conflicting-fields", "Cannot read both a header and a cookie in one rule", "cookie");
  }
  if (header === undefined && cookie === undefined) {
    rule.reject("missing-field", "Neither header nor cookie says what to read");
  }
  if (!rule.has("on_header_present") && !rule.has("on_header_missing")) {
    rule.reject("missing-field", "Neither on_header_present nor on_header_missing says what to write");
  }
  const present = rule.message("on_header_present");
  if (present?.string("value") !== undefined && present.has("regex_value_rewrite")) {
    present.reject("conflicting-fields", "Cannot write both value and regex_value_rewrite", "regex_value_rewrite");
  }
  if (cookie !== undefined && rule.bool("remove")) {
    rule.reject("unsupported", "Cannot remove a cookie: only headers can be removed", "remove");
  }
  const missing = rule.message("on_header_missing");
  if (missing !== undefined && missing.string("value") === undefined) {
    missing.reject("missing-field", "on_header_missing has no value to write", "value");
  }
};

/** Rules of bodies, whose fields are the same. */
function bodyRule(...withValue: readonly string[]): Watcher {
  return (rule) => {
    if (!rule.has("on_present") && !rule.has("on_missing")) {
      rule.reject("missing-field", "Neither on_present nor on_missing says what to write");
    }
    for (const field of withValue) {
      const pair = rule.message(field);
      if (pair !== undefined && !pair.has("value")) {
        pair.reject("missing-field", `${field} has no value to write`);
      }
    }
  };
}

const TWITTER = 4;

const thriftToMetadata: Watcher = (view) => {
  if (!hasRules(view)) view.reject("missing-field", "Neither request_rules nor response_rules are set");
  if (view.enum("protocol") === TWITTER) {
    view.reject("unsupported", "Envoy has no protocol TWITTER in this filter", "protocol");
  }
};

/** Whether there are rules, for requests or responses. */
export function hasRules(view: MessageView): boolean {
  return view.messages("request_rules").length > 0 || view.messages("response_rules").length > 0;
}

/** The same for rules that stand in a message. */
export function hasInnerRules(view: MessageView): boolean {
  return ["request_rules", "response_rules"].some((field) => (view.message(field)?.messages("rules").length ?? 0) > 0);
}

export const METADATA_CHECKS: CheckTable = [
  [`${HTTP}.header_to_metadata.v3.Config.Rule`, headerRule],
  [`${HTTP}.json_to_metadata.v3.JsonToMetadata.Rule`, bodyRule("on_missing", "on_error")],
  [`${HTTP}.thrift_to_metadata.v3.Rule`, bodyRule("on_missing")],
  [`${HTTP}.thrift_to_metadata.v3.ThriftToMetadata`, thriftToMetadata],
];

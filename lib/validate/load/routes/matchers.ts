/**
 * Matchers of strings, wherever they are.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { formatFault } from "../format.ts";
import { programLimit, regexFault } from "../regex.ts";

/** Fields that Envoy does not read, whatever is in them. */
const UNREAD = /^(?:admin|stats_config)\.|(^|\.)(key_creator_params|retry_policy_typed_config|filter_action)(\.|$)/;

/** The limit to the program is Envoy's, or that of the pattern. Source: `CompiledGoogleReMatcher`. */
const regex: Watcher = (matcher, run) => {
  const pattern = matcher.string("regex");
  if (pattern === undefined) return;
  const limit = matcher.message("google_re2")?.number("max_program_size");
  let fault = regexFault(pattern.value, limit);
  // The file is looked through only where it matters.
  if (fault !== undefined && limit === undefined) fault = regexFault(pattern.value, programLimit(run.source.text));
  if (fault !== undefined && !UNREAD.test(pattern.path)) {
    matcher.reject("bad-regex", `Cannot compile "${excerpt(pattern.value)}": ${fault}`, pattern);
  }
};

const text: Watcher = (matcher) => {
  if (!matcher.has("safe_regex") || !matcher.bool("ignore_case") || UNREAD.test(matcher.path())) return;
  matcher.reject("conflicting-fields", `"safe_regex" cannot ignore case: begin it with (?i)`, "ignore_case");
};

const remoteAddress: Watcher = (action) => {
  const value = action.string("descriptor_value");
  const fault = value === undefined ? undefined : formatFault(value.value);
  if (fault !== undefined) action.reject("bad-format", fault, "descriptor_value");
};

/** Domains of a tree that is looked through by server name. */
const serverNames: Watcher = (matcher) => {
  const seen = new Set<string>();
  for (const each of matcher.messages("domain_matchers")) {
    for (const domain of each.strings("domains")) {
      if (seen.has(domain.value)) each.reject("duplicate-domain", `domain "${domain.value}" is there twice`, domain);
      else checkDomain(each, domain);
      seen.add(domain.value);
    }
  }
};

function checkDomain(view: MessageView, domain: { value: string; offset: number; path: string }): void {
  if (domain.value === "*" || /^(\*\.)?[^*]+$/.test(domain.value)) return;
  view.reject(
    "bad-domain",
    `"${domain.value}" is no domain: a wildcard is "*" or "*." with a domain behind it`,
    domain,
  );
}

function excerpt(pattern: string): string {
  return pattern.length > 40 ? `${pattern.slice(0, 40)}…` : pattern;
}

export const MATCHER_CHECKS: CheckTable = [
  ["envoy.type.matcher.v3.RegexMatcher", regex],
  ["xds.type.matcher.v3.RegexMatcher", regex],
  ["envoy.type.matcher.v3.StringMatcher", text],
  ["xds.type.matcher.v3.StringMatcher", text],
  ["xds.type.matcher.v3.ServerNameMatcher", serverNames],
  ["envoy.config.route.v3.RateLimit.Action.RemoteAddressMatch", remoteAddress],
];

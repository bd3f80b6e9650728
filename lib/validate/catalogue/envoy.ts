/**
 * The pages of the rules of `xcp validate --envoy`. Their examples would be bugs of xcp, so there are none.
 *
 * @module
 */
import { RULES } from "../../model/codec/rules.ts";
import type { RuleDoc } from "../rule.ts";
import { SOURCE_RULES } from "./together.ts";

export const ENVOY_PAGES: readonly RuleDoc[] = [
  {
    name: "envoy-rejects",
    severity: "error",
    title: "The Envoy that was asked takes the configuration",
    text:
      "With `--envoy`: Envoy refuses this, in its own words, and xcp knows of no reason. Envoy names no line, so the " +
      "place is that of the field or value that it mentions, or else where the resource begins. Please report it: xcp " +
      "should find it without Envoy.",
  },
  {
    name: "envoy-accepts",
    severity: "info",
    title: "What xcp calls an error, Envoy refuses",
    text: "With `--envoy`: xcp has an error here, and Envoy takes it all the same. That may be a bug of xcp: please " +
      "report it. An older or newer release of Envoy may also see it differently.",
  },
  {
    name: "envoy-no-verdict",
    severity: "warning",
    title: "Envoy gives a verdict on everything",
    text:
      "With `--envoy`: Envoy crashed, took more than 10 seconds, or refused so much that it was not asked about the rest. " +
      "As info: what cannot be read, or names a file that only the machine has where Envoy will run, is nothing that it can be " +
      "asked about here.",
  },
];

/** Errors of xcp about how it serves, of which Envoy knows nothing: that it takes a configuration with them is no surprise. */
export const OWN_RULES: ReadonlySet<string> = new Set([
  RULES.badName,
  RULES.duplicateResource,
  RULES.missingName,
  RULES.missingResource,
  RULES.nameMismatch,
  RULES.unservedType,
  ...SOURCE_RULES.map(({ name }) => name),
]);

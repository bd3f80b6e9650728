/**
 * What a rule is: a name that is printed with every issue, and that other people's scripts match on (it is never changed
 * and never used for something else), with what its page says.
 *
 * @module
 */
import type { Severity } from "../model/issue.ts";
import type { Watcher } from "../model/codec/view.ts";

/** A rule and its page in `docs/rules.md`. */
export interface RuleDoc {
  /** In kebab case: `duplicate-domain`. */
  readonly name: string;
  /** The severity that it has as a rule. */
  readonly severity: Severity;
  /** What the configuration must be like, in one line: `A domain stands in one virtual host only`. */
  readonly title: string;
  /** Why, and what Envoy does: a few sentences of Markdown. */
  readonly text: string;
  /** A whole file in YAML that breaks the rule, and nothing else with severity error. A test reads it. */
  readonly bad?: string;
  /** The same file as it is right. */
  readonly good?: string;
}

/** Checks of an area: a watcher for each message, by its proto name. */
export type CheckTable = readonly (readonly [typeName: string, watcher: Watcher])[];

/** An area of rules: what it checks, and the pages of its rules. */
export interface Area {
  readonly checks: CheckTable;
  readonly rules: readonly RuleDoc[];
}

/**
 * Bad input is a value: everything that is wrong with a configuration is an {@link Issue}, all of them are collected,
 * and none is thrown.
 *
 * @module
 */

/** `error` is what holds a group back, `warning` what is accepted and will not do what it says, `info` the rest. */
export type Severity = "error" | "warning" | "info";

/** A place in a file. Lines and columns count from 1; a column counts UTF-16 code units. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong, where it is, and how bad. */
export interface Issue {
  /** Where the offending value is; absent when the input has no text (a write over HTTP, a whole directory). */
  readonly at?: Position;
  /** Path of the field inside its resource, in proto names: `load_assignment.endpoints[0].priority`; "" for the whole. */
  readonly path: string;
  /** Stable name of the rule that was broken: `yaml-syntax`, `unknown-field`, `dangling-reference`. */
  readonly rule: string;
  readonly severity: Severity;
  /** One sentence without a full stop: what is wrong, and what to do where that is known. */
  readonly message: string;
}

/** `file:line:column: severity: message [rule]`, the form every surface prints. */
export function formatIssue(issue: Issue): string {
  const { at } = issue;
  const place = at === undefined ? "" : `${at.file}:${at.line}:${at.column}: `;
  return `${place}${issue.severity}: ${issue.message} [${issue.rule}]`;
}

/** Whether any of the issues holds its group back. */
export function hasErrors(issues: Iterable<Issue>): boolean {
  for (const issue of issues) if (issue.severity === "error") return true;
  return false;
}

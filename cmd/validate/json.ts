/**
 * Issues as JSON.
 *
 * @module
 */
import type { Issue } from "../../lib/model/issue.ts";

/** `{file, line, column, path, rule, severity, message}`; what has no place has no file. */
export function toJsonIssue({ at, path, rule, severity, message }: Issue) {
  return { ...at, path, rule, severity, message };
}

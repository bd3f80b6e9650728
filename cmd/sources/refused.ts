/**
 * A source that cannot be used because of what is wrong in it.
 *
 * @module
 */
import { formatIssue, type Issue } from "../../lib/model/issue.ts";
import { CommandError } from "../exit.ts";
import { printable } from "../printable.ts";
import type { SourceOptions } from "../sources.ts";

/** Errors that are printed; `xcp validate` prints all. */
const MOST_SHOWN = 20;

/** Prints the errors, and says how many there are. */
export function refused(
  source: string,
  issues: readonly Issue[],
  { stderr }: SourceOptions["context"],
): CommandError {
  const errors = issues.filter(({ severity }) => severity === "error");
  for (const issue of errors.slice(0, MOST_SHOWN)) stderr.write(`${printable(formatIssue(issue))}\n`);
  const state = errors.length === 1 ? "it has an error" : `it has ${errors.length} errors`;
  const word = /\s/.test(source) ? `'${source}'` : source;
  return new CommandError("invalid", `Cannot use "${source}": ${state}`, {
    hint: `"xcp validate ${word}" tells all of them`,
  });
}

/**
 * From what an adapter says to a layer, and what stays when it fails.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import { EMPTY_PART, type Layer, type Part } from "../model/layer.ts";
import type { Groups } from "./groups.ts";
import { adapterError, placeOf } from "./resources.ts";

/** Where an adapter stands. */
interface Standing {
  /** The adapter as the user named it. */
  readonly name: string;
  readonly allowEmpty: boolean;
  /** Why it cannot be run, while that is so. */
  readonly failure: Issue | undefined;
  readonly common: Part;
  readonly groups: Groups;
}

/** The layer after the last one. */
export function nextLayer(last: Layer, { name, allowEmpty, failure, common, groups }: Standing): Layer {
  if (failure !== undefined) return { ...last, failures: [failure] };
  const parts = groups.parts();
  if (!allowEmpty && sizeOf(last.groups) > 0 && sizeOf(parts) === 0) {
    const reason = "it had resources and has none any more (--allow-empty takes that for what is meant)";
    const issue = { ...adapterError(name, `Cannot read "${name}": ${reason}`), rule: "source-empty" };
    return { ...last, failures: [issue] };
  }
  return { name, common, groups: parts, rules: last.rules, failures: [] };
}

/** What is to be said of an adapter, and stops none of its groups, is said in all of them. */
export function commonOf(name: string, warnings: readonly string[], before: Part): Part {
  if (warnings.length === 0) return EMPTY_PART;
  const issues = warnings.map((message): Issue => ({
    at: placeOf(name),
    path: "",
    rule: "adapter",
    severity: "warning",
    message,
  }));
  return JSON.stringify(issues) === JSON.stringify(before.issues) ? before : { resources: [], issues };
}

/** How many resources there are. */
export function sizeOf(parts: ReadonlyMap<string, Part>): number {
  return [...parts.values()].reduce((sum, { resources }) => sum + resources.length, 0);
}

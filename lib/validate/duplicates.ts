/**
 * Names that stand twice where none can win over another.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { Part } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import { ENDPOINTS, LISTENER, SECRET } from "../model/types.ts";
import { at, capitalized, nounOf, quote } from "./words.ts";

/**
 * Resources of one type and name more than once in one part, where none can win over another. The issue stands at the
 * later one and names the place of the first. Between parts it is no error: a group wins over what is common, and a
 * later layer over an earlier one.
 *
 * @param starting Resources of bootstraps that clients start with: there Envoy takes two listeners of one name, and
 * secrets of one name and different kinds.
 */
export function checkDuplicates(part: Part, starting: ReadonlySet<Resource> = NONE): Issue[] {
  const issues: Issue[] = [];
  const firstsByType = new Map<string, Map<string, Resource>>();
  for (const resource of part.resources) {
    let firsts = firstsByType.get(resource.type);
    if (firsts === undefined) firstsByType.set(resource.type, firsts = new Map());
    const first = firsts.get(resource.name);
    if (first === undefined) {
      firsts.set(resource.name, resource);
      continue;
    }
    if (starting.has(resource) && starting.has(first) && secretKind(resource) !== secretKind(first)) continue;
    const { origin } = first;
    const where = origin === undefined ? "earlier" : `at ${origin.file}:${origin.line}:${origin.column}`;
    const what = capitalized(nounOf(resource.type));
    const verb = resource.type === ENDPOINTS.url ? "are" : "is";
    issues.push({
      ...at(resource.origin),
      path: "",
      rule: "duplicate-resource",
      severity: resource.type === LISTENER.url && starting.has(resource) ? "warning" : "error",
      message: `${what} ${quote(resource.name)} ${verb} already defined ${where}`,
    });
  }
  return issues;
}

/** Field 1, with a length. */
const NAME_TAG = 1 << 3 | 2;

/** Number of the field that says what a secret is: the first behind its name. 0 for what is no secret, or says nothing. */
function secretKind({ type, bytes }: Resource): number {
  if (type !== SECRET.url || bytes[0] !== NAME_TAG) return 0;
  let length = 0;
  let at = 1;
  for (let factor = 1;; factor *= 128) {
    const byte = bytes[at++] ?? 0;
    length += (byte & 127) * factor;
    if (byte < 128) break;
  }
  return (bytes[at + length] ?? 0) >> 3;
}

const NONE: ReadonlySet<Resource> = new Set();

/**
 * What two resources claim, and only one can have: the address of a listener.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { Claim, Resource } from "../model/resource.ts";
import { at, capitalized, nounOf, quote } from "./words.ts";

/** Issues that are spelled out; what lies behind is one more line. */
const MOST_ISSUES = 100;

/**
 * An error for each claim that an earlier resource has made already, in the order of the resources: of all that one
 * client gets, as Envoy would take it. A bootstrap stands for its listeners without names, which exclude each other.
 */
export function checkClaims(resources: Iterable<Resource>): Issue[] {
  const issues: Issue[] = [];
  let count = 0;
  const firsts = new Map<string, Made>();
  for (const resource of resources) {
    for (const claim of resource.claims) {
      if (claim.kind !== "address") continue;
      const key = `${claim.kind} ${claim.key}`;
      const first = firsts.get(key);
      if (first === undefined) firsts.set(key, { resource, claim });
      else if (isSame(first.resource, resource)) continue;
      else if (++count <= MOST_ISSUES) issues.push(collision({ resource, claim }, first));
    }
  }
  if (count > MOST_ISSUES) issues.push(unspelled(count - MOST_ISSUES));
  return issues;
}

function unspelled(more: number): Issue {
  const message = `${more} more claim${more === 1 ? "" : "s"} to what another resource has already`;
  return { path: "", rule: "more-issues", severity: "error", message };
}

/** Two of one name replace each other; those without are told apart by what they claim. */
function isSame(one: Resource, other: Resource): boolean {
  return one.type === other.type && one.name === other.name && one.name !== "";
}

/** A claim and who makes it. */
interface Made {
  readonly resource: Resource;
  readonly claim: Claim;
}

function collision({ resource, claim }: Made, first: Made): Issue {
  const where = first.claim.at ?? first.resource.origin;
  const place = where === undefined ? "" : ` at ${where.file}:${where.line}:${where.column}`;
  const noun = nounOf(first.resource.type);
  const one = first.resource.name === "" ? "another listener" : `${noun} ${quote(first.resource.name)}`;
  const self = resource.name === "" ? "A listener" : `${capitalized(nounOf(resource.type))} ${quote(resource.name)}`;
  return {
    ...at(claim.at ?? resource.origin),
    path: claim.path,
    rule: `duplicate-${claim.kind}`,
    severity: "error",
    message: `${self} has ${claim.kind} ${claim.key}, which ${one} has already${place}`,
  };
}

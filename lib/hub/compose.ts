/**
 * Layers in, one candidate for each group out: what it would hold, and everything that is wrong with it. Pure.
 *
 * @module
 */
import { hasErrors, type Issue } from "../model/issue.ts";
import type { GroupRule, Layer, Part } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import { checkDuplicates, checkReferences } from "../validate/references.ts";
import { DEFAULT_GROUP } from "./assign.ts";

/** How seriously the checks across resources are taken: not run, reported, or holding a group back. */
export type Strictness = "off" | "warn" | "enforce";

/** What a group would hold. It may be served when none of the issues is an error. */
export interface Candidate {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly issues: readonly Issue[];
  /** Names of the layers that have something for the group. */
  readonly layers: readonly string[];
}

/** Candidates of all groups that the layers name, the default group among them, in order of name. */
export function compose(layers: readonly Layer[], strictness: Strictness): Candidate[] {
  const names = new Set([DEFAULT_GROUP, ...layers.flatMap((layer) => [...layer.groups.keys()])]);
  const duplicates = new Map<Part, Issue[]>();
  const duplicatesOf = (part: Part): Issue[] => {
    const known = duplicates.get(part);
    if (known !== undefined) return known;
    const issues = checkDuplicates(part);
    duplicates.set(part, issues);
    return issues;
  };
  return [...names].sort().map((name) => {
    const feeds: Part[] = [];
    const issues: Issue[] = [];
    const feeding: string[] = [];
    for (const layer of layers) {
      issues.push(...layer.failures);
      const parts = [layer.common, layer.groups.get(name)].filter((part) => part !== undefined);
      for (const part of parts) issues.push(...part.issues, ...duplicatesOf(part));
      feeds.push(...parts.filter((part) => part.resources.length > 0));
      if (parts.some((part) => part.resources.length + part.issues.length > 0)) feeding.push(layer.name);
    }
    const resources = merge(feeds);
    // What cannot be read may be what others refer to: one broken file is one error, not one for each that needs it.
    if (strictness !== "off" && !hasErrors(issues)) {
      const dangling = checkReferences(resources);
      issues.push(...(strictness === "warn" ? dangling.map(asWarning) : dangling));
    }
    return { name, resources, issues, layers: feeding };
  });
}

/** The rules of all layers; those of later layers come first, as later layers win. */
export function rulesOf(layers: readonly Layer[]): GroupRule[] {
  return [...layers].reverse().flatMap((layer) => layer.rules);
}

/** The resources of all parts; of two with one type and name the later one, at the place of the earlier. */
function merge([first, ...later]: readonly Part[]): readonly Resource[] {
  if (first === undefined) return [];
  // The ordinary case, in which ten thousand names need not be looked at for one that changed.
  if (later.length === 0) return first.resources;
  const merged: Resource[] = [];
  const places = new Map<string, Map<string, number>>();
  for (const { resources } of [first, ...later]) {
    for (const resource of resources) {
      let names = places.get(resource.type);
      if (names === undefined) places.set(resource.type, names = new Map());
      const place = names.get(resource.name) ?? merged.length;
      names.set(resource.name, place);
      merged[place] = resource;
    }
  }
  return merged;
}

function asWarning(issue: Issue): Issue {
  return issue.severity === "error" ? { ...issue, severity: "warning" } : issue;
}

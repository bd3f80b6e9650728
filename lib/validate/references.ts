/**
 * Whether what resources say of each other is true, over a whole group.
 *
 * This room holds checks of a configuration as a whole: between resources, and (later) against the rules of Envoy's API.
 * A check is a pure function from resources to issues: it reads no file, knows no group and no client, and never throws
 * for what is wrong with a resource. Whether a single file can be read is not decided here but by the codec.
 *
 * @module
 */
import { nearest } from "../model/codec/nearest.ts";
import type { Issue } from "../model/issue.ts";
import type { Part } from "../model/layer.ts";
import { isGlob } from "../model/names.ts";
import type { Reference, Resource } from "../model/resource.ts";
import { replacements } from "../model/snapshot.ts";
import { CLUSTER, ENDPOINTS, typeByUrl } from "../model/types.ts";

/** Names that are compared in search of similar ones, in all: some 0.1 s. The first suggestions are what helps. */
const MAX_COMPARISONS = 20_000;

/** Of two shorter names, every one is similar to every other. */
const MIN_SUGGESTED = 3;

/** Issues of one severity that are spelled out; what lies behind is one more line. */
const MOST_ISSUES = 100;

/** What a group serves now, as far as it matters here. */
export interface Served {
  set(type: string): Names;
}

interface Names {
  has(name: string): boolean;
}

/** What references of one type may lead to. */
interface Target {
  readonly names: Set<string>;
  readonly onDemand: boolean;
}

/**
 * References to resources that are not there, in the order of the resources. `resources` is all that a group gets: the
 * merged layers; `served` what it gets until now.
 *
 * An error is a reference to a cluster that a client needs, for which Envoy rejects what names it, and one to anything
 * that is served and would vanish while others still refer to it. All others are warnings: Envoy accepts them and waits,
 * and the client's own bootstrap file, or another server, may have the target. So is one to something that is here, and
 * that the client does not look for here.
 */
export function checkReferences(resources: Iterable<Resource>, served?: Served): Issue[] {
  return new References([...resources]).issues(served);
}

/** The references of all that a group gets. Of much the same resources as before, only those that differ are looked at. */
export class References {
  readonly #resources: readonly Resource[];
  readonly #targets: Map<string, Target>;
  /** Of each resource those that lead nowhere, or to where the client does not look. */
  readonly #open: readonly (readonly Reference[])[];

  constructor(resources: readonly Resource[], before?: References) {
    this.#resources = resources;
    if (before !== undefined && replacements(before.#resources, resources) !== undefined) {
      const earlier = before.#resources;
      this.#targets = before.#targets;
      this.#open = before.#open.map((open, i) => {
        const resource = resources[i];
        return resource === undefined || resource === earlier[i] ? open : this.#openOf(resource);
      });
      return;
    }
    this.#targets = new Map();
    for (const { type, name } of resources) this.#target(type).names.add(name);
    this.#open = resources.map((resource) => this.#openOf(resource));
  }

  /** See {@link checkReferences}. */
  issues(served?: Served): Issue[] {
    const issues: Issue[] = [];
    const counts = { error: 0, warning: 0, info: 0 };
    const suggest = this.#suggestions();
    for (const [i, open] of this.#open.entries()) {
      const resource = this.#resources[i];
      if (open.length === 0 || resource === undefined) continue;
      for (const reference of open) {
        const there = this.#target(reference.type).names.has(reference.name);
        const severity = there ? "warning" : severityOf(reference, served);
        if (++counts[severity] > MOST_ISSUES) continue;
        issues.push(
          there ? unsought(resource, reference) : dangling(resource, reference, severity, suggest(reference)),
        );
      }
    }
    for (const severity of ["error", "warning"] as const) {
      const more = counts[severity] - MOST_ISSUES;
      if (more > 0) issues.push(unspelled(severity, more));
    }
    return issues;
  }

  #openOf({ references }: Resource): readonly Reference[] {
    const open = references.filter(({ type, name, bootstrap }) => {
      const { names, onDemand } = this.#target(type);
      // A collection is its members, and may have none; so may what is asked for on demand.
      return (bootstrap || !names.has(name)) && !onDemand && !isGlob(name);
    });
    return open.length === 0 ? NONE : open;
  }

  #target(type: string): Target {
    let target = this.#targets.get(type);
    if (target === undefined) {
      target = { names: new Set(), onDemand: typeByUrl(type)?.onDemand === true };
      this.#targets.set(type, target);
    }
    return target;
  }

  /** What may be meant by a name that is not there, once found for each. */
  #suggestions(): (reference: Reference) => string {
    const suggestions = new Map<string, string>();
    let comparisons = 0;
    return ({ type, name }) => {
      const key = `${type} ${name}`;
      const known = suggestions.get(key);
      if (known !== undefined) return known;
      const { names } = this.#target(type);
      if (names.size === 0 || name.length < MIN_SUGGESTED || comparisons + names.size > MAX_COMPARISONS) return "";
      comparisons += names.size;
      const near = nearest(name, names);
      const text = near === undefined ? "" : `; did you mean ${quote(near)}?`;
      suggestions.set(key, text);
      return text;
    };
  }
}

const NONE: readonly Reference[] = [];

function severityOf({ required, type, name }: Reference, served: Served | undefined): "error" | "warning" {
  return required && (type === CLUSTER.url || served?.set(type).has(name)) ? "error" : "warning";
}

function unspelled(severity: "error" | "warning", more: number): Issue {
  const what = `${more} more reference${more === 1 ? "" : "s"} to resources that are not in this configuration`;
  return { path: "", rule: "more-issues", severity, message: what };
}

/**
 * Resources of one type and name more than once in one part, where none can win over another. The issue stands at the
 * later one and names the place of the first. Between parts it is no error: a group wins over what is common, and a
 * later layer over an earlier one.
 */
export function checkDuplicates(part: Part): Issue[] {
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
    const { origin } = first;
    const where = origin === undefined ? "earlier" : `at ${origin.file}:${origin.line}:${origin.column}`;
    const what = capitalized(nounOf(resource.type));
    const verb = resource.type === ENDPOINTS.url ? "are" : "is";
    issues.push({
      ...at(resource.origin),
      path: "",
      rule: "duplicate-resource",
      severity: "error",
      message: `${what} ${quote(resource.name)} ${verb} already defined ${where}`,
    });
  }
  return issues;
}

function dangling(
  resource: Resource,
  reference: Reference,
  severity: "error" | "warning",
  suggestion: string,
): Issue {
  const from = `${capitalized(nounOf(resource.type))} ${quote(resource.name)}`;
  const to = `${nounOf(reference.type)} ${quote(reference.name)}`;
  const [name, is] = [
    resource.type === ENDPOINTS.url ? "name" : "names",
    reference.type === ENDPOINTS.url ? "are" : "is",
  ];
  return {
    ...at(reference.at ?? resource.origin),
    path: reference.path,
    rule: "dangling-reference",
    severity,
    message: `${from} ${name} ${to}, which ${is} not in this configuration${suggestion}`,
  };
}

/** What works inside a bootstrap file stops working when the file's resources come over xDS. */
function unsought(resource: Resource, reference: Reference): Issue {
  const from = `${capitalized(nounOf(resource.type))} ${quote(resource.name)}`;
  const to = `${nounOf(reference.type)} ${quote(reference.name)}`;
  return {
    ...at(reference.at ?? resource.origin),
    path: reference.path,
    rule: "reference-without-source",
    severity: "warning",
    message: `${from} names ${to} without sds_config: Envoy looks for it in its own bootstrap file, and not here; ` +
      `add "sds_config: { ads: {}, resource_api_version: V3 }"`,
  };
}

/** Positions without what an origin has beside them; nothing when there is none. */
function at(position: { readonly file: string; readonly line: number; readonly column: number } | undefined) {
  if (position === undefined) return {};
  const { file, line, column } = position;
  return { at: { file, line, column } };
}

/** `cluster`, `endpoints`, `scoped route`; of a type without a row in the table the message's own name. */
function nounOf(type: string): string {
  if (type === ENDPOINTS.url) return ENDPOINTS.plural;
  return typeByUrl(type)?.short.replaceAll("-", " ") ?? type.replace(/^.*[./]/, "");
}

function capitalized(noun: string): string {
  return noun.charAt(0).toUpperCase() + noun.slice(1);
}

function quote(name: string): string {
  return JSON.stringify(name);
}

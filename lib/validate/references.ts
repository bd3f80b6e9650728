/**
 * Whether the names that resources have for each other lead somewhere, over a whole group.
 *
 * @module
 */
import { nearest } from "../model/codec/nearest.ts";
import type { Issue } from "../model/issue.ts";
import { isGlob } from "../model/names.ts";
import type { Reference, Resource } from "../model/resource.ts";
import { replacements } from "../model/snapshot.ts";
import { ENDPOINTS, typeByUrl } from "../model/types.ts";
import type { Key } from "../model/written.ts";
import { at, capitalized, nounOf, quote } from "./words.ts";

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
  readonly size: number;
  has(name: string): boolean;
}

/** How the resources are looked at. */
export interface ReferenceOptions {
  /** Names of what is there and cannot be read: one broken file is one error, not one for each that needs it. */
  readonly broken?: readonly Key[];
  /**
   * The files are what a client starts with, and nothing is between the two: what is in a bootstrap is found there. Every
   * issue is spelled out.
   */
  readonly standalone?: boolean;
}

/** What references of one type may lead to. */
interface Target {
  readonly type: string;
  readonly names: Set<string>;
  readonly onDemand: boolean;
}

/** A reference that leads nowhere, or to where the client does not look: then the target is there. */
interface Open {
  readonly reference: Reference;
  readonly target: Target;
  readonly there: boolean;
  /** `served`: an error if the target is served until now. */
  readonly severity: "error" | "served" | "warning";
}

/** How many are open. Of ten thousand that are warnings, only those that are spelled out need a look. */
class Tally {
  all = 0;
  errors = 0;
  /** Those that are errors if their target is served. */
  readonly served = new Map<Target, number>();

  /** `by`: 1, or -1 for what is there no more. */
  count(open: readonly Open[], by: 1 | -1): void {
    for (const { target, severity } of open) {
      this.all += by;
      if (severity === "error") this.errors += by;
      if (severity === "served") this.served.set(target, (this.served.get(target) ?? 0) + by);
    }
  }

  /** The same, to go on with. */
  copy(): Tally {
    const copy = new Tally();
    copy.all = this.all;
    copy.errors = this.errors;
    for (const [target, count] of this.served) copy.served.set(target, count);
    return copy;
  }
}

/**
 * References to resources that are not there, in the order of the resources. `resources` is all that a group gets: the
 * merged layers; `served` what it gets until now.
 *
 * An error is a reference for which Envoy refuses what names it, and one to anything that is served and would vanish
 * while others still need it. All others are warnings: Envoy accepts them and waits, and the client's own bootstrap file,
 * or another server, may have the target. So is one to something that is here, and that the client does not look for
 * here.
 */
export function checkReferences(resources: Iterable<Resource>, served?: Served): Issue[] {
  return new References([...resources]).issues(served);
}

/** The references of all that a group gets. Of much the same resources as before, only those that differ are looked at. */
export class References {
  readonly #resources: readonly Resource[];
  readonly #standalone: boolean;
  readonly #targets: Map<string, Target>;
  /** Of each resource. */
  readonly #open: readonly (readonly Open[])[];
  readonly #tally: Tally;
  /** Where only contents differ from before: what stands there now. */
  readonly replaced: readonly Resource[] | undefined;

  constructor(resources: readonly Resource[], before?: References, options: ReferenceOptions = {}) {
    this.#resources = resources;
    this.#standalone = options.standalone ?? false;
    this.replaced = before && replacements(before.#resources, resources);
    if (before !== undefined && this.replaced !== undefined) {
      const earlier = before.#resources;
      const tally = this.#tally = before.#tally.copy();
      this.#targets = before.#targets;
      this.#open = before.#open.map((open, i) => {
        const resource = resources[i];
        if (resource === undefined || resource === earlier[i]) return open;
        const now = this.#openOf(resource);
        tally.count(open, -1);
        tally.count(now, 1);
        return now;
      });
      return;
    }
    this.#tally = new Tally();
    this.#targets = new Map();
    for (const { type, name } of [...resources, ...options.broken ?? []]) this.#target(type).names.add(name);
    this.#open = resources.map((resource) => this.#openOf(resource));
    for (const open of this.#open) this.#tally.count(open, 1);
  }

  /** See {@link checkReferences}. */
  issues(served?: Served): Issue[] {
    const issues: Issue[] = [];
    const counts = { error: 0, warning: 0, info: 0 };
    const suggest = this.#suggestions();
    const vanishing = this.#vanishing(served);
    const warnings = !this.#standalone && this.#tally.errors === 0 && vanishing.size === 0;
    for (const [i, open] of this.#open.entries()) {
      if (warnings && counts.warning > MOST_ISSUES) break;
      const resource = this.#resources[i];
      if (open === NONE || resource === undefined) continue;
      for (const { reference, target, there, severity: worst } of open) {
        const isServed = worst === "served" && vanishing.get(target)?.has(reference.name) === true;
        const severity = worst === "error" || isServed ? "error" : "warning";
        if (++counts[severity] > MOST_ISSUES && !this.#standalone) continue;
        issues.push(
          there ? unsought(resource, reference) : dangling(resource, reference, severity, suggest(reference)),
        );
      }
    }
    if (warnings) counts.warning = this.#tally.all;
    for (const severity of ["error", "warning"] as const) {
      const more = counts[severity] - MOST_ISSUES;
      if (more > 0 && !this.#standalone) issues.push(unspelled(severity, more));
    }
    return issues;
  }

  /** Of the targets that a resource cannot do without what is served, if that is anything. */
  #vanishing(served: Served | undefined): ReadonlyMap<Target, Names> {
    const vanishing = new Map<Target, Names>();
    for (const [target, count] of this.#tally.served) {
      const names = count === 0 ? undefined : served?.set(target.type);
      if (names !== undefined && names.size > 0) vanishing.set(target, names);
    }
    return vanishing;
  }

  #openOf({ references }: Resource): readonly Open[] {
    let open: Open[] | undefined;
    for (const reference of references) {
      const { name, bootstrap, strict } = reference;
      const target = this.#target(reference.type);
      const unsought = bootstrap && !(this.#standalone && strict);
      const there = target.names.has(name);
      // A collection is its members, and may have none; so may what is asked for on demand.
      if (there && !unsought || target.onDemand || isGlob(name)) continue;
      (open ??= []).push({ reference, target, there, severity: there ? "warning" : this.#severityOf(reference) });
    }
    return open ?? NONE;
  }

  #severityOf({ strict, bootstrap, required }: Reference): Open["severity"] {
    // The bootstrap of a client that gets the resource over xDS is not known.
    if (strict && (this.#standalone || !bootstrap)) return "error";
    return required ? "served" : "warning";
  }

  #target(type: string): Target {
    let target = this.#targets.get(type);
    if (target === undefined) {
      target = { type, names: new Set(), onDemand: typeByUrl(type)?.onDemand === true };
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

const NONE: readonly Open[] = [];

function unspelled(severity: "error" | "warning", more: number): Issue {
  const what = `${more} more reference${more === 1 ? "" : "s"} to resources that are not in this configuration`;
  return { path: "", rule: "more-issues", severity, message: what };
}

function dangling(
  resource: Resource,
  reference: Reference,
  severity: "error" | "warning",
  suggestion: string,
): Issue {
  const from = resource.name === "" ? "The bootstrap" : `${capitalized(nounOf(resource.type))} ${quote(resource.name)}`;
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

/**
 * Layers in, one candidate for each group out: what it would hold, and everything that is wrong with it.
 *
 * @module
 */
import { nearest } from "../model/codec/nearest.ts";
import { hasErrors, type Issue } from "../model/issue.ts";
import { type GroupRule, type Layer, mergeParts, type Part } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import { replacements, type Snapshot } from "../model/snapshot.ts";
import { checkDuplicates } from "../validate/duplicates.ts";
import { Whole } from "../validate/whole.ts";
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
  /** How many resources come from layers that may lose them by accident. */
  readonly sourced: number;
  /** The topmost part that has a label: what is new with it is named so. */
  readonly labelled: Part | undefined;
}

interface Made {
  /** What the candidate was made of: the same objects make the same candidate. */
  readonly inputs: readonly unknown[];
  /** The parts among them. */
  readonly parts: readonly Part[];
  /** Undefined when they were not looked at. */
  readonly whole: Whole | undefined;
  readonly candidate: Candidate;
}

/**
 * Makes candidates. One whose layers say the same as the last time is the same object as the last time, so that a change
 * in one of a hundred groups costs one group.
 */
export class Composer {
  readonly #strictness: Strictness;
  readonly #duplicates = new WeakMap<Part, readonly Issue[]>();
  #made: ReadonlyMap<string, Made> = new Map();
  /** Asked for one by one since. */
  readonly #tried = new Map<string, Made>();

  readonly #served: (group: string) => Snapshot | undefined;

  /** `served` tells what a group serves now: what others still refer to must not vanish from it. */
  constructor(strictness: Strictness, served: (group: string) => Snapshot | undefined = () => undefined) {
    this.#strictness = strictness;
    this.#served = served;
  }

  /**
   * The candidate of one group. When {@link compose} is asked next for the same layers, it need not be made again.
   */
  candidate(name: string, layers: readonly Layer[]): Candidate {
    const names = namesOf(layers);
    const inputs = inputsOf(name, layers, names);
    const before = this.#made.get(name);
    if (before !== undefined && sameItems(before.inputs, inputs)) return before.candidate;
    const made = this.#make(name, layers, names, inputs);
    this.#tried.set(name, made);
    return made.candidate;
  }

  /** Candidates of all groups that the layers name, the default group among them, in order of name. */
  compose(layers: readonly Layer[]): Candidate[] {
    const names = namesOf(layers);
    const made = new Map<string, Made>();
    for (const name of names) {
      const inputs = inputsOf(name, layers, names);
      const same = [this.#made.get(name), this.#tried.get(name)].find((before) =>
        before !== undefined && sameItems(before.inputs, inputs)
      );
      made.set(name, same ?? this.#make(name, layers, names, inputs));
    }
    this.#made = made;
    this.#tried.clear();
    return [...made.values()].map(({ candidate }) => candidate);
  }

  #make(name: string, layers: readonly Layer[], names: readonly string[], inputs: readonly unknown[]): Made {
    const before = this.#made.get(name);
    const all: Part[] = [];
    const feeds: Part[] = [];
    const issues: Issue[] = [];
    const feeding: string[] = [];
    let sourced = 0;
    // Whose nodes these would be is not known, so it is said once, where nodes that no group claims end up.
    if (name === DEFAULT_GROUP) issues.push(...rulesToNowhere(layers, names));
    for (const layer of layers) {
      issues.push(...layer.failures);
      const parts = partsOf(name, layer);
      for (const part of parts) {
        issues.push(...part.issues, ...this.#duplicatesOf(part, before?.parts[all.length]));
        all.push(part);
        if (!layer.deliberate) sourced += part.resources.length;
      }
      feeds.push(...parts.filter((part) => part.resources.length > 0));
      if (parts.some((part) => part.resources.length + part.issues.length > 0)) feeding.push(layer.name);
    }
    const resources = mergeParts(feeds);
    let whole: Whole | undefined;
    // What cannot be read may be what others refer to: one broken file is one error, not one for each that needs it.
    if (this.#strictness !== "off" && !hasErrors(issues)) {
      whole = new Whole(resources, before?.whole);
      const found = whole.issues(this.#served(name));
      issues.push(...(this.#strictness === "warn" ? found.map(asWarning) : found));
    }
    const labelled = layers.flatMap((layer) => partsOf(name, layer)).findLast((part) => part.label !== undefined);
    const candidate = { name, resources, issues, layers: feeding, sourced, labelled };
    return { inputs, parts: all, whole, candidate };
  }

  /**
   * The common part of a layer feeds all groups, and is looked at once. `before` is the part that stood in its place:
   * where that had each name once, so has a part with the same names.
   */
  #duplicatesOf(part: Part, before: Part | undefined): readonly Issue[] {
    let issues = this.#duplicates.get(part);
    const alike = issues === undefined && before !== undefined && this.#duplicates.get(before)?.length === 0 &&
      replacements(before.resources, part.resources) !== undefined;
    issues ??= alike ? [] : checkDuplicates(part);
    this.#duplicates.set(part, issues);
    return issues;
  }
}

/** The groups that the layers name, and the default group. */
function namesOf(layers: readonly Layer[]): string[] {
  return [...new Set([DEFAULT_GROUP, ...layers.flatMap((layer) => [...layer.groups.keys()])])].sort();
}

/** Everything that a group's candidate is made of. */
function inputsOf(name: string, layers: readonly Layer[], names: readonly string[]): unknown[] {
  const inputs: unknown[] = layers.flatMap((layer) => [
    layer.name,
    layer.common,
    layer.groups.get(name),
    layer.failures.length,
    ...layer.failures,
  ]);
  if (name === DEFAULT_GROUP) inputs.push(...names, ...rulesOf(layers));
  return inputs;
}

function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function partsOf(name: string, layer: Layer): Part[] {
  return [layer.common, layer.groups.get(name)].filter((part) => part !== undefined);
}

/** The rules of all layers; those of later layers come first, as later layers win. */
export function rulesOf(layers: readonly Layer[]): GroupRule[] {
  return [...layers].reverse().flatMap((layer) => layer.rules);
}

/** Rules that are passed over because there is no such group: a slip of the pen, or a group that is yet to come. */
function rulesToNowhere(layers: readonly Layer[], names: readonly string[]): Issue[] {
  return rulesOf(layers).filter(({ group }) => !names.includes(group)).map(({ group, at }) => {
    const near = nearest(group, names);
    const hint = near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
    const message = `A rule names group ${JSON.stringify(group)}, which does not exist${hint}`;
    return { ...(at === undefined ? {} : { at }), path: "", rule: "unknown-group", severity: "warning", message };
  });
}

function asWarning(issue: Issue): Issue {
  return issue.severity === "error" ? { ...issue, severity: "warning" } : issue;
}

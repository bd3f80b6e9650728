/**
 * All groups of a hub: which there are, what each serves, and which node belongs to which. Who is told of a change is the
 * hub's.
 *
 * @module
 */
import { formatIssue, hasErrors, type Issue } from "../model/issue.ts";
import type { GroupRule, Layer } from "../model/layer.ts";
import type { ResourceSet } from "../model/resource_set.ts";
import type { Node } from "../xds/wire/node.ts";
import { ago } from "./ago.ts";
import { type Assign, createAssign, DEFAULT_GROUP } from "./assign.ts";
import { type Candidate, Composer, rulesOf, type Strictness } from "./compose.ts";
import { Group } from "./group.ts";
import type { Restored } from "./status.ts";

export interface GroupsOptions {
  readonly validate: Strictness;
  /** Serve a group empty whose sources have nothing for it any more, instead of keeping what it had. */
  readonly allowEmpty: boolean;
}

/** What came of layers. */
export interface Taken {
  /** Groups whose snapshot changed. */
  readonly changed: readonly Group[];
  /** Groups that were restored, and whose sources say now what was. */
  readonly healed: readonly Group[];
  /** Groups that are held back. */
  readonly held: readonly string[];
  /** Groups that are no more. */
  readonly gone: readonly string[];
  readonly issues: readonly Issue[];
  /** Sets that nobody is sent any more. */
  readonly replaced: readonly ResourceSet[];
  /** Nodes may belong to other groups than before. */
  readonly reassigned: boolean;
}

/** Issues that readiness spells out for each group. */
const REASONS_PER_GROUP = 5;

export class Groups {
  readonly #options: GroupsOptions;
  readonly #composer: Composer;
  readonly #groups = new Map<string, Group>();
  #assign: Assign = () => DEFAULT_GROUP;
  /** What {@link #assign} was made of. */
  #rules: readonly GroupRule[] = [];
  /** Rules of an earlier time, until the sources have said theirs. */
  #restoredRules: readonly GroupRule[] | undefined;
  /** The sources could all be read: they know which groups there are. */
  #certain = false;
  /** What is wrong with sources as a whole: the reason of every group that they cannot name. */
  #failures: readonly Issue[] = [];

  constructor(options: GroupsOptions) {
    this.#options = options;
    this.#composer = new Composer(options.validate, (group) => this.#groups.get(group)?.snapshot);
    this.#make(DEFAULT_GROUP);
  }

  get(name: string): Group | undefined {
    return this.#groups.get(name);
  }

  [Symbol.iterator](): Iterator<Group> {
    return this.#groups.values();
  }

  get rules(): readonly GroupRule[] {
    return this.#rules;
  }

  /** The name of the group that a node belongs to. */
  nameOf(node: Node): string {
    return this.#assign(node);
  }

  /** That group; it exists from now on. */
  of(node: Node): Group {
    const name = this.#assign(node);
    return this.#groups.get(name) ?? this.#make(name);
  }

  /** Takes what the sources say now. Times as in `Group.offer`. */
  take(layers: readonly Layer[], now: number, clock: number): Taken {
    const candidates = this.#composer.compose(layers);
    // A source that cannot be read says nothing about which groups there are.
    const readable = layers.every((layer) => !hasErrors(layer.failures));
    this.#certain = readable && !this.#emptied(candidates);
    const changed: Group[] = [];
    const healed: Group[] = [];
    const replaced: ResourceSet[] = [];
    let added = false;
    for (const candidate of candidates) {
      added ||= !this.#groups.has(candidate.name);
      const group = this.#groups.get(candidate.name) ?? this.#make(candidate.name);
      const { restored } = group;
      const sets = group.offer(candidate, now, clock);
      if (sets !== undefined) changed.push(group);
      else if (restored && !group.restored) healed.push(group);
      replaced.push(...sets ?? []);
    }
    this.#failures = layers.flatMap((layer) => layer.failures);
    const names = new Set(candidates.map(({ name }) => name));
    for (const group of this.#groups.values()) if (!names.has(group.name)) group.issues = this.#failures;
    const gone = this.#certain ? [...this.#groups.keys()].filter((name) => !names.has(name)) : [];
    for (const name of gone) this.#groups.delete(name);
    if (this.#certain) this.#restoredRules = undefined;
    const rules = this.#restoredRules ?? rulesOf(layers);
    const alike = rules.length === this.#rules.length && rules.every((rule, i) => rule === this.#rules[i]);
    const reassigned = !alike || added || gone.length > 0;
    if (reassigned) this.#follow(rules);
    const held = candidates.filter(({ name }) => this.#groups.get(name)?.stale).map(({ name }) => name);
    const issues = [...new Set([...this.#groups.values()].flatMap((group) => group.issues))];
    return { changed, healed, held, gone, issues, replaced, reassigned };
  }

  /** What would be wrong with a group if the layers said this. Changes nothing. */
  preview(layers: readonly Layer[], name: string): readonly Issue[] {
    const candidate = this.#composer.candidate(name, layers);
    return this.#groups.get(name)?.issuesOf(candidate) ?? candidate.issues;
  }

  /** Whether there is nothing to serve, for a group because its sources failed: what was stored would be welcome. */
  get lacking(): boolean {
    const groups = [...this.#groups.values()];
    return groups.every(({ snapshot }) => snapshot === undefined) ||
      groups.some(({ snapshot, stale }) => snapshot === undefined && stale);
  }

  /** See `Hub.restore`. Returns the groups that took it; nodes may belong to others than before. */
  restore({ source, groups, rules }: Restored, clock: number): readonly Group[] {
    const certain = this.#certain && this.served.length > 0;
    const taken: Group[] = [];
    for (const [name, content] of groups) {
      if (certain && this.#groups.get(name)?.stale !== true) continue;
      let group = this.#groups.get(name);
      if (group === undefined) {
        group = this.#make(name);
        group.issues = this.#failures;
      }
      if (group.restore(source, content, clock)) taken.push(group);
    }
    if (!certain && taken.length > 0) this.#restoredRules = rules;
    this.#follow(this.#restoredRules ?? this.#rules);
    return taken;
  }

  /** Names of the groups that have a snapshot, in order. */
  get served(): readonly string[] {
    const named = [...this.#groups.values()].filter(({ snapshot }) => snapshot !== undefined);
    return named.map(({ name }) => name).sort();
  }

  /** Whether any group has something to serve, none has, or none and the sources of some failed. */
  get state(): "serving" | "empty" | "failing" {
    let failing = false;
    for (const { snapshot, stale } of this.#groups.values()) {
      if (snapshot !== undefined) return "serving";
      failing ||= stale;
    }
    return failing ? "failing" : "empty";
  }

  /** Which groups cannot follow their sources, and why. */
  reasons(now: number): string[] {
    return [...this.#groups.values()].filter(({ stale }) => stale).map((group) => {
      const errors = group.issues.filter((issue) => issue.severity === "error");
      // Sources that are suddenly empty say nothing at all of a group that was restored.
      const why = errors.length === 0 ? "" : `: ${errors.slice(0, REASONS_PER_GROUP).map(formatIssue).join("; ")}`;
      return `group "${group.name}" ${stateOf(group, now)}${why}`;
    });
  }

  /** Nothing is in sources of which it is known that something was: that says nothing about which groups there are. */
  #emptied(candidates: readonly Candidate[]): boolean {
    if (this.#options.allowEmpty || candidates.some(({ resources }) => resources.length > 0)) return false;
    return [...this.#groups.values()].some(({ restored }) => restored);
  }

  #follow(rules: readonly GroupRule[]): void {
    this.#rules = rules;
    this.#assign = createAssign(rules, (group) => this.#groups.has(group));
  }

  #make(name: string): Group {
    const group = new Group(name, this.#options.allowEmpty);
    this.#groups.set(name, group);
    return group;
  }
}

/** What a group that cannot follow its sources does. */
function stateOf({ snapshot, restored, since }: Group, now: number): string {
  if (snapshot === undefined) return "has nothing to serve";
  if (!restored || since === undefined) return "keeps its last good snapshot";
  return `serves what was stored ${ago(now - since)}`;
}

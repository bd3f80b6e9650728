/**
 * A group: the nodes that get one snapshot, what they get, and what is wrong with what they should get.
 *
 * @module
 */
import { hasErrors, type Issue } from "../model/issue.ts";
import type { Part } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import type { ResourceSet } from "../model/resource_set.ts";
import { createSnapshot, diff, type Snapshot } from "../model/snapshot.ts";
import type { Candidate } from "./compose.ts";
import type { GroupStatus, RestoredGroup, Standings } from "./status.ts";
import type { HubStream } from "./hub_stream.ts";

/** Earlier sets kept for each type, so that a reconnecting client's version still means something. */
const REMEMBERED = 4;
/** Labels that are kept, so that none is taken for a content version. */
const MOST_LABELS = 1_000;

/** Mutable; changed by {@link Group.offer} alone. */
export class Group {
  readonly name: string;
  readonly streams = new Set<HubStream>();
  snapshot: Snapshot | undefined;
  issues: readonly Issue[] = [];
  /** When the current snapshot was taken; milliseconds since the epoch. */
  since: number | undefined;
  /** When the content of each type last changed, on the hub's clock. */
  readonly changedAt = new Map<string, number>();
  /** Types whose content changed when the snapshot last did. */
  lastChanged: ReadonlySet<string> = new Set();
  /** The candidate is not what is served. */
  stale = false;
  /** Where {@link snapshot} comes from, when it is not from the sources. */
  #restored: { readonly source: string; readonly issues: readonly Issue[] } | undefined;
  #candidate: Candidate | undefined;
  /** What {@link snapshot} was made of. */
  #resources: readonly Resource[] | undefined;
  /** See `Candidate.sourced`, of what is served. */
  #sourced = 0;
  /** The part whose label was used last. */
  #labelled: Part | undefined;
  readonly #earlier = new Map<string, ResourceSet[]>();
  readonly #labels = new Set<string>();

  readonly #allowEmpty: boolean;

  /** `allowEmpty`: take it for what is meant when the sources have nothing for the group any more. */
  constructor(name: string, allowEmpty: boolean) {
    this.name = name;
    this.#allowEmpty = allowEmpty;
  }

  /**
   * Takes a candidate if it is sound, and otherwise keeps what there is. Returns the sets that it replaced, or undefined
   * when nothing changed for the clients. `now` is in milliseconds since the epoch, `clock` the time on the hub's clock.
   */
  offer(candidate: Candidate, now: number, clock: number): ResourceSet[] | undefined {
    if (candidate === this.#candidate) return undefined;
    this.#candidate = candidate;
    this.issues = this.issuesOf(candidate);
    this.stale = hasErrors(this.issues);
    if (this.stale) return undefined;
    this.#restored = undefined;
    // A group that never had content says nothing: an empty answer would take everything from a client.
    if (this.snapshot === undefined && candidate.resources.length === 0) return undefined;
    const before = this.snapshot;
    // A label names what its own write brought; what another layer changes afterwards has its content for a name.
    const label = candidate.labelled === this.#labelled ? undefined : candidate.labelled?.label;
    this.#labelled = candidate.labelled;
    if (label !== undefined) this.#keepLabel(label);
    const snapshot = createSnapshot(candidate.resources, before, label, this.#resources);
    this.#resources = candidate.resources;
    if (before !== undefined && snapshot.revision === before.revision) {
      this.#sourced = candidate.sourced;
      return undefined;
    }
    this.#sourced = candidate.sourced;
    this.snapshot = snapshot;
    this.since = now;
    const replaced: ResourceSet[] = [];
    this.lastChanged = new Set(
      before === undefined ? [...snapshot.sets].map((set) => set.type) : diff(before, snapshot).keys(),
    );
    for (const type of this.lastChanged) {
      this.changedAt.set(type, clock);
      if (before !== undefined) replaced.push(before.set(type));
    }
    for (const set of replaced) this.#remember(set);
    return replaced;
  }

  /**
   * Takes what was stored at an earlier time. Only while there is nothing else, and the sources cannot be used: what they
   * say next replaces it. Returns whether it was taken.
   */
  restore(source: string, { resources, since, issues }: RestoredGroup, clock: number): boolean {
    if (this.snapshot !== undefined || resources.length === 0) return false;
    this.#restored = { source, issues };
    this.snapshot = createSnapshot(resources);
    this.#resources = resources;
    this.#sourced = resources.length;
    this.since = since;
    this.lastChanged = new Set([...this.snapshot.sets].map((set) => set.type));
    for (const type of this.lastChanged) this.changedAt.set(type, clock);
    this.stale = true;
    return true;
  }

  /** What it serves came from a store. */
  get restored(): boolean {
    return this.#restored !== undefined;
  }

  /** Where its clients stand. */
  standings(): Standings {
    const count = { open: 0, refused: 0, taken: 0 };
    for (const { standingInAll } of this.streams) if (standingInAll !== undefined) count[standingInAll]++;
    const { open, refused, taken } = count;
    const { snapshot, restored } = this;
    return { snapshot, restored, clients: open + refused + taken, open, refused };
  }

  /** What is wrong with a candidate, in the light of what the group has. */
  issuesOf(candidate: Candidate): Issue[] {
    return [...candidate.issues, ...this.#emptied(candidate)];
  }

  /** What suddenly has nothing has more often lost it than given it up, and an empty snapshot stops all traffic. */
  #emptied({ resources, issues }: Candidate): Issue[] {
    const emptied = (this.snapshot?.size ?? 0) > 0 && this.#sourced > 0 && resources.length === 0;
    if (!emptied || this.#allowEmpty || hasErrors(issues)) return [];
    const message = `Group ${JSON.stringify(this.name)} has no resources any more; --allow-empty serves it empty`;
    return [{ path: "", rule: "group-empty", severity: "error", message }];
  }

  /**
   * The set of a type that had this content version, if it is the current one or one of the last few. A label says
   * nothing about content, and finds none.
   */
  recall(type: string, version: string): ResourceSet | undefined {
    if (this.#labels.has(version)) return undefined;
    const current = this.snapshot?.set(type);
    if (current?.version === version) return current;
    return this.#earlier.get(type)?.find((set) => set.version === version);
  }

  /**
   * A set went to a client that says its version when it comes back. Between two snapshots that is neither's: the old and
   * the new together, of which the old has still to be taken away in its time.
   */
  sent(set: ResourceSet): void {
    const { size, type } = set;
    if (size > 0 && set !== this.snapshot?.set(type) && !this.#earlier.get(type)?.includes(set)) this.#remember(set);
  }

  status(): GroupStatus {
    const sets = [...this.snapshot?.sets ?? []];
    return {
      name: this.name,
      revision: this.snapshot?.revision,
      versions: Object.fromEntries(sets.map((set) => [set.type, set.versionInfo])),
      counts: Object.fromEntries(sets.map((set) => [set.type, set.size])),
      source: this.#restored === undefined ? this.#candidate?.layers ?? [] : [this.#restored.source],
      restored: this.restored,
      stale: this.stale,
      since: this.since,
      issues: [...this.issues, ...this.#restored?.issues ?? []],
      rollout: { policy: "all-at-once" },
      clients: this.streams.size,
    };
  }

  #keepLabel(label: string): void {
    this.#labels.delete(label);
    this.#labels.add(label);
    for (const oldest of this.#labels) {
      if (this.#labels.size <= MOST_LABELS) break;
      this.#labels.delete(oldest);
    }
  }

  #remember(set: ResourceSet): void {
    const earlier = this.#earlier.get(set.type) ?? [];
    this.#earlier.set(set.type, [set, ...earlier].slice(0, REMEMBERED));
  }
}

/**
 * A group: the nodes that get one snapshot, what they get, and what is wrong with what they should get.
 *
 * @module
 */
import { hasErrors, type Issue } from "../model/issue.ts";
import type { ResourceSet } from "../model/resource_set.ts";
import { createSnapshot, diff, type Snapshot } from "../model/snapshot.ts";
import type { Candidate } from "./compose.ts";
import type { GroupStatus } from "./status.ts";
import type { HubStream } from "./hub_stream.ts";

/** Earlier sets kept for each type, so that a reconnecting client's version still means something. */
const REMEMBERED = 4;

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
  /** The candidate is not what is served. */
  stale = false;
  #candidate: Candidate | undefined;
  readonly #earlier = new Map<string, ResourceSet[]>();

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
    this.issues = [...candidate.issues, ...this.#emptied(candidate)];
    this.stale = hasErrors(this.issues);
    if (this.stale) return undefined;
    // A group that never had content says nothing: an empty answer would take everything from a client.
    if (this.snapshot === undefined && candidate.resources.length === 0) return undefined;
    const before = this.snapshot;
    const snapshot = createSnapshot(candidate.resources, before);
    if (before !== undefined && snapshot.revision === before.revision) return undefined;
    this.snapshot = snapshot;
    this.since = now;
    const replaced: ResourceSet[] = [];
    for (
      const type of before === undefined ? [...snapshot.sets].map((set) => set.type) : diff(before, snapshot).keys()
    ) {
      this.changedAt.set(type, clock);
      if (before !== undefined) replaced.push(before.set(type));
    }
    for (const set of replaced) this.#remember(set);
    return replaced;
  }

  /** What suddenly has nothing has more often lost it than given it up, and an empty snapshot stops all traffic. */
  #emptied({ resources, issues }: Candidate): Issue[] {
    const emptied = (this.snapshot?.size ?? 0) > 0 && resources.length === 0;
    if (!emptied || this.#allowEmpty || hasErrors(issues)) return [];
    const message = `Group ${JSON.stringify(this.name)} has no resources any more; --allow-empty serves it empty`;
    return [{ path: "", rule: "group-empty", severity: "error", message }];
  }

  /** The set of a type that had this content version, if it is the current one or one of the last few. */
  recall(type: string, version: string): ResourceSet | undefined {
    const current = this.snapshot?.set(type);
    if (current?.version === version) return current;
    return this.#earlier.get(type)?.find((set) => set.version === version);
  }

  status(): GroupStatus {
    const sets = [...this.snapshot?.sets ?? []];
    return {
      name: this.name,
      revision: this.snapshot?.revision,
      versions: Object.fromEntries(sets.map((set) => [set.type, set.version])),
      counts: Object.fromEntries(sets.map((set) => [set.type, set.size])),
      source: this.#candidate?.layers ?? [],
      stale: this.stale,
      since: this.since,
      issues: this.issues,
      rollout: { policy: "all-at-once" },
      clients: this.streams.size,
    };
  }

  #remember(set: ResourceSet): void {
    const earlier = this.#earlier.get(set.type) ?? [];
    this.#earlier.set(set.type, [set, ...earlier].slice(0, REMEMBERED));
  }
}

/**
 * The hub: groups and their snapshots on one side, streams on the other. Sources hand it layers, transports hand it
 * streams, the admin API looks at it.
 *
 * @module
 */
import { formatIssue, hasErrors, type Issue } from "../model/issue.ts";
import type { GroupRule, Layer } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import type { Node } from "../xds/wire/node.ts";
import { answer } from "./answer.ts";
import { type Assign, createAssign, DEFAULT_GROUP } from "./assign.ts";
import { Bodies } from "./bodies.ts";
import { type Candidate, Composer, rulesOf, type Strictness } from "./compose.ts";
import { Doubts } from "./doubts.ts";
import { FanOut } from "./fan_out.ts";
import { Group } from "./group.ts";
import { summarize } from "./client_view.ts";
import { HubStream } from "./hub_stream.ts";
import { tooLarge } from "./node_limits.ts";
import type { Answer, Ending, Inlet, Mode, Outlet, Question, StreamHost } from "./port.ts";
import { cleanRejection } from "./rejection.ts";
import { settle } from "./settle.ts";
import type {
  ClientStatus,
  GroupStatus,
  HubEvent,
  HubView,
  Outcome,
  Readiness,
  ResourceStatus,
  Restored,
  Standings,
} from "./status.ts";

/** What a hub is made with. */
export interface HubOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds from an origin that stays the same, for waits and durations: the other clock may be set. */
  readonly clock: () => number;
  readonly log: { error(message: string): void };
  /** `control_plane.identifier` of every response. */
  readonly identifier: string;
  /** Milliseconds; see `Limits.orderTimeout`. */
  readonly orderTimeoutMs: number;
  /** Open streams; further ones are refused. */
  readonly maxStreams: number;
  readonly validate: Strictness;
  /**
   * Configuration may come although there is none yet (it is written over HTTP): streams are held open, unanswered,
   * instead of refused, and the server is ready without any.
   */
  readonly acceptsWrites?: boolean;
  /** Serve a group empty whose sources have nothing for it any more, instead of keeping what it had. */
  readonly allowEmpty: boolean;
}

const TYPES_PER_STREAM = 64;
const NAMES_PER_TYPE = 100_000;
const NOBODY: ReadonlySet<HubStream> = new Set();
/** Issues that `/readyz` spells out for each group. */
const REASONS_PER_GROUP = 5;

export class Hub implements HubView, StreamHost {
  readonly #options: HubOptions;
  readonly #composer: Composer;
  readonly #bodies: Bodies;
  readonly #doubts = new Doubts();
  readonly #groups = new Map<string, Group>();
  readonly #streams = new Map<string, HubStream>();
  readonly #listeners = new Set<(event: HubEvent) => void>();
  /** Told of every stream that was brought up to date. */
  readonly #watchers = new Set<(stream: HubStream) => void>();
  readonly #fanOut: FanOut<HubStream>;
  #assign: Assign = () => DEFAULT_GROUP;
  /** What {@link #assign} was made of. */
  #rules: readonly GroupRule[] = [];
  /** Rules of an earlier time, until the sources have said theirs. */
  #restoredRules: readonly GroupRule[] | undefined;
  #opened = 0;
  #loaded = false;
  /** The sources could all be read: they know which groups there are. */
  #certain = false;
  readonly #standingListeners = new Set<(group: string) => void>();
  #draining = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#composer = new Composer(options.validate, (group) => this.#groups.get(group)?.snapshot);
    this.#bodies = new Bodies(options.identifier);
    this.#fanOut = new FanOut((stream) => {
      this.#guard(stream, () => stream.refresh());
      if (stream.group !== undefined) this.#tell(stream.group);
      for (const watch of this.#watchers) watch(stream);
    }, options.clock);
    this.#groups.set(DEFAULT_GROUP, this.#newGroup(DEFAULT_GROUP));
  }

  // ---- sources ----------------------------------------------------------------------------------------------------

  /** Takes what the sources say now. Groups whose candidate has an error keep what they have. */
  setLayers(layers: readonly Layer[]): void {
    this.#loaded = true;
    const [now, clock] = [this.#options.now(), this.#options.clock()];
    const candidates = this.#composer.compose(layers);
    // A source that cannot be read says nothing about which groups there are.
    const readable = layers.every((layer) => !hasErrors(layer.failures));
    const certain = readable && !this.#emptied(candidates);
    const names = new Set(candidates.map((candidate) => candidate.name));
    const changed: string[] = [];
    const affected = new Set<HubStream>();
    let added = false;
    for (const candidate of candidates) {
      let group = this.#groups.get(candidate.name);
      if (group === undefined) {
        this.#groups.set(candidate.name, group = this.#newGroup(candidate.name));
        added = true;
      }
      const replaced = group.offer(candidate, now, clock);
      if (replaced === undefined) continue;
      changed.push(group.name);
      for (const stream of group.streams) affected.add(stream);
      for (const set of replaced) this.#bodies.forget(set);
    }
    const gone = certain ? [...this.#groups.keys()].filter((name) => !names.has(name)) : [];
    for (const name of gone) this.#groups.delete(name);
    this.#certain = certain;
    if (certain) this.#restoredRules = undefined;
    const rules = this.#restoredRules ?? rulesOf(layers);
    const alike = rules.length === this.#rules.length && rules.every((rule, i) => rule === this.#rules[i]);
    // Who belongs where is asked of every stream, so not when it cannot have changed.
    if (!alike || added || gone.length > 0) {
      for (const stream of this.#reassign(rules)) affected.add(stream);
    }
    this.#fanOut.add(affected);
    const held = candidates.filter(({ name }) => this.#groups.get(name)?.stale).map(({ name }) => name);
    const issues = [...new Set([...this.#groups.values()].flatMap((group) => group.issues))];
    this.#emit({ kind: "reloaded", ok: held.length === 0, changed, held, gone, issues });
    for (const name of [...changed, ...gone]) this.#tell(name);
  }

  /** Nothing is in sources of which it is known that something was: that says nothing about which groups there are. */
  #emptied(candidates: readonly Candidate[]): boolean {
    if (this.#options.allowEmpty || candidates.some(({ resources }) => resources.length > 0)) return false;
    return [...this.#groups.values()].some(({ restored }) => restored);
  }

  /** Whether there is nothing to serve, for a group because its sources failed: what was stored would be welcome. */
  get lacking(): boolean {
    const groups = [...this.#groups.values()];
    return groups.every(({ snapshot }) => snapshot === undefined) ||
      groups.some(({ snapshot, stale }) => snapshot === undefined && stale);
  }

  /**
   * Serves what was stored at an earlier time, where the sources failed and there is nothing else. What they say later
   * replaces it. A group that is not in sources that could be read is not brought back. Returns the groups that took it.
   */
  restore({ source, groups, rules }: Restored): readonly string[] {
    const clock = this.#options.clock();
    const certain = this.#certain && this.kept.length > 0;
    const taken: string[] = [];
    for (const [name, content] of groups) {
      let group = this.#groups.get(name);
      if (certain && group?.stale !== true) continue;
      if (group === undefined) this.#groups.set(name, group = this.#newGroup(name));
      if (group.restore(source, content, clock)) taken.push(name);
    }
    if (!certain && taken.length > 0) this.#restoredRules = rules;
    const affected = new Set(this.#reassign(this.#restoredRules ?? this.#rules));
    for (const name of taken) for (const stream of this.#groups.get(name)?.streams ?? []) affected.add(stream);
    this.#fanOut.add(affected);
    for (const name of taken) this.#tell(name);
    return taken;
  }

  /** Returns the streams that are in the wrong group now. */
  #reassign(rules: readonly GroupRule[]): HubStream[] {
    this.#rules = rules;
    this.#assign = createAssign(rules, (group) => this.#groups.has(group));
    return [...this.#streams.values()].filter(({ misplaced }) => misplaced);
  }

  /** What would be wrong with a group if the layers said this. Changes nothing. */
  preview(layers: readonly Layer[], group: string): readonly Issue[] {
    const candidate = this.#composer.candidate(group, layers);
    return this.#groups.get(group)?.issuesOf(candidate) ?? candidate.issues;
  }

  // ---- streams ----------------------------------------------------------------------------------------------------

  open(mode: Mode, outlet: Outlet, type?: string): Inlet | Ending {
    const refusal = this.#refusal();
    if (refusal !== undefined) return refusal;
    if (this.#streams.size >= this.#options.maxStreams) {
      return { code: "RESOURCE_EXHAUSTED", message: `More than ${this.#options.maxStreams} streams` };
    }
    const stream = new HubStream(String(++this.#opened), mode, type, outlet, {
      bodies: this.#bodies,
      doubts: this.#doubts,
      limits: { orderTimeout: this.#options.orderTimeoutMs, types: TYPES_PER_STREAM, names: NAMES_PER_TYPE },
      now: this.#options.now,
      clock: this.#options.clock,
      groupOf: (node) => this.#groupOf(node),
      emit: (event) => this.#emit(event),
      gone: (gone) => {
        this.#streams.delete(gone.id);
        this.#fanOut.delete(gone);
      },
    });
    this.#streams.set(stream.id, stream);
    return {
      receive: (body) => this.#guard(stream, () => stream.receive(body)),
      closed: () => stream.closed(),
    };
  }

  fetch(question: Question): Answer | Ending {
    const refusal = this.#refusal();
    if (refusal !== undefined) return refusal;
    const why = tooLarge(question.node);
    if (why !== undefined) return { code: "INVALID_ARGUMENT", message: `Cannot take the node: ${why}` };
    const { snapshot, name: group } = this.#groupOf(question.node);
    if (snapshot === undefined) return { code: "UNAVAILABLE", message: `Group "${group}" has nothing to serve yet` };
    const { type, version, error } = question;
    if (error !== undefined) {
      const node = summarize(question.node);
      this.#emit({ kind: "rejected", stream: "", node, group, type, version, message: cleanRejection(error) });
    }
    return answer(snapshot.set(type), question, this.#options.identifier);
  }

  #refusal(): Ending | undefined {
    if (this.#draining) return { code: "UNAVAILABLE", message: "The server is shutting down" };
    if (this.#serves()) return undefined;
    return { code: "UNAVAILABLE", message: "The server has no valid configuration yet" };
  }

  /** Refuses new streams from now on. Those that are open are ended by the transport, in its own time. */
  drain(): void {
    this.#draining = true;
  }

  close(): void {
    this.#draining = true;
    this.#fanOut.close();
    for (const stream of [...this.#streams.values()]) {
      stream.end({ code: "UNAVAILABLE", message: "The server is shutting down" });
    }
  }

  // ---- views ------------------------------------------------------------------------------------------------------

  on(listener: (event: HubEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readiness(): Readiness {
    if (this.#draining) return { ready: false, reasons: ["the server is shutting down"] };
    const reasons: string[] = [];
    if (!this.#loaded) reasons.push("nothing is loaded yet");
    for (const { name, stale, snapshot, issues } of this.#groups.values()) {
      if (!stale) continue;
      const errors = issues.filter((issue) => issue.severity === "error");
      const state = snapshot === undefined ? "has nothing to serve" : "keeps its last good snapshot";
      reasons.push(`group "${name}" ${state}: ${errors.slice(0, REASONS_PER_GROUP).map(formatIssue).join("; ")}`);
    }
    const served = this.#serves();
    if (this.#loaded && !served && reasons.length === 0) reasons.push("the sources have no resources");
    return { ready: served && this.#loaded, reasons };
  }

  onStanding(listener: (group: string) => void): () => void {
    this.#standingListeners.add(listener);
    return () => this.#standingListeners.delete(listener);
  }

  standings(group: string): Standings | undefined {
    return this.#groups.get(group)?.standings();
  }

  rules(): readonly GroupRule[] {
    return this.#rules;
  }

  /** Names of the groups that have a snapshot, in order. */
  get kept(): readonly string[] {
    const named = [...this.#groups.values()].filter(({ snapshot }) => snapshot !== undefined);
    return named.map(({ name }) => name).sort();
  }

  groups(): readonly GroupStatus[] {
    return [...this.#groups.values()].map((group) => group.status()).sort((a, b) => a.name < b.name ? -1 : 1);
  }

  group(name: string): GroupStatus | undefined {
    return this.#groups.get(name)?.status();
  }

  effective(group: string, type?: string, name?: string): readonly Resource[] | undefined {
    const found = this.#groups.get(group);
    if (found === undefined) return undefined;
    const sets = [...found.snapshot?.sets ?? []].filter((set) => type === undefined || set.type === type);
    return sets.flatMap((set) => [...set]).filter((resource) => name === undefined || resource.name === name);
  }

  clients(filter: { readonly group?: string; readonly node?: string } = {}): readonly ClientStatus[] {
    const clients: ClientStatus[] = [];
    for (const stream of this.#streams.values()) {
      const client = stream.status();
      if (filter.group !== undefined && client.group !== filter.group) continue;
      if (filter.node !== undefined && client.node?.id !== filter.node) continue;
      clients.push(client);
    }
    return clients;
  }

  client(stream: string): ClientStatus | undefined {
    return this.#streams.get(stream)?.status();
  }

  node(stream: string): Node | undefined {
    return this.#streams.get(stream)?.node;
  }

  resources(stream: string): readonly ResourceStatus[] | undefined {
    return this.#streams.get(stream)?.resources();
  }

  /** The name of the group that a node belongs to, whether it has a stream or not. */
  groupOf(node: Node): string {
    return this.#assign(node);
  }

  settled(group: string, ms: number): Promise<Outcome> {
    return settle(() => this.#groups.get(group)?.streams ?? NOBODY, ms, (watch) => {
      const off = this.on((event) => {
        const stream = event.kind === "reloaded" ? undefined : this.#streams.get(event.stream);
        if (stream !== undefined) watch(stream);
      });
      this.#watchers.add(watch);
      return () => {
        off();
        this.#watchers.delete(watch);
      };
    });
  }

  /** Whether any group has something to serve. Asked for every new stream, so it does not spell out why not. */
  #serves(): boolean {
    let failing = false;
    for (const { snapshot, stale } of this.#groups.values()) {
      if (snapshot !== undefined) return true;
      failing ||= stale;
    }
    return this.#options.acceptsWrites === true && this.#loaded && !failing;
  }

  #newGroup(name: string): Group {
    return new Group(name, this.#options.allowEmpty);
  }

  #groupOf(node: Node): Group {
    const name = this.#assign(node);
    let group = this.#groups.get(name);
    if (group === undefined) this.#groups.set(name, group = this.#newGroup(name));
    return group;
  }

  /** One stream's failure is one stream's. */
  #guard(stream: HubStream, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#options.log.error(`stream ${stream.id} failed: ${error instanceof Error ? error.stack : String(error)}`);
      stream.end({ code: "INTERNAL", message: "The server failed on this stream" });
    }
  }

  #emit(event: HubEvent): void {
    for (const listener of this.#listeners) listener(event);
    if (event.kind !== "reloaded" && event.group !== undefined) this.#tell(event.group);
  }

  /** Something happened that the standings of a group may have changed with. */
  #tell(group: string): void {
    for (const listener of this.#standingListeners) listener(group);
  }
}

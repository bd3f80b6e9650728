/**
 * The hub: groups and their snapshots on one side, streams on the other. Sources hand it layers, transports hand it
 * streams, the admin API looks at it.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { GroupRule, Layer } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import type { Node } from "../xds/wire/node.ts";
import { answer } from "./answer.ts";
import { Bodies } from "./bodies.ts";
import type { Strictness } from "./compose.ts";
import { Doubts } from "./doubts.ts";
import { FanOut } from "./fan_out.ts";
import { Groups } from "./groups.ts";
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

export class Hub implements HubView, StreamHost {
  readonly #options: HubOptions;
  readonly #bodies: Bodies;
  readonly #doubts = new Doubts();
  readonly #groups: Groups;
  readonly #streams = new Map<string, HubStream>();
  readonly #listeners = new Set<(event: HubEvent) => void>();
  /** Told of every stream that was brought up to date. */
  readonly #watchers = new Set<(stream: HubStream) => void>();
  readonly #fanOut: FanOut<HubStream>;
  #opened = 0;
  #loaded = false;
  readonly #standingListeners = new Set<(group: string) => void>();
  #draining = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#groups = new Groups(options);
    this.#bodies = new Bodies(options.identifier);
    this.#fanOut = new FanOut((stream) => {
      const before = stream.group;
      this.#guard(stream, () => stream.refresh());
      if (before !== undefined && before !== stream.group) this.#tell(before);
      if (stream.group !== undefined) this.#tell(stream.group);
      for (const watch of this.#watchers) watch(stream);
    }, options.clock);
  }

  // ---- sources ----------------------------------------------------------------------------------------------------

  /** Takes what the sources say now. Groups whose candidate has an error keep what they have. */
  setLayers(layers: readonly Layer[]): void {
    this.#loaded = true;
    const { changed, healed, held, gone, issues, replaced, reassigned } = this.#groups.take(
      layers,
      this.#options.now(),
      this.#options.clock(),
    );
    for (const set of replaced) this.#bodies.forget(set);
    const affected = new Set<HubStream>();
    for (const group of changed) for (const stream of group.streams) affected.add(stream);
    // Who belongs where is asked of every stream, so not when it cannot have changed.
    if (reassigned) { for (const stream of this.#misplaced()) affected.add(stream); }
    this.#fanOut.add(affected);
    const names = changed.map(({ name }) => name);
    this.#emit({ kind: "reloaded", ok: held.length === 0, changed: names, held, gone, issues });
    for (const name of [...names, ...healed.map(({ name }) => name), ...gone]) this.#tell(name);
  }

  /** Whether there is nothing to serve, for a group because its sources failed: what was stored would be welcome. */
  get lacking(): boolean {
    return this.#groups.lacking;
  }

  /**
   * Serves what was stored at an earlier time, where the sources failed and there is nothing else. What they say later
   * replaces it. A group that is not in sources that could be read is not brought back. Returns the groups that took it.
   */
  restore(restored: Restored): readonly string[] {
    const taken = this.#groups.restore(restored, this.#options.clock());
    const affected = new Set(this.#misplaced());
    for (const { streams } of taken) for (const stream of streams) affected.add(stream);
    this.#fanOut.add(affected);
    for (const { name } of taken) this.#tell(name);
    return taken.map(({ name }) => name);
  }

  #misplaced(): HubStream[] {
    return [...this.#streams.values()].filter(({ misplaced }) => misplaced);
  }

  /** What would be wrong with a group if the layers said this. Changes nothing. */
  preview(layers: readonly Layer[], group: string): readonly Issue[] {
    return this.#groups.preview(layers, group);
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
      groupOf: (node) => this.#groups.of(node),
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
    const { snapshot, name: group } = this.#groups.of(question.node);
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
    const reasons = this.#groups.reasons(this.#options.now());
    if (!this.#loaded) reasons.unshift("nothing is loaded yet");
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
    return this.#groups.rules;
  }

  /** Names of the groups that have a snapshot, in order. */
  get kept(): readonly string[] {
    return this.#groups.served;
  }

  groups(): readonly GroupStatus[] {
    return [...this.#groups].map((group) => group.status()).sort((a, b) => a.name < b.name ? -1 : 1);
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
    return this.#groups.nameOf(node);
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
    const { state } = this.#groups;
    return state === "serving" || this.#options.acceptsWrites === true && this.#loaded && state === "empty";
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

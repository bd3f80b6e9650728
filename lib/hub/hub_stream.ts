/**
 * One stream in the hub: reads requests from bytes, drives the protocol machine, carries out its effects, and remembers
 * what people ask about a client. Whatever goes wrong here ends this stream and no other.
 *
 * @module
 */
import type { ResourceSet } from "../model/resource_set.ts";
import type { Effect, Event, Verdict } from "../xds/messages.ts";
import { capabilitiesOf } from "../xds/capabilities.ts";
import { type Standing, standing } from "../xds/standing.ts";
import { type Limits, step, StreamState } from "../xds/stream.ts";
import { type Node, readNode, sameNode } from "../xds/wire/node.ts";
import { MalformedMessage } from "../xds/wire/reader.ts";
import { readDeltaRequest, readSotwRequest } from "../xds/wire/request.ts";
import { type Progress, resourceStatuses, subscriptionStatuses, summarize } from "./client_view.ts";
import type { Bodies, FramedBody } from "./bodies.ts";
import type { Doubts } from "./doubts.ts";
import type { Group } from "./group.ts";
import { tooLarge } from "./node_limits.ts";
import type { Ending, Inlet, Mode, Outlet } from "./port.ts";
import { cleanRejection } from "./rejection.ts";
import type { ClientRejection, ClientStatus, HubEvent, ResourceStatus } from "./status.ts";

/** What a stream needs of the hub. */
export interface StreamContext {
  readonly bodies: Bodies;
  readonly doubts: Doubts;
  readonly limits: Limits;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds from an origin that stays the same. */
  clock(): number;
  /** The group of a node; it exists. */
  groupOf(node: Node): Group;
  emit(event: HubEvent): void;
  /** The stream is gone. */
  gone(stream: HubStream): void;
}

/** A node that never said who it is: it is in the default group. */
const NOBODY: Node = {
  id: "",
  cluster: "",
  locality: { region: "", zone: "", subZone: "" },
  metadata: new Map(),
  userAgent: "",
  features: [],
};

/** Mutable; everything happens in {@link receive}, {@link refresh}, {@link wake} and {@link closed}. */
export class HubStream implements Inlet {
  readonly id: string;
  readonly #mode: Mode;
  readonly #service: string | undefined;
  readonly #outlet: Outlet;
  readonly #context: StreamContext;
  readonly #state: StreamState<FramedBody>;
  readonly #connected: number;
  readonly #progress = new Map<string, Progress>();
  #group: Group | undefined;
  /** When the stream came to its group, on the hub's clock. */
  #joined = 0;
  #node: Node | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #open = true;

  /** `service`: type URL of a per-type service. */
  constructor(id: string, mode: Mode, service: string | undefined, outlet: Outlet, context: StreamContext) {
    this.id = id;
    this.#mode = mode;
    this.#service = service;
    this.#outlet = outlet;
    this.#context = context;
    this.#connected = context.now();
    this.#state = new StreamState<FramedBody>(mode, {
      build: (response, after) => {
        if (mode === "sotw") this.#group?.sent(response.target);
        return context.bodies.build(response, after);
      },
      recall: (type, version) => this.#group?.recall(type, version),
      doubts: (type) => context.doubts.get(this.#nodeKey(), type),
    }, context.limits);
  }

  receive(body: Uint8Array): void {
    if (!this.#open) return;
    try {
      const { request: written, node } = this.#mode === "sotw" ? readSotwRequest(body) : readDeltaRequest(body);
      const service = this.#service;
      if (service !== undefined && written.type !== "" && written.type !== service) {
        return this.end({ code: "INVALID_ARGUMENT", message: `This service is for ${service}, not ${written.type}` });
      }
      const request = service === undefined || written.type !== "" ? written : { ...written, type: service };
      this.#identify(node);
      if (!this.#open) return;
      const first = !this.#state.types.has(request.type);
      this.#step({ kind: "request", request, now: this.#context.clock() });
      if (first && this.#open) this.#settle(request.type);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      this.end({ code: "INVALID_ARGUMENT", message: `Cannot read the request: ${error.message}` });
    }
  }

  closed(): void {
    if (!this.#open) return;
    this.#close();
  }

  /** The group has another snapshot, or the node may belong to another group. */
  refresh(): void {
    if (!this.#open || this.#node === undefined) return;
    this.#join(this.#context.groupOf(this.#node));
    this.#step({ kind: "snapshot", snapshot: this.#group?.snapshot, now: this.#context.clock() });
    for (const { type, flight, waitingSince } of this.#state.types.values()) {
      if (flight === undefined && waitingSince === undefined) this.#settle(type);
    }
  }

  /** Ends the stream from this side. */
  end(ending: Ending): void {
    if (!this.#open) return;
    this.#close();
    this.#outlet.end(ending);
  }

  /** The node belongs to another group than the one the stream is in. */
  get misplaced(): boolean {
    return this.#node !== undefined && this.#context.groupOf(this.#node) !== this.#group;
  }

  status(): ClientStatus {
    const { peer } = this.#outlet;
    return {
      stream: this.id,
      mode: this.#mode,
      service: this.#service,
      address: peer.address,
      identities: peer.identities,
      node: this.#node === undefined ? undefined : summarize(this.#node),
      group: this.#group?.name,
      connected: this.#connected,
      subscriptions: subscriptionStatuses(this.#state, this.#progress),
    };
  }

  /** The name of its group; undefined before the first request. */
  get group(): string | undefined {
    return this.#group?.name;
  }

  /** What the client says of itself; undefined before its first request. */
  get node(): Node | undefined {
    return this.#node;
  }

  /** Where the client stands with what changed last in its group. */
  get standing(): Standing {
    if (this.#group === undefined) return "taken";
    return this.#group.snapshot === this.#state.snapshot ? standing(this.#state, this.#group.lastChanged) : "open";
  }

  /** Where it stands with everything that it subscribes to; undefined while that is nothing. */
  get standingInAll(): Standing | undefined {
    const types = this.#state.types;
    if (this.#group === undefined || types.size === 0) return undefined;
    return this.#group.snapshot === this.#state.snapshot ? standing(this.#state, new Set(types.keys())) : "open";
  }

  /** What the client rejected of what changed last, and has not taken another form of since. */
  rejections(): ClientRejection[] {
    return [...this.#state.types.values()].flatMap(({ type, refused }) => {
      const counts = refused !== undefined && this.#group?.lastChanged.has(type) === true;
      const rejected = !counts ? undefined : this.#progress.get(type)?.rejected;
      const node = this.#node === undefined ? undefined : summarize(this.#node);
      return rejected === undefined ? [] : [{ ...rejected, stream: this.id, node, type }];
    });
  }

  resources(): ResourceStatus[] {
    return resourceStatuses(this.#state, this.#progress);
  }

  // The node is guaranteed in the first request only; a later one may repeat it (61 KB with stock Envoy) or change it.
  #identify(bytes: Uint8Array | undefined): void {
    const first = this.#node === undefined;
    if (!first && bytes === undefined) return;
    const node = bytes === undefined ? NOBODY : readNode(bytes);
    const why = tooLarge(node);
    if (why !== undefined) return this.end({ code: "INVALID_ARGUMENT", message: `Cannot take the node: ${why}` });
    if (this.#node !== undefined && sameNode(node, this.#node)) return;
    this.#node = node;
    this.#state.client = capabilitiesOf(this.#mode, node);
    const moved = this.#join(this.#context.groupOf(node));
    if (first) {
      this.#context.emit({
        kind: "connected",
        stream: this.id,
        mode: this.#mode,
        service: this.#service,
        node: summarize(node),
        group: this.#group?.name ?? "",
        address: this.#outlet.peer.address,
      });
    }
    if (moved) this.#step({ kind: "snapshot", snapshot: this.#group?.snapshot, now: this.#context.clock() });
  }

  #join(group: Group): boolean {
    if (group === this.#group) return false;
    this.#group?.streams.delete(this);
    this.#group = group;
    this.#joined = this.#context.clock();
    group.streams.add(this);
    return true;
  }

  #step(event: Event): void {
    for (const effect of step(this.#state, event)) {
      if (!this.#open) return;
      this.#carryOut(effect);
    }
  }

  #carryOut(effect: Effect<FramedBody>): void {
    switch (effect.kind) {
      case "send":
        this.#progressOf(effect.type).sent = effect.version;
        this.#outlet.send(effect.body.frame);
        return;
      case "verdict":
        return this.#judged(effect);
      case "doubt":
        return this.#context.doubts.set(this.#nodeKey(), effect.type, effect.names);
      case "wake":
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#wake(), delay(effect.at - this.#context.clock()));
        return;
      case "end":
        return this.end(effect);
    }
  }

  #judged({ type, version, target, error }: Verdict): void {
    const progress = this.#progressOf(type);
    const group = this.#group?.name ?? "";
    if (error === undefined) {
      progress.acknowledged = version;
      progress.rejected = undefined;
      this.#context.emit({
        kind: "acknowledged",
        stream: this.id,
        group,
        type,
        version,
        propagationMs: this.#propagation(type, target),
      });
      return;
    }
    const message = cleanRejection(error);
    progress.rejected = { version, message, at: this.#context.now() };
    const node = summarize(this.#node ?? NOBODY);
    this.#context.emit({ kind: "rejected", stream: this.id, node, group, type, version, message });
  }

  /**
   * From the change of the group's snapshot to its first ACK, for a stream that was in the group when it changed. What
   * the client asks for afterwards, or is sent once more, is acknowledged long after the change and says nothing of it.
   */
  #propagation(type: string, target: ResourceSet): number | undefined {
    const progress = this.#progressOf(type);
    if (this.#group?.snapshot?.set(type) !== target || progress.settled === target) return undefined;
    progress.settled = target;
    const changed = this.#group.changedAt.get(type);
    return changed === undefined || changed < this.#joined ? undefined : this.#context.clock() - changed;
  }

  #settle(type: string): void {
    this.#progressOf(type).settled = this.#group?.snapshot?.set(type);
  }

  #wake(): void {
    this.#timer = undefined;
    if (!this.#open) return;
    this.#step({ kind: "wake", drained: this.#outlet.drained(), now: this.#context.clock() });
  }

  #close(): void {
    this.#open = false;
    clearTimeout(this.#timer);
    for (const effect of step(this.#state, { kind: "closed" })) {
      if (effect.kind === "doubt") this.#context.doubts.set(this.#nodeKey(), effect.type, effect.names);
    }
    this.#group?.streams.delete(this);
    this.#context.emit({
      kind: "disconnected",
      stream: this.id,
      mode: this.#mode,
      service: this.#service,
      node: this.#node === undefined ? undefined : summarize(this.#node),
      group: this.#group?.name,
    });
    this.#context.gone(this);
  }

  #progressOf(type: string): Progress {
    let progress = this.#progress.get(type);
    if (progress === undefined) {
      progress = { sent: undefined, acknowledged: undefined, rejected: undefined, settled: undefined };
      this.#progress.set(type, progress);
    }
    return progress;
  }

  /** State-of-the-world and delta clients of one node hold things separately. */
  #nodeKey(): string {
    return `${this.#mode} ${this.#node?.cluster ?? ""}\n${this.#node?.id ?? ""}`;
  }
}

/** Timers take no more, and one that is too long goes off at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Whole milliseconds for a timer; a stream that is woken before its time looks at it, and waits again. */
function delay(ms: number): number {
  return Math.min(Math.max(0, Math.ceil(ms)), LONGEST_TIMER);
}

/**
 * One client of a run with its stream: requests and responses that are under way, the machine at the other end, and the
 * ledger that watches the door.
 *
 * @module
 */
import type { Snapshot } from "../../../lib/model/snapshot.ts";
import { type Capabilities, capabilitiesOf } from "../../../lib/xds/capabilities.ts";
import type { Effect, Event, Request } from "../../../lib/xds/messages.ts";
import { step, StreamState } from "../../../lib/xds/stream.ts";
import type { ReadableBody, Surrounding } from "../core_server.ts";
import { type Client, Envoy, Erratic, Grpc } from "./clients.ts";
import { describe, type Doubts, Ledger, Violation } from "./ledger.ts";
import type { Role } from "./plot.ts";
import type { Random } from "./random.ts";
import { LDS, RDS, service } from "./world.ts";

/** How long the server waits, in milliseconds. */
export const ORDER_TIMEOUT = 15_000;
const LIMITS = { orderTimeout: ORDER_TIMEOUT, types: 8, names: 8 };
const KINDS = { envoy: Envoy, grpc: Grpc, erratic: Erratic };

/** What the clients of a run share. */
export interface Stage {
  now: number;
  surrounding: Surrounding;
  /** Some versions are labels. */
  readonly labelled: boolean;
  /** Writes down what happens, when somebody will read it. */
  note(text: () => string): void;
}

export class Player {
  readonly client: Client;
  readonly #doubts: Doubts = new Map();
  #snapshot: Snapshot | undefined;
  #wakeAt: number | undefined;
  #stream: StreamState<ReadableBody> | undefined;
  #ledger: Ledger | undefined;
  #toServer: Request[] = [];
  #toClient: ReadableBody[] = [];
  /** It has rejected something. */
  rejected = false;
  /** Time has passed, so that waits may have lapsed, or the server cannot know what the client holds. */
  disorderly = false;
  /** It has fallen silent. */
  silent = false;
  #streams = 0;

  readonly #kind: Capabilities;

  constructor(readonly name: string, readonly role: Role, readonly stage: Stage) {
    const userAgent = role.client === "grpc" ? "gRPC" : "envoy";
    this.#kind = capabilitiesOf(role.mode, { userAgent, features: [] });
    this.client = new KINDS[role.client](role.mode);
  }

  get connected(): boolean {
    return this.#stream !== undefined;
  }

  /** Requests or responses are under way. */
  get busy(): boolean {
    return !this.silent && this.#toServer.length + this.#toClient.length > 0;
  }

  /** Nothing is under way, and time will bring nothing. */
  get atRest(): boolean {
    return this.silent || this.connected && !this.busy && this.#wakeAt === undefined;
  }

  /** Its group has this now. */
  serve(snapshot: Snapshot | undefined): void {
    this.#snapshot = snapshot;
    this.#look();
    if (snapshot !== undefined) this.#ledger?.snapshot(snapshot);
    this.#step({ kind: "snapshot", snapshot, now: this.stage.now });
  }

  connect(): void {
    if (this.silent) return;
    this.note(() => "connects");
    this.#streams++;
    this.#look();
    this.#toServer = [];
    this.#toClient = [];
    this.#wakeAt = undefined;
    const { mode } = this.role;
    const surroundings = this.stage.surrounding.of(this.name);
    this.#stream = new StreamState(mode, surroundings, LIMITS);
    this.#stream.client = this.#kind;
    this.#ledger = new Ledger({
      mode,
      orderTimeout: ORDER_TIMEOUT,
      orderly: () => !this.disorderly && !this.rejected,
      doubts: this.#doubts,
      recall: surroundings.recall,
      absence: this.#kind.absence,
    });
    this.#step({ kind: "snapshot", snapshot: this.#snapshot, now: this.stage.now });
    this.#ask(this.client.connect());
  }

  /** The stream breaks. */
  disconnect(): void {
    if (this.#stream === undefined) return;
    this.note(() => "loses its stream");
    this.#close();
  }

  /** The server lost its memory while there was no stream. */
  forgotten(): void {
    this.#doubts.clear();
    // It does not know the union of old and new that a state-of-the-world client may report.
    if (this.role.mode === "sotw") this.disorderly = true;
  }

  /** The next request arrives. */
  deliver(): void {
    const request = this.#toServer.shift();
    if (request === undefined || this.#stream === undefined) return;
    this.note(() => `is heard: ${writeRequest(request)}`);
    const nonce = this.#ledger?.request(request, this.#snapshot);
    const effects = this.#step({ kind: "request", request, now: this.stage.now });
    let verdicts = 0;
    for (const effect of effects) {
      if (effect.kind !== "verdict") continue;
      verdicts++;
      if (effect.error !== request.error || effect.type !== request.type) {
        throw new Violation("another verdict than the client's");
      }
    }
    if (verdicts !== (nonce === undefined ? 0 : 1)) throw new Violation(`${verdicts} verdicts`);
  }

  /** The client reads the next response. `rejects` decides what a NACK applies all the same; undefined for an ACK. */
  read(rejects: Random | undefined): void {
    const body = this.#toClient.shift();
    if (body === undefined) return;
    this.note(() => `${rejects === undefined ? "takes" : "rejects"} ${describe(body)}`);
    if (body.heartbeat) return this.#ask(this.client.hear(body, !this.disorderly && !this.rejected));
    if (rejects !== undefined) this.rejected = true;
    const part = rejects === undefined ? undefined : (names: string[]) => rejects.some(names);
    this.#ask(this.client.read(body, this.stage.now, part));
    if (!this.disorderly && !this.rejected) this.client.checkReferences();
  }

  /** A response is taken from the socket and never looked at. */
  ignore(): void {
    this.#toClient.shift();
  }

  /** The client does something by itself. */
  poke(random: Random): void {
    this.note(() => "pokes");
    // A client that asks again for what has vanished is told so, in whatever order.
    if (this.role.client === "envoy") this.disorderly = true;
    this.#ask(this.client.poke(random));
  }

  /** The next wake-up that is due by then; undefined when there is none. */
  wakesBy(end: number): number | undefined {
    return this.#stream !== undefined && this.#wakeAt !== undefined && this.#wakeAt <= end ? this.#wakeAt : undefined;
  }

  wake(): void {
    this.#wakeAt = undefined;
    this.#step({ kind: "wake", drained: this.#toClient.length === 0, now: this.stage.now });
  }

  /** Time has passed for the client. */
  tick(): void {
    if (!this.silent) this.#ask(this.client.tick(this.stage.now));
  }

  /** What is wrong with what the client has, if its server has nothing more to say. */
  compare(): string[] {
    const snapshot = this.#snapshot;
    return this.client.compare((type) => snapshot?.set(type));
  }

  /**
   * After a reconnect nobody is expected to ask for a type that has nothing, and what it used is removed at once. A label
   * does not say what a client brings from before, and so neither what it must keep for a while.
   */
  #look(): void {
    if (this.#streams < 2) return;
    const lacks = (type: string) => this.#snapshot?.set(type).size === 0;
    if (lacks(LDS) || lacks(RDS) || this.stage.labelled && this.role.mode === "sotw") this.disorderly = true;
  }

  note(text: () => string): void {
    this.stage.note(() => `${this.name} ${text()}`);
  }

  #ask(requests: readonly Request[]): void {
    for (const request of requests) {
      this.note(() => `  asks ${writeRequest(request)}`);
      this.#toServer.push(request);
    }
  }

  #close(): void {
    const stream = this.#stream;
    this.#ledger?.close();
    this.#stream = this.#ledger = undefined;
    if (stream !== undefined) { for (const effect of step(stream, { kind: "closed" })) this.#carryOut(effect); }
  }

  #step(event: Event): Effect<ReadableBody>[] {
    if (this.#stream === undefined) return [];
    const effects = step(this.#stream, event);
    for (const effect of effects) this.#carryOut(effect);
    return effects;
  }

  #carryOut(effect: Effect<ReadableBody>): void {
    switch (effect.kind) {
      case "send": {
        const { body, target, type, version } = effect;
        this.note(() => `  is sent ${describe(body)} at ${this.stage.now}`);
        if (body.type !== type || body.version !== version) throw new Violation("the effect is not its body");
        if (this.#snapshot === undefined) throw new Violation("something is sent of nothing");
        if ((target === undefined) !== body.heartbeat) throw new Violation("what is no heartbeat leads somewhere");
        if (body.heartbeat) this.#ledger?.heartbeat(body, this.stage.now);
        else this.#ledger?.response(body, this.#snapshot, this.stage.now);
        this.#toClient.push(body);
        return;
      }
      case "doubt":
        return this.stage.surrounding.doubt(this.name, effect.type, effect.names);
      case "wake":
        this.#wakeAt = effect.at;
        return;
      case "end":
        this.note(() => `  is ended: ${effect.message}`);
        if (effect.code !== "DEADLINE_EXCEEDED" || this.#toClient.length === 0) throw new Violation(effect.message);
        return this.#close();
    }
  }
}

function writeRequest(request: Request): string {
  const { type, nonce, error } = request;
  const verdict = nonce === "" ? "" : ` nonce ${nonce}${error === undefined ? "" : " rejected"}`;
  if (request.mode === "sotw") return `${service(type)} [${request.names}]${verdict}`;
  const held = request.held.size > 0 ? ` holds ${[...request.held.keys()]}` : "";
  return `${service(type)} +[${request.subscribe}] -[${request.unsubscribe}]${verdict}${held}`;
}

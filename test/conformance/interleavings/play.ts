/**
 * Plays one run: a client, a server that is the pure core, and a list of choices that say what happens next.
 *
 * @module
 */
import type { Resource } from "../../../lib/model/resource.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";
import type { Effect, Event, Request } from "../../../lib/xds/messages.ts";
import { step, StreamState } from "../../../lib/xds/stream.ts";
import { type ReadableBody, Surrounding } from "../core_server.ts";
import { type Client, Envoy, Erratic, Grpc, type Mode } from "./clients.ts";
import { describe, type Doubts, Ledger, Violation } from "./ledger.ts";
import { Random } from "./random.ts";
import { service, type World } from "./world.ts";

/** What a run is like. */
export interface Plot {
  readonly client: "envoy" | "grpc" | "erratic";
  readonly mode: Mode;
  /** The client rejects now and then, and applies a part. */
  readonly rejects: boolean;
  /** Streams break. */
  readonly breaks: boolean;
  /** The client asks for something by itself. */
  readonly pokes: boolean;
  /** Time passes: waits lapse. */
  readonly slow: boolean;
  /** There is nothing to serve at first. */
  readonly empty: boolean;
  /** What the first snapshot is made of. */
  readonly first: number;
  /** One number for each thing that happens. */
  readonly choices: readonly number[];
}

const ORDER_TIMEOUT = 15_000;
const LIMITS = { orderTimeout: ORDER_TIMEOUT, types: 8, names: 8 };
const NODE = "node";

/** The plot that a seed stands for. */
export function plotOf(seed: number): Plot {
  const random = new Random(seed);
  const client = random.pick(["envoy", "envoy", "grpc", "erratic"] as const);
  return {
    client,
    mode: random.pick(["sotw", "delta"]),
    rejects: random.oneIn(3),
    breaks: random.oneIn(2),
    slow: random.oneIn(3),
    empty: random.oneIn(4),
    pokes: client !== "envoy" || random.oneIn(3),
    first: seed,
    choices: Array.from({ length: 10 + random.below(40) }, () => random.next()),
  };
}

/** Plays a run. Returns the violation, if any, and what happened. */
export function play(plot: Plot, world: World): { violation: string | undefined; log: string[] } {
  const run = new Run(plot, world);
  try {
    run.play();
    return { violation: undefined, log: run.log };
  } catch (error) {
    if (error instanceof Violation) return { violation: error.message, log: run.log };
    return { violation: error instanceof Error ? error.stack ?? error.message : String(error), log: run.log };
  }
}

class Run {
  readonly log: string[] = [];
  readonly #client: Client;
  #surrounding = new Surrounding();
  readonly #doubts: Doubts = new Map();
  #snapshot: Snapshot | undefined;
  readonly #history: Snapshot[] = [];
  #now = 1_000;
  #wakeAt: number | undefined;
  #stream: StreamState<ReadableBody> | undefined;
  #ledger: Ledger | undefined;
  #toServer: Request[] = [];
  #toClient: ReadableBody[] = [];
  /** The client has rejected something. */
  #rejected = false;
  /** Time has passed, so that waits may have lapsed, or the server cannot know what a client holds. */
  #disorderly = false;

  constructor(readonly plot: Plot, readonly world: World) {
    const Kind = { envoy: Envoy, grpc: Grpc, erratic: Erratic }[plot.client];
    this.#client = new Kind(plot.mode);
  }

  play(): void {
    const { choices, empty, first } = this.plot;
    if (!empty) this.#serve(this.world.snapshot(new Random(first), undefined), "first");
    this.#connect();
    for (const choice of choices) this.#choose(new Random(choice));
    if (this.#snapshot === undefined) this.#serve(this.world.snapshot(new Random(1), undefined), "first");
    this.log.push("-- from here on everything goes well");
    if (this.#rejected) {
      const before = this.#snapshot;
      this.#serve(this.world.renewed(100), "all new");
      this.#settle();
      if (before !== undefined) this.#serve(before, "as before");
    }
    this.#settle();
    const snapshot = this.#snapshot;
    const wrong = this.#client.compare((type) => asMap(snapshot?.set(type) ?? []));
    if (wrong.length > 0) throw new Violation(`at the end ${wrong.join(", ")}`);
  }

  #choose(random: Random): void {
    const { rejects, breaks, slow } = this.plot;
    if (this.#stream === undefined) return this.#connect();
    switch (random.below(14)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return this.#deliver();
      case 4:
      case 5:
      case 6:
      case 7:
        return this.#read(rejects && random.oneIn(3) ? random : undefined);
      case 8:
      case 9:
        return this.#serve(this.world.snapshot(random, this.#snapshot), "another");
      case 10: {
        const earlier = this.#history[random.below(this.#history.length)];
        return earlier === undefined ? undefined : this.#serve(earlier, "an earlier one");
      }
      case 11:
        if (!this.plot.pokes) return this.#deliver();
        this.log.push("client pokes");
        // A client that asks again for what has vanished is told so, in whatever order.
        if (this.plot.client === "envoy") this.#disorderly = true;
        return this.#ask(this.#client.poke(random));
      case 12:
        return slow ? this.#pass(1 + random.below(random.pick([1_000, 20_000]))) : this.#deliver();
      case 13:
        if (breaks && random.oneIn(2)) return this.#disconnect(random);
        return random.oneIn(3)
          ? this.#serve(this.world.snapshot(random, undefined), "another group's")
          : this.#read(undefined);
    }
  }

  /** Everything is delivered and read and acknowledged until nothing moves any more. */
  #settle(): void {
    for (let quiet = 0, rounds = 0; quiet < 3; rounds++) {
      if (rounds > 60) throw new Violation("it never comes to rest");
      let moved = false;
      for (let i = 0; this.#toServer.length + this.#toClient.length > 0; i++) {
        if (i > 200) throw new Violation("it never comes to rest");
        moved = true;
        this.#deliver();
        this.#read(undefined);
      }
      if (this.#stream === undefined) {
        this.#connect();
        moved = true;
      } else this.#pass(ORDER_TIMEOUT);
      quiet = moved ? 0 : quiet + 1;
    }
  }

  #serve(snapshot: Snapshot, which: string): void {
    this.log.push(`snapshot: ${which} ${write(snapshot)}`);
    this.#snapshot = snapshot;
    this.#history.push(snapshot);
    this.#surrounding.learn(snapshot);
    this.#ledger?.snapshot(snapshot);
    this.#step({ kind: "snapshot", snapshot, now: this.#now });
  }

  #connect(): void {
    this.log.push("client connects");
    this.#toServer = [];
    this.#toClient = [];
    this.#wakeAt = undefined;
    this.#stream = new StreamState(this.plot.mode, this.#surrounding.of(NODE), LIMITS);
    const recall = (type: string, version: string) => this.#surrounding.of(NODE).recall(type, version);
    this.#ledger = new Ledger({
      mode: this.plot.mode,
      orderTimeout: ORDER_TIMEOUT,
      orderly: () => !this.#disorderly && !this.#rejected,
      doubts: this.#doubts,
      recall,
    });
    this.#step({ kind: "snapshot", snapshot: this.#snapshot, now: this.#now });
    this.#ask(this.#client.connect());
  }

  #disconnect(random: Random): void {
    this.log.push("stream breaks");
    this.#close();
    // A server that starts again knows nothing of before. Where something was rejected that would be a loss.
    if (!this.plot.rejects && random.oneIn(3)) {
      this.log.push("server restarts");
      // It does not know the union of old and new that a state-of-the-world client may report.
      if (this.plot.mode === "sotw") this.#disorderly = true;
      this.#surrounding = new Surrounding();
      this.#doubts.clear();
      if (this.#snapshot !== undefined) this.#surrounding.learn(this.#snapshot);
    }
  }

  #close(): void {
    const stream = this.#stream;
    this.#ledger?.close();
    this.#stream = this.#ledger = undefined;
    if (stream !== undefined) { for (const effect of step(stream, { kind: "closed" })) this.#carryOut(effect); }
  }

  #ask(requests: readonly Request[]): void {
    for (const request of requests) this.log.push(`  asks ${writeRequest(request)}`);
    this.#toServer.push(...requests);
  }

  #deliver(): void {
    const request = this.#toServer.shift();
    if (request === undefined || this.#stream === undefined) return;
    this.log.push(`server gets ${writeRequest(request)}`);
    const nonce = this.#ledger?.request(request, this.#snapshot);
    const effects = this.#step({ kind: "request", request, now: this.#now });
    const verdicts = effects.filter((effect) => effect.kind === "verdict");
    if (verdicts.length !== (nonce === undefined ? 0 : 1)) throw new Violation(`${verdicts.length} verdicts`);
    if (verdicts.some(({ error, type }) => error !== request.error || type !== request.type)) {
      throw new Violation("another verdict than the client's");
    }
  }

  #read(rejects: Random | undefined): void {
    const body = this.#toClient.shift();
    if (body === undefined) return;
    this.log.push(`client ${rejects === undefined ? "takes" : "rejects"} ${describe(body)}`);
    if (rejects !== undefined) this.#rejected = true;
    const part = rejects === undefined ? undefined : (names: string[]) => rejects.some(names);
    this.#ask(this.#client.read(body, this.#now, part));
    if (!this.#disorderly && !this.#rejected) this.#client.checkReferences();
  }

  #pass(ms: number): void {
    this.log.push(`${ms} ms pass`);
    const end = this.#now + ms;
    this.#disorderly = true;
    for (let wakes = 0; this.#wakeAt !== undefined && this.#wakeAt <= end; wakes++) {
      if (wakes > 100) throw new Violation("it wakes and wakes");
      this.#now = Math.max(this.#now, this.#wakeAt);
      this.#wakeAt = undefined;
      this.#step({ kind: "wake", drained: this.#toClient.length === 0, now: this.#now });
    }
    this.#now = end;
    this.#ask(this.#client.tick(this.#now));
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
        const { body, type, version } = effect;
        this.log.push(`  server sends ${describe(body)}`);
        if (body.type !== type || body.version !== version) throw new Violation("the effect is not its body");
        if (this.#snapshot === undefined) throw new Violation("something is sent of nothing");
        this.#ledger?.response(body, this.#snapshot, this.#now);
        this.#toClient.push(body);
        return;
      }
      case "doubt":
        return this.#surrounding.doubt(NODE, effect.type, effect.names);
      case "wake":
        this.#wakeAt = effect.at;
        return;
      case "end":
        this.log.push(`  server ends: ${effect.message}`);
        if (effect.code !== "DEADLINE_EXCEEDED" || this.#toClient.length === 0) throw new Violation(effect.message);
        return this.#close();
    }
  }
}

function asMap(set: Iterable<Resource>): Map<string, Resource> {
  return new Map([...set].map((resource) => [resource.name, resource]));
}

function write(snapshot: Snapshot): string {
  const text = (resource: Resource) =>
    `${resource.name}=${new TextDecoder().decode(resource.bytes).trim().replace(" ", ">")}`;
  return [...snapshot.sets].map((set) => `${service(set.type)} [${[...set].map(text).join(" ")}]`).join(" ");
}

function writeRequest(request: Request): string {
  const { type, nonce, error } = request;
  const verdict = nonce === "" ? "" : ` nonce ${nonce}${error === undefined ? "" : " rejected"}`;
  if (request.mode === "sotw") return `${service(type)} [${request.names}]${verdict}`;
  const held = request.held.size > 0 ? ` holds ${[...request.held.keys()]}` : "";
  return `${service(type)} +[${request.subscribe}] -[${request.unsubscribe}]${verdict}${held}`;
}

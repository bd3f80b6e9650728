/**
 * The pure core as a server: what the hub does around it, in its simplest form. No clock but the one that the tests turn.
 *
 * @module
 */
import { createResource, type Resource } from "../../lib/model/resource.ts";
import type { ResourceSet } from "../../lib/model/resource_set.ts";
import { createSnapshot, type Snapshot } from "../../lib/model/snapshot.ts";
import { typeByName } from "../../lib/model/types.ts";
import type { Body, Effect, Event, Request, Response, Surroundings } from "../../lib/xds/messages.ts";
import { type Limits, step, StreamState } from "../../lib/xds/stream.ts";
import { type Config, type Mode, MOST_NAMES, MOST_TYPES, ORDER_TIMEOUT } from "./script.ts";
import type { Connection, Received, Server } from "./server.ts";

/** A body that was not turned into bytes. */
export interface ReadableBody extends Body {
  readonly mode: Mode;
  readonly type: string;
  readonly version: string;
  readonly resources: readonly Resource[];
  readonly removed: readonly string[];
}

/** Builds each body once and shares it, knows every version that it ever sent, and remembers what is in doubt. */
export class Surrounding {
  /** How many bodies were built, and how many asked for. */
  built = 0;
  asked = 0;
  readonly #bodies = new WeakMap<ResourceSet, Map<unknown, ReadableBody>>();
  readonly #versions = new Map<string, ResourceSet>();
  readonly #doubts = new Map<string, ReadonlySet<string>>();

  /** What one node's streams see. */
  of(node: string): Surroundings<ReadableBody> {
    return {
      build: (response, after) => this.#build(response, after),
      recall: (type, version) => this.#versions.get(`${type} ${version}`),
      doubts: (type) => this.#doubts.get(`${node} ${type}`) ?? [],
    };
  }

  /** What the hub does with a `doubt` effect. */
  doubt(node: string, type: string, names: ReadonlySet<string>): void {
    if (names.size === 0) this.#doubts.delete(`${node} ${type}`);
    else this.#doubts.set(`${node} ${type}`, new Set(names));
  }

  /** Makes the sets of a snapshot known by their versions. */
  learn(snapshot: Snapshot): void {
    for (const set of snapshot.sets) this.#versions.set(`${set.type} ${set.version}`, set);
  }

  #build(response: Response, after: number): ReadableBody {
    this.asked++;
    const { mode, type, version, removed, target, key } = response;
    this.#versions.set(`${type} ${target.version}`, target);
    let shared = this.#bodies.get(target);
    if (shared === undefined) this.#bodies.set(target, shared = new Map());
    const place = typeof key === "string" ? `${mode} ${key}` : key;
    const known = shared.get(place);
    const resources = [...response.resources];
    if (known !== undefined && known.mode === mode) {
      // The promise of a key: the same key means the same content.
      const same = (r: readonly Resource[]) => r.map(({ name, version }) => JSON.stringify([name, version])).join();
      if (same(known.resources) !== same(resources) || known.removed.join("\0") !== removed.join("\0")) {
        throw new Error(`two contents of ${type} have one key`);
      }
      if (known.nonce > after) return known;
    }
    const body = { nonce: ++this.built, mode, type, version, resources, removed: [...removed] };
    shared.set(place, body);
    return body;
  }
}

/** The type URL of a service; anything else is a type URL already. */
export function url(service: string): string {
  return typeByName(service)?.url ?? service;
}

/** The snapshot that a configuration of a table stands for. */
export function snapshotOf(config: Config, previous?: Snapshot): Snapshot {
  const resources = Object.entries(config).flatMap(([service, contents]) =>
    Object.entries(contents).map(([name, content]) => resourceOf(service, name, content))
  );
  return createSnapshot(resources, previous);
}

function resourceOf(service: string, name: string, content: number): Resource {
  const references = service === "CDS" ? [{ type: url("EDS"), name, path: "name", required: true }] : [];
  const bytes = new TextEncoder().encode(String(content));
  return createResource({ type: url(service), name, bytes, references, origin: undefined });
}

/** The number that a resource's bytes stand for. */
export function contentOf(resource: Resource): number {
  return Number(new TextDecoder().decode(resource.bytes));
}

const LIMITS: Limits = { orderTimeout: ORDER_TIMEOUT, types: MOST_TYPES, names: MOST_NAMES };

/** The server. */
export class CoreServer implements Server {
  readonly surrounding = new Surrounding();
  #now = 1_000_000;
  #snapshot: Snapshot | undefined;
  readonly #moved = new Map<string, Snapshot>();
  readonly #connections = new Set<CoreConnection>();

  connect(mode: Mode, node: string): Promise<Connection> {
    const connection: CoreConnection = new CoreConnection(mode, node, this.surrounding, () => this.#now);
    this.#connections.add(connection);
    connection.onClose = () => this.#connections.delete(connection);
    connection.take({ kind: "snapshot", snapshot: this.#moved.get(node) ?? this.#snapshot, now: this.#now });
    return Promise.resolve(connection);
  }

  serve(config: Config): Promise<void> {
    const snapshot = this.#snapshot = this.#read(config, this.#snapshot);
    for (const connection of this.#connections) {
      if (!this.#moved.has(connection.node)) connection.take({ kind: "snapshot", snapshot, now: this.#now });
    }
    return Promise.resolve();
  }

  move(node: string, config: Config): Promise<void> {
    const snapshot = this.#read(config, undefined);
    this.#moved.set(node, snapshot);
    for (const connection of this.#connections) {
      if (connection.node === node) connection.take({ kind: "snapshot", snapshot, now: this.#now });
    }
    return Promise.resolve();
  }

  /** Brings every wake-up that is asked for within that time, each at its own time. */
  pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const next = Math.min(...[...this.#connections].map(({ wakeAt }) => wakeAt ?? Infinity));
      if (next > end) break;
      this.#now = Math.max(this.#now, next);
      for (const connection of this.#connections) connection.wake();
    }
    this.#now = end;
    return Promise.resolve();
  }

  #read(config: Config, previous: Snapshot | undefined): Snapshot {
    const snapshot = snapshotOf(config, previous);
    this.surrounding.learn(snapshot);
    return snapshot;
  }
}

class CoreConnection implements Connection {
  wakeAt: number | undefined;
  onClose: () => void = () => {};
  readonly #stream: StreamState<ReadableBody>;
  readonly #inbox: Received[] = [];
  #ended: string | undefined;
  #reads = true;

  constructor(
    mode: Mode,
    readonly node: string,
    readonly surrounding: Surrounding,
    readonly now: () => number,
  ) {
    this.#stream = new StreamState(mode, surrounding.of(node), LIMITS);
  }

  send(request: Request): Promise<void> {
    this.take({ kind: "request", request, now: this.now() });
    return Promise.resolve();
  }

  receive(): Promise<Received | undefined> {
    return Promise.resolve(this.#inbox.shift());
  }

  ended(): Promise<string | undefined> {
    return Promise.resolve(this.#ended);
  }

  reading(reads: boolean): void {
    this.#reads = reads;
  }

  close(): Promise<void> {
    this.take({ kind: "closed" });
    this.onClose();
    return Promise.resolve();
  }

  /** Brings the wake-up that is due. */
  wake(): void {
    if (this.wakeAt === undefined || this.wakeAt > this.now()) return;
    this.wakeAt = undefined;
    this.take({ kind: "wake", drained: this.#reads, now: this.now() });
  }

  take(event: Event): void {
    if (this.#ended !== undefined) return;
    const effects = step(this.#stream, event);
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: Effect<ReadableBody>): void {
    switch (effect.kind) {
      case "send":
        return void this.#inbox.push(readBody(effect.body));
      case "doubt":
        return this.surrounding.doubt(this.node, effect.type, effect.names);
      case "wake":
        this.wakeAt = effect.at;
        return;
      case "end":
        this.take({ kind: "closed" });
        this.#ended = effect.code;
        return this.onClose();
    }
  }
}

function readBody({ type, version, nonce, resources, removed }: ReadableBody): Received {
  return {
    type,
    version,
    nonce: String(nonce),
    resources: resources.map((resource) => ({ ...resource, content: contentOf(resource) })),
    removed,
  };
}

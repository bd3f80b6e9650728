/**
 * The pure core as a server: what the hub does around it, in its simplest form. No clock but the one that the tests turn.
 *
 * @module
 */
import { createResource, type Reference, type Resource } from "../../lib/model/resource.ts";
import type { ResourceSet } from "../../lib/model/resource_set.ts";
import { createSnapshot, type Snapshot } from "../../lib/model/snapshot.ts";
import { typeByName } from "../../lib/model/types.ts";
import { capabilitiesOf } from "../../lib/xds/capabilities.ts";
import type { Body, Effect, Event, Request, Response, Surroundings } from "../../lib/xds/messages.ts";
import { NOBODY } from "../../lib/xds/on_demand.ts";
import { type Limits, step, StreamState } from "../../lib/xds/stream.ts";
import {
  type ClientKind,
  type Config,
  type Content,
  ENVOY,
  type Mode,
  MOST_NAMES,
  MOST_TYPES,
  ORDER_TIMEOUT,
} from "./script.ts";
import type { Connection, Received, Server } from "./server.ts";

/** A body that was not turned into bytes. */
export interface ReadableBody extends Body {
  readonly mode: Mode;
  readonly type: string;
  readonly version: string;
  readonly resources: readonly Resource[];
  readonly removed: readonly string[];
  readonly missing: readonly string[];
  readonly heartbeat: boolean;
  readonly ttl: boolean;
  readonly asked: Response["asked"];
}

/** Builds each body once and shares it, knows every version that it ever sent, and remembers what is in doubt. */
export class Surrounding {
  /** How many bodies were built, and how many asked for. */
  built = 0;
  asked = 0;
  readonly #bodies = new WeakMap<ResourceSet, Map<unknown, ReadableBody>[]>();
  readonly #known = new Set<ResourceSet>();
  readonly #doubts = new Map<string, ReadonlySet<string>>();

  /** What one node's streams see. */
  of(node: string): Surroundings<ReadableBody> {
    return {
      build: (response, after) => this.#build(response, after),
      recall: (type, version) => this.#recall(type, version),
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
    for (const set of snapshot.sets) this.#known.add(set);
  }

  #recall(type: string, version: string): ResourceSet | undefined {
    for (const set of this.#known) if (set.type === type && set.version === version) return set;
    return undefined;
  }

  #build(response: Response, after: number): ReadableBody {
    this.asked++;
    const { mode, type, version, removed, missing, heartbeat, ttl, asked, target, key } = response;
    this.#known.add(target);
    let shelves = this.#bodies.get(target);
    if (shelves === undefined) this.#bodies.set(target, shelves = []);
    const shared = shelves[(mode === "delta" ? 1 : 0) + (ttl ? 2 : 0)] ??= new Map();
    const known = shared.get(key);
    const resources = [...response.resources];
    if (known !== undefined) {
      // The promise of a key: the same key means the same content.
      if (!sameContent(known, response, resources)) throw new Error(`two contents of ${type} have one key`);
      if (known.nonce > after) return known;
    }
    const more = { removed: [...removed], missing: [...missing], heartbeat, ttl, asked };
    const body = { nonce: ++this.built, mode, type, version, resources, ...more };
    shared.set(key, body);
    return body;
  }
}

function sameContent(known: ReadableBody, response: Response, resources: readonly Resource[]): boolean {
  const { removed, missing, heartbeat, ttl } = response;
  const same = (a: readonly string[], b: readonly string[]) => a.length === b.length && a.every((n, i) => n === b[i]);
  const sameAsked = (a: Response["asked"], b: Response["asked"]) =>
    a === b || JSON.stringify([...a ?? []].sort()) === JSON.stringify([...b ?? []].sort());
  return known.resources.length === resources.length &&
    known.resources.every(({ name, version }, i) => name === resources[i]?.name && version === resources[i].version) &&
    same(known.removed, removed) && same(known.missing, missing) && known.heartbeat === heartbeat &&
    known.ttl === ttl && sameAsked(known.asked, response.asked);
}

/** The type URL of a service; anything else is a type URL already. */
export function url(service: string): string {
  return typeByName(service)?.url ?? service;
}

/** The snapshot that a configuration of a table stands for. */
export function snapshotOf(config: Config, previous?: Snapshot, label?: string): Snapshot {
  const resources = Object.entries(config).flatMap(([service, contents]) =>
    Object.entries(contents).map(([name, content]) => resourceOf(service, name, content))
  );
  return createSnapshot(resources, previous, label);
}

function resourceOf(service: string, name: string, given: Content): Resource {
  const { content, ttl, domains = [], vhds = false } = typeof given === "number" ? { content: given } : given;
  const references: Reference[] = [];
  if (service === "CDS") references.push({ type: url("EDS"), name, path: "name", required: true });
  if (vhds) references.push({ type: url("VHDS"), name: `${name}/`, path: "name", required: false });
  const routes = name.slice(0, name.lastIndexOf("/") + 1);
  return createResource({
    type: url(service),
    name,
    bytes: new TextEncoder().encode(String(content)),
    references,
    origin: undefined,
    ...(ttl === undefined ? {} : { ttl }),
    ...(domains.length === 0 ? {} : { aliases: domains.map((domain) => routes + domain) }),
  });
}

/** The number that a resource's bytes stand for. */
export function contentOf(resource: Resource): number {
  return Number(new TextDecoder().decode(resource.bytes));
}

const LIMITS: Limits = { orderTimeout: ORDER_TIMEOUT, types: MOST_TYPES, names: MOST_NAMES };

/** The server. */
export class CoreServer implements Server {
  readonly surrounding = new Surrounding();
  readonly #kind: ClientKind;
  #now = 1_000_000;
  #snapshot: Snapshot | undefined;
  readonly #moved = new Map<string, Snapshot>();
  readonly #connections = new Set<CoreConnection>();

  constructor(kind: ClientKind = ENVOY) {
    this.#kind = kind;
  }

  connect(mode: Mode, node: string): Promise<Connection> {
    const connection: CoreConnection = new CoreConnection(mode, node, this.#kind, this.surrounding, () => this.#now);
    this.#connections.add(connection);
    connection.onClose = () => this.#connections.delete(connection);
    connection.take({ kind: "snapshot", snapshot: this.#moved.get(node) ?? this.#snapshot, now: this.#now });
    return Promise.resolve(connection);
  }

  serve(config: Config, label: string | undefined): Promise<void> {
    const snapshot = this.#snapshot = this.#read(config, this.#snapshot, label);
    for (const connection of this.#connections) {
      if (!this.#moved.has(connection.node)) connection.take({ kind: "snapshot", snapshot, now: this.#now });
    }
    return Promise.resolve();
  }

  move(node: string, config: Config): Promise<void> {
    const snapshot = this.#read(config, undefined, undefined);
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

  #read(config: Config, previous: Snapshot | undefined, label: string | undefined): Snapshot {
    const snapshot = snapshotOf(config, previous, label);
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
    { agent, features }: ClientKind,
    readonly surrounding: Surrounding,
    readonly now: () => number,
  ) {
    this.#stream = new StreamState(mode, surrounding.of(node), LIMITS);
    this.#stream.client = capabilitiesOf(mode, { userAgent: agent, features });
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

  reading(reads: boolean): Promise<void> {
    this.#reads = reads;
    return Promise.resolve();
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

function readBody(body: ReadableBody): Received {
  const { type, version, nonce, resources, removed, missing, heartbeat, ttl, asked } = body;
  const received = resources.map((resource) => ({
    type,
    name: resource.name,
    content: heartbeat ? undefined : contentOf(resource),
    version: resource.version,
    aliases: asked?.get(resource.name) ?? [],
    ttl: ttl ? resource.ttl : undefined,
  }));
  // What nobody has is said by a resource without a body, whose alias is the name that was asked for.
  const unknown = asked?.get(NOBODY) ?? [];
  const nobody = { type, content: undefined, version: "", ttl: undefined };
  for (const name of unknown) received.push({ ...nobody, name, aliases: [name] });
  return { type, version, nonce: String(nonce), resources: received, removed, missing };
}

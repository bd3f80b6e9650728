/**
 * Simulated clients: one as Envoy is, one as gRPC is, and one that asks for whatever comes to its mind. They apply what
 * they read, in order; what they hold at the end is compared with the snapshot.
 *
 * @module
 */
import type { Resource } from "../../../lib/model/resource.ts";
import type { ResourceSet } from "../../../lib/model/resource_set.ts";
import { typeByUrl } from "../../../lib/model/types.ts";
import type { Request } from "../../../lib/xds/messages.ts";
import type { ReadableBody } from "../core_server.ts";
import { Violation } from "./ledger.ts";
import type { Random } from "./random.ts";
import { CDS, EDS, GLOB, isMember, LDS, NAMES, RDS, service, TYPES } from "./world.ts";

export type Mode = "sotw" | "delta";

/** Envoy gives up warming after this time. */
export const WARMING = 15_000;

/** What a client has of one type. */
class Held {
  readonly names = new Set<string>();
  wildcard: "no" | "legacy" | "star" = "no";
  /** Asked for on this stream. */
  asked = false;
  /** A name was given on this stream: an empty list is no legacy wildcard any more. */
  named = false;
  /** Of the last response that was answered. */
  nonce = "";
  version = "";
  /** What is in use. */
  readonly applied = new Map<string, Resource>();
  /** What is reported on the next stream. */
  readonly accepted = new Map<string, string>();
  readonly fullState: boolean;

  constructor(readonly type: string) {
    this.fullState = typeByUrl(type)?.fullState ?? false;
  }

  covers(name: string): boolean {
    return this.wildcard !== "no" || this.names.has(name) || this.names.has(GLOB) && isMember(name);
  }

  forget(name: string): void {
    this.applied.delete(name);
    this.accepted.delete(name);
  }
}

/** What all of them have in common. */
export abstract class Client {
  protected readonly types = new Map<string, Held>(TYPES.map((type) => [type, new Held(type)]));

  constructor(readonly mode: Mode) {}

  /** The requests that open a stream. */
  connect(): Request[] {
    for (const held of this.types.values()) {
      held.asked = held.named = false;
      held.nonce = "";
    }
    return this.start();
  }

  protected abstract start(): Request[];

  /** Reads one response. `rejects` gives the names that a NACK applies all the same; undefined for an ACK. */
  read(body: ReadableBody, now: number, rejects: ((names: string[]) => string[]) | undefined): Request[] {
    const held = this.held(body.type);
    const nonce = String(body.nonce);
    if (rejects === undefined) {
      const changed = this.apply(held, body, () => true);
      this.accept(held, body);
      return this.answer(held, body, nonce, changed, now);
    }
    const names = [...body.resources.map(({ name }) => name), ...body.removed, ...held.applied.keys()];
    const taken = new Set(rejects([...new Set(names)]));
    this.apply(held, body, (name) => taken.has(name));
    held.nonce = nonce;
    const requests = [this.request(held, { nonce, error: "no" })];
    if (this.mode === "sotw" && taken.size % 2 === 0) requests.push(this.request(held, { nonce }));
    return requests;
  }

  /** Reads a heartbeat: to a client that has another version, a resource without a body would be a broken one. */
  hear(body: ReadableBody, certain: boolean): Request[] {
    const held = this.held(body.type);
    for (const { name, version } of certain ? body.resources : []) {
      if (held.covers(name) && held.applied.get(name)?.version !== version) {
        throw new Violation(`a heartbeat of ${service(body.type)} "${name}", which the client has not got`);
      }
    }
    return [this.request(held, { nonce: String(body.nonce) })];
  }

  /** Time passes. */
  tick(_now: number): Request[] {
    return [];
  }

  /** Something that the client does by itself. */
  abstract poke(random: Random): Request[];

  /** Says what is wrong with what the client has, if its server has nothing more to say. */
  compare(set: (type: string) => ResourceSet | undefined): string[] {
    const wrong: string[] = [];
    for (const held of this.types.values()) {
      if (!held.asked) continue;
      const current = set(held.type);
      for (const name of NAMES) {
        if (!held.covers(name)) continue;
        const has = held.applied.get(name)?.version;
        const should = current?.get(name)?.version;
        if (has === should) continue;
        if (should === undefined && this.mode === "sotw" && !held.fullState) continue;
        wrong.push(`${service(held.type)} ${name} is ${show(held.applied.get(name))}, not ${show(current?.get(name))}`);
      }
    }
    return wrong;
  }

  /** Throws when something in use refers to what is not there. */
  checkReferences(): void {}

  protected held(type: string): Held {
    const held = this.types.get(type);
    if (held === undefined) throw new Error(`no type "${type}"`);
    return held;
  }

  /** Applies what a response says of the names that are wanted; returns the names whose resource changed. */
  protected apply(held: Held, body: ReadableBody, takes: (name: string) => boolean): string[] {
    const changed: string[] = [];
    for (const resource of body.resources) {
      const { name, version } = resource;
      if (!held.covers(name) || !takes(name)) continue;
      if (held.applied.get(name)?.version !== version) changed.push(name);
      held.applied.set(name, resource);
    }
    const gone = this.mode === "delta"
      ? body.removed
      : held.fullState
      ? [...held.applied.keys()].filter((name) => !body.resources.some((resource) => resource.name === name))
      : [];
    for (const name of gone) if (takes(name)) held.applied.delete(name);
    return changed;
  }

  protected accept(held: Held, body: ReadableBody): void {
    held.version = body.version;
    held.nonce = String(body.nonce);
    for (const name of body.removed) held.accepted.delete(name);
    for (const { name, version } of body.resources) if (held.covers(name)) held.accepted.set(name, version);
  }

  /** What follows from a response that was applied. */
  protected answer(held: Held, _body: ReadableBody, nonce: string, _changed: string[], _now: number): Request[] {
    return [this.request(held, { nonce })];
  }

  /** Changes the names; drops what is not wanted any more. */
  protected want(type: string, wanted: ReadonlySet<string>): Request[] {
    const held = this.held(type);
    const subscribe = [...wanted].filter((name) => !held.names.has(name));
    const unsubscribe = [...held.names].filter((name) => !wanted.has(name));
    if (held.asked && subscribe.length + unsubscribe.length === 0) return [];
    if (!held.asked && wanted.size === 0) {
      held.names.clear();
      return [];
    }
    for (const name of unsubscribe) {
      held.names.delete(name);
      held.forget(name);
    }
    for (const name of subscribe) held.names.add(name);
    return [this.request(held, held.asked ? { subscribe, unsubscribe } : {})];
  }

  /** The first request of a type on this stream says everything that is wanted and held; a later one what it is told. */
  protected request(
    held: Held,
    { nonce, error, subscribe = [], unsubscribe = [] }: {
      nonce?: string;
      error?: string;
      subscribe?: readonly string[];
      unsubscribe?: readonly string[];
    },
  ): Request {
    const first = !held.asked;
    held.asked = true;
    const { type } = held;
    const all = [...(held.wildcard === "star" ? ["*"] : []), ...held.names];
    if (all.length > 0) held.named = true;
    if (this.mode === "sotw") {
      return { mode: "sotw", type, version: held.version, nonce: nonce ?? held.nonce, error, names: all };
    }
    return {
      mode: "delta",
      type,
      nonce: nonce ?? "",
      error,
      subscribe: first ? all : subscribe,
      unsubscribe: first ? [] : unsubscribe,
      held: new Map(first ? held.accepted : []),
    };
  }
}

/** Wildcards for clusters and listeners; endpoints and routes are named by what they refer to. */
export class Envoy extends Client {
  /** Clusters that wait for their endpoints, and since when. */
  readonly #warming = new Map<string, number>();
  /** Clusters that have been warm: what routes may use. */
  readonly #active = new Set<string>();
  /** The route configuration that each listener uses; a listener that waits for its routes uses the ones before. */
  readonly #uses = new Map<string, string>();
  #withheld: string | undefined;

  protected override start(): Request[] {
    this.#withheld = undefined;
    const requests: Request[] = [];
    for (const type of [CDS, EDS, LDS, RDS]) {
      const held = this.held(type);
      if (type === CDS || type === LDS) held.wildcard = "legacy";
      if (held.wildcard !== "no" || held.names.size > 0) requests.push(this.request(held, {}));
    }
    return requests;
  }

  protected override answer(held: Held, body: ReadableBody, nonce: string, changed: string[], now: number): Request[] {
    const ack = () => this.request(held, { nonce });
    switch (held.type) {
      case CDS: {
        for (const name of [...this.#warming.keys()]) if (!held.applied.has(name)) this.#warming.delete(name);
        for (const name of [...this.#active]) if (!held.applied.has(name)) this.#active.delete(name);
        for (const name of changed) this.#warming.set(name, now);
        const named = this.want(EDS, new Set(held.applied.keys()));
        if (this.#warming.size === 0) return [...named, ack()];
        this.#withheld = nonce;
        return named;
      }
      case EDS:
        for (const name of [...body.resources.map(({ name }) => name), ...body.removed]) this.#warm(name);
        return [ack(), ...this.#release()];
      case LDS:
        return [...this.#follow(), ack()];
      default:
        return [ack(), ...this.#follow()];
    }
  }

  override tick(now: number): Request[] {
    for (const [name, since] of [...this.#warming]) if (now - since >= WARMING) this.#warm(name);
    return this.#release();
  }

  override poke(random: Random): Request[] {
    if (this.mode === "sotw") return [];
    const held = this.held(random.pick([EDS, RDS]));
    const subscribe = random.some(held.names);
    if (!held.asked || subscribe.length === 0) return [];
    return [this.request(held, { subscribe })];
  }

  override checkReferences(): void {
    for (const route of new Set(this.#uses.values())) {
      const resource = this.held(RDS).applied.get(route);
      if (resource === undefined) throw new Violation(`the routes "${route}" are used and gone`);
      for (const { name } of resource.references) {
        if (!this.#active.has(name)) throw new Violation(`the cluster "${name}" is used by "${route}" and not there`);
      }
    }
  }

  override read(body: ReadableBody, now: number, rejects: ((names: string[]) => string[]) | undefined): Request[] {
    if (rejects === undefined) return super.read(body, now, undefined);
    const requests = super.read(body, now, rejects);
    if (body.type === CDS) requests.push(...this.want(EDS, new Set(this.held(CDS).applied.keys())));
    if (body.type === LDS) requests.push(...this.#follow());
    return requests;
  }

  #warm(name: string): void {
    this.#warming.delete(name);
    if (this.held(CDS).applied.has(name)) this.#active.add(name);
  }

  #release(): Request[] {
    if (this.#warming.size > 0 || this.#withheld === undefined) return [];
    const nonce = this.#withheld;
    this.#withheld = undefined;
    return [this.request(this.held(CDS), { nonce })];
  }

  /** Listeners take the routes that they name once those are there; the names of both are asked for until then. */
  #follow(): Request[] {
    const listeners = this.held(LDS).applied;
    const routes = this.held(RDS).applied;
    for (const name of [...this.#uses.keys()]) if (!listeners.has(name)) this.#uses.delete(name);
    const wanted = new Set<string>();
    for (const [name, { references }] of listeners) {
      const route = references[0]?.name;
      if (route === undefined) continue;
      wanted.add(route);
      if (routes.has(route)) this.#uses.set(name, route);
      const used = this.#uses.get(name);
      if (used !== undefined) wanted.add(used);
    }
    return this.want(RDS, wanted);
  }
}

/** Everything by name: listeners first, then what they refer to. */
export class Grpc extends Client {
  readonly #listeners = new Set<string>(["a"]);

  protected override start(): Request[] {
    this.held(LDS).names.clear();
    for (const name of this.#listeners) this.held(LDS).names.add(name);
    const requests: Request[] = [];
    for (const type of [LDS, RDS, CDS, EDS]) {
      const held = this.held(type);
      if (held.names.size > 0) requests.push(this.request(held, {}));
    }
    return requests;
  }

  protected override answer(held: Held, _body: ReadableBody, nonce: string): Request[] {
    return [this.request(held, { nonce }), ...this.#follow()];
  }

  override poke(random: Random): Request[] {
    const name = random.pick(NAMES);
    if (!this.#listeners.delete(name)) this.#listeners.add(name);
    return [...this.want(LDS, this.#listeners), ...this.#follow()];
  }

  override read(body: ReadableBody, now: number, rejects: ((names: string[]) => string[]) | undefined): Request[] {
    return [...super.read(body, now, rejects), ...this.#follow()];
  }

  #follow(): Request[] {
    const requests: Request[] = [];
    for (const [from, to] of [[LDS, RDS], [RDS, CDS], [CDS, EDS]] as const) {
      const wanted = new Set<string>();
      for (const { references } of this.held(from).applied.values()) {
        for (const { type, name } of references) if (type === to) wanted.add(name);
      }
      requests.push(...this.want(to, wanted));
    }
    return requests;
  }
}

/** Asks for anything, gives it up, asks again. */
export class Erratic extends Client {
  protected override start(): Request[] {
    const requests: Request[] = [];
    for (const held of this.types.values()) {
      if (held.wildcard === "legacy" && held.names.size > 0) held.wildcard = "star";
      if (held.wildcard === "no" && held.names.size === 0) continue;
      requests.push(this.request(held, {}));
    }
    return requests;
  }

  override poke(random: Random): Request[] {
    const held = this.held(random.pick(TYPES));
    if (!held.asked && held.fullState && held.names.size === 0 && random.oneIn(2)) {
      held.wildcard = "legacy";
      return [this.request(held, {})];
    }
    return this.mode === "sotw" ? this.#replace(held, random) : this.#amend(held, random);
  }

  #replace(held: Held, random: Random): Request[] {
    const names = new Set(random.some(random.oneIn(3) ? [...NAMES, GLOB] : NAMES));
    const star = random.oneIn(4);
    if (!held.asked && names.size === 0 && !star) return [];
    // Without a name so far, an empty list is the legacy wildcard still.
    const legacy = !star && names.size === 0 && held.wildcard === "legacy" && !held.named;
    held.names.clear();
    for (const name of names) held.names.add(name);
    held.wildcard = star ? "star" : legacy ? "legacy" : "no";
    for (const name of NAMES) if (!held.covers(name)) held.forget(name);
    return [this.request(held, {})];
  }

  #amend(held: Held, random: Random): Request[] {
    const every = random.oneIn(3) ? [...NAMES, GLOB] : NAMES;
    const subscribe = random.some(every);
    const unsubscribe = random.some(every).filter((name) => !subscribe.includes(name));
    const [on, off] = [random.oneIn(4), random.oneIn(4)];
    if (!held.asked && subscribe.length === 0 && !on) return [];
    const first = !held.asked;
    if (off && !on) held.wildcard = "no";
    // What is asked for again may have been forgotten.
    for (const name of [...subscribe, ...unsubscribe.filter((name) => held.names.has(name))]) held.forget(name);
    if (subscribe.includes(GLOB) && !first) { for (const name of NAMES) if (isMember(name)) held.forget(name); }
    for (const name of unsubscribe) held.names.delete(name);
    for (const name of subscribe) held.names.add(name);
    if (on) {
      held.wildcard = "star";
      if (!first) { for (const name of NAMES) held.forget(name); }
    }
    for (const name of NAMES) if (!held.covers(name)) held.forget(name);
    return [
      this.request(held, {
        subscribe: on ? ["*", ...subscribe] : subscribe,
        unsubscribe: off && !on ? ["*", ...unsubscribe] : unsubscribe,
      }),
    ];
  }
}

function show(resource: Resource | undefined): string {
  return resource === undefined ? "missing" : new TextDecoder().decode(resource.bytes);
}

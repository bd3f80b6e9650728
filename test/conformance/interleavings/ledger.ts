/**
 * A plain model of one stream, made of nothing but the messages that cross the server's door: what the server can know
 * of the client, what it was asked, what is in doubt. It says of every response whether there is a reason for it.
 *
 * @module
 */
import type { Resource } from "../../../lib/model/resource.ts";
import { difference, type ResourceSet } from "../../../lib/model/resource_set.ts";
import type { Snapshot } from "../../../lib/model/snapshot.ts";
import { typeByUrl } from "../../../lib/model/types.ts";
import type { Request } from "../../../lib/xds/messages.ts";
import type { ReadableBody } from "../core_server.ts";
import { CDS, EDS, GLOB, isMember, service, write } from "./world.ts";

/** A rule is broken. */
export class Violation extends Error {}

/** What a node carries from stream to stream: names of a type that are in doubt. */
export type Doubts = Map<string, Set<string>>;

interface Flight {
  readonly body: ReadableBody;
  readonly since: number;
  /** The names that this response says something new of. */
  readonly news: ReadonlySet<string>;
  /** What the snapshot had of the type. */
  readonly content: ResourceSet;
  /** The subscription has grown to everything since. */
  widened: boolean;
}

interface TypeLedger {
  readonly type: string;
  readonly fullState: boolean;
  readonly names: Set<string>;
  wildcard: boolean;
  unnamed: boolean;
  /** Name to version, as far as the server can know. */
  readonly known: Map<string, string>;
  readonly asked: Set<string>;
  /** May be sent again, and need not. */
  readonly may: Set<string>;
  askedAll: boolean;
  readonly doubts: Set<string>;
  flight: Flight | undefined;
  nonce: string;
  /** The response that was rejected last, until another one goes. */
  rejected: ReadableBody | undefined;
  /** What the snapshot has of the type. */
  content: ResourceSet | undefined;
  /** When the last heartbeat went. */
  beat: number;
}

/** What surrounds the ledger. */
export interface LedgerPlace {
  readonly mode: "sotw" | "delta";
  readonly orderTimeout: number;
  /** No wait has lapsed, nothing was rejected. */
  orderly(): boolean;
  readonly doubts: Doubts;
  /** The client is told of nothing but absence. */
  readonly absence: boolean;
  /** The contents that once had this version. */
  recall(type: string, version: string): Iterable<{ readonly name: string; readonly version: string }> | undefined;
}

export class Ledger {
  readonly #types = new Map<string, TypeLedger>();
  readonly #nonces = new Set<string>();

  constructor(readonly place: LedgerPlace) {}

  /** A request crosses the door. Returns the nonce that it is the first verdict on, if it is one. */
  request(request: Request, snapshot: Snapshot | undefined): string | undefined {
    const first = !this.#types.has(request.type);
    const of = this.#of(request.type);
    const stale = of.nonce !== "" && request.nonce !== of.nonce;
    const verdict = this.#judge(of, request);
    if (snapshot !== undefined) this.#loseVanished(of, snapshot);
    const before = new Set(of.names);
    const followedAll = of.wildcard;
    let all: boolean;
    let asked: string[];
    if (request.mode === "sotw") {
      if (request.names.length > 0) of.unnamed = false;
      // A stale request asks for nothing, but what it gives up is given up.
      const names = request.names.filter((name) => name !== "*" && name !== "" && (!stale || before.has(name)));
      const wildcard = (request.names.includes("*") || (of.unnamed && of.fullState)) && (!stale || followedAll);
      of.names.clear();
      for (const name of names) of.names.add(name);
      of.wildcard = wildcard;
      all = wildcard && !followedAll;
      asked = names.filter((name) => !before.has(name));
    } else {
      all = request.subscribe.includes("*") || (first && of.fullState && request.subscribe.length === 0);
      asked = request.subscribe.filter((name) => name !== "*" && name !== "");
      for (const name of request.unsubscribe) {
        if (name === "*") of.wildcard = false;
        else if (of.names.delete(name)) asked.push(name);
      }
      for (const name of request.subscribe) if (name !== "*" && name !== "") of.names.add(name);
      if (all) of.wildcard = true;
    }
    const covers = this.#covers(of);
    for (const name of before) if (!covers(name)) of.rejected = undefined;
    if (followedAll && !of.wildcard) of.rejected = undefined;
    for (const name of [...of.known.keys()]) if (!covers(name)) of.known.delete(name);
    for (const names of [of.doubts, of.asked]) for (const name of names) if (!covers(name)) names.delete(name);
    if (!of.wildcard) of.askedAll = false;
    if (!followedAll && of.wildcard && !first) {
      for (const name of [...of.known.keys()]) {
        if (!before.has(name) && !(before.has(GLOB) && isMember(name))) of.known.delete(name);
      }
      if (of.flight !== undefined) of.flight.widened = true;
    }
    if (all) of.askedAll = true;
    for (const name of asked) if (covers(name)) of.asked.add(name);
    if (first) {
      this.#resume(of, request, snapshot);
      for (const { flight } of this.#types.values()) {
        if (of.type === EDS && flight !== undefined) this.#warm(of, flight);
      }
    } else if (all) {
      for (const { name } of snapshot?.set(of.type) ?? []) of.asked.add(name);
      // What is gone now may be back when the answer goes.
      for (const name of of.known.keys()) of.may.add(name);
    }
    return verdict;
  }

  /** The server has another snapshot. */
  snapshot(snapshot: Snapshot): void {
    for (const of of this.#types.values()) {
      const current = snapshot.set(of.type);
      this.#loseVanished(of, snapshot);
      const { changed, removed } = difference(of.content ?? current, current);
      if ([...changed.map(({ name }) => name), ...removed].some(this.#covers(of))) of.rejected = undefined;
      of.content = current;
    }
  }

  /** A response crosses the door. */
  response(body: ReadableBody, snapshot: Snapshot, now: number): void {
    const of = this.#of(body.type);
    const { mode } = this.place;
    const fail = (why: string): never => {
      throw new Violation(`${describe(body)}: ${why}`);
    };
    if (body.mode !== mode) fail("of the other mode");
    if (of.flight !== undefined) {
      if (now - of.flight.since < this.place.orderTimeout) fail("a second response of its type in flight");
      for (const name of of.flight.news) of.doubts.add(name);
    }
    const nonce = String(body.nonce);
    if (this.#nonces.has(nonce)) fail("its nonce came before");
    this.#nonces.add(nonce);
    const names = [...body.resources.map(({ name }) => name), ...body.removed];
    if (new Set(names).size !== names.length) fail("a name comes twice");
    const covers = this.#covers(of);
    const current = snapshot.set(body.type);
    for (const { name, type, version } of body.resources) {
      if (type !== body.type) fail(`"${name}" is of another type`);
      if (!covers(name)) fail(`"${name}" is not subscribed`);
      const now = current.get(name);
      if (now !== undefined && now.version !== version) fail(`"${name}" is not what the snapshot has`);
      if (now === undefined && !of.known.has(name) && !of.doubts.has(name)) fail(`"${name}" is gone`);
    }
    for (const name of body.removed) {
      if (!covers(name)) fail(`"${name}" is removed and not subscribed`);
      if (current.has(name)) fail(`"${name}" is removed and in the snapshot`);
    }
    const complete = mode === "sotw" && of.fullState;
    if (complete) {
      for (const { name } of current) {
        if (covers(name) && !names.includes(name)) fail(`"${name}" is missing in a complete response`);
      }
    }
    this.#checkAbsence(of, body, current, fail);
    const wanted = (name: string) => of.asked.has(name) || of.asked.has(GLOB) && isMember(name);
    const news = new Set<string>();
    const refreshed: Resource[] = [];
    for (const resource of body.resources) {
      const { name, version } = resource;
      // In state-of-the-world what expires is refreshed whole.
      const lives = resource.ttl !== undefined && mode === "sotw";
      if (of.known.get(name) !== version || wanted(name) || of.doubts.has(name)) news.add(name);
      else if (lives) refreshed.push(resource);
      else if (!complete && !of.may.has(name)) fail(`there is no reason for "${name}"`);
    }
    for (const name of body.removed) {
      if (!of.known.has(name) && !of.asked.has(name) && !of.doubts.has(name) && !of.may.has(name)) {
        fail(`there is no reason to remove "${name}"`);
      }
      news.add(name);
      // Envoy ignores the removal of endpoints; others may not.
      const unasked = !of.asked.has(name) && !of.doubts.has(name) && !of.may.has(name);
      const cluster = of.type === EDS && this.place.orderly() && this.#types.get(CDS)?.known.has(name);
      if (unasked && cluster) fail(`the endpoints "${name}" are removed before their cluster`);
    }
    if (complete) { for (const name of of.known.keys()) if (!names.includes(name)) news.add(name); }
    const reason = refreshed.length > 0 || names.some((name) => of.may.has(name)) || news.size > 0 ||
      of.askedAll || of.asked.size > 0 || of.doubts.size > 0;
    if (!reason) fail("there is no reason for it");
    for (const name of of.asked) {
      const members = name === GLOB ? current.members(GLOB) : [];
      // What waits for its removal is a member still.
      if (name === GLOB && members.length === 0 && names.some(isMember)) continue;
      const answers = members.length > 0 ? members.map(({ name }) => name) : [name];
      for (const name of answers) {
        if (names.includes(name) || (mode === "sotw" && !current.has(name))) continue;
        fail(`"${name}" was asked for and is not in it`);
      }
    }
    const questions = of.asked.size > 0 || of.askedAll;
    if (of.rejected !== undefined && !questions && same(of.rejected, body)) fail("it was just rejected");
    of.asked.clear();
    of.may.clear();
    of.askedAll = false;
    of.rejected = undefined;
    of.content = current;
    of.nonce = nonce;
    of.flight = { body, since: now, news, content: current, widened: false };
    const endpoints = this.#types.get(EDS);
    if (endpoints === undefined) return;
    this.#warm(endpoints, of.flight);
    // What is refreshed may be taken for an update of a cluster.
    for (const { references } of refreshed) for (const { name } of references) endpoints.may.add(name);
  }

  /** A heartbeat crosses the door: delta, of what the client has, and of nothing else. It changes nothing. */
  heartbeat(body: ReadableBody, now: number): void {
    const of = this.#of(body.type);
    const fail = (why: string): never => {
      throw new Violation(`the heartbeat ${describe(body)}: ${why}`);
    };
    if (this.place.mode !== "delta") fail("in state-of-the-world it is a removal");
    const nonce = String(body.nonce);
    if (this.#nonces.has(nonce)) fail("its nonce came before");
    this.#nonces.add(nonce);
    if (body.removed.length + body.missing.length > 0 || body.resources.length === 0) {
      fail("it has other news, or none");
    }
    let shortest = Infinity;
    for (const { name, ttl, version } of body.resources) {
      if (!this.#covers(of)(name)) fail(`"${name}" is not subscribed`);
      if (of.known.get(name) !== version || of.doubts.has(name)) fail(`the client has not got "${name}"`);
      shortest = Math.min(shortest, ttl ?? -Infinity);
    }
    if (now - of.beat < shortest / 2) fail("it comes too early");
    of.beat = now;
  }

  /** Errors are of names that were asked for and are not there, each once; in delta the names are removed as well. */
  #checkAbsence(
    of: TypeLedger,
    { missing, removed, resources }: ReadableBody,
    current: ResourceSet,
    fail: (why: string) => never,
  ): void {
    const { absence, mode } = this.place;
    for (const name of missing) {
      if (!of.names.has(name)) fail(`"${name}" is in error and not subscribed by name`);
      if (current.has(name) || name === GLOB && current.members(GLOB).length > 0) {
        fail(`"${name}" is in error and there`);
      }
      if (mode === "delta" && !removed.includes(name)) fail(`"${name}" is in error and not removed`);
      const told = of.asked.has(name) || of.may.has(name) || mode === "delta" ||
        of.fullState && (of.known.has(name) || of.doubts.has(name));
      if (!told) fail(`"${name}" is in error once more`);
    }
    if (new Set(missing).size !== missing.length) fail("an error comes twice");
    const untold = mode === "delta" ? removed.filter((name) => of.names.has(name) && !missing.includes(name)) : [];
    if (untold.length > 0) fail(`"${untold}" is removed and not in error`);
    if (mode === "sotw" && !of.fullState && !of.wildcard && !absence && resources.length === 0) fail("it says nothing");
  }

  /** The stream is gone. */
  close(): void {
    for (const { type, flight, doubts, known, names } of this.#types.values()) {
      if (flight !== undefined) { for (const name of flight.news) doubts.add(name); }
      // Envoy does not report members of a collection on its next stream.
      if (names.has(GLOB)) { for (const name of known.keys()) if (isMember(name)) doubts.add(name); }
      this.place.doubts.set(type, new Set([...this.place.doubts.get(type) ?? [], ...doubts]));
    }
  }

  /** What went away and comes back may be sent again, although a client that could not be told never lost it. */
  #loseVanished({ fullState, known, may, type }: TypeLedger, snapshot: Snapshot): void {
    if (this.place.mode === "delta" || fullState) return;
    for (const name of [...known.keys()]) {
      if (snapshot.set(type).has(name)) continue;
      known.delete(name);
      may.add(name);
    }
  }

  #judge(of: TypeLedger, request: Request): string | undefined {
    const { flight } = of;
    if (flight === undefined || request.nonce !== of.nonce) return undefined;
    of.flight = undefined;
    const { body, news, widened } = flight;
    const covers = this.#covers(of);
    if (request.error !== undefined) {
      for (const name of news) if (covers(name)) of.doubts.add(name);
      // What changed while it was unanswered may be sent, though it come to the same.
      const { changed, removed } = difference(flight.content, of.content ?? flight.content);
      if (![...changed.map(({ name }) => name), ...removed].some(covers)) of.rejected = body;
      return of.nonce;
    }
    if (this.place.mode === "sotw" && of.fullState && !widened) {
      of.known.clear();
      of.doubts.clear();
    }
    for (const { name, version } of body.resources) {
      of.doubts.delete(name);
      if (covers(name)) of.known.set(name, version);
    }
    for (const name of body.removed) {
      of.doubts.delete(name);
      of.known.delete(name);
    }
    if (of.doubts.size === 0) this.place.doubts.delete(of.type);
    return of.nonce;
  }

  /** Clusters that are news to the client wait for their endpoints. */
  #warm(endpoints: TypeLedger, { body, news }: Flight): void {
    for (const { name, references } of body.resources) {
      if (!news.has(name)) continue;
      for (const { type, name } of references) {
        if (type === EDS && this.#covers(endpoints)(name)) endpoints.asked.add(name);
      }
    }
  }

  #resume(of: TypeLedger, request: Request, snapshot: Snapshot | undefined): void {
    const covers = this.#covers(of);
    for (const name of this.place.doubts.get(of.type) ?? []) if (covers(name)) of.doubts.add(name);
    if (request.mode === "delta") {
      for (const [name, version] of request.held) {
        of.asked.delete(name);
        if (covers(name)) of.known.set(name, version);
        // Of a collection that the client has something of, the rest is news and need not be answered as such.
        if (isMember(name) && snapshot?.set(of.type).has(name)) of.asked.delete(GLOB);
      }
      return;
    }
    if (!of.wildcard || !of.fullState || request.names.length > 0 || request.version === "") return;
    const known = this.place.recall(of.type, request.version);
    if (known === undefined) return;
    of.askedAll = false;
    for (const { name, version } of known) of.known.set(name, version);
  }

  #covers(of: TypeLedger): (name: string) => boolean {
    return (name) => of.wildcard || of.names.has(name) || of.names.has(GLOB) && isMember(name);
  }

  #of(type: string): TypeLedger {
    let of = this.#types.get(type);
    if (of === undefined) {
      of = {
        type,
        fullState: typeByUrl(type)?.fullState ?? false,
        names: new Set(),
        wildcard: false,
        unnamed: true,
        known: new Map(),
        asked: new Set(),
        may: new Set(),
        askedAll: false,
        doubts: new Set(),
        flight: undefined,
        nonce: "",
        rejected: undefined,
        content: undefined,
        beat: -Infinity,
      };
      this.#types.set(type, of);
    }
    return of;
  }
}

function same(a: ReadableBody, b: ReadableBody): boolean {
  const text = ({ resources, removed }: ReadableBody) =>
    `${resources.map(({ name, version }) => `${name} ${version}`).sort()} ${[...removed].sort()}`;
  return text(a) === text(b);
}

/** A response in one line. */
export function describe({ type, nonce, resources, removed }: ReadableBody): string {
  const gone = removed.length > 0 ? ` without ${removed}` : "";
  return `${service(type)} ${nonce} [${resources.map(write).join(" ")}]${gone}`;
}

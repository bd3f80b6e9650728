/**
 * Servers that keep one store, and others that follow it or start from it, in random orders of everything that can happen:
 * what clients say, faults of the store, ends and starts. What was accepted is known here from the clients alone.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DiscoveryRequestSchema, DiscoveryResponseSchema } from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { Hub } from "../hub/hub.ts";
import { isEnding } from "../hub/port.ts";
import { loadApi } from "../model/api.ts";
import { EMPTY_PART, type Layer, type Part } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import { CLUSTER } from "../model/types.ts";
import type { AcceptedPointer, LatestPointer, Manifest } from "../store/snapshot/format.ts";
import { ACCEPTED, LATEST, manifestKey } from "../store/snapshot/format.ts";
import { SecretFinder } from "../store/snapshot/secrets.ts";
import { cluster } from "../store/snapshot/testing.ts";
import { type Fate, Memory, MemoryBlobs } from "../store/testing.ts";
import { Acceptance } from "./acceptance.ts";
import { coldStart } from "./cold_start.ts";
import { followStore, type StoreSource } from "./follower.ts";
import { Keeper } from "./keeper.ts";
import { FakeTime } from "./testing_time.ts";

const api = loadApi();
const SETTLE = 1_000;
const GAP = 100;
/** Until a change was looked at. */
const LOOK = 100;
/** Bytes before the message in a gRPC frame. */
const FRAME_HEADER = 5;
const GROUPS = ["api", "edge", "web"];
const CONTENTS = [1, 2, 3, 4, 5, 6];
const SILENT = { error() {}, warn() {}, info() {}, debug() {} };

const clusters = new Map(
  GROUPS.flatMap((group) => CONTENTS.map((content) => [`${group}=${content}`, cluster(api, `${group}-c`, content)])),
);
const contents = new Map(Array.from(clusters, ([name, { version }]) => [version, Number(name.split("=")[1])]));
const revisions = new Map<string, number>();

/** Which content of a group these resources are; 0 for none. */
function contentOf(resources: Iterable<Pick<Resource, "version">>): number {
  const [first, ...others] = resources;
  assertEquals(others, []);
  return first === undefined ? 0 : contents.get(first.version) ?? NaN;
}

/** Numbers from 0 to less than 1, the same for the same seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What a source says; `failed`: nothing at all. */
type Says = ReadonlyMap<string, number> | "failed";

function layerOf(says: Says): Layer {
  const groups = new Map<string, Part>();
  if (says === "failed") {
    const failure = { path: "", rule: "unreadable", severity: "error", message: "gone" } as const;
    return { name: "config", common: EMPTY_PART, groups, rules: [], failures: [failure] };
  }
  for (const [group, content] of says) {
    const resource = clusters.get(`${group}=${content}`);
    assert(resource !== undefined);
    groups.set(group, { resources: [resource], issues: [] });
  }
  return { name: "config", common: EMPTY_PART, groups, rules: [], failures: [] };
}

/** A client of a group, and what it thinks of what it was sent last. */
class Client {
  readonly #frames: Uint8Array[] = [];
  readonly #hub: Hub;
  readonly group: string;
  #inlet: { receive(body: Uint8Array): void; closed(): void } | undefined;
  #answered = 0;
  /** The content that it answered last. */
  said: { readonly content: number; readonly yes: boolean } | undefined;

  constructor(hub: Hub, group: string) {
    this.#hub = hub;
    this.group = group;
    const inlet = hub.open("sotw", {
      peer: { address: "127.0.0.1:1", identities: [] },
      send: (frame) => this.#frames.push(frame),
      drained: () => true,
      end: () => this.leave(),
    });
    if (isEnding(inlet)) return;
    this.#inlet = inlet;
    this.#ask({});
  }

  get connected(): boolean {
    return this.#inlet !== undefined;
  }

  /** Answers what it has not answered. */
  answer(yes: boolean): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined || this.#answered === this.#frames.length || !this.connected) return;
    const response = fromBinary(DiscoveryResponseSchema, new Uint8Array(frame.subarray(FRAME_HEADER)));
    const hex = (bytes: Uint8Array | undefined) => String(bytes);
    const content = CONTENTS.find((content) =>
      hex(clusters.get(`${this.group}=${content}`)?.bytes) === hex(response.resources[0]?.value)
    );
    this.#answered = this.#frames.length;
    this.said = { content: content ?? 0, yes };
    const refusal = yes ? {} : { errorDetail: { code: 13, message: "no" } };
    this.#ask({ responseNonce: response.nonce, versionInfo: yes ? response.versionInfo : "", ...refusal });
  }

  leave(): void {
    const inlet = this.#inlet;
    this.#inlet = undefined;
    inlet?.closed();
  }

  #ask(fields: {
    readonly responseNonce?: string;
    readonly versionInfo?: string;
    readonly errorDetail?: { readonly code: number; readonly message: string };
  }): void {
    const node = { id: `${this.group}-1`, cluster: this.group };
    const request = create(DiscoveryRequestSchema, { typeUrl: CLUSTER.url, node, ...fields });
    this.#inlet?.receive(toBinary(DiscoveryRequestSchema, request));
  }
}

/** One life of a server. */
class Server {
  readonly hub: Hub;
  readonly acceptance: Acceptance;
  readonly keeper: Keeper;
  readonly clients: Client[] = [];
  /** Groups that it saw go. */
  readonly gone = new Set<string>();
  /** By group, the content that some of its clients rejects, and since when. */
  readonly refused = new Map<string, { readonly content: number; readonly since: number }>();
  says: Says = "failed";

  constructor(time: FakeTime, open: () => MemoryBlobs, random: () => number) {
    this.hub = new Hub({
      ...{ now: () => 1_000 + time.clock(), clock: time.clock, log: { error() {} }, identifier: "xcp test" },
      ...{ orderTimeoutMs: 5_000, maxStreams: 100, validate: "off", allowEmpty: false },
    });
    this.acceptance = new Acceptance({
      ...{ hub: this.hub, settleMs: SETTLE, clock: time.clock, after: time.after },
      onChange: () => this.keeper.changed(),
    });
    this.keeper = new Keeper({
      ...{ open: () => Promise.resolve(open()), url: "memory://test", role: "store", gapMs: GAP },
      ...{ state: () => this.acceptance.state(), gone: () => this.acceptance.gone(), rules: () => this.hub.rules() },
      ...{ secrets: { mode: "refuse" }, finder: new SecretFinder(api), random },
      provenance: { who: "ana@edge", from: "./config", xcp: "0.1.0", envoyApi: api.version },
      ...{ now: () => 1_000 + time.clock(), clock: time.clock, after: time.after, log: SILENT },
    });
  }

  serves(group: string): number {
    const snapshot = this.hub.standings(group)?.snapshot;
    if (snapshot === undefined) return 0;
    const content = contentOf(snapshot.set(CLUSTER.url));
    revisions.set(`${group} ${snapshot.revision}`, content);
    return content;
  }

  of(group: string): Client[] {
    return this.clients.filter((client) => client.connected && client.group === group);
  }
}

/** What can be read from a store at a moment, however broken calls to it are. */
function inStore(memory: Memory) {
  const json = <T>(key: string): T | undefined => memory.keys.has(key) ? JSON.parse(memory.text(key)) : undefined;
  const group = (number: number, name: string) => {
    const entry = json<Manifest>(manifestKey(number))?.groups[name];
    return entry === undefined ? undefined : revisions.get(`${name} ${entry.revision}`) ?? NaN;
  };
  const number = json<LatestPointer>(LATEST)?.number;
  const accepted = json<AcceptedPointer>(ACCEPTED)?.groups ?? {};
  const latest: [string, number | undefined][] = number === undefined
    ? []
    : GROUPS.map((name) => [name, group(number, name)]);
  return {
    number,
    latest: new Map(latest.filter(([, content]) => content !== undefined)),
    accepted: new Map(Object.entries(accepted).map(([name, { number }]) => [name, group(number, name)])),
  };
}

/** One run: everything from its seed. */
class Run {
  readonly random: () => number;
  readonly time = new FakeTime();
  readonly memory = new Memory();
  readonly servers: (Server | undefined)[] = [];
  readonly #closing: Promise<void>[] = [];
  readonly #followers: { readonly source: StoreSource; readonly layers: Layer[] }[] = [];
  readonly #end = new AbortController();
  /** `group content`: all clients of a server had taken it at once, and none was there that had not. */
  readonly #taken = new Set<string>();
  /** Those that are running, and those that end. */
  readonly #alive = new Set<Server>();
  /** How often it was seen that something is there to be checked. */
  readonly seen = { accepted: 0, latest: 0, followed: 0, restored: 0, vanished: 0, refused: 0, kept: 0 };
  readonly story: string[] = [];
  #faults = 0;
  #latest: ReadonlyMap<string, number | undefined> = new Map();
  #step = 0;

  constructor(seed: number, servers: number) {
    this.random = chance(seed);
    this.servers = Array.from({ length: servers }, () => undefined);
    for (const ref of ["latest", "accepted"]) {
      const source = followStore({
        ...{ url: "memory://test", ref, open: () => Promise.resolve(this.open()), api, name: `store@${ref}` },
        ...{ identities: [], log: SILENT, signal: this.#end.signal, now: () => 1_000 + this.time.clock() },
        ...{ pollMs: 1_000, random: this.random },
      });
      this.#followers.push({ source, layers: [] });
    }
  }

  readonly open = (): MemoryBlobs =>
    new MemoryBlobs(this.memory, (): Fate => {
      const die = this.random();
      return die < this.#faults ? "fail" : die < this.#faults * 1.5 ? "lost" : undefined;
    });

  below(count: number): number {
    return Math.floor(this.random() * count);
  }

  one<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  async turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.look();
    }
  }

  /** Checks everything that holds at any moment. */
  look(): void {
    for (const server of this.#alive) for (const group of GROUPS) this.#lookAt(server, group);
    const { latest, accepted } = inStore(this.memory);
    for (const [group, content] of accepted) {
      this.seen.accepted++;
      assert(this.#taken.has(`${group} ${content}`), `accepted has ${group}=${content}, which clients did not take`);
    }
    for (const group of this.#latest.keys()) {
      if (latest.has(group)) continue;
      this.seen.vanished++;
      assert([...this.#alive].some(({ gone }) => gone.has(group)), `${group} vanished, and nobody saw it go`);
    }
    for (const [group, content] of latest) {
      if (this.#latest.get(group) === content) continue;
      this.seen.latest++;
    }
    this.#latest = latest;
  }

  #lookAt(server: Server, group: string): void {
    const content = server.serves(group);
    const clients = server.of(group);
    if (content !== 0 && clients.length > 0 && clients.every(({ said }) => said?.content === content && said.yes)) {
      this.#taken.add(`${group} ${content}`);
    }
    if (!clients.some(({ said }) => said?.content === content && !said.yes)) return void server.refused.delete(group);
    const before = server.refused.get(group);
    const refused = before?.content === content ? before : { content, since: this.time.clock() };
    server.refused.set(group, refused);
    if (this.time.clock() - refused.since < 2 * LOOK) return;
    this.seen.refused++;
    const kept = server.acceptance.state().get(group);
    if (kept === undefined || kept.accepted || kept.restored) return;
    assert(
      contentOf(kept.snapshot.set(CLUSTER.url)) !== content,
      `${group}=${content} is kept, which clients rejected`,
    );
  }

  setSource(server: Server, says: Says): void {
    const before = GROUPS.filter((group) => server.serves(group) > 0);
    server.says = says;
    server.hub.setLayers([layerOf(says)]);
    for (const group of before) if (server.serves(group) === 0) server.gone.add(group);
  }

  /** What the sources say is the same for all servers, sooner or later. */
  readonly meant = new Map<string, number>();

  async start(place: number, says: Says): Promise<void> {
    const server = new Server(this.time, this.open, this.random);
    server.says = says;
    server.hub.setLayers([layerOf(says)]);
    this.servers[place] = server;
    this.#alive.add(server);
    if (!server.hub.lacking) return;
    const candidate = { kind: "store", url: "memory://test", open: () => Promise.resolve(this.open()) } as const;
    const restored = await coldStart([candidate], { api, identities: [], log: SILENT, signal: this.#end.signal });
    if (restored === undefined) return;
    const { latest, accepted } = inStore(this.memory);
    for (const [group, { resources }] of restored.groups) {
      this.seen.restored++;
      const known = accepted.get(group) ?? latest.get(group);
      assertEquals(contentOf(resources), known, `${group} was restored`);
    }
    server.hub.restore(restored);
  }

  stop(place: number, orderly: boolean): void {
    const server = this.servers[place];
    if (server === undefined) return;
    this.servers[place] = undefined;
    this.#closing.push((async () => {
      if (orderly) {
        this.look();
        server.acceptance.settleNow();
      }
      server.acceptance.close();
      for (const client of server.clients) client.leave();
      if (orderly) await server.keeper.flush(500);
      await server.keeper.close();
      server.hub.close();
      this.#alive.delete(server);
    })());
  }

  async follow(): Promise<void> {
    for (const { source, layers } of this.#followers) {
      const before = layers.at(-1);
      const layer = await source.reload();
      layers.push(layer);
      const { latest } = inStore(this.memory);
      for (const [group, { resources }] of before?.groups ?? []) {
        const now = layer.groups.get(group);
        if (now !== undefined && now.resources.length > 0) continue;
        if (resources.length === 0) continue;
        assert(!latest.has(group), `${source.health().url}: ${group} is not followed any more`);
      }
      for (const [, { resources }] of layer.groups) {
        this.seen.followed++;
        assert(!Number.isNaN(contentOf(resources)));
      }
    }
  }

  async act(): Promise<void> {
    this.#step++;
    const place = this.below(this.servers.length);
    const server = this.servers[place];
    const group = this.one(GROUPS) ?? "";
    const dice = this.below(100);
    const tell = (what: string) => this.story.push(`${this.#step}: ${what}`);
    if (dice < 8) {
      this.#faults = this.#faults > 0 ? 0 : this.random() * 0.5;
      tell(`faults ${this.#faults.toFixed(2)}`);
    } else if (dice < 12) {
      if (server === undefined) {
        const fails = this.below(2) === 0;
        tell(`start ${place} ${fails ? "without its source" : [...this.meant]}`);
        await this.start(place, fails ? "failed" : new Map(this.meant));
      } else {
        const orderly = this.below(2) === 0;
        tell(`${orderly ? "stop" : "kill"} ${place}`);
        this.stop(place, orderly);
      }
    } else if (dice < 24) {
      if (this.below(6) === 0 && this.meant.size > 1) this.meant.delete(group);
      else this.meant.set(group, this.one(CONTENTS) ?? 1);
      tell(`meant ${[...this.meant]}`);
    } else if (dice < 40) {
      if (server !== undefined) {
        const fails = this.below(10) === 0 || this.meant.size === 0;
        tell(`source of ${place} ${fails ? "fails" : [...this.meant]}`);
        this.setSource(server, fails ? "failed" : new Map(this.meant));
      }
    } else if (dice < 52) {
      if (server !== undefined && server.of(group).length < 3) {
        tell(`client of ${group} at ${place}`);
        server.clients.push(new Client(server.hub, group));
      }
    } else if (dice < 56) {
      const client = this.one(server?.of(group) ?? []);
      if (client !== undefined) tell(`a client of ${group} leaves ${place}`);
      client?.leave();
    } else if (dice < 76) {
      for (const client of server?.of(group) ?? []) {
        const yes = this.below(4) > 0;
        client.answer(yes);
        tell(`a client of ${group} at ${place} says ${yes} to ${client.said?.content}`);
      }
    } else if (dice < 82) await this.follow();
    else {
      const ms = this.one([20, 200, 1_500, 5_000]) ?? 0;
      tell(`${ms} ms`);
      this.time.pass(ms);
    }
    this.look();
    await this.turns(this.below(12));
  }

  /** All is well again, and nobody does anything: what is to be stored by then is, of one server. */
  async calm(): Promise<void> {
    this.story.push("calm");
    this.#faults = 0;
    for (let round = 0; round < 10; round++) {
      await this.turns(40);
      this.time.pass(5_000);
    }
    await this.turns(40);
    const [server, ...others] = this.servers;
    if (others.length > 0 || server === undefined) return;
    const { latest, accepted } = inStore(this.memory);
    for (const [group, { snapshot, accepted: taken, restored }] of server.acceptance.state()) {
      if (restored) continue;
      this.seen.kept++;
      const content = contentOf(snapshot.set(CLUSTER.url));
      assertEquals(latest.get(group), content, `${group} in the newest snapshot`);
      if (taken) assertEquals(accepted.get(group), content, `${group} as it was accepted`);
    }
  }

  /** All is well again, and everybody is of one mind. */
  async heal(): Promise<void> {
    this.story.push("heal");
    this.#faults = 0;
    if (this.meant.size === 0) this.meant.set("edge", 1);
    for (const place of this.servers.keys()) {
      const server = this.servers[place];
      if (server === undefined) await this.start(place, new Map(this.meant));
      else this.setSource(server, new Map(this.meant));
    }
    // What a client rejected it is not sent again.
    for (const server of this.servers) for (const client of server?.clients ?? []) client.leave();
    for (let round = 0; round < 40; round++) {
      for (const server of this.servers) {
        if (server === undefined) continue;
        for (const group of this.meant.keys()) {
          if (server.of(group).length === 0) server.clients.push(new Client(server.hub, group));
          for (const client of server.of(group)) client.answer(true);
        }
      }
      await this.turns(10);
      this.time.pass(500);
      await this.turns(10);
    }
  }

  async close(): Promise<void> {
    for (const place of this.servers.keys()) this.stop(place, false);
    let closed = false;
    const all = Promise.all(this.#closing).then(() => closed = true);
    while (!closed) {
      this.time.pass(50);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await all;
    this.#end.abort();
    for (const { source } of this.#followers) await source.close();
    assertEquals(this.time.pending, 0);
  }
}

const STEPS = 150;
const SEEDS = 25;

async function run(seed: number, servers: number): Promise<Run["seen"]> {
  const run = new Run(seed, servers);
  try {
    for (let step = 0; step < STEPS; step++) await run.act();
    await run.calm();
    await run.heal();
    const { latest, accepted } = inStore(run.memory);
    for (const [group, content] of run.meant) {
      assertEquals([latest.get(group), accepted.get(group)], [content, content], `${group} in the end`);
    }
    await run.follow();
    await run.close();
    return run.seen;
  } catch (error) {
    const said = error instanceof Error ? error.stack ?? error.message : String(error);
    throw new Error(`seed ${seed}, ${servers} servers: ${said}\n${run.story.slice(-60).join("\n")}`, { cause: error });
  }
}

for (const servers of [1, 2]) {
  Deno.test(`what is stored was accepted, and nothing is lost, whatever happens to ${servers} servers`, async () => {
    const total = new Map<string, number>();
    for (let seed = 1; seed <= SEEDS; seed++) {
      for (const [what, times] of Object.entries(await run(seed, servers))) {
        total.set(what, (total.get(what) ?? 0) + times);
      }
    }
    if (servers > 1) total.delete("kept");
    for (const [what, times] of total) assert(times > 0, `nothing was ${what}`);
  });
}

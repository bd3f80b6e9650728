import { assert, assertEquals } from "@std/assert";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DiscoveryRequestSchema, DiscoveryResponseSchema } from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { Hub } from "../hub/hub.ts";
import { isEnding } from "../hub/port.ts";
import { loadApi } from "../model/api.ts";
import { EMPTY_PART, type Layer } from "../model/layer.ts";
import { CLUSTER } from "../model/types.ts";
import { readAccepted, readLatest } from "../store/snapshot/pointers.ts";
import { readContent, readManifest } from "../store/snapshot/read.ts";
import { SecretFinder } from "../store/snapshot/secrets.ts";
import { cluster } from "../store/snapshot/testing.ts";
import { Memory, MemoryBlobs } from "../store/testing.ts";
import { Acceptance } from "./acceptance.ts";
import { Keeper } from "./keeper.ts";
import { FakeTime, until } from "./testing_time.ts";

const api = loadApi();
const SETTLE = 1_000;
/** Bytes before the message in a gRPC frame. */
const FRAME_HEADER = 5;

/** A source that says of each group how long its only cluster waits. */
function layer(groups: Readonly<Record<string, number>>): Layer {
  const parts = Object.entries(groups).map(([group, seconds]) =>
    [group, { resources: [cluster(api, `${group}-c`, seconds)], issues: [] }] as const
  );
  return { name: "config", common: EMPTY_PART, groups: new Map(parts), rules: [], failures: [] };
}

/** A client of a group that asks for all clusters. */
function connect(hub: Hub, group: string) {
  const frames: Uint8Array[] = [];
  const inlet = hub.open("sotw", {
    peer: { address: "127.0.0.1:1", identities: [] },
    send: (frame) => frames.push(frame),
    drained: () => true,
    end: () => {},
  });
  assert(!isEnding(inlet), "the stream was refused");
  const ask = (fields: { responseNonce?: string; errorDetail?: { code: number; message: string } }) => {
    const node = { id: `${group}-1`, cluster: group };
    inlet.receive(
      toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, { typeUrl: CLUSTER.url, node, ...fields })),
    );
  };
  const nonce = () => {
    const frame = frames.at(-1) ?? new Uint8Array(FRAME_HEADER);
    return { responseNonce: fromBinary(DiscoveryResponseSchema, new Uint8Array(frame.subarray(FRAME_HEADER))).nonce };
  };
  ask({});
  return {
    answers: () => frames.length,
    ack: () => ask(nonce()),
    nack: () => ask({ ...nonce(), errorDetail: { code: 13, message: "no" } }),
  };
}

function setUp() {
  const time = new FakeTime();
  const memory = new Memory();
  const hub = new Hub({
    ...{ now: () => 1_000 + time.clock(), clock: time.clock, log: { error() {} }, identifier: "xcp test" },
    ...{ orderTimeoutMs: 5_000, maxStreams: 100, validate: "off", allowEmpty: false },
  });
  const acceptance = new Acceptance({
    ...{ hub, settleMs: SETTLE, clock: time.clock, after: time.after },
    onChange: () => keeper.changed(),
  });
  const keeper = new Keeper({
    ...{ open: () => Promise.resolve(new MemoryBlobs(memory)), url: "memory://test", role: "store", gapMs: 100 },
    ...{ state: () => acceptance.state(), gone: () => acceptance.gone(), rules: () => hub.rules() },
    ...{ secrets: { mode: "refuse" }, finder: new SecretFinder(api), random: () => 0 },
    provenance: { who: "ana@edge", from: "./config", xcp: "0.1.0", envoyApi: api.version },
    ...{ now: () => 1_000 + time.clock(), clock: time.clock, after: time.after },
    log: { warn: (message) => log.push(message), info() {}, debug() {} },
  });
  const log: string[] = [];
  return {
    ...{ hub, time, memory, acceptance, keeper, log },
    /** Lets time pass until there is a snapshot of this number. */
    async settle(snapshot: number) {
      await until(() => {
        time.pass(20);
        return keeper.health().snapshot === snapshot;
      }, `snapshot ${snapshot}`);
    },
    async close() {
      acceptance.close();
      await keeper.flush(1_000);
      await keeper.close();
      hub.close();
      assertEquals([time.pending, log], [0, []]);
    },
  };
}

async function read(memory: Memory) {
  const blobs = new MemoryBlobs(memory);
  const { number = 0, hash = "" } = (await readLatest(blobs))?.pointer ?? {};
  const manifest = (await readManifest(blobs, number, { hash }))?.manifest;
  assert(manifest !== undefined, "there is no snapshot");
  const { groups } = await readContent(blobs, api, manifest);
  const accepted = Object.entries((await readAccepted(blobs))?.pointer.groups ?? {});
  return {
    groups: Object.fromEntries(Array.from(groups, ([group, [resource]]) => [group, resource?.version])),
    accepted: Object.fromEntries(accepted.map(([group, { number }]) => [group, number])),
  };
}

const version = (group: string, seconds: number) => cluster(api, `${group}-c`, seconds).version;

Deno.test("the clients of one group reject, and what those of the other took is stored all the same", async () => {
  const { hub, memory, settle, close } = setUp();
  hub.setLayers([layer({ api: 1, edge: 1, idle: 1 })]);
  const clients = { api: connect(hub, "api"), edge: connect(hub, "edge") };
  clients.api.ack();
  clients.edge.nack();
  await settle(1);
  const first = { api: version("api", 1), idle: version("idle", 1) };
  assertEquals(await read(memory), { groups: first, accepted: { api: 1 } });

  hub.setLayers([layer({ api: 1, edge: 2, idle: 1 })]);
  await until(() => clients.edge.answers() === 2);
  clients.edge.ack();
  await settle(2);
  assertEquals(await read(memory), { groups: { ...first, edge: version("edge", 2) }, accepted: { api: 2, edge: 2 } });

  hub.setLayers([layer({ api: 3, edge: 3 })]);
  await until(() => clients.api.answers() === 2 && clients.edge.answers() === 3);
  clients.api.nack();
  clients.edge.ack();
  // The third is without the group that is gone.
  await settle(4);
  assertEquals(await read(memory), {
    groups: { api: version("api", 1), edge: version("edge", 3) },
    accepted: { api: 4, edge: 4 },
  });
  await close();
});

Deno.test("a group that all clients move away from is one without clients", async () => {
  const { hub, time, acceptance, settle, close } = setUp();
  hub.setLayers([layer({ api: 1, edge: 1 })]);
  const client = connect(hub, "edge");
  client.ack();
  time.pass(100);
  hub.setLayers([{ ...layer({ api: 1, edge: 1 }), rules: [{ group: "api", cluster: "edge" }] }]);
  await until(() => client.answers() === 2);
  await settle(1);
  assertEquals([...acceptance.state()].map(([group, { accepted }]) => [group, accepted]), [["edge", false]]);
  await close();
});

Deno.test("what was restored is accepted when its source says the same, and before it is only held", async () => {
  const { hub, time, acceptance, memory, settle, close } = setUp();
  const failures = [{ path: "", rule: "unreadable", severity: "error", message: "gone" }] as const;
  hub.setLayers([{ ...layer({}), failures }]);
  const groups = new Map([["edge", { resources: [cluster(api, "edge-c", 1)], since: 1, issues: [] }]]);
  assertEquals(hub.restore({ source: "local copy", groups, rules: [] }), ["edge"]);
  connect(hub, "edge").ack();
  await settle(1);
  assertEquals(acceptance.state().get("edge")?.restored, true);
  // The store had nothing of it.
  assertEquals(await read(memory), { groups: { edge: version("edge", 1) }, accepted: {} });
  hub.setLayers([layer({ edge: 1 })]);
  await until(() => {
    time.pass(20);
    return memory.list().includes("accepted.json");
  }, "accepted");
  assertEquals((await read(memory)).accepted, { edge: 1 });
  await close();
});

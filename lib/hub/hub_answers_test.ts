/** What the hub answers beside streams: single questions, waits for clients, previews; and labels. */
import { assert, assertEquals } from "@std/assert";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DiscoveryRequestSchema, DiscoveryResponseSchema } from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { EMPTY_PART, type Layer, type Part } from "../model/layer.ts";
import { createResource } from "../model/resource.ts";
import { CLUSTER, ENDPOINTS, LISTENER } from "../model/types.ts";
import { FRAME_HEADER } from "../xds/wire/response.ts";
import { Hub } from "./hub.ts";
import { type Answer, type Ending, isEnding, type Question } from "./port.ts";

const [CDS, EDS, LDS] = [CLUSTER.url, ENDPOINTS.url, LISTENER.url];

function part(contents: Record<string, Record<string, number>>, label?: string): Part {
  const resources = Object.entries(contents).flatMap(([type, names]) =>
    Object.entries(names).map(([name, content]) =>
      createResource({ type, name, bytes: new Uint8Array([content]), references: [], origin: undefined })
    )
  );
  return { resources, issues: [], ...(label === undefined ? {} : { label }) };
}

function layer(common: Part, written?: Part): Layer[] {
  const base = { rules: [], failures: [] };
  const below = { name: "config", common, groups: new Map(), ...base };
  if (written === undefined) return [below];
  const groups = new Map([["default", written]]);
  return [below, { name: "http", common: EMPTY_PART, groups, ...base, deliberate: true }];
}

function createHub(more: { acceptsWrites?: boolean } = {}): Hub {
  return new Hub({
    ...{ now: () => Date.now(), clock: () => performance.now(), log: { error: () => {} }, identifier: "xcp test" },
    ...{ orderTimeoutMs: 5_000, maxStreams: 100, validate: "off", allowEmpty: false, ...more },
  });
}

function connect(hub: Hub, type: string, service?: string) {
  const frames: Uint8Array[] = [];
  const endings: Ending[] = [];
  const inlet = hub.open("sotw", {
    peer: { address: "127.0.0.1:1", identities: [] },
    send: (frame) => frames.push(frame),
    drained: () => true,
    end: (ending) => endings.push(ending),
  }, service);
  assert(!isEnding(inlet));
  const last = () => {
    const frame = frames.at(-1);
    return frame === undefined
      ? undefined
      : fromBinary(DiscoveryResponseSchema, new Uint8Array(frame.subarray(FRAME_HEADER)));
  };
  const say = (typeUrl: string, error?: string) =>
    inlet.receive(toBinary(
      DiscoveryRequestSchema,
      create(DiscoveryRequestSchema, {
        ...{ typeUrl, node: { id: "n" }, responseNonce: last()?.nonce ?? "" },
        ...(error === undefined ? {} : { errorDetail: { message: error } }),
      }),
    ));
  say(type);
  return { frames, endings, last, ack: () => say(type), nack: (error: string) => say(type, error), inlet };
}

const fanOut = () => new Promise<void>((resolve) => setImmediate(resolve));

Deno.test("a stream of a per-type service needs no type URL and takes no other", () => {
  const hub = createHub();
  hub.setLayers(layer(part({ [CDS]: { a: 1 } })));
  const one = connect(hub, "", CDS);
  assertEquals(one.last()?.typeUrl, CDS);
  assertEquals(hub.clients()[0]?.service, CDS);
  const other = connect(hub, LDS, CDS);
  assertEquals(other.endings[0]?.code, "INVALID_ARGUMENT");
});

Deno.test("a label is the version of what it brought, and says nothing about content", async () => {
  const hub = createHub();
  hub.setLayers(layer(part({ [LDS]: { l: 1 } }), part({ [CDS]: { a: 1 } }, "v1")));
  const client = connect(hub, CDS);
  assertEquals(client.last()?.versionInfo, "v1");
  client.ack();
  const versions = () => hub.group("default")?.versions ?? {};
  assertEquals(versions()[CDS], "v1");

  const second = part({ [CDS]: { a: 2 } }, "v1");
  hub.setLayers(layer(part({ [LDS]: { l: 1 } }), second));
  await fanOut();
  assertEquals([client.frames.length, client.last()?.versionInfo], [2, "v1"]);
  client.ack();

  // Another layer changes something: that is no content of the label.
  const before = versions()[LDS];
  hub.setLayers(layer(part({ [LDS]: { l: 2 } }), second));
  assertEquals([versions()[CDS], versions()[LDS] === before, versions()[LDS] === "v1"], ["v1", false, false]);
});

Deno.test("a client that comes back with a label is sent everything", () => {
  const hub = createHub();
  hub.setLayers(layer(part({ [CDS]: { a: 1 } })));
  const version = hub.group("default")?.versions[CDS] ?? "";
  // The label looks like the version of an older content.
  hub.setLayers(layer(part({}), part({ [CDS]: { a: 2 } }, version)));
  const { frames, inlet } = connect(hub, LDS);
  const held = frames.length;
  inlet.receive(
    toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, { typeUrl: CDS, versionInfo: version })),
  );
  assertEquals(frames.length, held + 1);
});

const question = (type: string, names: string[], version = "", error?: string): Question => ({
  node: {
    ...{ id: "n", cluster: "", locality: { region: "", zone: "", subZone: "" } },
    ...{ metadata: new Map(), userAgent: "", features: [] },
  },
  ...{ type, names, version, error, peer: { address: "", identities: [] } },
});

function answered(answer: Answer | Ending): Answer {
  assert(!isEnding(answer));
  return answer;
}

Deno.test("a question is answered for exactly its names, and a newly named resource does not starve", () => {
  const hub = createHub();
  hub.setLayers(layer(part({ [CDS]: { a: 1, b: 1 }, [EDS]: { a: 1, b: 1, c: 1 } })));
  const all = answered(hub.fetch(question(CDS, [])));
  assertEquals(all.resources.map(({ name }) => name), ["a", "b"]);
  assert(answered(hub.fetch(question(CDS, [], all.version))).unchanged);
  const one = answered(hub.fetch(question(EDS, ["a", "x"])));
  assertEquals(one.resources.map(({ name }) => name), ["a"]);
  assert(answered(hub.fetch(question(EDS, ["x", "a"], one.version))).unchanged);
  const two = answered(hub.fetch(question(EDS, ["a", "b", "x"], one.version)));
  assertEquals([two.unchanged, two.resources.length], [false, 2]);
  assertEquals(answered(hub.fetch(question(EDS, []))).resources, []);
  assert(!answered(hub.fetch(question(EDS, ["a", "x"], one.version, "no"))).unchanged);

  hub.setLayers(layer(part({ [CDS]: { a: 1, b: 1 }, [EDS]: { a: 1, b: 2, c: 1 } })));
  assert(answered(hub.fetch(question(EDS, ["a", "x"], one.version))).unchanged);
  assert(!answered(hub.fetch(question(EDS, ["a", "b", "x"], two.version))).unchanged);
});

Deno.test("a preview says what would be wrong and changes nothing", () => {
  const hub = createHub();
  hub.setLayers(layer(part({ [CDS]: { a: 1 } })));
  const revision = hub.group("default")?.revision;
  const bad = { path: "", rule: "x", severity: "error" as const, message: "no" };
  assertEquals(hub.preview(layer(part({}), { ...part({ [CDS]: { b: 1 } }), issues: [bad] }), "default"), [bad]);
  assertEquals(hub.preview(layer(part({})), "default").map(({ rule }) => rule), ["group-empty"]);
  assertEquals(hub.preview(layer(part({ [CDS]: { b: 1 } })), "default"), []);
  assertEquals(hub.group("default")?.revision, revision);
});

Deno.test("a wait ends when every client took the change, and at once without any", async () => {
  const hub = createHub();
  hub.setLayers(layer(part({ [CDS]: { a: 1 } })));
  assertEquals(await hub.settled("default", 10_000), { kind: "accepted" });
  const clients = [connect(hub, CDS), connect(hub, CDS), connect(hub, LDS)];
  for (const client of clients) client.ack();
  hub.setLayers(layer(part({ [CDS]: { a: 2 } })));
  const settled = hub.settled("default", 10_000);
  await fanOut();
  for (const client of clients) client.ack();
  assertEquals(await settled, { kind: "accepted" });
});

Deno.test("a wait is not held up by a client that the change says nothing to, or that leaves", async () => {
  const hub = createHub();
  hub.setLayers(layer(part({ [CDS]: { a: 1 } })));
  const [stays, leaves] = [connect(hub, LDS), connect(hub, CDS)];
  stays.ack();
  hub.setLayers(layer(part({ [CDS]: { a: 2 } })));
  const settled = hub.settled("default", 10_000);
  await fanOut();
  leaves.inlet.closed();
  assertEquals(await settled, { kind: "accepted" });
});

Deno.test("a wait ends at the first rejection, in the client's words, and one of something else does not count", async () => {
  const hub = createHub();
  hub.setLayers(layer(part({ [CDS]: { a: 1 }, [LDS]: { l: 1 } })));
  const [silent, refuses, refusedBefore] = [connect(hub, CDS), connect(hub, CDS), connect(hub, LDS)];
  silent.ack();
  refuses.ack();
  refusedBefore.nack("old story");
  hub.setLayers(layer(part({ [CDS]: { a: 2 }, [LDS]: { l: 1 } })));
  const settled = hub.settled("default", 10_000);
  await fanOut();
  refuses.nack("bad  cluster");
  const outcome = await settled;
  assert(outcome.kind === "rejected");
  assertEquals(outcome.rejections.map(({ type, message, node }) => [type, message, node?.id]), [
    [CDS, "bad cluster", "n"],
  ]);
  const pending = await hub.settled("default", 0);
  assertEquals(pending.kind, "rejected");
  refuses.inlet.closed();
  assertEquals(await hub.settled("default", 0), { kind: "pending", clients: 1 });
});

Deno.test("a client that rejected what was there before has not rejected what it is being sent", async () => {
  const hub = createHub();
  hub.setLayers(layer(part({ [CDS]: { a: 1 } })));
  const client = connect(hub, CDS);
  client.ack();
  hub.setLayers(layer(part({ [CDS]: { a: 2 } })));
  await fanOut();
  client.nack("no");
  assertEquals((await hub.settled("default", 0)).kind, "rejected");
  hub.setLayers(layer(part({ [CDS]: { a: 1 } })));
  const settled = hub.settled("default", 10_000);
  await fanOut();
  assertEquals(await hub.settled("default", 0), { kind: "pending", clients: 1 });
  client.ack();
  assertEquals(await settled, { kind: "accepted" });
});

Deno.test("what a client has is told resource by resource", async () => {
  const hub = createHub();
  hub.setLayers(layer(part({ [CDS]: { a: 1, b: 1 } })));
  const client = connect(hub, CDS);
  const [stream = ""] = hub.clients().map(({ stream }) => stream);
  const states = () => (hub.resources(stream) ?? []).map(({ name, state }) => `${name} ${state}`);
  assertEquals(states(), ["a stale", "b stale"]);
  client.ack();
  assertEquals(states(), ["a synced", "b synced"]);
  hub.setLayers(layer(part({ [CDS]: { a: 2, c: 1 } })));
  assertEquals(states(), ["a synced", "b synced"]);
  await fanOut();
  client.nack("no");
  assertEquals(states(), ["a error", "b error", "c error"]);
  assertEquals(hub.resources(stream)?.map(({ rejection }) => rejection?.message), ["no", "no", "no"]);
  assertEquals([hub.node(stream)?.id, hub.resources("x")], ["n", undefined]);
});

Deno.test("a server that accepts writes is ready and holds streams open before there is anything", () => {
  const hub = createHub({ acceptsWrites: true });
  assertEquals(hub.readiness().ready, false);
  hub.setLayers([]);
  assertEquals(hub.readiness().ready, true);
  const client = connect(hub, CDS);
  assertEquals([client.frames.length, client.endings.length], [0, 0]);
});

Deno.test("what was written may be emptied by a write, and what came from files not by accident", () => {
  const hub = createHub();
  const refused = (layers: Layer[]) => hub.preview(layers, "default").map(({ rule }) => rule);
  hub.setLayers(layer(part({}), part({ [CDS]: { a: 1 } })));
  assertEquals(refused(layer(part({}), part({}))), []);
  hub.setLayers(layer(part({ [CDS]: { b: 1 } }), part({ [CDS]: { a: 1 } })));
  assertEquals(refused(layer(part({}), part({}))), ["group-empty"]);
});

Deno.test("a server that accepts writes is not ready while what it should serve cannot be read", () => {
  const hub = createHub({ acceptsWrites: true });
  const [files] = layer(part({}));
  assert(files !== undefined);
  const bad = { path: "", rule: "x", severity: "error" as const, message: "no" };
  hub.setLayers([{ ...files, failures: [bad] }]);
  assertEquals(hub.readiness().ready, false);
});

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { DiscoveryRequestSchema, DiscoveryResponseSchema } from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { EMPTY_PART, type GroupRule, type Layer, type Part } from "../model/layer.ts";
import type { Issue } from "../model/issue.ts";
import { createResource } from "../model/resource.ts";
import { CLUSTER, ROUTES } from "../model/types.ts";
import { FRAME_HEADER } from "../xds/wire/response.ts";
import { Composer } from "./compose.ts";
import { Hub } from "./hub.ts";
import { type Ending, isEnding } from "./port.ts";
import type { HubEvent } from "./status.ts";

const ERROR: Issue = {
  at: { file: "a.yaml", line: 3, column: 1 },
  path: "",
  rule: "unknown-field",
  severity: "error",
  message: "no",
};

function part(clusters: Record<string, number>, issues: Issue[] = [], type = CLUSTER.url): Part {
  const resources = Object.entries(clusters).map(([name, content]) =>
    createResource({ type, name, bytes: new Uint8Array([content]), references: [], origin: undefined })
  );
  return { resources, issues };
}

function layer(common: Part, groups: Record<string, Part> = {}, more: Partial<Layer> = {}): Layer {
  return { name: "config", common, groups: new Map(Object.entries(groups)), rules: [], failures: [], ...more };
}

function createHub(options: { maxStreams?: number; validate?: "off" | "warn" | "enforce"; allowEmpty?: boolean } = {}) {
  const time: { now: number; date?: number } = { now: 1_000 };
  const errors: string[] = [];
  const hub = new Hub({
    now: () => time.date ?? Date.now(),
    clock: () => time.now,
    log: { error: (message) => errors.push(message) },
    identifier: "xcp test",
    orderTimeoutMs: 5_000,
    maxStreams: options.maxStreams ?? 100,
    validate: options.validate ?? "enforce",
    allowEmpty: options.allowEmpty ?? false,
  });
  const events: HubEvent[] = [];
  hub.on((event) => events.push(event));
  return { hub, events, errors, time };
}

interface TestNode {
  id?: string;
  cluster?: string;
  metadata?: Record<string, string>;
}

/** Opens a state-of-the-world stream and asks for all clusters, or for some by name. */
function connect(hub: Hub, node: TestNode = {}, names: string[] = [], typeUrl = CLUSTER.url) {
  const frames: Uint8Array[] = [];
  const endings: Ending[] = [];
  const inlet = hub.open("sotw", {
    peer: { address: "127.0.0.1:1", identities: [] },
    send: (frame) => frames.push(frame),
    drained: () => true,
    end: (ending) => endings.push(ending),
  });
  assert(!isEnding(inlet), "the stream was refused");
  const request = (fields: { responseNonce?: string; error?: string; node?: TestNode; names?: string[] }) =>
    inlet.receive(toBinary(
      DiscoveryRequestSchema,
      create(DiscoveryRequestSchema, {
        typeUrl,
        responseNonce: fields.responseNonce ?? "",
        resourceNames: fields.names ?? names,
        ...(fields.node === undefined ? {} : { node: fields.node }),
        ...(fields.error === undefined ? {} : { errorDetail: { code: 13, message: fields.error } }),
      }),
    ));
  const responses = () =>
    frames.map((frame) => fromBinary(DiscoveryResponseSchema, new Uint8Array(frame.subarray(FRAME_HEADER))));
  const last = () => responses().at(-1);
  request({ node: { id: "n1", ...node } });
  return {
    inlet,
    frames,
    endings,
    request,
    names: () => last()?.resources.map((resource) => resource.value[0]),
    ack: (names?: string[]) =>
      request({ responseNonce: last()?.nonce ?? "", ...(names === undefined ? {} : { names }) }),
    nack: (error: string) => request({ responseNonce: last()?.nonce ?? "", error }),
  };
}

const fanOut = () => new Promise<void>((resolve) => setImmediate(resolve));

Deno.test("each group is given its own resources and the common ones, and its own win", () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({ a: 1, b: 2 }), { web: part({ b: 3, c: 4 }) })]);
  assertEquals(connect(hub, { cluster: "web" }).names(), [1, 3, 4]);
  assertEquals(connect(hub, { cluster: "unknown" }).names(), [1, 2]);
});

Deno.test("a later layer wins over everything of an earlier one", () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({ a: 1 }), { web: part({ a: 2 }) }), layer(part({ a: 3 }))]);
  assertEquals(connect(hub, { cluster: "web" }).names(), [3]);
});

Deno.test("rules map nodes to groups before node.cluster does", () => {
  const { hub } = createHub();
  const rules: GroupRule[] = [
    { group: "nowhere", id: "*" },
    { group: "edge", id: "edge-*", metadata: { role: "edge" } },
  ];
  hub.setLayers([layer(part({}), { edge: part({ a: 1 }), web: part({ b: 2 }) }, { rules })]);
  assertEquals(connect(hub, { id: "edge-1", cluster: "web", metadata: { role: "edge" } }).names(), [1]);
  assertEquals(connect(hub, { id: "edge-1", cluster: "web" }).names(), [2]);
});

Deno.test("a bad file holds back the groups that it feeds and no other", async () => {
  const { hub, events } = createHub();
  hub.setLayers([layer(part({}), { web: part({ a: 1 }), api: part({ b: 1 }) })]);
  const web = connect(hub, { cluster: "web" });
  const api = connect(hub, { cluster: "api" });
  web.ack();
  api.ack();
  hub.setLayers([layer(part({}), { web: part({ a: 2 }, [ERROR]), api: part({ b: 2 }) })]);
  await fanOut();
  assertEquals([web.names(), api.names()], [[1], [2]]);
  assertEquals([hub.group("web")?.stale, hub.group("api")?.stale], [true, false]);
  assertEquals(hub.readiness().ready, true);
  assertStringIncludes(hub.readiness().reasons.join(), "a.yaml:3:1");
  assertEquals(events.findLast((event) => event.kind === "reloaded"), {
    kind: "reloaded",
    ok: false,
    changed: ["api"],
    held: ["web"],
    gone: [],
    issues: [ERROR],
  });
  hub.setLayers([layer(part({}), { web: part({ a: 3 }), api: part({ b: 2 }) })]);
  await fanOut();
  assertEquals(web.names(), [3]);
  assertEquals(hub.group("web")?.stale, false);
});

Deno.test("a group that suddenly has nothing keeps what it had, unless empty is what is meant", async () => {
  for (const allowEmpty of [false, true]) {
    const { hub } = createHub({ allowEmpty });
    hub.setLayers([layer(part({}), { web: part({ a: 1 }), api: part({ b: 1 }) })]);
    const web = connect(hub, { cluster: "web" });
    web.ack();
    hub.setLayers([layer(part({}), { web: part({}), api: part({ b: 1 }) })]);
    await fanOut();
    assertEquals(web.names(), allowEmpty ? [] : [1]);
    assertEquals(hub.group("web")?.issues.map(({ rule }) => rule), allowEmpty ? [] : ["group-empty"]);
    assertEquals(hub.group("api")?.stale, false);
  }
});

Deno.test("a source that fails takes nothing away", async () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({ a: 1 }), { web: part({ b: 1 }) })]);
  const web = connect(hub, { cluster: "web" });
  web.ack();
  hub.setLayers([layer(EMPTY_PART, {}, { failures: [ERROR] })]);
  await fanOut();
  assertEquals(web.frames.length, 1);
  assertEquals(hub.groups().map((group) => [group.name, group.stale]), [["default", true], ["web", false]]);
  assertEquals(connect(hub, { cluster: "web" }).names(), [1, 1]);
});

Deno.test("nodes move when their group appears and when it goes", async () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({ a: 1 }))]);
  const stream = connect(hub, { cluster: "web" });
  stream.ack();
  hub.setLayers([layer(part({ a: 1 }), { web: part({ a: 2 }) })]);
  await fanOut();
  assertEquals(stream.names(), [2]);
  stream.ack();
  hub.setLayers([layer(part({ a: 1 }))]);
  await fanOut();
  assertEquals(stream.names(), [1]);
  assertEquals(hub.clients()[0]?.group, "default");
});

Deno.test("a later request with another node moves the stream to that node's group", () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({ a: 1 }), { web: part({ a: 2 }) })]);
  const stream = connect(hub);
  stream.ack();
  assertEquals(stream.names(), [1]);
  stream.request({ responseNonce: "1", node: { id: "n1", cluster: "web" } });
  assertEquals(stream.names(), [2]);
});

Deno.test("streams of a group that never had content are held open, unanswered, and answered when it has", async () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({}), { web: part({ a: 1 }) })]);
  const stream = connect(hub, { cluster: "other" });
  assertEquals([stream.frames.length, stream.endings.length], [0, 0]);
  hub.setLayers([layer(part({ b: 2 }), { web: part({ a: 1 }) })]);
  await fanOut();
  assertEquals(stream.names(), [2]);
});

Deno.test("without any valid configuration the hub is not ready and refuses streams as unavailable", () => {
  const { hub } = createHub();
  const outlet = { peer: { address: "", identities: [] }, send() {}, drained: () => true, end() {} };
  assertEquals(hub.readiness(), { ready: false, reasons: ["nothing is loaded yet"] });
  hub.setLayers([layer(part({ a: 1 }, [ERROR]))]);
  const answer = hub.open("sotw", outlet);
  assert(isEnding(answer));
  assertEquals(answer.code, "UNAVAILABLE");
  hub.setLayers([layer(part({ a: 1 }))]);
  assert(!isEnding(hub.open("sotw", outlet)));
});

Deno.test("what was restored is served, and readiness says how old it is and why, until the sources are sound", () => {
  const { hub, time } = createHub();
  const failed = layer(part({}), {}, { failures: [{ ...ERROR, message: "gone" }] });
  hub.setLayers([failed]);
  assertEquals(hub.readiness(), {
    ready: false,
    reasons: ['group "default" has nothing to serve: a.yaml:3:1: error: gone [unknown-field]'],
  });
  time.date = 200_000;
  const stored = (clusters: Record<string, number>) => ({
    resources: part(clusters).resources,
    since: 20_000,
    issues: [{ ...ERROR, severity: "warning" as const }],
  });
  const groups = new Map([["default", stored({ a: 1 })], ["edge", stored({ b: 1 })]]);
  assertEquals(hub.restore({ source: "s3://bucket/prefix@7", groups, rules: [] }), ["default", "edge"]);
  const restored = [
    'group "default" serves what was stored 3 minutes ago: a.yaml:3:1: error: gone [unknown-field]',
    'group "edge" serves what was stored 3 minutes ago: a.yaml:3:1: error: gone [unknown-field]',
  ];
  assertEquals(hub.readiness(), { ready: true, reasons: restored });
  assertEquals(hub.groups().map(({ restored, source, since }) => [restored, source, since]), [
    [true, ["s3://bucket/prefix@7"], 20_000],
    [true, ["s3://bucket/prefix@7"], 20_000],
  ]);
  hub.setLayers([layer(part({ a: 2 }), { edge: part({ b: 2 }) })]);
  assertEquals(hub.readiness(), { ready: true, reasons: [] });
  hub.setLayers([layer(part({ a: 3 }, [ERROR]), { edge: part({ b: 2 }) })]);
  assertStringIncludes(hub.readiness().reasons.join(), 'group "default" keeps its last good snapshot: a.yaml:3:1');
});

Deno.test("only what the sources could not say is brought back", () => {
  const at = (clusters: Record<string, number>) => ({ resources: part(clusters).resources, since: 0, issues: [] });
  const stored = {
    source: "s3://b@1",
    rules: [{ group: "edge", id: "edge-*" }],
    groups: new Map([["default", at({ d: 9 })], ["edge", at({ e: 9 })], ["gone", at({ g: 9 })]]),
  };
  const restoredFrom = (...layers: Layer[]) => {
    const { hub } = createHub();
    hub.setLayers(layers);
    return { hub, lacking: hub.lacking, taken: hub.restore(stored) };
  };
  const broken = layer(part({ d: 1 }), { edge: part({ e: 1 }, [ERROR]) });
  const one = restoredFrom(broken);
  assertEquals([one.lacking, one.taken], [true, ["edge"]], "another group could be read, and a third one is no more");
  assertEquals(one.hub.rules(), [], "the sources have said theirs");
  const good = restoredFrom(layer(part({ d: 1 }), { edge: part({ e: 1 }) }));
  assertEquals([good.lacking, good.taken], [false, []]);

  // Nothing at all is more often a disk that is not there than a wish.
  const { hub, lacking, taken } = restoredFrom(layer(EMPTY_PART));
  assertEquals([lacking, taken], [true, ["default", "edge", "gone"]]);
  const client = connect(hub, { id: "edge-7" });
  assertEquals(client.names(), [9]);
  assertEquals(hub.clients({ group: "edge" }).length, 1, "by the rules of then");
  hub.setLayers([layer(EMPTY_PART)]);
  assertEquals(hub.groups().map(({ name, stale }) => [name, stale]), [["default", true], ["edge", true], [
    "gone",
    true,
  ]]);
  hub.setLayers([layer(part({ d: 1 }))]);
  assertEquals([hub.groups().map(({ name }) => name), hub.rules()], [["default"], []]);
});

Deno.test("standings say who took, who refused, and who has not answered; idle streams are nobody", async () => {
  const { hub } = createHub();
  const told: string[] = [];
  hub.onStanding((group) => told.push(group));
  const standings = () => {
    const { clients, open, refused } = hub.standings("default") ?? {};
    return [clients, open, refused];
  };
  hub.setLayers([layer(part({ a: 1 }))]);
  assertEquals([standings(), told.splice(0).length > 0], [[0, 0, 0], true]);
  const client = connect(hub);
  assertEquals([standings(), told.splice(0).length > 0], [[1, 1, 0], true]);
  client.ack();
  assertEquals([standings(), told.splice(0).length > 0], [[1, 0, 0], true]);
  hub.setLayers([layer(part({ a: 2 }))]);
  await fanOut();
  client.nack("no");
  assertEquals(standings(), [1, 0, 1]);
  // What else changes says nothing about what was refused.
  hub.setLayers([
    layer({ resources: [...part({ a: 2 }).resources, ...part({ r: 1 }, [], ROUTES.url).resources], issues: [] }),
  ]);
  await fanOut();
  assertEquals(standings(), [1, 0, 1]);
  client.inlet.closed();
  assertEquals(standings(), [0, 0, 0]);
});

Deno.test("streams are bounded", () => {
  const { hub } = createHub({ maxStreams: 1 });
  hub.setLayers([layer(part({ a: 1 }))]);
  const { inlet } = connect(hub);
  const outlet = { peer: { address: "", identities: [] }, send() {}, drained: () => true, end() {} };
  const refused = hub.open("sotw", outlet);
  assert(isEnding(refused));
  assertEquals(refused.code, "RESOURCE_EXHAUSTED");
  inlet.closed();
  assert(!isEnding(hub.open("sotw", outlet)));
});

Deno.test("all streams of a group are sent the same buffer", async () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({ a: 1, b: 2 }))]);
  const streams = [connect(hub), connect(hub), connect(hub)];
  for (const stream of streams) stream.ack();
  hub.setLayers([layer(part({ a: 1, b: 3 }))]);
  await fanOut();
  for (const at of [0, 1]) assert(streams.every(({ frames }) => frames[at] === streams[0]?.frames[at]));
});

Deno.test("a rejection is kept with the client's words until something newer is acknowledged", async () => {
  const { hub, events } = createHub();
  hub.setLayers([layer(part({ a: 1 }))]);
  const stream = connect(hub);
  stream.ack();
  hub.setLayers([layer(part({ a: 2 }))]);
  await fanOut();
  stream.nack('Proto   constraint\n validation failed; private_key: "hunter2"');
  const rejected = hub.clients()[0]?.subscriptions[0]?.rejected;
  assertEquals(rejected?.message, "Proto constraint validation failed; private_key: [redacted]");
  assertEquals(rejected?.version, hub.group("default")?.versions[CLUSTER.url]);
  assertEquals(events.at(-1)?.kind, "rejected");
  assertEquals(stream.frames.length, 2);
  hub.setLayers([layer(part({ a: 3 }))]);
  await fanOut();
  stream.ack();
  assertEquals(hub.clients()[0]?.subscriptions[0]?.rejected, undefined);
});

Deno.test("a rejection of something that is gone and asked for no more is no rejection any more", async () => {
  const { hub } = createHub();
  const routes = (contents: Record<string, number>) => part(contents, [], ROUTES.url);
  hub.setLayers([layer(routes({ a: 1 }))]);
  const stream = connect(hub, {}, ["a", "b"], ROUTES.url);
  stream.ack();
  hub.setLayers([layer(routes({ a: 1, b: 1 }))]);
  await fanOut();
  stream.nack("no");
  assertEquals(hub.clients()[0]?.subscriptions[0]?.rejected?.message, "no");
  hub.setLayers([layer(routes({ a: 1 }))]);
  await fanOut();
  stream.ack(["a"]);
  assertEquals(stream.frames.length, 2);
  assertEquals(hub.clients()[0]?.subscriptions[0]?.rejected, undefined);
});

Deno.test("propagation is from the change to the first ACK, and nothing that was asked for later counts", async () => {
  const { hub, events, time } = createHub();
  const acknowledged = () =>
    events.flatMap((event) => event.kind === "acknowledged" ? [event.propagationMs] : []).splice(-1);
  hub.setLayers([layer(part({ a: 1, b: 1, c: 1 }))]);
  const stream = connect(hub, {}, ["a"]);
  time.now += 5;
  stream.ack();
  assertEquals(acknowledged(), [undefined], "the first answer");
  hub.setLayers([layer(part({ a: 2, b: 1, c: 1 }))]);
  await fanOut();
  time.now += 7;
  stream.ack();
  assertEquals(acknowledged(), [7], "a change");
  time.now += 1_000;
  stream.ack(["a", "b"]);
  stream.ack(["a", "b"]);
  assertEquals([stream.frames.length, acknowledged()], [3, [undefined]], "a name more");
  hub.setLayers([layer(part({ a: 2, b: 1, c: 2 }))]);
  await fanOut();
  assertEquals(stream.frames.length, 3);
  time.now += 1_000;
  stream.ack(["a", "b", "c"]);
  stream.ack(["a", "b", "c"]);
  assertEquals(
    [stream.frames.length, acknowledged()],
    [4, [undefined]],
    "a name more, after a change that did not concern",
  );
});

Deno.test("a change between the first answer and its ACK counts", async () => {
  const { hub, events, time } = createHub();
  hub.setLayers([layer(part({ a: 1 }))]);
  const stream = connect(hub);
  hub.setLayers([layer(part({ a: 2 }))]);
  await fanOut();
  time.now += 3;
  stream.ack();
  stream.ack();
  assertEquals(events.flatMap((event) => event.kind === "acknowledged" ? [event.propagationMs] : []), [undefined, 3]);
});

Deno.test("a rule for a group that does not exist is a warning, said once and with a suggestion", () => {
  const { hub } = createHub();
  const at = { file: "groups.yaml", line: 2, column: 5 };
  const rules: GroupRule[] = [{ group: "edgy", id: "*", at }, { group: "edge", id: "*" }];
  hub.setLayers([layer(part({ a: 1 }), { edge: part({ a: 2 }) }, { rules })]);
  const issue = { at, path: "", rule: "unknown-group", severity: "warning" } as const;
  const message = 'A rule names group "edgy", which does not exist; did you mean "edge"?';
  assertEquals(hub.groups().map(({ name, issues }) => [name, issues]), [["default", [{ ...issue, message }]], [
    "edge",
    [],
  ]]);
  assertEquals(connect(hub).names(), [2]);
});

Deno.test("a change of one part is a new candidate for the groups that it feeds, and the same one for the others", () => {
  const composer = new Composer("enforce");
  const [common, edge, web] = [part({ a: 1 }), part({ b: 1 }), part({ c: 1 })];
  const at = (layers: Layer[]) => new Map(composer.compose(layers).map((candidate) => [candidate.name, candidate]));
  const same = (one: ReturnType<typeof at>, other: ReturnType<typeof at>) =>
    [...one.keys()].filter((name) => one.get(name) === other.get(name));
  const first = at([layer(common, { edge, web })]);
  assertEquals(same(first, at([layer(common, { edge, web })])), ["default", "edge", "web"]);
  assertEquals(same(first, at([layer(common, { edge: part({ b: 2 }), web })])), ["default", "web"]);
  assertEquals(same(first, at([layer(part({ a: 1 }), { edge, web })])), []);
  const last = at([layer(common, { edge, web })]);
  assertEquals(same(last, at([layer(common, { edge, web }, { failures: [ERROR] })])), []);
  assertEquals(same(last, at([layer(common, { edge, web }), layer(EMPTY_PART)])), []);
});

Deno.test("references are not checked, warned of, or hold a group back, as asked for", () => {
  const missing = { type: CLUSTER.url, name: "gone", path: "x", required: true, strict: true } as const;
  const dangling: Part = {
    resources: [
      createResource({
        type: ROUTES.url,
        name: "r",
        bytes: new Uint8Array(),
        references: [missing],
        origin: undefined,
      }),
    ],
    issues: [],
  };
  const found = (["off", "warn", "enforce"] as const).map((validate) => {
    const { hub } = createHub({ validate });
    hub.setLayers([layer(dangling)]);
    const status = hub.group("default");
    return [hub.readiness().ready, status?.stale, status?.issues.map(({ severity }) => severity).join()];
  });
  assertEquals(found, [[true, false, ""], [true, false, "warning"], [false, true, "error"]]);
});

Deno.test("a warning about groups.yaml does not keep a group that has gone", () => {
  const { hub, events } = createHub();
  const failures: Issue[] = [{ ...ERROR, rule: "duplicate-key", severity: "warning" }];
  hub.setLayers([layer(part({ a: 1 }), { web: part({ b: 1 }) }, { failures })]);
  hub.setLayers([layer(part({ a: 1 }), {}, { failures })]);
  assertEquals(hub.group("web"), undefined);
  assertEquals(events.flatMap((event) => event.kind === "reloaded" ? event.gone : []), ["web"]);
});

Deno.test("a rule stops being a warning when its group appears", () => {
  const { hub } = createHub();
  const rules: GroupRule[] = [{ group: "edge", id: "*" }];
  const common = part({ a: 1 });
  hub.setLayers([layer(common, {}, { rules })]);
  assertEquals(hub.group("default")?.issues.map(({ rule }) => rule), ["unknown-group"]);
  hub.setLayers([layer(common, { edge: part({ a: 2 }) }, { rules })]);
  assertEquals(hub.group("default")?.issues, []);
});

Deno.test("an unknown static secret is named, a secret is not", () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({ a: 1 }))]);
  const stream = connect(hub);
  stream.nack("Unknown static secret: server; token: abc");
  assertEquals(
    hub.clients()[0]?.subscriptions[0]?.rejected?.message,
    "Unknown static secret: server; token: [redacted]",
  );
});

Deno.test("what is in doubt after a rejection is sent again on the client's next stream", async () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({ a: 1 }))]);
  const first = connect(hub);
  const version = hub.group("default")?.versions[CLUSTER.url] ?? "";
  first.ack();
  hub.setLayers([layer(part({ a: 2 }))]);
  await fanOut();
  first.nack("no");
  first.inlet.closed();
  hub.setLayers([layer(part({ a: 1 }))]);
  const frames: Uint8Array[] = [];
  const inlet = hub.open("sotw", {
    peer: { address: "", identities: [] },
    send: (frame) => frames.push(frame),
    drained: () => true,
    end() {},
  });
  assert(!isEnding(inlet));
  const request = { typeUrl: CLUSTER.url, versionInfo: version, node: { id: "n1" } };
  inlet.receive(toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, request)));
  assertEquals(frames.length, 1);
});

Deno.test("a client that comes back with the current version is sent nothing and counts as up to date", () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({ a: 1 }))]);
  const version = hub.group("default")?.versions[CLUSTER.url] ?? "";
  const frames: Uint8Array[] = [];
  const peer = { address: "", identities: [] };
  const inlet = hub.open("sotw", { peer, send: (frame) => frames.push(frame), drained: () => true, end() {} });
  assert(!isEnding(inlet));
  const request = { typeUrl: CLUSTER.url, versionInfo: version, node: { id: "n1" } };
  inlet.receive(toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, request)));
  assertEquals(frames.length, 0);
  assertEquals(hub.clients()[0]?.subscriptions[0]?.acknowledged, version);
});

Deno.test("a node that tells too much of itself is not kept, and ends its own stream alone", () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({ a: 1 }))]);
  const other = connect(hub);
  const endings = [
    connect(hub, { id: "x".repeat(5_000) }),
    connect(hub, { metadata: Object.fromEntries(Array.from({ length: 10_000 }, (_, key) => [`key ${key}`, "value"])) }),
  ].map((client) => [client.names(), client.endings]);
  const code = "INVALID_ARGUMENT";
  assertEquals(endings, [
    [undefined, [{
      code,
      message: "Cannot take the node: its id, cluster and locality have more than 4096 characters",
    }]],
    [undefined, [{ code, message: "Cannot take the node: its metadata has more than 65536 characters" }]],
  ]);
  assertEquals([hub.clients().length, other.endings], [1, []]);
});

Deno.test("a request that cannot be read ends its own stream alone", () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({ a: 1 }))]);
  const [good, bad] = [connect(hub), connect(hub)];
  bad.inlet.receive(new Uint8Array([0xff]));
  assertEquals(bad.endings.map(({ code }) => code), ["INVALID_ARGUMENT"]);
  assertEquals(good.endings, []);
  assertEquals(hub.clients().length, 1);
});

Deno.test("closing the hub ends all streams and refuses new ones", () => {
  const { hub } = createHub();
  hub.setLayers([layer(part({ a: 1 }))]);
  const stream = connect(hub);
  hub.close();
  assertEquals(stream.endings.map(({ code }) => code), ["UNAVAILABLE"]);
  assertEquals(hub.clients(), []);
});

Deno.test("a time to live of years sets no timer that goes off at once", () => {
  const { hub } = createHub();
  const year = 365 * 86_400_000;
  const fields = { type: CLUSTER.url, name: "a", bytes: new Uint8Array([1]), references: [], origin: undefined };
  hub.setLayers([layer({ resources: [createResource({ ...fields, ttl: 10 * year })], issues: [] })]);
  const delays: number[] = [];
  const { setTimeout } = globalThis;
  globalThis.setTimeout = ((run: () => void, ms: number) => {
    delays.push(ms);
    return setTimeout(run, ms);
  }) as typeof setTimeout;
  try {
    const inlet = hub.open("sotw", {
      peer: { address: "127.0.0.1:1", identities: [] },
      send: () => {},
      drained: () => true,
      end: () => {},
    });
    assert(!isEnding(inlet));
    const ask = (responseNonce: string) =>
      inlet.receive(toBinary(
        DiscoveryRequestSchema,
        create(DiscoveryRequestSchema, {
          typeUrl: CLUSTER.url,
          responseNonce,
          node: { id: "n", userAgentName: "envoy" },
        }),
      ));
    ask("");
    ask("1");
    inlet.closed();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  assertEquals(delays, [2 ** 31 - 1]);
});

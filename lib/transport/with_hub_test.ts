import { assertEquals, assertMatch } from "@std/assert";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Buffer } from "node:buffer";
import { status } from "@grpc/grpc-js";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { NodeSchema } from "../gen/envoy/config/core/v3/base_pb.ts";
import { Hub } from "../hub/hub.ts";
import { createResource, type Resource } from "../model/resource.ts";
import { CLUSTER, ENDPOINTS, LISTENER, RESOURCE_TYPES } from "../model/types.ts";
import { AGGREGATED, methodPath } from "./discovery_service.ts";
import { client, memoryLog, start, until } from "./testing.ts";

const NODE = { id: "n", cluster: "edge" };

function resource(type: string, name: string, content: string): Resource {
  return createResource({ type, name, bytes: Buffer.from(content), references: [], origin: undefined });
}

/** The real hub behind a transport with both doors. */
async function startBoth(resources: readonly Resource[]) {
  const hub = new Hub({
    now: Date.now,
    clock: () => performance.now(),
    log: memoryLog(),
    identifier: "xcp test",
    orderTimeoutMs: 10_000,
    maxStreams: 100,
    validate: "off",
    allowEmpty: true,
  });
  const set = (resources: readonly Resource[], label?: string) =>
    hub.setLayers([{
      name: "config",
      common: { resources, issues: [], ...(label === undefined ? {} : { label }) },
      groups: new Map(),
      rules: [],
      failures: [],
    }]);
  set(resources);
  const server = await start({ host: hub, rest: "127.0.0.1:0" });
  return {
    set,
    hub,
    server,
    async poll(path: string, question: object) {
      const response = await fetch(server.restUrl + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ node: NODE, ...question }),
      });
      const text = await response.text();
      return { status: response.status, ...(text === "" ? {} : JSON.parse(text)) };
    },
    async [Symbol.asyncDispose]() {
      hub.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function sotw(fields: MessageInitShape<typeof DiscoveryRequestSchema>): Uint8Array {
  const request = create(DiscoveryRequestSchema, fields);
  request.node = create(NodeSchema, NODE);
  return toBinary(DiscoveryRequestSchema, request);
}

function delta(fields: MessageInitShape<typeof DeltaDiscoveryRequestSchema>): Uint8Array {
  const request = create(DeltaDiscoveryRequestSchema, fields);
  request.node = create(NodeSchema, NODE);
  return toBinary(DeltaDiscoveryRequestSchema, request);
}

for (const { url, service, discovery } of RESOURCE_TYPES) {
  Deno.test(`${service} serves its type without being told which, and follows a change`, async () => {
    await using both = await startBoth([resource(url, "a", "1")]);
    using connection = client(both.server.address);
    if (discovery.stream !== undefined) {
      const stream = connection.open("sotw", methodPath(discovery, discovery.stream));
      stream.send(sotw({ resourceNames: ["a"] }));
      const answers = () => stream.messages.map((m) => fromBinary(DiscoveryResponseSchema, new Uint8Array(m)));
      await until("the answer", () => answers().length === 1);
      const [answer] = answers();
      assertEquals([answer?.typeUrl, Buffer.from(answer?.resources[0]?.value ?? []).toString()], [url, "1"]);
      stream.send(sotw({ resourceNames: ["a"], responseNonce: answer?.nonce ?? "" }));
      both.set([resource(url, "a", "2")]);
      await until("the change", () => answers().length === 2);
      assertEquals(Buffer.from(answers()[1]?.resources[0]?.value ?? []).toString(), "2");
    }
    both.set([resource(url, "a", "3")]);
    const stream = connection.open("delta", methodPath(discovery, discovery.delta));
    stream.send(delta({ resourceNamesSubscribe: ["a"] }));
    await until("the answer", () => stream.messages.length === 1);
    const answer = fromBinary(DeltaDiscoveryResponseSchema, new Uint8Array(stream.messages[0] ?? []));
    const [{ name, resource: any } = { name: "", resource: undefined }] = answer.resources;
    assertEquals([answer.typeUrl, name, any?.typeUrl], [url, "a", url]);
    assertEquals(Buffer.from(any?.value ?? []).toString(), "3");
    assertEquals(both.hub.clients().map(({ mode, service }) => [mode, service]), [
      ...(discovery.stream === undefined ? [] : [["sotw", url]]),
      ["delta", url],
    ]);
  });
}

Deno.test("a stream of one type refuses another one, and the aggregated one must be told which", async () => {
  await using both = await startBoth([resource(CLUSTER.url, "a", "1")]);
  using connection = client(both.server.address);
  const { discovery } = CLUSTER;
  const ended = async (mode: "sotw" | "delta", path: string, body: Uint8Array) => {
    const stream = connection.open(mode, path);
    stream.send(body);
    await until("the end", () => stream.ended !== undefined);
    return stream.ended?.code;
  };
  const wrong = { typeUrl: LISTENER.url };
  assertEquals(await ended("sotw", methodPath(discovery, "StreamClusters"), sotw(wrong)), status.INVALID_ARGUMENT);
  assertEquals(await ended("delta", methodPath(discovery, "DeltaClusters"), delta(wrong)), status.INVALID_ARGUMENT);
  const stream = methodPath(AGGREGATED, "StreamAggregatedResources");
  assertEquals(await ended("sotw", stream, sotw({})), status.INVALID_ARGUMENT);
  const fetched = await connection.ask(methodPath(discovery, "FetchClusters"), sotw(wrong));
  assertEquals(fetched.code, status.INVALID_ARGUMENT);
});

Deno.test("a Fetch answers in full, also what the client has", async () => {
  await using both = await startBoth([resource(CLUSTER.url, "a", "1"), resource(CLUSTER.url, "b", "2")]);
  using connection = client(both.server.address);
  const ask = async (fields: MessageInitShape<typeof DiscoveryRequestSchema>) => {
    const { body } = await connection.ask(methodPath(CLUSTER.discovery, "FetchClusters"), sotw(fields));
    return fromBinary(DiscoveryResponseSchema, new Uint8Array(body));
  };
  const all = await ask({});
  assertEquals(all.resources.length, 2);
  assertEquals((await ask({ versionInfo: all.versionInfo })).resources.length, 2);
  const one = await ask({ resourceNames: ["b"] });
  assertEquals(one.resources.map(({ value }) => Buffer.from(value).toString()), ["2"]);
  assertEquals(one.controlPlane?.identifier, "xcp test");
});

Deno.test("a poller is told what changed for its names, and a new name never starves", async () => {
  const a = resource(ENDPOINTS.url, "a", "1");
  const b = resource(ENDPOINTS.url, "b", "1");
  await using both = await startBoth([a, b]);
  const poll = (resource_names: string[], version_info = "", more = {}) =>
    both.poll("/v3/discovery:endpoints", { resource_names, version_info, ...more });
  const names = ({ resources }: { resources: { name: string }[] }) => resources.map(({ name }) => name);
  const one = await poll(["a"]);
  assertEquals([one.status, names(one), one.typeUrl], [200, ["a"], ENDPOINTS.url]);
  assertEquals(await poll(["a"], one.versionInfo), { status: 304 });
  const two = await poll(["a", "b"], one.versionInfo);
  assertEquals([two.status, names(two)], [200, ["a", "b"]]);
  // A change of what it did not ask for is none; the same label with another content is one.
  both.set([a, resource(ENDPOINTS.url, "b", "2")], "release");
  assertEquals((await poll(["a"], one.versionInfo)).status, 304);
  const labelled = await poll(["a", "b"], two.versionInfo);
  assertEquals(labelled.status, 200);
  both.set([a, resource(ENDPOINTS.url, "b", "3")], "release");
  assertEquals((await poll(["a", "b"], labelled.versionInfo)).status, 200);
  // A name that is not there yet, and then is.
  const none = await poll(["c"]);
  assertEquals([none.status, names(none)], [200, []]);
  assertEquals((await poll(["c"], none.versionInfo)).status, 304);
  both.set([a, b, resource(ENDPOINTS.url, "c", "1")]);
  assertEquals(names(await poll(["c"], none.versionInfo)), ["c"]);
  // Endpoints have no wildcard.
  assertEquals(names(await poll([])), []);
});

Deno.test("a poller that rejects is told again, and the rejection is heard", async () => {
  await using both = await startBoth([resource(LISTENER.url, "a", "1")]);
  const rejections: string[] = [];
  both.hub.on((event) => {
    if (event.kind === "rejected") rejections.push(event.message);
  });
  const { versionInfo } = await both.poll("/v3/discovery:listeners", {});
  const rejected = { version_info: versionInfo, error_detail: { code: 13, message: "no such filter" } };
  assertEquals((await both.poll("/v3/discovery:listeners", rejected)).status, 200);
  assertMatch(rejections.join(), /no such filter/);
});

Deno.test("a hub on its way out answers 503 and UNAVAILABLE", async () => {
  await using both = await startBoth([]);
  both.hub.drain();
  assertEquals((await both.poll("/v3/discovery:clusters", {})).status, 503);
  using connection = client(both.server.address);
  const { code } = await connection.ask(methodPath(CLUSTER.discovery, "FetchClusters"), sotw({}));
  assertEquals(code, status.UNAVAILABLE);
});

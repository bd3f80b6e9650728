import { assert, assertEquals, assertMatch } from "@std/assert";
import { create, fromBinary, getOption, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Buffer } from "node:buffer";
import { status } from "@grpc/grpc-js";
import { loadApi } from "../model/api.ts";
import { createResource } from "../model/resource.ts";
import { CLUSTER, type Discovery, LISTENER, RESOURCE_TYPES } from "../model/types.ts";
import { DiscoveryRequestSchema, DiscoveryResponseSchema } from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { AGGREGATED, methodPath } from "./discovery_service.ts";
import { client, start, until } from "./testing.ts";

const SERVICES: readonly { name: string; type: string | undefined; discovery: Discovery }[] = [
  { name: "ADS", type: undefined, discovery: AGGREGATED },
  ...RESOURCE_TYPES.map(({ service, url, discovery }) => ({ name: service, type: url, discovery })),
];

for (const { name, type, discovery } of SERVICES) {
  for (const mode of ["sotw", "delta"] as const) {
    const method = mode === "sotw" ? discovery.stream : discovery.delta;
    if (method === undefined) continue;
    Deno.test(`${name} in ${mode} tells the hub its type and mode, and takes the direct way`, async () => {
      await using server = await start();
      using connection = client(server.address);
      const stream = connection.open(mode, methodPath(discovery, method));
      stream.send("hello");
      await until("the answer", () => stream.messages.length === 1);
      assertEquals(stream.messages[0]?.toString(), "hello");
      const [seen] = server.hub.seen;
      assertEquals([seen?.mode, seen?.type], [mode, type]);
      assertEquals(Reflect.get(seen?.outlet ?? {}, "direct"), true);
      assertEquals(server.transport.streams(), 1);
    });
  }
}

Deno.test("services, methods, types and paths are those of the Envoy API", () => {
  const api = loadApi();
  const rule = api.extension("google.api.http");
  const annotation = api.extension("envoy.annotations.resource");
  assert(rule !== undefined && annotation !== undefined);
  for (const { name, type, discovery } of SERVICES) {
    const service = api.registry.getService(discovery.service);
    assert(service !== undefined, name);
    const methods = [["bidi_streaming", discovery.stream], ["bidi_streaming", discovery.delta], [
      "unary",
      discovery.fetch,
    ]];
    assertEquals(
      service.methods.map((method) => [method.methodKind, method.name]).sort(),
      methods.filter(([, method]) => method !== undefined).sort(),
      name,
    );
    if (type === undefined) continue;
    assertEquals(`type.googleapis.com/${Reflect.get(Object(getOption(service, annotation)), "type")}`, type, name);
    const fetch = service.methods.find((method) => method.name === discovery.fetch);
    const pattern = fetch === undefined ? undefined : Reflect.get(Object(getOption(fetch, rule)), "pattern");
    assertEquals(pattern === undefined ? undefined : Reflect.get(Object(pattern), "value"), discovery.rest, name);
  }
});

Deno.test("services that are delta only have no other stream, and the aggregated one no Fetch", async () => {
  await using server = await start();
  using connection = client(server.address);
  for (
    const path of [
      "/envoy.service.route.v3.VirtualHostDiscoveryService/StreamVirtualHosts",
      "/envoy.service.endpoint.v3.LocalityEndpointDiscoveryService/StreamLocalityEndpoints",
      "/envoy.service.discovery.v3.AggregatedDiscoveryService/FetchAggregatedResources",
    ]
  ) {
    const stream = connection.open("sotw", path);
    await until("the end", () => stream.ended !== undefined);
    assertEquals(stream.ended?.code, status.UNIMPLEMENTED, path);
  }
  assertEquals(server.hub.seen, []);
});

const FETCH = methodPath(CLUSTER.discovery, "FetchClusters");

function request(fields: MessageInitShape<typeof DiscoveryRequestSchema>): Uint8Array {
  return toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, fields));
}

Deno.test("a Fetch asks the hub what the request says, and answers with its resources", async () => {
  await using server = await start();
  using connection = client(server.address);
  const resources = ["a", "b"].map((name) =>
    createResource({ type: CLUSTER.url, name, bytes: Buffer.from(name), references: [], origin: undefined })
  );
  server.hub.onQuestion = () => ({ version: "v7", unchanged: true, resources, identifier: "me" });
  const { body } = await connection.ask(
    FETCH,
    request({
      versionInfo: "v6",
      node: { id: "n", cluster: "c" },
      resourceNames: ["a", "b"],
      errorDetail: { code: 13, message: "bad" },
    }),
  );
  const [question] = server.hub.questions;
  assertEquals(
    [question?.type, question?.version, question?.names, question?.error, question?.node.id, question?.node.cluster],
    [CLUSTER.url, "v6", ["a", "b"], "bad", "n", "c"],
  );
  assertMatch(question?.peer.address ?? "", /^127\.0\.0\.1:\d+$/);
  // gRPC has no 304: also what is unchanged is answered in full.
  const answer = fromBinary(DiscoveryResponseSchema, new Uint8Array(body));
  assertEquals([answer.versionInfo, answer.typeUrl, answer.nonce, answer.controlPlane?.identifier], [
    "v7",
    CLUSTER.url,
    "",
    "me",
  ]);
  assertEquals(answer.resources.map(({ typeUrl, value }) => [typeUrl, Buffer.from(value).toString()]), [
    [CLUSTER.url, "a"],
    [CLUSTER.url, "b"],
  ]);
});

Deno.test("every Fetch method asks for its type", async () => {
  await using server = await start();
  using connection = client(server.address);
  const types = RESOURCE_TYPES.filter(({ discovery }) => discovery.fetch !== undefined);
  for (const { url, discovery } of types) {
    const { body } = await connection.ask(methodPath(discovery, discovery.fetch ?? ""), request({ typeUrl: url }));
    assertEquals(fromBinary(DiscoveryResponseSchema, new Uint8Array(body)).typeUrl, url);
  }
  assertEquals(server.hub.questions.map(({ type }) => type), types.map(({ url }) => url));
  assertEquals(types.length, 8);
});

Deno.test("a Fetch that cannot be answered says why", async () => {
  await using server = await start();
  using connection = client(server.address);
  const ending = async (body: Uint8Array) => {
    const { code, details } = await connection.ask(FETCH, body);
    return [code, details];
  };
  assertEquals(await ending(request({ typeUrl: LISTENER.url })), [
    status.INVALID_ARGUMENT,
    `Cannot answer for type "${LISTENER.url}": this service has "${CLUSTER.url}"`,
  ]);
  assertEquals((await ending(Buffer.from([0x0a, 0x7f])))[0], status.INVALID_ARGUMENT);
  assertEquals(server.hub.questions, []);
  server.hub.refusal = { code: "UNAVAILABLE", message: "no configuration yet: \ud800" };
  assertEquals(await ending(request({})), [status.UNAVAILABLE, "no configuration yet: \ufffd"]);
  server.hub.refusal = undefined;
  server.hub.onQuestion = () => {
    throw new Error("a bug with a secret");
  };
  assertEquals(await ending(request({})), [status.INTERNAL, "internal error of the server"]);
  assertMatch(String(server.log.lines.find(({ level }) => level === "error")?.fields.error), /a bug/);
});

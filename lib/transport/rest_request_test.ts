import { assertEquals, assertThrows } from "@std/assert";
import { clone, create, type JsonObject, toBinary, toJsonString } from "@bufbuild/protobuf";
import { DiscoveryRequestSchema } from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { readNode } from "../xds/wire/node.ts";
import { MalformedMessage } from "../xds/wire/reader.ts";
import { readSotwRequest } from "../xds/wire/request.ts";
import { readRestRequest } from "./rest_request.ts";

/** A request as Envoy makes it, with a node as large as a stock one's. */
const REQUEST = create(DiscoveryRequestSchema, {
  versionInfo: "v1",
  resourceNames: ["a", "b"],
  resourceLocators: [{ name: "c", dynamicParameters: { zone: "z" } }],
  typeUrl: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  responseNonce: "n",
  errorDetail: { code: 13, message: "no good", details: [{ typeUrl: "a/b", value: new Uint8Array(3) }] },
  node: {
    id: "edge-1",
    cluster: "edge",
    locality: { region: "r", zone: "z", subZone: "s" },
    metadata: { stage: "canary", weight: 0.5, large: 12, on: true, none: null, deep: { a: 1 }, long: "x".repeat(300) },
    dynamicParameters: { p: { params: { a: "b" } } },
    userAgentName: "envoy",
    userAgentVersionType: {
      case: "userAgentBuildVersion",
      value: { version: { majorNumber: 1, minorNumber: 40, patch: 2 }, metadata: { ssl: "BoringSSL" } },
    },
    extensions: Array.from({ length: 516 }, (_, i) => ({
      name: `envoy.filters.http.number_${i}`,
      category: "envoy.filters.http",
      typeUrls: [`envoy.extensions.filters.http.number_${i}.v3.Config`],
    })),
    clientFeatures: ["one", "two"],
  },
});

for (const useProtoFieldName of [true, false]) {
  const style = useProtoFieldName ? "as Envoy names them" : "in camel case";
  Deno.test(`a request in JSON says what it says in bytes, with fields ${style}`, () => {
    // An Any takes a registry to print; what is in it is not looked at.
    const printable = clone(DiscoveryRequestSchema, REQUEST);
    if (printable.errorDetail !== undefined) printable.errorDetail.details = [];
    const read = readRestRequest(toJsonString(DiscoveryRequestSchema, printable, { useProtoFieldName }));
    const { request, node } = readSotwRequest(toBinary(DiscoveryRequestSchema, REQUEST));
    const { type, version, names, error } = request;
    assertEquals(read, { type, version, names, error, node: readNode(node ?? new Uint8Array()) });
    assertEquals([read.names, read.error, read.node.userAgent], [["a", "b", "c"], "no good", "envoy 1.40.2"]);
  });
}

Deno.test("a request may leave everything out, and say things that nobody knows", () => {
  const empty = readRestRequest("{}");
  assertEquals(empty, {
    type: "",
    version: "",
    names: [],
    error: undefined,
    node: readNode(new Uint8Array()),
  });
  const nulls = { node: null, resource_names: null, version_info: null, error_detail: null };
  assertEquals(readRestRequest(JSON.stringify(nulls)), empty);
  assertEquals(readRestRequest('{"brand_new": {"a": [1]}, "node": {"also_new": 1, "extensions": 5}}'), empty);
  assertEquals(readRestRequest('{"error_detail": {}}').error, "");
});

Deno.test("what is not a request says which field is wrong, and quotes nothing", () => {
  const TABLE: [JsonObject | string, string][] = [
    ["secret", "the body is not JSON"],
    ["[]", "the body is not an object"],
    ["null", "the body is not an object"],
    [{ node: "x" }, "node is not an object"],
    [{ node: { locality: [] } }, "node.locality is not an object"],
    [{ node: { id: 5 } }, "node.id is not a string"],
    [{ resource_names: "a" }, "resource_names is not a list"],
    [{ resourceNames: ["a", 1] }, "resource_names is not a list of strings"],
    [{ resource_locators: ["a"] }, "resource_locators[0] is not an object"],
    [{ type_url: true }, "type_url is not a string"],
    [
      { node: { userAgentBuildVersion: { version: { patch: 1.5 } } } },
      "node.user_agent_build_version.version.patch is not a number",
    ],
  ];
  for (const [body, message] of TABLE) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    assertThrows(() => readRestRequest(text), MalformedMessage, message);
  }
});

import { assertEquals, assertThrows } from "@std/assert";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
  ResourceSchema,
} from "../../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { createResource } from "../../model/resource.ts";
import { ResourceSet } from "../../model/resource_set.ts";
import { CLUSTER } from "../../model/types.ts";
import { readNode } from "./node.ts";
import { MalformedMessage } from "./reader.ts";
import { readDeltaRequest, readSotwRequest } from "./request.ts";
import { FRAME_HEADER, writeResponse } from "./response.ts";

const locality = { region: "eu", zone: "eu-1", subZone: "a" };

Deno.test("a state-of-the-world request is read as protobuf-es writes it", () => {
  const body = toBinary(
    DiscoveryRequestSchema,
    create(DiscoveryRequestSchema, {
      versionInfo: "v1",
      node: { id: "n" },
      resourceNames: ["a", "", "ü"],
      resourceLocators: [{ name: "located", dynamicParameters: { env: "prod" } }],
      typeUrl: CLUSTER.url,
      responseNonce: "7",
      errorDetail: { code: 13, message: "no" },
    }),
  );
  const { request, node } = readSotwRequest(body);
  assertEquals(request, {
    mode: "sotw",
    type: CLUSTER.url,
    version: "v1",
    nonce: "7",
    error: "no",
    names: ["a", "", "ü", "located"],
  });
  assertEquals(readNode(node ?? new Uint8Array()).id, "n");
});

Deno.test("an error_detail without a message is a rejection all the same", () => {
  const body = toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, { errorDetail: {} }));
  assertEquals(readSotwRequest(body).request.error, "");
  assertEquals(readSotwRequest(new Uint8Array()).request.error, undefined);
});

Deno.test("a delta request is read as protobuf-es writes it", () => {
  const body = toBinary(
    DeltaDiscoveryRequestSchema,
    create(DeltaDiscoveryRequestSchema, {
      typeUrl: CLUSTER.url,
      resourceNamesSubscribe: ["a", "*"],
      resourceNamesUnsubscribe: ["b"],
      resourceLocatorsSubscribe: [{ name: "c" }],
      resourceLocatorsUnsubscribe: [{ name: "d" }],
      initialResourceVersions: { x: "1", y: "" },
      responseNonce: "9",
      errorDetail: { message: "bad" },
    }),
  );
  const { held, ...request } = readDeltaRequest(body).request;
  assertEquals({ ...request, held: new Map(held) }, {
    mode: "delta",
    type: CLUSTER.url,
    nonce: "9",
    error: "bad",
    subscribe: ["a", "*", "c"],
    unsubscribe: ["b", "d"],
    held: new Map([["x", "1"], ["y", ""]]),
  });
});

Deno.test("a node is read with what rules may match", () => {
  const body = toBinary(
    DiscoveryRequestSchema,
    create(DiscoveryRequestSchema, {
      node: {
        id: "edge-1",
        cluster: "edge",
        locality,
        metadata: { role: "edge", shard: 3, canary: true, nested: { a: 1 }, nothing: null, long: "x".repeat(257) },
        userAgentName: "envoy",
        clientFeatures: ["xds.config.supports-resource-ttl"],
        userAgentVersionType: {
          case: "userAgentBuildVersion",
          value: { version: { majorNumber: 1, minorNumber: 40, patch: 2 } },
        },
      },
    }),
  );
  const node = readNode(readSotwRequest(body).node ?? new Uint8Array());
  assertEquals(node, {
    id: "edge-1",
    cluster: "edge",
    locality,
    metadata: new Map([["role", "edge"], ["shard", "3"], ["canary", "true"]]),
    userAgent: "envoy 1.40.2",
    features: ["xds.config.supports-resource-ttl"],
  });
});

Deno.test("bytes that are no message are refused, wherever they are cut", () => {
  const whole = toBinary(
    DeltaDiscoveryRequestSchema,
    create(DeltaDiscoveryRequestSchema, { node: { id: "n" }, typeUrl: "t", initialResourceVersions: { x: "1" } }),
  );
  for (let length = 1; length < whole.length; length++) {
    try {
      readDeltaRequest(whole.subarray(0, length));
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
    }
  }
  assertThrows(() => readDeltaRequest(whole.subarray(0, whole.length - 1)), MalformedMessage);
  assertThrows(() => readSotwRequest(new Uint8Array([0])), MalformedMessage);
  assertThrows(() => readSotwRequest(new Uint8Array([0x0b])), MalformedMessage);
  assertThrows(() => readSotwRequest(new Uint8Array([0x18, 1])), MalformedMessage);
  assertThrows(() => readSotwRequest(new Uint8Array(12).fill(0xff)), MalformedMessage);
});

const resources = ["a", "ü".repeat(100), "empty"].map((name) =>
  createResource({
    type: CLUSTER.url,
    name,
    bytes: new TextEncoder().encode(name === "empty" ? "" : name.repeat(3)),
    references: [],
    origin: undefined,
  })
);
const target = new ResourceSet(CLUSTER.url, resources);
const response = {
  ...{ type: CLUSTER.url, version: target.version, resources: target, removed: [], target, key: target },
  ...{ missing: [], heartbeat: false, ttl: false, asked: undefined },
};

function unframe(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  assertEquals(view.getUint8(0), 0);
  assertEquals(view.getUint32(1), frame.length - FRAME_HEADER);
  return new Uint8Array(frame.subarray(FRAME_HEADER));
}

Deno.test("a state-of-the-world response is what protobuf-es reads", () => {
  const read = fromBinary(DiscoveryResponseSchema, unframe(writeResponse({ ...response, mode: "sotw" }, "12", "xcp")));
  assertEquals([read.versionInfo, read.nonce, read.typeUrl], [target.version, "12", CLUSTER.url]);
  assertEquals(read.controlPlane?.identifier, "xcp");
  assertEquals(read.resources.map(({ typeUrl, value }) => [typeUrl, value]), [...target].map((r) => [r.type, r.bytes]));
});

Deno.test("a delta response is what protobuf-es reads", () => {
  const frame = writeResponse({ ...response, mode: "delta", removed: ["gone", ""] }, "13", "xcp");
  const read = fromBinary(DeltaDiscoveryResponseSchema, unframe(frame));
  assertEquals([read.systemVersionInfo, read.nonce, read.typeUrl], [target.version, "13", CLUSTER.url]);
  assertEquals(read.removedResources, ["gone", ""]);
  assertEquals(read.controlPlane?.identifier, "xcp");
  assertEquals(
    read.resources.map(({ name, version, resource }) => [name, version, resource?.typeUrl, resource?.value]),
    [...target].map((r) => [r.name, r.version, r.type, r.bytes]),
  );
});

Deno.test("lengths of more than 127 and more than 16,383 bytes are written as protobuf has them", () => {
  for (const size of [0, 1, 127, 128, 16_383, 16_384, 3_000_000]) {
    const bytes = new Uint8Array(size).fill(1);
    const one = createResource({ type: CLUSTER.url, name: "n", bytes, references: [], origin: undefined });
    const set = new ResourceSet(CLUSTER.url, [one]);
    const frame = writeResponse({ ...response, mode: "delta", resources: set, target: set }, "1", "x");
    assertEquals(fromBinary(DeltaDiscoveryResponseSchema, unframe(frame)).resources[0]?.resource?.value.length, size);
  }
});

/** A resource that lives for 2.5 seconds. */
const mortal = createResource({
  ...{ type: CLUSTER.url, name: "m", bytes: new Uint8Array([1, 2]), references: [], origin: undefined },
  ttl: 2_500,
});

Deno.test("a time to live stands in a delta resource, and a heartbeat has no body", () => {
  for (const heartbeat of [false, true]) {
    const frame = writeResponse({ ...response, mode: "delta", resources: [mortal], ttl: true, heartbeat }, "1", "x");
    const [read] = fromBinary(DeltaDiscoveryResponseSchema, unframe(frame)).resources;
    assertEquals([read?.name, read?.version, read?.ttl?.seconds, read?.ttl?.nanos], [
      "m",
      mortal.version,
      2n,
      500_000_000,
    ]);
    assertEquals(read?.resource?.value, heartbeat ? undefined : mortal.bytes);
  }
  const frame = writeResponse({ ...response, mode: "delta", resources: [mortal] }, "1", "x");
  assertEquals(fromBinary(DeltaDiscoveryResponseSchema, unframe(frame)).resources[0]?.ttl, undefined);
});

Deno.test("in state-of-the-world what has a time to live stands in a Resource, and nothing else does", () => {
  const both = new ResourceSet(CLUSTER.url, [...target, mortal]);
  const read = (ttl: boolean) =>
    fromBinary(
      DiscoveryResponseSchema,
      unframe(writeResponse({ ...response, mode: "sotw", resources: both, ttl }, "1", "")),
    );
  assertEquals(read(false).resources.map(({ typeUrl }) => typeUrl), Array(4).fill(CLUSTER.url));
  const wrapped = read(true).resources.filter(({ typeUrl }) => typeUrl !== CLUSTER.url);
  assertEquals(wrapped.map(({ typeUrl }) => typeUrl), ["type.googleapis.com/envoy.service.discovery.v3.Resource"]);
  const inner = fromBinary(ResourceSchema, wrapped[0]?.value ?? new Uint8Array());
  assertEquals([inner.name, inner.resource?.typeUrl, inner.resource?.value], ["m", CLUSTER.url, mortal.bytes]);
  assertEquals([inner.ttl?.seconds, inner.ttl?.nanos], [2n, 500_000_000]);
});

Deno.test("what is not there is said in resource_errors, and removed_resources stay", () => {
  const missing = ["gone", "ü"];
  const delta = writeResponse({ ...response, mode: "delta", removed: missing, missing }, "1", "x");
  const sotw = writeResponse({ ...response, mode: "sotw", missing }, "1", "x");
  const answers = [
    fromBinary(DeltaDiscoveryResponseSchema, unframe(delta)),
    fromBinary(DiscoveryResponseSchema, unframe(sotw)),
  ];
  for (const { resourceErrors } of answers) {
    assertEquals(resourceErrors.map(({ resourceName, errorDetail }) => [resourceName?.name, errorDetail?.code]), [
      ["gone", 5],
      ["ü", 5],
    ]);
  }
});

Deno.test("a host that nobody knows is a resource without a body, one that is known has the aliases that were asked", () => {
  const asked = new Map([["a", ["rc/a.com", "rc/b.com"]], ["", ["rc/nobody"]]]);
  const frame = writeResponse({ ...response, mode: "delta", asked }, "1", "x");
  const read = fromBinary(DeltaDiscoveryResponseSchema, unframe(frame)).resources;
  const shown = read.map(({ name, aliases, resource }) => [name, aliases, resource !== undefined]);
  assertEquals(shown, [
    ["a", ["rc/a.com", "rc/b.com"], true],
    ["empty", [], true],
    ["ü".repeat(100), [], true],
    ["rc/nobody", ["rc/nobody"], false],
  ]);
});

Deno.test("a request with more or longer names than any stream may have is not read to its end", () => {
  const names = Array.from({ length: 100_001 }, (_, index) => `n${index}`);
  const long = "x".repeat(64 * 1024 + 1);
  for (const resourceNames of [names, [long]]) {
    const sotw = toBinary(DiscoveryRequestSchema, create(DiscoveryRequestSchema, { resourceNames }));
    assertThrows(() => readSotwRequest(sotw), MalformedMessage, "resource name");
    for (const field of ["resourceNamesSubscribe", "resourceNamesUnsubscribe"]) {
      const fields = { [field]: resourceNames };
      const delta = toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, fields));
      assertThrows(() => readDeltaRequest(delta), MalformedMessage, "resource name");
    }
  }
  const most = { resourceNamesSubscribe: [...names.slice(2), long.slice(1)] };
  const delta = toBinary(DeltaDiscoveryRequestSchema, create(DeltaDiscoveryRequestSchema, most));
  assertEquals(readDeltaRequest(delta).request.subscribe.length, 100_000);
});

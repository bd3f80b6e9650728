import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack, durationFromMs } from "@bufbuild/protobuf/wkt";
import { assertEquals, assertThrows } from "@std/assert";
import { DiscoveryResponseSchema, ResourceSchema } from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { CLUSTER, ENDPOINTS, LISTENER, LOCALITY_ENDPOINTS, VIRTUAL_HOST } from "../model/types.ts";
import { decodeAnswer, methodOf, requestedNames } from "./messages.ts";
import { cluster, sotwCluster } from "./testing.ts";

Deno.test("everything is asked for by no name where that is an old custom, else by a star", () => {
  assertEquals(requestedNames({ type: LISTENER.url, names: [] }), []);
  assertEquals(requestedNames({ type: ENDPOINTS.url, names: [] }), ["*"]);
  assertEquals(requestedNames({ type: "type.googleapis.com/a.B", names: [] }), ["*"]);
  assertEquals(requestedNames({ type: LISTENER.url, names: ["a"] }), ["a"]);
});

Deno.test("a method is that of the aggregated service, or of the type's own", () => {
  const method = (type: string, mode: "sotw" | "delta", perType: boolean) => methodOf({ type, mode, perType });
  assertEquals(
    method(CLUSTER.url, "sotw", false),
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
  );
  assertEquals(method(CLUSTER.url, "delta", true), "/envoy.service.cluster.v3.ClusterDiscoveryService/DeltaClusters");
  assertEquals(
    method(LOCALITY_ENDPOINTS.url, "delta", true),
    "/envoy.service.endpoint.v3.LocalityEndpointDiscoveryService/DeltaLocalityEndpoints",
  );
  assertEquals(method(VIRTUAL_HOST.url, "sotw", true), undefined);
  assertEquals(method("type.googleapis.com/a.B", "delta", true), undefined);
});

Deno.test("in state of the world a resource is read alone and in its wrapper, whose name counts", () => {
  const wrapper = create(ResourceSchema, {
    name: "outer",
    version: "ignored",
    ttl: durationFromMs(1_500),
    resource: sotwCluster("inner"),
  });
  const heartbeat = create(ResourceSchema, { name: "heart", ttl: durationFromMs(1_000) });
  const response = create(DiscoveryResponseSchema, {
    typeUrl: CLUSTER.url,
    versionInfo: "7",
    nonce: "n",
    resources: [sotwCluster("alone"), anyPack(ResourceSchema, wrapper), anyPack(ResourceSchema, heartbeat)],
  });
  const { type, version, nonce, items } = decodeAnswer("sotw", toBinary(DiscoveryResponseSchema, response));
  assertEquals([type, version, nonce], [CLUSTER.url, "7", "n"]);
  assertEquals(items.map(({ name, version, ttl, body }) => [name, version, ttl, body?.bytes.length]), [
    ["alone", "7", undefined, cluster("alone").length],
    ["outer", "7", 1_500, cluster("inner").length],
    ["heart", "7", 1_000, undefined],
  ]);
});

Deno.test("bytes that are no response are refused", () => {
  for (const mode of ["sotw", "delta"] as const) {
    assertThrows(() => decodeAnswer(mode, new Uint8Array([0xff, 0xff, 0xff])));
  }
});

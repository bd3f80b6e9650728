import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { readDeltaRequest, readSotwRequest } from "../../lib/xds/wire/request.ts";
import { readNode } from "../../lib/xds/wire/node.ts";
import { writeResponse } from "../../lib/xds/wire/response.ts";
import { createResource } from "../../lib/model/resource.ts";
import { emptySet } from "../../lib/model/resource_set.ts";
import { acknowledge, Deframer, readResponse, subscribe } from "./messages.ts";

const TYPE = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

function response(nonce: string, size: number): Buffer {
  const bytes = new Uint8Array(size);
  const resources = [createResource({ type: TYPE, name: "a", bytes, references: [], origin: undefined })];
  const parts = { type: TYPE, version: `v${nonce}`, resources, removed: [], target: emptySet(TYPE), key: "" } as const;
  const rest = { missing: [], heartbeat: false, ttl: false, asked: undefined };
  return writeResponse({ mode: "sotw", ...parts, ...rest }, nonce, "test");
}

Deno.test("a message is put together from pieces of any size", () => {
  const stream = Buffer.concat([response("1", 10), response("2", 1_000), response("3", 0)]);
  for (const size of [1, 3, 7, 400, stream.length]) {
    const deframer = new Deframer();
    const nonces: string[] = [];
    for (let at = 0; at < stream.length; at += size) {
      for (const body of deframer.take(stream.subarray(at, at + size))) nonces.push(readResponse(body).nonce);
    }
    assertEquals(nonces, ["1", "2", "3"], `pieces of ${size} bytes`);
  }
});

Deno.test("the first request names the node and asks for everything", () => {
  const sotw = readSotwRequest(subscribe("sotw", TYPE, "n1").subarray(5));
  assertEquals([sotw.request.type, sotw.request.names, sotw.request.nonce], [TYPE, [], ""]);
  const delta = readDeltaRequest(subscribe("delta", TYPE, "n1").subarray(5));
  assertEquals([delta.request.type, delta.request.subscribe, delta.request.nonce], [TYPE, [], ""]);
  for (const { node } of [sotw, delta]) assertEquals(readNode(node ?? new Uint8Array()).id, "n1");
});

Deno.test("an acknowledgement repeats nonce and version", () => {
  const answered = { version: "v".repeat(200), nonce: "17" };
  const sotw = readSotwRequest(acknowledge("sotw", TYPE, answered).subarray(5)).request;
  assertEquals([sotw.type, sotw.version, sotw.nonce], [TYPE, answered.version, "17"]);
  const delta = readDeltaRequest(acknowledge("delta", TYPE, answered).subarray(5)).request;
  assertEquals([delta.type, delta.nonce], [TYPE, "17"]);
});

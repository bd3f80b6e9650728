import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { frame, rawClient, start, until } from "./testing.ts";

/** A message as gRPC compresses it. */
function compressed(body: string): Buffer {
  const message = frame(gzipSync(body));
  message[0] = 1;
  return message;
}

for (const directFrames of [true, false]) {
  const way = directFrames ? "direct" : "public";

  Deno.test(`requests arrive whole and in order, however they are cut (${way} way)`, async () => {
    await using server = await start({ directFrames });
    server.hub.onRequest = () => {};
    using raw = rawClient(server.port);
    const { stream } = raw.open();
    const bodies = ["one", "", "x".repeat(70_000), "y".repeat(1_200_000), "last"];
    const bytes = Buffer.concat(bodies.map(frame));
    for (const [from, to] of [[0, 2], [2, 7], [7, 8], [8, 30_000], [30_000, bytes.length]]) {
      stream.write(bytes.subarray(from, to));
      // Each piece is to arrive alone.
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until("all requests", () => server.hub.seen[0]?.bodies.length === bodies.length);
    assertEquals(server.hub.seen[0]?.bodies.map(String), bodies);
  });

  Deno.test(`requests of very many pieces arrive whole (${way} way)`, async () => {
    await using server = await start({ directFrames });
    server.hub.onRequest = () => {};
    using raw = rawClient(server.port);
    const { stream } = raw.open();
    const bodies = Array.from({ length: 4 }, (_, i) => String(i).repeat(100 * i + 90));
    for (const byte of Buffer.concat(bodies.map(frame))) {
      await new Promise((resolve) => stream.write(Buffer.from([byte]), resolve));
    }
    await until("all requests", () => server.hub.seen[0]?.bodies.length === bodies.length);
    assertEquals(server.hub.seen[0]?.bodies.map(String), bodies);
  });

  Deno.test(`compressed requests are taken, before and after plain ones (${way} way)`, async () => {
    await using server = await start({ directFrames });
    server.hub.onRequest = () => {};
    using raw = rawClient(server.port);
    const { stream } = raw.open("sotw", { "grpc-encoding": "gzip" });
    stream.write(Buffer.concat([frame("one"), compressed("two"), frame("three")]));
    stream.write(Buffer.concat([compressed("four"), frame("five")]));
    await until("all requests", () => server.hub.seen[0]?.bodies.length === 5);
    assertEquals(server.hub.seen[0]?.bodies.map(String), ["one", "two", "three", "four", "five"]);
  });
}

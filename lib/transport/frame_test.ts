import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { DEFAULT_LIMITS } from "./server.ts";
import { type ByteCall, frameWriter } from "./frame.ts";
import { client, collect, first, frame, rawClient, start, until } from "./testing.ts";

/** What a client receives for three frames, byte for byte, with the trailers. */
async function onTheWire(directFrames: boolean) {
  await using server = await start({ directFrames, limits: DEFAULT_LIMITS });
  const bodies = [Buffer.from("one"), Buffer.alloc(0), Buffer.alloc(200_000, 7)];
  server.hub.onRequest = ({ outlet }) => {
    for (const body of bodies) outlet.send(frame(body));
    outlet.end({ code: "INVALID_ARGUMENT", message: "done" });
  };
  using raw = rawClient(server.port);
  const seen = raw.open();
  collect(seen);
  seen.stream.write(frame("go"));
  await until("the trailers", () => seen.trailers !== undefined);
  const { "grpc-status": code, "grpc-message": message } = seen.trailers ?? {};
  return { bytes: seen.bytes.toString("hex"), code: String(code), message, expected: Buffer.concat(bodies.map(frame)) };
}

Deno.test("the direct way and the public way put the same bytes on the wire", async () => {
  const direct = await onTheWire(true);
  const publicly = await onTheWire(false);
  assertEquals(direct, publicly);
  assertEquals(direct.bytes, direct.expected.toString("hex"));
  assertEquals([direct.code, direct.message], ["3", "done"]);
});

Deno.test("the pinned grpc-js still lets frames through: if this fails after an update, read frame.ts anew", async () => {
  await using server = await start();
  using connection = client(server.address);
  const stream = connection.open();
  stream.send("hello");
  await until("the answer", () => stream.messages.length === 1);
  assertEquals(Reflect.get(first(server.hub).outlet, "direct"), true);
  assertEquals(server.log.lines, []);
});

for (const directFrames of [true, false]) {
  const way = directFrames ? "direct" : "public";
  Deno.test(`drained says whether a reader keeps up (${way} way)`, async () => {
    await using server = await start({ directFrames });
    const large = frame(Buffer.alloc(1_000_000));
    server.hub.onRequest = ({ outlet }) => outlet.send(large);
    using raw = rawClient(server.port);
    const slow = raw.open();
    slow.stream.write(frame("go"));
    await until("the request", () => server.hub.seen[0]?.bodies.length === 1);
    const { outlet } = first(server.hub);
    // A second client that got all of its own proves that there was time, and that nobody else is held back.
    using other = client(server.address);
    const lively = other.open();
    lively.send("go");
    await until("the lively one", () => lively.messages.length === 1 && server.hub.seen[1]?.outlet.drained() === true);
    assertEquals(outlet.drained(), false);
    collect(slow);
    await until("all of it", () => slow.bytes.length === large.length && outlet.drained());
    assertEquals(slow.bytes.equals(large), true);
  });
}

for (const directFrames of [true, false]) {
  const way = directFrames ? "direct" : "public";
  Deno.test(`a frame that goes in parts keeps its place, and the end comes after it (${way} way)`, async () => {
    await using server = await start({ directFrames });
    const bodies = [
      Buffer.from("before"),
      Buffer.alloc(5_000_000, 1),
      Buffer.from("between"),
      Buffer.alloc(2_000_000, 2),
    ];
    server.hub.onRequest = ({ outlet }) => {
      for (const body of bodies) outlet.send(frame(body));
      outlet.end({ code: "UNAVAILABLE", message: "done" });
    };
    using connection = client(server.address);
    const stream = connection.open();
    stream.send("go");
    await until("the end", () => stream.ended !== undefined);
    assertEquals(stream.ended, { code: 14, details: "done" });
    assertEquals(stream.messages.map((body) => body.length), bodies.map((body) => body.length));
    assertEquals(stream.messages.every((body, index) => body.equals(bodies[index] ?? Buffer.alloc(0))), true);
  });
}

Deno.test("a call whose inside is not known takes the public way", () => {
  const written: Buffer[] = [];
  const call = (inside: unknown) =>
    ({ call: inside, write: (body: Buffer) => written.push(body), writableLength: 3 }) as unknown as ByteCall;
  const stream = { write() {}, close() {}, respond() {}, on() {}, writableLength: 0 };
  const good = {
    stream,
    maybeSendMetadata() {},
    serializeMessage: (body: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, 0, body.length]), body]),
  };
  assertEquals(frameWriter(call(good)).direct, true);
  assertEquals(frameWriter(call(good), false).direct, false);
  for (
    const bad of [
      undefined,
      {},
      { ...good, maybeSendMetadata: undefined },
      { ...good, stream: { ...stream, writableLength: undefined } },
      { ...good, stream: undefined },
      { ...good, serializeMessage: (body: Buffer) => body },
      {
        ...good,
        serializeMessage() {
          throw new Error("changed");
        },
      },
    ]
  ) {
    const writer = frameWriter(call(bad));
    assertEquals(writer.direct, false);
    writer.write(frame("body"));
    assertEquals(written.pop()?.toString(), "body");
    assertEquals(writer.pending(), 3);
  }
});

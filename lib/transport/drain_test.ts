import { assert, assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { client, collect, first, frame, rawClient, start, temporaryFolder, until } from "./testing.ts";

/** Whether a new connection is taken. */
function reachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

Deno.test("a drain ends streams with a status that says try again, closes connections, and comes to an end", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "xds.sock");
  await using server = await start({ listen: ["127.0.0.1:0", `unix:${path}`] });
  using one = client(server.address);
  using two = client(`unix:${path}`);
  const streams = [one.open(), one.open(), two.open()];
  streams.forEach((stream) => stream.send("hello"));
  await until("answers", () => streams.every((s) => s.messages.length === 1));
  await server.transport.drain(10_000, 0);
  assertEquals(server.transport.connections(), 0);
  assertEquals(server.transport.streams(), 0);
  await until("the ends", () => streams.every((s) => s.ended !== undefined));
  assertEquals(streams.map((s) => s.ended?.code), Array(3).fill(status.UNAVAILABLE));
  assertEquals(server.hub.seen.map((s) => s.closed), [1, 1, 1]);
  assertEquals(await reachable(server.port), false);
  assertEquals(existsSync(path), false);
});

Deno.test("a client is told to go at once, and served until the end of its stream comes", async () => {
  await using server = await start({ random: () => 0.999 });
  using raw = rawClient(server.port);
  const seen = raw.open();
  collect(seen);
  seen.stream.write(frame("one"));
  await until("the answer", () => seen.bytes.length === frame("one").length);
  let goaway: number | undefined;
  raw.session.on("goaway", (code) => goaway = code);
  const drained = server.transport.drain(60_000, 60_000);
  await until("GOAWAY", () => goaway !== undefined);
  assertEquals(goaway, 0);
  assertEquals(await reachable(server.port), false);
  first(server.hub).outlet.send(frame("two"));
  seen.stream.write(frame("three"));
  const all = Buffer.concat(["one", "two", "three"].map(frame));
  await until("what was sent after", () => seen.bytes.length === all.length);
  assertEquals(seen.bytes.equals(all), true);
  await server.transport.close();
  await drained;
});

Deno.test("the ends of streams are spread over the jitter", async () => {
  const chances = [0.9, 0];
  await using server = await start({ random: () => chances.shift() ?? 0 });
  using connection = client(server.address);
  const streams = [connection.open(), connection.open()] as const;
  for (const stream of streams) {
    stream.send("hello");
    await until("the answer", () => stream.messages.length === 1);
  }
  const drained = server.transport.drain(60_000, 1_000);
  await until("the early end", () => streams[1].ended !== undefined);
  assertEquals(streams[0].ended, undefined);
  assertEquals(server.transport.streams(), 1);
  await drained;
  await until("the late end", () => streams[0].ended !== undefined);
});

Deno.test("a drain does not wait for clients that neither read nor speak", async () => {
  await using server = await start();
  // A reader that does not read.
  using raw = rawClient(server.port);
  const stuck = raw.open();
  stuck.stream.write(frame("go"));
  server.hub.onRequest = ({ outlet }) => outlet.send(frame(Buffer.alloc(5_000_000)));
  await until("the request", () => server.hub.seen[0]?.bodies.length === 1);
  // A connection that never says a word.
  const mute = connect(server.port, "127.0.0.1");
  mute.on("error", () => {});
  await until("the mute one", () => server.transport.connections() === 2);
  const before = Date.now();
  await server.transport.drain(300, 0);
  assert(Date.now() - before < 5_000);
  assertEquals(server.transport.streams(), 0);
  assertEquals(first(server.hub).closed, 1);
  mute.destroy();
});

Deno.test("close ends everything at once, also twice, and a drain afterwards has nothing to do", async () => {
  const server = await start();
  using connection = client(server.address);
  const stream = connection.open();
  stream.send("hello");
  await until("the answer", () => stream.messages.length === 1);
  await server.transport.close();
  await until("no connection", () => server.transport.connections() === 0);
  await server.transport.close();
  await server.transport.drain(10_000, 0);
  assertEquals(first(server.hub).closed, 1);
  await until("the end", () => stream.ended !== undefined);
  await assertRejects(
    async () => {
      if (!await reachable(server.port)) throw new Error("refused");
    },
    Error,
    "refused",
  );
});

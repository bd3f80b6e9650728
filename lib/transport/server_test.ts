import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { status } from "@grpc/grpc-js";
import { TransportError } from "./error.ts";
import { DEFAULT_LIMITS } from "./server.ts";
import { client, frame, start, temporaryFolder, until } from "./testing.ts";

Deno.test("both methods carry bytes to the hub and frames back", async () => {
  await using server = await start();
  using connection = client(server.address);
  for (const mode of ["sotw", "delta"] as const) {
    const stream = connection.open(mode);
    stream.send("hello");
    await until("the answer", () => stream.messages.length === 1);
    assertEquals(stream.messages[0]?.toString(), "hello");
    assertEquals(server.hub.seen.at(-1)?.mode, mode);
  }
  assertEquals(server.transport.streams(), 2);
});

Deno.test("the hub learns the address of the peer, and no identities without mutual TLS", async () => {
  await using server = await start();
  using connection = client(server.address);
  connection.open().send("hello");
  await until("the stream", () => server.hub.seen.length === 1);
  const peer = server.hub.seen[0]?.outlet.peer;
  assertMatch(peer?.address ?? "", /^127\.0\.0\.1:\d+$/);
  assertEquals(peer?.identities, []);
});

Deno.test("several addresses serve at once, IPv6 among them, and say their real ports", async () => {
  await using server = await start({ listen: ["127.0.0.1:0", "[::1]:0", "localhost:0"] });
  for (const address of server.transport.addresses) {
    using connection = client(address);
    const stream = connection.open();
    stream.send("hello");
    await until(`the answer at ${address}`, () => stream.messages.length === 1);
  }
  const [v4, v6, name] = server.transport.addresses;
  assertMatch(v4 ?? "", /^127\.0\.0\.1:[1-9]\d*$/);
  assertMatch(v6 ?? "", /^\[::1\]:[1-9]\d*$/);
  assertMatch(name ?? "", /^localhost:[1-9]\d*$/);
  assertMatch(server.hub.seen[1]?.outlet.peer.address ?? "", /^\[::1\]:\d+$/);
});

Deno.test("a busy port is an error that names it, and leaves no other address open", async () => {
  await using folder = await temporaryFolder();
  await using server = await start();
  const path = join(folder.path, "xds.sock");
  const error = await assertRejects(() => start({ listen: [`unix:${path}`, server.address] }), TransportError);
  assertEquals(error.failure, "unavailable");
  assertEquals(existsSync(path), false);
  assertEquals(error.message, `Cannot listen on "${server.address}": address already in use`);
});

Deno.test("an address that other machines reach asks for mutual TLS or for the flag", async () => {
  const error = await assertRejects(() => start({ listen: ["0.0.0.0:0"] }), TransportError);
  assertEquals(error.failure, "usage");
  assertMatch(error.hint ?? "", /--tls-client-ca.*--insecure-xds/);
  await using server = await start({ listen: ["0.0.0.0:0", ":0"], insecure: true });
  using connection = client(`127.0.0.1:${server.port}`);
  const stream = connection.open();
  stream.send("hello");
  await until("the answer", () => stream.messages.length === 1);
});

Deno.test("a refusal of the hub reaches the client as a status, and the hub hears no more of it", async () => {
  await using server = await start();
  server.hub.refusal = { code: "UNAVAILABLE", message: "no configuration yet: é \ud800" };
  using connection = client(server.address);
  const stream = connection.open();
  await until("the end", () => stream.ended !== undefined);
  assertEquals(stream.ended, { code: status.UNAVAILABLE, details: "no configuration yet: é \ufffd" });
  await until("the stream to go", () => server.transport.streams() === 0);
});

Deno.test("an ending of the hub comes after everything that was sent before it", async () => {
  await using server = await start();
  const large = frame(Buffer.alloc(3_000_000, 1));
  server.hub.onRequest = ({ outlet }) => {
    outlet.send(large);
    outlet.send(large);
    outlet.end({ code: "INVALID_ARGUMENT", message: "that is enough" });
    outlet.send(large);
  };
  using connection = client(server.address);
  const stream = connection.open();
  stream.send("go");
  await until("the end", () => stream.ended !== undefined);
  assertEquals(stream.messages.map((m) => m.length), [3_000_000, 3_000_000]);
  assertEquals(stream.ended, { code: status.INVALID_ARGUMENT, details: "that is enough" });
  await until("closed", () => server.hub.seen[0]?.closed === 1);
});

Deno.test("an exception in the hub ends its stream alone, and is logged", async () => {
  await using server = await start();
  server.hub.onRequest = ({ outlet }, body) => {
    if (body.length === 4) throw new Error("a bug");
    outlet.send(frame(body));
  };
  using connection = client(server.address);
  const [bad, good] = [connection.open(), connection.open()];
  good.send("before");
  bad.send("boom");
  await until("the end", () => bad.ended !== undefined);
  assertEquals(bad.ended?.code, status.INTERNAL);
  good.send("after that");
  await until("the other stream's answers", () => good.messages.length === 2);
  assertEquals(server.hub.seen.map((s) => s.closed).sort(), [0, 1]);
  assertMatch(String(server.log.lines.find((l) => l.level === "error")?.fields.error), /a bug/);
});

Deno.test("an exception while a stream opens or closes touches nobody else", async () => {
  await using server = await start({
    host: {
      open(_, outlet) {
        if (server.transport.streams() > 1) throw new Error("open failed");
        return {
          receive: (body) => outlet.send(frame(body)),
          closed() {
            throw new Error("close failed");
          },
        };
      },
      fetch: () => ({ code: "UNAVAILABLE", message: "no" }),
    },
  });
  using connection = client(server.address);
  const first = connection.open();
  first.send("one");
  await until("the first answer", () => first.messages.length === 1);
  const second = connection.open();
  await until("the second's end", () => second.ended !== undefined);
  assertEquals(second.ended?.code, status.INTERNAL);
  first.call.cancel();
  await until("the first to go", () => server.transport.streams() === 0);
  assertEquals(server.log.lines.filter((l) => l.level === "error").map((l) => l.fields.at), ["open", "closing"]);
});

Deno.test("a stream that the client half-closes, cancels or loses is closed once", async () => {
  await using server = await start();
  using connection = client(server.address);
  const [half, cancelled] = [connection.open(), connection.open()];
  const lost = client(server.address);
  const third = lost.open();
  for (const stream of [half, cancelled, third]) stream.send("hello");
  await until("answers", () => [half, cancelled, third].every((s) => s.messages.length === 1));
  half.call.end();
  await until("the end", () => half.ended !== undefined);
  assertEquals(half.ended?.code, status.OK);
  cancelled.call.cancel();
  third.call.cancel();
  lost[Symbol.dispose]();
  await until("no stream", () => server.transport.streams() === 0);
  assertEquals(server.hub.seen.map((s) => s.closed), [1, 1, 1]);
});

Deno.test("streams are bounded in total, and a place is free again when one goes", async () => {
  await using server = await start({ limits: { ...DEFAULT_LIMITS, maxStreams: 2 } });
  using connection = client(server.address);
  const streams = [connection.open(), connection.open()];
  streams.forEach((stream) => stream.send("hello"));
  await until("answers", () => streams.every((s) => s.messages.length === 1));
  const extra = connection.open();
  await until("the refusal", () => extra.ended !== undefined);
  assertEquals(extra.ended?.code, status.RESOURCE_EXHAUSTED);
  streams[0]?.call.cancel();
  await until("the place", () => server.transport.streams() === 1);
  const again = connection.open();
  again.send("hello");
  await until("its answer", () => again.messages.length === 1);
});

Deno.test("a request above the limit is RESOURCE_EXHAUSTED, one of more than 4 MiB is not", async () => {
  await using server = await start({ limits: { ...DEFAULT_LIMITS, maxRequestBytes: 6_000_000 } });
  using connection = client(server.address);
  const [fits, large] = [connection.open(), connection.open()];
  fits.send(Buffer.alloc(5_500_000));
  await until("the answer", () => fits.messages.length === 1);
  assertEquals(fits.messages[0]?.length, 5_500_000);
  large.send(Buffer.alloc(6_500_000));
  await until("the refusal", () => large.ended !== undefined);
  assertEquals(large.ended?.code, status.RESOURCE_EXHAUSTED);
  await until("it to be gone", () => server.transport.streams() === 1);
  fits.send("still here");
  await until("the other stream", () => fits.messages.length === 2);
});

Deno.test("an unknown method is UNIMPLEMENTED", async () => {
  await using server = await start();
  using connection = client(server.address);
  const stream = connection.open("sotw", "/envoy.service.discovery.v3.AggregatedDiscoveryService/Nothing");
  await until("the end", () => stream.ended !== undefined);
  assertEquals(stream.ended?.code, status.UNIMPLEMENTED);
});

import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { connect, createServer, type Socket } from "node:net";
import { credentials } from "@grpc/grpc-js";
import { createAuthority } from "../../test/certificates.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ADS_PATHS } from "./discovery_service.ts";
import { DEFAULT_LIMITS } from "./server.ts";
import { client, collect, frame, rawClient, start, temporaryFolder, type TestStream, until } from "./testing.ts";

type Server = Awaited<ReturnType<typeof start>>;

/** A stream that is served, to see afterwards that it still is. */
async function wellBehaved(server: Server, connection = client(server.address)) {
  const stream = connection.open();
  stream.send("hello");
  await until("the answer", () => stream.messages.length === 1);
  return { connection, stream };
}

async function stillServed(stream: TestStream): Promise<void> {
  const before = stream.messages.length;
  stream.send("still there?");
  await until("an answer as before", () => stream.messages.length === before + 1);
}

/** Sends bytes on a new connection; resolves when the server closes it. */
function throwAt(port: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", () => {});
    socket.on("error", () => {});
    socket.on("close", () => resolve());
    socket.on("end", () => socket.end());
  });
}

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** A frame of HTTP/2: length, type, flags, stream. */
function http2Frame(type: number, flags: number, stream: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/** The headers of a call, as HPACK literals without compression. */
function requestHeaders(stream: number): Buffer {
  const fields: [string, string][] = [
    [":method", "POST"],
    [":scheme", "http"],
    [":path", ADS_PATHS.sotw],
    [":authority", "x"],
    ["content-type", "application/grpc"],
    ["te", "trailers"],
  ];
  const literal = (text: string) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
  const block = fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]);
  return http2Frame(1, 4, stream, Buffer.concat(block));
}

Deno.test("garbage on the port ends its connection, and nobody else notices", async () => {
  await using server = await start();
  const { connection, stream } = await wellBehaved(server);
  using _connection = connection;
  const garbage = [
    Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
    Buffer.alloc(100_000, 0xff),
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]), // a TLS hello, where there is no TLS
    Buffer.concat([PREFACE, Buffer.alloc(64, 0xff)]),
    Buffer.concat([
      PREFACE,
      http2Frame(4, 0, 0, Buffer.alloc(0)),
      http2Frame(1, 4, 1, Buffer.from([0xff, 0xff, 0xff])),
    ]),
  ];
  await Promise.all(garbage.map((bytes) => {
    const short = bytes.length < 20;
    if (!short) return throwAt(server.port, bytes);
    const socket = connect(server.port, "127.0.0.1", () => socket.end(bytes));
    socket.on("error", () => {});
    socket.on("data", () => {});
    return new Promise<void>((resolve) => socket.on("close", () => resolve()));
  }));
  await until("the connections to go", () => server.transport.connections() === 1);
  await stillServed(stream);
  assertEquals(server.hub.seen.length, 1);
});

Deno.test("garbage on a TLS port ends its connection, and nobody else notices", async () => {
  await using folder = await temporaryFolder();
  const ca = createAuthority();
  const pair = ca.issue({ commonName: "server", dns: ["localhost"] });
  const tls = { cert: join(folder.path, "crt"), key: join(folder.path, "key") };
  writeFileSync(tls.cert, pair.cert);
  writeFileSync(tls.key, pair.key);
  await using server = await start({ tls });
  const { connection, stream } = await wellBehaved(
    server,
    client(server.address, credentials.createSsl(Buffer.from(ca.cert))),
  );
  using _connection = connection;
  await throwAt(server.port, Buffer.alloc(5_000, 0xff));
  await throwAt(server.port, PREFACE);
  await until("the connections to go", () => server.transport.connections() === 1);
  await stillServed(stream);
});

Deno.test("a stream that carries no gRPC messages ends alone", async () => {
  await using server = await start();
  const { connection, stream } = await wellBehaved(server);
  using _connection = connection;
  using raw = rawClient(server.port);
  const garbage = raw.open();
  collect(garbage);
  let responseHeaders: Record<string, unknown> = {};
  garbage.stream.on("response", (headers) => responseHeaders = headers);
  garbage.stream.write(Buffer.alloc(1000, 0xff));
  await until("its status", () => responseHeaders["grpc-status"] !== undefined);
  assertEquals(String(responseHeaders["grpc-status"]), "8");
  await until("its end", () => server.transport.streams() === 1);
  assertEquals(server.hub.seen[1]?.closed, 1);

  const page = raw.open("sotw", { "content-type": "text/html" });
  collect(page);
  await until("the refusal", () => page.stream.closed || page.stream.readableEnded);
  assertEquals(server.hub.seen.length, 2);
  await stillServed(stream);
});

Deno.test("a connection gets no more streams than it may have, whatever it sends", async () => {
  await using server = await start({ limits: { ...DEFAULT_LIMITS, maxStreamsPerConnection: 3 } });
  const { connection, stream } = await wellBehaved(server);
  using _connection = connection;
  const socket = connect(server.port, "127.0.0.1");
  let settings = false;
  socket.on("data", () => settings = true);
  socket.on("error", () => {});
  socket.write(Buffer.concat([PREFACE, http2Frame(4, 0, 0, Buffer.alloc(0))]));
  await until("the server's settings", () => settings);
  // Acknowledged first: before that a server may let more through.
  const ids = Array.from({ length: 10 }, (_, index) => 2 * index + 1);
  socket.write(Buffer.concat([http2Frame(4, 1, 0, Buffer.alloc(0)), ...ids.map(requestHeaders)]));
  // The answer to a ping comes after everything before it was looked at.
  const pings = await wellBehaved(server);
  using _pings = pings.connection;
  await until("its streams, or its end", () => server.hub.seen.length >= 5 || server.transport.connections() === 2);
  await stillServed(stream);
  assert(server.hub.seen.length <= 5, `${server.hub.seen.length - 2} streams on one connection`);
  socket.destroy();
  await until("only the two others", () => server.transport.streams() === 2);
});

Deno.test("a connection that went dead without a word is noticed by pings, and its streams are closed", async () => {
  await using server = await start({ keepalive: { time: 50, timeout: 100 } });
  const { connection, stream } = await wellBehaved(server);
  using _connection = connection;
  // A proxy that can fall silent, as a network does.
  const ends: Socket[] = [];
  const proxy = createServer((near) => {
    const far = connect(server.port, "127.0.0.1");
    for (const end of [near, far]) end.on("error", () => {});
    near.on("data", (data) => far.write(data));
    far.on("data", (data) => near.write(data));
    ends.push(near, far);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const at = proxy.address();
  if (at === null || typeof at === "string") throw new Error("no port");
  const victim = await wellBehaved(server, client(`127.0.0.1:${at.port}`));
  for (const end of ends) end.removeAllListeners("data").on("data", () => {});
  await until("the dead stream to go", () => server.hub.seen[1]?.closed === 1);
  await until("its connection to go", () => server.transport.connections() === 1);
  await stillServed(stream);
  assertEquals(server.transport.streams(), 1);
  victim.connection[Symbol.dispose]();
  for (const end of ends) end.destroy();
  await new Promise((resolve) => proxy.close(resolve));
});

Deno.test("a slow reader holds nobody back", async () => {
  await using server = await start();
  using raw = rawClient(server.port);
  const slow = raw.open();
  server.hub.onRequest = ({ outlet }) => outlet.send(frame(Buffer.alloc(1_000_000)));
  slow.stream.write(Buffer.concat([frame("go"), frame("go"), frame("go")]));
  await until("its requests", () => server.hub.seen[0]?.bodies.length === 3);
  const { connection, stream } = await wellBehaved(server);
  using _connection = connection;
  await stillServed(stream);
  assertEquals(server.hub.seen.map((s) => s.outlet.drained()), [false, true]);
});

for (const directFrames of [true, false]) {
  Deno.test(`a stream whose client does not read its end is given up (${directFrames ? "direct" : "public"} way)`, async () => {
    await using server = await start({ linger: 50, directFrames });
    using raw = rawClient(server.port);
    const stuck = raw.open();
    let reset: number | undefined;
    stuck.stream.on("close", () => reset = stuck.stream.rstCode);
    server.hub.onRequest = ({ outlet }, body) => {
      outlet.send(frame(Buffer.alloc(1_000_000)));
      if (body.length === 2) outlet.end({ code: "DEADLINE_EXCEEDED", message: "no answer" });
    };
    stuck.stream.write(frame("go"));
    await until("it to be closed for the hub", () => server.hub.seen[0]?.closed === 1);
    assertEquals(server.transport.streams(), 0);
    if (!directFrames) return;
    await until("the reset at the client", () => reset === 8);
    const { connection } = await wellBehaved(server);
    connection[Symbol.dispose]();
    assertEquals(server.hub.seen[0]?.closed, 1);
  });
}

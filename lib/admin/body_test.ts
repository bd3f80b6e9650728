import { assertEquals } from "@std/assert";
import { connect } from "node:net";
import { once } from "node:events";
import { startHttpServer } from "../http_server.ts";
import type { BodyLimits } from "./body.ts";
import { setUp } from "./testing/set_up.ts";

const LIMITS: BodyLimits = { body: 100_000, total: 250_000, silenceMs: 10_000 };
const PATH = "/v1/groups/edge/resources";
const HEADERS = { "content-type": "application/json" };

async function serve(limits: Partial<BodyLimits> = {}) {
  const all = setUp({ bodies: { ...LIMITS, ...limits } });
  const server = await startHttpServer({ address: { kind: "tcp", host: "127.0.0.1", port: 0 }, fetch: all.app.fetch });
  const put = async (body: BodyInit) => {
    const response = await fetch(server.url + PATH, { method: "PUT", headers: HEADERS, body });
    return [response.status, await response.json()];
  };
  return { ...all, put, url: server.url, port: Number(new URL(server.url).port), close: () => server.close() };
}

/** A body of so many bytes that says nothing. */
function padded(size: number): string {
  const start = '{"resources":[]';
  return `${start}${" ".repeat(size - start.length - 1)}}`;
}

/** Without a length: the sender does not know it. */
function chunked(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at += 10_000));
    },
  });
}

Deno.test("a body is read up to its bound, with a length and without", async () => {
  const { put, close, writes } = await serve();
  for (const send of [padded, (size: number) => chunked(padded(size))]) {
    for (const size of [16, 70_000, 100_000]) assertEquals((await put(send(size)))[0], 200, `${size}`);
    for (const size of [100_001, 400_000]) {
      const [status, { detail }] = await put(send(size));
      assertEquals([status, detail], [413, "Cannot read the body: it is larger than 100000 bytes"], `${size}`);
    }
  }
  assertEquals(writes.calls.length, 6);
  await close();
});

Deno.test("a body without a connection is bounded as well", async () => {
  const { ask } = setUp({ bodies: LIMITS });
  const put = async (body: BodyInit) => (await ask(PATH, { method: "PUT", headers: HEADERS, body })).status;
  assertEquals(await put(padded(100_000)), 200);
  assertEquals(await put(padded(100_001)), 413);
  assertEquals(await put(chunked(padded(100_001))), 413);
});

Deno.test("an empty body is one, and no body is read as one", async () => {
  const { put, close, ask } = await serve();
  assertEquals((await put(""))[0], 422);
  assertEquals((await ask(PATH, { method: "PUT", headers: HEADERS })).status, 422);
  await close();
});

/** Sends the head and the beginning of a body, and keeps the rest. */
async function begin(port: number, length: number, part: string) {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const head = ["PUT " + PATH + " HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"];
  socket.write(`${head.join("\r\n")}\r\nContent-Length: ${length}\r\n\r\n${part}`);
  return socket;
}

Deno.test("many bodies at a time are bounded together, and there is room again when one is done", async () => {
  const { put, close, port } = await serve();
  const sockets = [];
  for (let i = 0; i < 2; i++) sockets.push(await begin(port, 100_000, padded(70_000)));
  const full = async () => (await put(padded(60_000)))[0];
  for (const end = Date.now() + 10_000; await full() !== 503;) if (Date.now() > end) throw new Error("never full");
  assertEquals((await put(padded(40_000)))[0], 200);
  for (const socket of sockets) socket.destroy();
  for (const end = Date.now() + 10_000; await full() !== 200;) if (Date.now() > end) throw new Error("never free");
  await close();
});

Deno.test("who says a length and sends next to nothing takes no place from others", async () => {
  const { put, close, port } = await serve({ total: 300_000 });
  const sockets = [];
  for (let i = 0; i < 3; i++) {
    const socket = await begin(port, 100_000, "{");
    sockets.push(socket);
  }
  for (let i = 0; i < 20; i++) assertEquals((await put(padded(100_000)))[0], 200);
  for (const socket of sockets) socket.destroy();
  await close();
});

Deno.test("a body is let go when it is written, not when its sender has waited for the clients", async () => {
  const { put, close, url, hub } = await serve();
  const never = Promise.withResolvers<{ kind: "pending"; clients: number }>();
  let waiting = 0;
  hub.settled = () => {
    waiting++;
    return never.promise;
  };
  const waits = [0, 1, 2, 3].map(async () => {
    const response = await fetch(`${url}${PATH}?wait=10m`, { method: "PUT", headers: HEADERS, body: padded(60_000) });
    return [response.status, await response.json()];
  });
  for (const end = Date.now() + 10_000; waiting < 4;) {
    if (Date.now() > end) throw new Error("they do not wait");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals((await put(padded(100_000)))[0], 200);
  never.resolve({ kind: "pending", clients: 1 });
  assertEquals((await Promise.all(waits)).map(([status]) => status), [202, 202, 202, 202]);
  await close();
});

Deno.test("a sender that brings a byte now and then is told that this is too little", async () => {
  const { close, port } = await serve({ silenceMs: 100 });
  const socket = await begin(port, 1_000, "{");
  const drip = setInterval(() => socket.write(" "), 10);
  const [answer] = await once(socket, "data");
  clearInterval(drip);
  assertEquals(String(answer).split("\r\n")[0], "HTTP/1.1 408 Request Timeout");
  socket.destroy();
  await close();
});

Deno.test("a sender that falls silent is told so", async () => {
  const { close, port } = await serve({ silenceMs: 50 });
  const socket = await begin(port, 1_000, "{");
  const [answer] = await once(socket, "data");
  assertEquals(String(answer).split("\r\n")[0], "HTTP/1.1 408 Request Timeout");
  socket.destroy();
  await close();
});

Deno.test("a body that breaks off writes nothing", async () => {
  const { close, port, put, writes } = await serve();
  const socket = await begin(port, 1_000, '{"resources":[]}');
  socket.destroy();
  assertEquals((await put(padded(20)))[0], 200);
  assertEquals(writes.calls.length, 1);
  await close();
});

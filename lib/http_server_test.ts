import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { httpConnections, type HttpTimes, startHttpServer } from "./http_server.ts";

const LOOPBACK = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
const hello = () => new Response("hello");

Deno.test("a server on port 0 tells its real port, answers and closes", async () => {
  const server = await startHttpServer({ address: LOOPBACK, fetch: hello });
  assertMatch(server.url, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assertEquals(await (await fetch(server.url)).text(), "hello");
  await server.close();
  await assertRejects(() => fetch(server.url));
});

Deno.test("an address that is taken is an error with its code", async () => {
  const server = await startHttpServer({ address: LOOPBACK, fetch: hello });
  const port = Number(new URL(server.url).port);
  const error = await assertRejects(() => startHttpServer({ address: { ...LOOPBACK, port }, fetch: hello }), Error);
  assertEquals((error as { code?: unknown }).code, "EADDRINUSE");
  await server.close();
});

Deno.test("an idle connection is told that it may stay for more than a minute", async () => {
  const server = await startHttpServer({ address: LOOPBACK, fetch: hello });
  const response = await fetch(server.url);
  await response.text();
  const [, seconds] = /timeout=(\d+)/.exec(response.headers.get("keep-alive") ?? "") ?? [];
  assertEquals(Number(seconds) > 60, true);
  await server.close();
});

Deno.test("closing ends connections whatever they wait for", async () => {
  const asked = Promise.withResolvers<void>();
  const server = await startHttpServer({
    address: LOOPBACK,
    fetch: () => {
      asked.resolve();
      return new Promise<Response>(() => {});
    },
  });
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await asked.promise;
  await server.close();
  await closed;
});

Deno.test("a socket is for its owner, is answered on, is not taken twice, and goes away", async () => {
  const folder = await mkdtemp(join(tmpdir(), "xcp-http-"));
  const path = `${folder}/admin.sock`;
  const address = { kind: "unix", path } as const;
  const server = await startHttpServer({ address, fetch: hello });
  assertEquals(server.url, `unix:${path}`);
  assertEquals((await stat(path)).mode & 0o777, 0o600);
  assertEquals(await getOver(path), "hello");
  await assertRejects(() => startHttpServer({ address, fetch: hello }), Error, "another process listens there");
  await server.close();
  await assertRejects(() => stat(path));
  await rm(folder, { recursive: true });
});

Deno.test("a file that another process put in the socket's place is not removed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "xcp-http-"));
  const path = join(folder, "admin.sock");
  const server = await startHttpServer({ address: { kind: "unix", path }, fetch: hello });
  // The runtime removes the path itself when it closes a socket; what is tested is a file that comes after that.
  await rename(path, `${path}.old`);
  await server.close();
  await writeFile(path, "theirs");
  await server.close();
  assertEquals(await readFile(path, "utf8"), "theirs");
  await rm(folder, { recursive: true });
});

Deno.test("a file that is no socket is left alone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "xcp-http-"));
  const path = join(folder, "notes.txt");
  await writeFile(path, "mine");
  await assertRejects(() => startHttpServer({ address: { kind: "unix", path }, fetch: hello }), Error);
  assertEquals(await readFile(path, "utf8"), "mine");
  await rm(folder, { recursive: true });
});

function getOver(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: "/" }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => body += chunk);
      response.on("end", () => resolve(body));
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** A listener that hands its connections on. */
async function accepting(times: HttpTimes, answer: () => Response | Promise<Response>) {
  const connections = httpConnections(answer, times);
  let open = 0;
  const server = createServer((socket) => {
    open++;
    socket.on("error", () => {});
    socket.on("close", () => open--);
    connections.take(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const clients: Socket[] = [];
  return {
    open: () => open,
    /** A client; resolves with what it got when the server closes the connection. */
    async client(text: string): Promise<string> {
      const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
      clients.push(socket);
      let got = "";
      socket.on("data", (chunk) => got += chunk);
      socket.on("error", () => {});
      socket.write(text);
      await new Promise((resolve) => socket.once("close", resolve));
      return got;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of clients) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const NEVER = 3_600_000;
const QUESTION = "POST / HTTP/1.1\r\nHost: any thing\r\nContent-Length: 2\r\n\r\nhi";

Deno.test("a connection that never asks, asks half, gets no answer or asks no more is closed", async () => {
  {
    await using server = await accepting({ headers: 20, answer: NEVER, idle: NEVER }, hello);
    assertEquals(await server.client("POST / HTTP/1.1\r\nHost: x\r\n"), "");
  }
  {
    await using server = await accepting(
      { headers: NEVER, answer: 20, idle: NEVER },
      () => new Promise<Response>(() => {}),
    );
    assertEquals(await server.client(QUESTION), "");
  }
  {
    await using server = await accepting({ headers: NEVER, answer: NEVER, idle: 20 }, hello);
    assertMatch(await server.client(QUESTION), /^HTTP\/1\.1 200 OK\r\n[^]*hello$/);
  }
});

Deno.test("what is not HTTP is refused, and its connection closed", async () => {
  await using server = await accepting({ headers: NEVER, answer: NEVER, idle: NEVER }, hello);
  const answer = await server.client("\x16\x03\x01 hello\r\n\r\n");
  assertMatch(answer, /^(HTTP\/1\.1 400 Bad Request\r\n|$)/);
  assertEquals(server.open(), 0);
});

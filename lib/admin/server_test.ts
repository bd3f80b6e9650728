import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHttpServer } from "./server.ts";

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
  const folder = await mkdtemp(join(tmpdir(), "xcp-admin-"));
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
  const folder = await mkdtemp(join(tmpdir(), "xcp-admin-"));
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
  const folder = await mkdtemp(join(tmpdir(), "xcp-admin-"));
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

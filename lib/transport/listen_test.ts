import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { lstatSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { TransportError } from "./error.ts";
import { client, first, start, temporaryFolder, until } from "./testing.ts";

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** The file that a killed process leaves behind: a socket that nobody listens at. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ path: `${path}.first` }, resolve));
  renameSync(`${path}.first`, path);
  await new Promise((resolve) => server.close(resolve));
  assertEquals(lstatSync(path).isSocket(), true);
}

async function answers(address: string): Promise<boolean> {
  using connection = client(address);
  const stream = connection.open();
  stream.send("hello");
  await until("an answer or an end", () => stream.messages.length > 0 || stream.ended !== undefined);
  return stream.messages.length > 0;
}

Deno.test("a Unix socket serves, is the peer's address, and is gone after close", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "xds.sock");
  {
    await using server = await start({ listen: [`unix:${path}`, "127.0.0.1:0"] });
    assertEquals(server.transport.addresses[0], `unix:${path}`);
    assertEquals(await answers(`unix:${path}`), true);
    assertEquals(first(server.hub).outlet.peer, { address: `unix:${path}`, identities: [] });
    assertEquals(exists(path), true);
  }
  assertEquals(exists(path), false);
});

Deno.test("a Unix socket is for owner and group, or for the owner alone under a strict umask", async () => {
  await using folder = await temporaryFolder();
  for (const [umask, mode] of [[0o022, 0o660], [0o000, 0o660], [0o077, 0o600]] as const) {
    const before = process.umask(umask);
    try {
      const path = join(folder.path, `${umask}.sock`);
      await using _server = await start({ listen: [`unix:${path}`] });
      assertEquals(lstatSync(path).mode & 0o777, mode);
      assertEquals(process.umask(), umask);
    } finally {
      process.umask(before);
    }
  }
});

Deno.test("a socket that a killed process left is replaced", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "xds.sock");
  await leaveSocket(path);
  await using _server = await start({ listen: [`unix:${path}`] });
  assertEquals(await answers(`unix:${path}`), true);
});

Deno.test("a socket that somebody answers at is refused, and stays theirs", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "xds.sock");
  await using _owner = await start({ listen: [`unix:${path}`] });
  const error = await assertRejects(() => start({ listen: [`unix:${path}`] }), TransportError);
  assertEquals(error.failure, "unavailable");
  assertEquals(error.message, `Cannot listen on "unix:${path}": another process listens there`);
  assertEquals(await answers(`unix:${path}`), true);
});

Deno.test("a file that is no socket is refused, and kept", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "precious.txt");
  writeFileSync(path, "precious");
  const error = await assertRejects(() => start({ listen: [`unix:${path}`] }), TransportError);
  assertEquals(error.message, `Cannot listen on "unix:${path}": a file that is not a socket is there`);
  assertEquals(readFileSync(path, "utf8"), "precious");
});

Deno.test("a socket in a folder that does not exist is an error that says so", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "nowhere", "xds.sock");
  const error = await assertRejects(() => start({ listen: [`unix:${path}`] }), TransportError);
  assertMatch(error.message, /^Cannot listen on "unix:.*xds\.sock": no such file or directory$/);
});

Deno.test("a socket file that another process put in place is not removed", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "xds.sock");
  const server = await start({ listen: [`unix:${path}`] });
  // The other moves the file aside first, so that the runtime's own removal has nothing to remove either.
  renameSync(path, `${path}.old`);
  await server.transport.close();
  await leaveSocket(path);
  await server.transport.close();
  assertEquals(exists(path), true);
});

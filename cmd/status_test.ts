import { assertEquals, assertStringIncludes } from "@std/assert";
import { clientStatus, groupStatus, rejectingClient } from "../lib/admin/testing/fake_hub.ts";
import { setUp } from "../lib/admin/testing/set_up.ts";
import type { StoreStatus } from "../lib/admin/stores.ts";
import { startHttpServer } from "../lib/http_server.ts";
import { createAuthority } from "../test/certificates.ts";
import { table } from "./status/table.ts";
import { ran } from "./testing/context.ts";

interface WorldOptions {
  readonly token?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly socket?: string;
}

/** A server with a hub that tests can change. */
async function server({ token, tls, socket }: WorldOptions = {}) {
  const guard = { reach: token === undefined ? "loopback" : "network", token: () => token } as const;
  const stores: StoreStatus[] = [];
  const { hub, app } = setUp({ guard, stores: () => stores, now: () => 0 });
  const { url, close } = await startHttpServer({
    address: socket === undefined ? { kind: "tcp", host: "127.0.0.1", port: 0 } : { kind: "unix", path: socket },
    fetch: app.fetch,
    ...(tls === undefined ? {} : { tls }),
  });
  return { hub, stores, url, [Symbol.asyncDispose]: close };
}

/** The table of groups of the hub as it is at first. */
const GROUPS = "\nGROUP  SOURCE    STATE    AGE  CLIENTS  RESOURCES\nedge   ./config  current  0s   1        2\n";

Deno.test("status is a table of what each client acknowledged", async () => {
  await using one = await server();
  one.hub.connected.push(clientStatus({ node: undefined, group: undefined, subscriptions: [] }));
  assertEquals(await ran(["status", "--admin-url", one.url]), {
    code: 0,
    stdout: "NODE            GROUP  MODE   CLUSTERS\n" +
      "10.0.0.7:51234  -      delta  -\n" +
      "edge-1          edge   delta  v1\n" + GROUPS,
    stderr: "",
  });
});

Deno.test("a rejection is shown with Envoy's words and is exit code 1", async () => {
  await using one = await server();
  one.hub.connected.push(rejectingClient({ node: { id: "edge-2", cluster: "", locality: "", userAgent: "" } }));
  const { code, stdout } = await ran(["status", "--admin-url", one.url]);
  assertEquals(code, 1);
  assertEquals(
    stdout,
    "NODE    GROUP  MODE   CLUSTERS  LISTENERS\n" +
      "edge-1  edge   delta  v1        -\n" +
      "edge-2  edge   delta  -         rejected\n" +
      GROUPS + "\nRejected:\n" +
      "  edge-2 listeners v2, 1970-01-01T00:00:00.000Z:\n" +
      "    no filter <b>here</b>\n",
  );
});

Deno.test("a group that cannot follow its sources is shown with file and line", async () => {
  await using one = await server();
  one.hub.connected = [];
  const at = { file: "a.yaml", line: 3, column: 5 };
  one.hub.list = [
    groupStatus({ stale: true, issues: [{ at, path: "", rule: "bad", severity: "error", message: "no" }] }),
  ];
  const { code, stdout } = await ran(["status", "--admin-url", one.url]);
  assertEquals(code, 0);
  assertEquals(
    stdout,
    "No client is connected.\n\n" +
      "GROUP  SOURCE    STATE  AGE  CLIENTS  RESOURCES\nedge   ./config  stale  0s   1        2\n" +
      "\nGroups that cannot follow their sources:\n  edge:\n    a.yaml:3:5: error: no [bad]\n",
  );
});

Deno.test("what all groups of an adapter say is shown once", async () => {
  await using one = await server();
  one.hub.connected = [];
  const at = { file: "./adapter.ts", line: 1, column: 1 };
  const issue = { at, path: "", rule: "adapter", severity: "warning", message: "Cannot take it: no" } as const;
  one.hub.list = ["core", "edge"].map((name) =>
    groupStatus({ name, issues: [issue, { ...issue, rule: "dangling-reference", message: "else" }] })
  );
  const { code, stdout } = await ran(["status", "--admin-url", one.url]);
  assertEquals(code, 0);
  const [, tail] = stdout.split("\n\n").slice(1);
  assertEquals(tail, "Adapters that are not served as they are:\n  Cannot take it: no\n");
});

Deno.test("what was restored is told with its store and age, and a store that fails with its failure", async () => {
  await using one = await server();
  one.hub.connected = [];
  one.hub.list = [
    groupStatus({ restored: true, stale: true, source: ["s3://bucket/prefix@7"], since: -3 * 3_600_000 }),
    groupStatus({ name: "new", revision: undefined, since: undefined, source: [], counts: {}, clients: 0 }),
  ];
  const store: StoreStatus = { url: "s3://b/p", role: "store", failure: "no\nanswer", succeeded: 0, snapshot: 7 };
  one.stores.push(
    store,
    { ...store, role: "source", failure: undefined },
    { ...store, url: "local copy", role: "copy", failure: "no space", succeeded: undefined },
  );
  const { code, stdout } = await ran(["status", "--admin-url", one.url]);
  assertEquals(code, 0);
  assertEquals(
    stdout,
    "No client is connected.\n\n" +
      "GROUP  SOURCE                STATE     AGE  CLIENTS  RESOURCES\n" +
      "edge   s3://bucket/prefix@7  restored  3h   1        2\n" +
      "new    -                     current   -    0        0\n" +
      "\nGroups that cannot follow their sources:\n  edge:\n    no source says anything of it now\n" +
      "\nStores that fail:\n" +
      "  s3://b/p (store): no answer; last success 1970-01-01T00:00:00.000Z\n" +
      "  local copy (copy): no space; never a success\n",
  );
  const { stores } = JSON.parse((await ran(["status", "--admin-url", one.url, "-o", "json"])).stdout);
  assertEquals([stores.length, stores[0].server, stores[1].role, stores[1].failure], [3, one.url, "source", null]);
});

Deno.test("a server of an earlier xcp, which tells neither stores nor what is restored, is asked as well", async () => {
  const { app, hub } = setUp({ now: () => 0 });
  hub.list = [groupStatus({ restored: true, stale: true })];
  const { url, close } = await startHttpServer({
    address: { kind: "tcp", host: "127.0.0.1", port: 0 },
    fetch: async (request) => {
      if (new URL(request.url).pathname === "/v1/stores") return await app.request("/nope", request);
      const response = await app.fetch(request);
      return new Response((await response.text()).replaceAll(/"restored":\w+,/g, ""), response);
    },
  });
  const { code, stdout, stderr } = await ran(["status", "--admin-url", url]);
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, "\nedge   ./config  stale  ");
  assertEquals(JSON.parse((await ran(["status", "--admin-url", url, "-o", "json"])).stdout).stores, []);
  await close();
});

Deno.test("several servers are one list, and one that cannot be asked is 69", async () => {
  await using one = await server();
  await using two = await server();
  two.hub.connected = [clientStatus({ mode: "sotw" })];
  const both = await ran(["status"], { XCP_ADMIN_URL: `${one.url},${two.url}` });
  assertEquals(both.code, 0);
  assertStringIncludes(both.stdout, `${one.url}  edge-1  edge   delta`);
  assertStringIncludes(both.stdout, `${two.url}  edge-1  edge   sotw`);
  await two[Symbol.asyncDispose]();
  const half = await ran(["status", "--admin-url", one.url, "--admin-url", two.url]);
  assertEquals(half.code, 69);
  assertStringIncludes(half.stdout, one.url);
  assertStringIncludes(half.stderr, `Cannot ask "${two.url}": connection refused`);
});

Deno.test("nobody answered is not nobody connected", async () => {
  const gone = await server();
  await gone[Symbol.asyncDispose]();
  const { code, stdout } = await ran(["status", "--admin-url", gone.url]);
  assertEquals([code, stdout], [69, ""]);
});

Deno.test("JSON and YAML say the same as the API, with the server", async () => {
  await using one = await server();
  one.hub.connected.push(rejectingClient({ stream: "2" }));
  const json = JSON.parse((await ran(["status", "--admin-url", one.url, "-o", "json"])).stdout);
  assertEquals(Object.keys(json), ["clients", "groups", "stores", "rejections"]);
  assertEquals([json.clients.length, json.clients[1].server, json.rejections], [2, one.url, 1]);
  assertStringIncludes((await ran(["status", "--admin-url", one.url, "-o", "yaml"])).stdout, "  - server: http://");
});

Deno.test("a token is taken from a file, and asked for when it is missing", async () => {
  await using one = await server({ token: "sesame" });
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, "sesame\n");
  assertEquals((await ran(["status", "--admin-url", one.url, "--api-token-file", file])).code, 0);
  assertStringIncludes((await ran(["status", "--admin-url", one.url])).stderr, "it wants a token");
  await Deno.writeTextFile(file, "wrong");
  assertStringIncludes(
    (await ran(["status", "--admin-url", one.url], { XCP_API_TOKEN_FILE: file })).stderr,
    "it refuses the token",
  );
  await Deno.remove(file);
});

Deno.test("a server with a certificate of one's own authority is asked over TLS", async () => {
  const authority = createAuthority();
  await using one = await server({ tls: authority.issue({ commonName: "xcp", ip: ["127.0.0.1"] }) });
  const ca = await Deno.makeTempFile();
  await Deno.writeTextFile(ca, authority.cert);
  assertEquals((await ran(["status", "--admin-url", one.url, "--tls-ca", ca])).code, 0);
  assertEquals((await ran(["status", "--admin-url", one.url])).code, 69);
  await Deno.remove(ca);
});

Deno.test("a server on a socket is asked there", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using one = await server({ socket: `${folder}/admin.sock` });
    assertEquals((await ran(["status", "--admin-url", one.url])).code, 0);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("something that is no xcp, or says nothing, cannot be asked", async () => {
  const other = await startHttpServer({
    address: { kind: "tcp", host: "127.0.0.1", port: 0 },
    fetch: () => new Response("<html>"),
  });
  assertStringIncludes((await ran(["status", "--admin-url", other.url])).stderr, "this is no xcp");
  await other.close();
  const mute = await startHttpServer({
    address: { kind: "tcp", host: "127.0.0.1", port: 0 },
    fetch: () => new Promise<Response>(() => {}),
  });
  const { code, stderr } = await ran(["status", "--admin-url", mute.url, "--timeout", "50ms"]);
  assertEquals([code, stderr], [69, `xcp: Cannot ask "${mute.url}": no answer in 0.05 s\n`]);
  await mute.close();
});

Deno.test("a wrong address is a wrong call", async () => {
  assertEquals((await ran(["status", "--admin-url", "127.0.0.1:18001"])).code, 64);
});

Deno.test("colours are for terminals without NO_COLOR", async () => {
  await using one = await server();
  one.hub.connected = [rejectingClient()];
  const has = async (env: Record<string, string>, terminal: boolean) =>
    (await ran(["status", "--admin-url", one.url], env, terminal)).stdout.includes("\x1b[31mrejected\x1b[0m");
  assertEquals([await has({}, true), await has({ NO_COLOR: "1" }, true), await has({}, false)], [true, false, false]);
});

Deno.test("what a client says cannot steer the terminal", () => {
  assertEquals(table([["a\x1b[2J", "b\nc\u202e"]]), "a\u{fffd}[2J  b c\u{fffd}\n");
});

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { writeFileSync } from "node:fs";
import { type IncomingHttpHeaders, request as httpRequest, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { createAuthority, type Pair } from "../../test/certificates.ts";
import type { Answer } from "../hub/port.ts";
import { createResource } from "../model/resource.ts";
import { CLUSTER, ENDPOINTS, LISTENER, RESOURCE_TYPES } from "../model/types.ts";
import { TransportError } from "./error.ts";
import { DEFAULT_LIMITS } from "./server.ts";
import { start, temporaryFolder, until } from "./testing.ts";

const REST = "127.0.0.1:0";
const CLUSTERS = "/v3/discovery:clusters";

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Asks over a connection of its own. */
function ask(url: string, body: string | Buffer, options: RequestOptions & Partial<Pair> & { ca?: string } = {}) {
  return new Promise<Reply>((resolve, reject) => {
    const make = url.startsWith("https:") ? httpsRequest : httpRequest;
    const headers = { "content-type": "application/json", ...options.headers };
    const asked = make(url, { method: "POST", agent: false, ...options, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => void chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

function cluster(name: string) {
  return createResource({ type: CLUSTER.url, name, bytes: Buffer.from(name), references: [], origin: undefined });
}

Deno.test("a question is handed to the hub, and its answer printed", async () => {
  await using server = await start({ rest: REST });
  server.hub.onQuestion = () => ({
    version: "v7",
    unchanged: false,
    resources: [cluster("a"), cluster("b")],
    identifier: "me",
  });
  const question = {
    version_info: "v6",
    node: { id: "n", cluster: "edge" },
    resource_names: ["a", "b"],
    type_url: CLUSTER.url,
    error_detail: { message: "bad" },
  };
  // Envoy writes the name of its cluster into Host, whatever is in it.
  const headers = { host: "xDS|over rest" };
  const { status, headers: { "content-type": type }, text } = await ask(
    server.restUrl + CLUSTERS,
    JSON.stringify(question),
    { headers },
  );
  assertEquals([status, type], [200, "application/json"]);
  assertEquals(JSON.parse(text), {
    versionInfo: "v7",
    resources: [{ "@type": CLUSTER.url, name: "a" }, { "@type": CLUSTER.url, name: "b" }],
    typeUrl: CLUSTER.url,
    controlPlane: { identifier: "me" },
  });
  const [{ node, peer, ...asked } = { node: undefined, peer: undefined }] = server.hub.questions;
  assertEquals(asked, { type: CLUSTER.url, names: ["a", "b"], version: "v6", error: "bad" });
  assertEquals([node?.id, node?.cluster], ["n", "edge"]);
  assertMatch(peer?.address ?? "", /^127\.0\.0\.1:\d+$/);
  assertEquals(peer?.identities, []);
});

Deno.test("every path asks for its type, and types that are delta only have none", async () => {
  await using server = await start({ rest: REST });
  const paths = RESOURCE_TYPES.flatMap(({ url, discovery }) =>
    discovery.rest === undefined ? [] : [[url, discovery.rest]]
  );
  for (const [url, path] of paths) assertEquals((await ask(`${server.restUrl}${path}`, "{}")).status, 200, url);
  assertEquals(server.hub.questions.map(({ type }) => type), paths.map(([url]) => url));
  assertEquals(paths.map(([, path]) => path), [
    "/v3/discovery:clusters",
    "/v3/discovery:endpoints",
    "/v3/discovery:listeners",
    "/v3/discovery:routes",
    "/v3/discovery:scoped-routes",
    "/v3/discovery:secrets",
    "/v3/discovery:runtime",
    "/v3/discovery:extension_configs",
  ]);
});

/** A hub that has endpoints of two clusters, and whose version is of exactly the names that are asked for. */
function versionOfNames(
  { names, version, error }: { names: readonly string[]; version: string; error?: string | undefined },
): Answer {
  const now = `of ${names.join("+")}`;
  const resources = names.map((name) =>
    createResource({ type: ENDPOINTS.url, name, bytes: Buffer.from(name), references: [], origin: undefined })
  );
  return { version: now, unchanged: version === now && error === undefined, resources, identifier: "me" };
}

Deno.test("what is unchanged is 304, and a name that is new is answered although nothing changed", async () => {
  await using server = await start({ rest: REST });
  server.hub.onQuestion = versionOfNames;
  const poll = async (resource_names: string[], version_info = "", more = {}) => {
    const question = JSON.stringify({ resource_names, version_info, ...more });
    const { status, text } = await ask(`${server.restUrl}/v3/discovery:endpoints`, question);
    if (status !== 200) return { status, text, names: [], version: version_info };
    const { versionInfo: version, resources } = JSON.parse(text) as {
      versionInfo: string;
      resources: { name: string }[];
    };
    return { status, names: resources.map(({ name }) => name), version };
  };
  const first = await poll(["a"]);
  assertEquals(first.names, ["a"]);
  assertEquals(await poll(["a"], first.version), { status: 304, text: "", names: [], version: first.version });
  const more = await poll(["a", "b"], first.version);
  assertEquals(more.names, ["a", "b"]);
  assertEquals((await poll(["a", "b"], more.version)).status, 304);
  // Who rejected an answer does not have it.
  assertEquals((await poll(["a", "b"], more.version, { error_detail: { message: "no" } })).status, 200);
});

Deno.test("what cannot be answered says why, as a problem with its status", async () => {
  await using server = await start({ rest: REST });
  const url = server.restUrl;
  const json = { "content-type": "application/json" };
  const TABLE: [status: number, path: string, body: string, options: RequestOptions, detail: RegExp][] = [
    [400, CLUSTERS, "{", {}, /^Cannot read the request: the body is not JSON$/],
    [400, CLUSTERS, '{"node": 5}', {}, /^Cannot read the request: node is not an object$/],
    [400, CLUSTERS, JSON.stringify({ type_url: LISTENER.url }), {}, /^Cannot answer for type ".*Listener"/],
    [403, CLUSTERS, "{}", { headers: { ...json, origin: "http://evil.example" } }, /not for web pages/],
    [404, "/v3/discovery:virtual-hosts", "{}", {}, /^Cannot find "\/v3\/discovery:virtual-hosts"/],
    [404, "/", "{}", {}, /^Cannot find "\/"/],
    [405, CLUSTERS, "", { method: "GET" }, /^Cannot GET "\/v3\/discovery:clusters": questions are asked with POST$/],
    [415, CLUSTERS, "{}", { headers: { "content-type": "text/yaml" } }, /^Cannot read "text\/yaml"/],
  ];
  for (const [status, path, body, options, detail] of TABLE) {
    const reply = await ask(url + path, body, options);
    assertEquals([reply.status, reply.headers["content-type"]], [status, "application/problem+json"], path);
    const problem = JSON.parse(reply.text) as { status: number; detail: string };
    assertEquals(problem.status, status);
    assertMatch(problem.detail, detail);
  }
  assertEquals((await ask(url + CLUSTERS, "", { method: "PUT" })).headers.allow, "POST");
  assertEquals(server.hub.questions, []);
  const charset = { headers: { "content-type": "application/json; charset=utf-8" } };
  assertEquals((await ask(url + CLUSTERS, "{}", charset)).status, 200);
});

Deno.test("a body is bounded, whether it says its size or not", async () => {
  await using server = await start({ rest: REST });
  const head = `POST ${CLUSTERS} HTTP/1.1\r\nHost: x\r\n`;
  const TABLE = [
    `${head}Content-Length: 4194305\r\n\r\n`,
    `${head}Transfer-Encoding: chunked\r\n\r\n400001\r\n${" ".repeat(4194305)}\r\n`,
  ];
  for (const question of TABLE) {
    const socket = connect(Number(new URL(server.restUrl).port), "127.0.0.1");
    let text = "";
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => text += chunk);
    socket.write(question);
    await until("an answer", () => text.includes("4194304 bytes"));
    assertMatch(text, /^HTTP\/1\.1 413 /);
    socket.destroy();
  }
  assertEquals(server.hub.questions, []);
  const fits = `{}${" ".repeat(4_194_302)}`;
  assertEquals((await ask(server.restUrl + CLUSTERS, fits)).status, 200);
});

Deno.test("what the hub refuses, and its bugs, have their statuses", async () => {
  await using server = await start({ rest: REST });
  const url = server.restUrl + CLUSTERS;
  server.hub.refusal = { code: "UNAVAILABLE", message: "no configuration yet" };
  const reply = await ask(url, "{}");
  assertEquals([reply.status, reply.headers["retry-after"]], [503, "1"]);
  assertEquals(JSON.parse(reply.text).detail, "no configuration yet");
  server.hub.refusal = { code: "INVALID_ARGUMENT", message: "too large a node" };
  assertEquals((await ask(url, "{}")).status, 400);
  server.hub.refusal = undefined;
  server.hub.onQuestion = () => {
    throw new Error("a bug with a secret");
  };
  const failed = await ask(url, "{}");
  assertEquals([failed.status, failed.text.includes("secret")], [500, false]);
  assertMatch(String(server.log.lines.find(({ level }) => level === "error")?.fields.error), /a bug/);
});

Deno.test("a Unix socket serves REST, for its owner and group", async () => {
  await using folder = await temporaryFolder();
  const socketPath = join(folder.path, "rest.sock");
  await using server = await start({ rest: `unix:${socketPath}` });
  assertEquals(server.restUrl, `unix:${socketPath}`);
  assertEquals((await ask(`http://localhost${CLUSTERS}`, "{}", { socketPath })).status, 200);
  assertEquals(server.hub.questions[0]?.peer.address, `unix:${socketPath}`);
});

Deno.test("an address that other machines reach asks for mutual TLS or for the flag", async () => {
  const error = await assertRejects(() => start({ rest: "0.0.0.0:0" }), TransportError);
  assertEquals([error.failure, error.message.includes('"0.0.0.0:0"')], ["usage", true]);
  await using server = await start({ rest: "0.0.0.0:0", insecure: true });
  assertEquals((await ask(server.restUrl.replace("0.0.0.0", "127.0.0.1") + CLUSTERS, "{}")).status, 200);
});

Deno.test("with TLS it asks for certificates of the client CA, tells who asks, and follows the files", async () => {
  await using folder = await temporaryFolder();
  const ca = createAuthority();
  const files = {
    cert: join(folder.path, "tls.crt"),
    key: join(folder.path, "tls.key"),
    clientCa: join(folder.path, "ca.crt"),
  };
  const write = () => {
    const pair = ca.issue({ commonName: "server", dns: ["localhost"], ip: ["127.0.0.1"] });
    writeFileSync(files.cert, pair.cert);
    writeFileSync(files.key, pair.key);
  };
  write();
  writeFileSync(files.clientCa, ca.cert);
  await using server = await start({ rest: REST, tls: files, tlsPoll: 3_600_000 });
  assertMatch(server.restUrl, /^https:\/\/127\.0\.0\.1:\d+$/);
  const me = { ca: ca.cert, ...ca.issue({ commonName: "c", uri: ["spiffe://example/c"] }) };
  const stranger = { ca: ca.cert, ...createAuthority("a stranger").issue({ commonName: "c" }) };
  const url = server.restUrl + CLUSTERS;
  assertEquals((await ask(url, "{}", me)).status, 200);
  assertEquals(server.hub.questions[0]?.peer.identities, ["URI:spiffe://example/c"]);
  await assertRejects(() => ask(url, "{}", { ca: ca.cert }));
  await assertRejects(() => ask(url, "{}", stranger));
  const serial = () =>
    new Promise<string>((resolve, reject) => {
      const asked = httpsRequest(url, { method: "POST", agent: false, ...me }, (response) => {
        resolve(
          (response.socket as unknown as { getPeerCertificate(): { serialNumber: string } }).getPeerCertificate()
            .serialNumber,
        );
        response.resume();
      });
      asked.on("error", reject);
      asked.end("{}");
    });
  const before = await serial();
  write();
  assertEquals(await server.transport.reloadTls(), "taken");
  assertEquals(await serial() === before, false);
  assertEquals((await ask(url, "{}", me)).status, 200);
  await assertRejects(() => ask(url, "{}", stranger));
});

Deno.test("connections are bounded, and kept for the next question", async () => {
  await using server = await start({ rest: REST, limits: { ...DEFAULT_LIMITS, maxRestConnections: 1 } });
  const port = Number(new URL(server.restUrl).port);
  const one = connect(port, "127.0.0.1");
  let text = "";
  one.on("data", (chunk: Buffer) => text += chunk);
  const question = `POST ${CLUSTERS} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`;
  one.write(question);
  await until("an answer", () => server.hub.questions.length === 1 && text.includes('"versionInfo"'));
  await assertRejects(() => ask(server.restUrl + CLUSTERS, "{}"));
  one.write(question);
  await until("the second answer", () => text.split('"versionInfo"').length === 3);
  assertEquals(server.transport.connections(), 1);
  one.destroy();
  await until("its end", () => server.transport.connections() === 0);
});

Deno.test("questions in hand are bounded, and a place is free again when one goes", async () => {
  await using server = await start({ rest: REST });
  const half = `POST ${CLUSTERS} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{`;
  const sockets = Array.from({ length: 256 }, () => connect(Number(new URL(server.restUrl).port), "127.0.0.1"));
  for (const socket of sockets) {
    socket.on("error", () => {});
    socket.write(half);
  }
  let reply = await ask(server.restUrl + CLUSTERS, "{}");
  await until("a refusal", async () => (reply = await ask(server.restUrl + CLUSTERS, "{}")).status === 503);
  assertEquals(reply.headers["retry-after"], "1");
  assertMatch(reply.text, /256 requests are in hand/);
  sockets[0]?.write("}");
  await until("a place", async () => (await ask(server.restUrl + CLUSTERS, "{}")).status === 200);
  for (const socket of sockets) socket.destroy();
  await until("no connection", () => server.transport.connections() === 0);
});

Deno.test("a drain answers what is asked, closes what is idle, and comes to an end", async () => {
  const server = await start({ rest: REST });
  const port = Number(new URL(server.restUrl).port);
  const ended = { idle: false, busy: false };
  const idle = connect(port, "127.0.0.1");
  idle.on("close", () => ended.idle = true);
  idle.resume();
  const busy = connect(port, "127.0.0.1");
  let text = "";
  busy.on("data", (chunk: Buffer) => text += chunk);
  busy.on("close", () => ended.busy = true);
  idle.write(`POST ${CLUSTERS} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`);
  await until("the first answer", () => server.hub.questions.length === 1);
  let asked = false;
  server.hub.onQuestion = () => {
    asked = true;
    return { version: "late", unchanged: false, resources: [], identifier: "me" };
  };
  // The half of a question that is still to come keeps its connection open.
  busy.write(`POST ${CLUSTERS} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{`);
  await until("both", () => server.transport.connections() === 2);
  const { promise: headers, resolve: headersRead } = Promise.withResolvers<void>();
  // Another answer on another connection proves that the server has had time to read those headers.
  void ask(server.restUrl + CLUSTERS, "{}").then(() => headersRead());
  await headers;
  assertEquals(asked, true);
  const drained = server.transport.drain(10_000, 0);
  await until("the idle one to go", () => ended.idle);
  assertEquals(ended.busy, false);
  busy.write("}");
  await drained;
  await until("the busy one to go", () => ended.busy);
  assertMatch(text, /^HTTP\/1\.1 200 /);
  assertMatch(text, /connection: close/i);
});

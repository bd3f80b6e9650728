import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { JsonValue } from "@bufbuild/protobuf";
import { credentials, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { writeFile } from "node:fs/promises";
import { createAuthority } from "../../../test/certificates.ts";
import type { ClientStatus, ResourceStatus } from "../../hub/status.ts";
import { CLUSTER, ENDPOINTS, SECRET } from "../../model/types.ts";
import { memoryLog, temporaryFolder, until } from "../testing.ts";
import {
  cluster,
  encode,
  type JsonClient,
  jsonClient,
  type JsonStream,
  resource,
  startServed,
} from "../../../test/services.ts";
import { StatusService } from "./status_service.ts";

const STATUS = "envoy.service.status.v3.ClientStatusDiscoveryService";
const FETCH = `${STATUS}/FetchClientStatus`;
const STREAM = `${STATUS}/StreamClientStatus`;
const ADS = "envoy.service.discovery.v3.AggregatedDiscoveryService";
const NODE = {
  id: "edge-1",
  cluster: "edge",
  metadata: { role: "a" },
  locality: { zone: "z" },
  user_agent_name: "test",
};
const SECRETS = resource(SECRET.url, "s", {
  name: "s",
  tls_certificate: { certificate_chain: { inline_string: "public" }, private_key: { inline_string: "hush-hush" } },
});

interface Config {
  readonly type_url: string;
  readonly name: string;
  readonly version_info?: string;
  readonly xds_config?: Record<string, JsonValue>;
  readonly config_status?: string;
  readonly client_status?: string;
  readonly error_state?: Record<string, string>;
}

interface ClientConfig {
  readonly node: Record<string, JsonValue>;
  readonly generic_xds_configs?: readonly Config[];
}

function configs({ json }: { readonly json: JsonValue | undefined }): readonly ClientConfig[] {
  return (json as { readonly config?: readonly ClientConfig[] } | undefined)?.config ?? [];
}

/** A client of one type in state-of-the-world; acknowledges nothing by itself. */
async function follow(client: JsonClient, type: string, { node = NODE, names = [] as string[] } = {}) {
  const stream = client.stream(`${ADS}/StreamAggregatedResources`, { node, type_url: type, resource_names: names });
  await until("a response", () => stream.messages.length > 0);
  return { stream, answer: (error?: string) => answer(stream, type, names, error) };
}

function answer(stream: JsonStream, type_url: string, resource_names: string[], error?: string): string {
  const last = stream.messages.at(-1) as { version_info: string; nonce: string };
  stream.send({
    type_url,
    resource_names,
    version_info: error === undefined ? last.version_info : "",
    response_nonce: last.nonce,
    ...(error === undefined ? {} : { error_detail: { code: 13, message: error } }),
  });
  return last.version_info;
}

/** Asks until every resource has one of these states. */
async function states(client: JsonClient, ...wanted: string[]): Promise<readonly ClientConfig[]> {
  let found: readonly ClientConfig[] = [];
  await until(wanted.join(), async () => {
    found = configs(await client.ask(FETCH));
    const states = found.flatMap((config) => config.generic_xds_configs ?? []).map((each) => each.config_status);
    return states.length > 0 && states.every((state) => wanted.includes(state ?? ""));
  });
  return found;
}

Deno.test("a client is shown with what it has, from sent to acknowledged", async () => {
  await using server = await startServed({ groups: { default: [cluster("a"), cluster("b")] } });
  using client = jsonClient(server.address);
  assertEquals((await client.ask(FETCH)).json, {});
  const { answer } = await follow(client, CLUSTER.url);
  const [stale] = await states(client, "STALE");
  assertEquals(stale?.generic_xds_configs?.map(({ client_status }) => client_status), [undefined, undefined]);
  const version_info = answer();
  const [synced, ...others] = await states(client, "SYNCED");
  assertEquals(others, []);
  assertEquals(synced, {
    node: {
      id: "edge-1",
      cluster: "edge",
      metadata: { role: "a" },
      locality: { zone: "z" },
      user_agent_name: "test",
    },
    generic_xds_configs: ["a", "b"].map((name) => ({
      type_url: CLUSTER.url,
      name,
      version_info,
      xds_config: { "@type": CLUSTER.url, name },
      config_status: "SYNCED",
      client_status: "ACKED",
    })),
  });
});

Deno.test("a rejection is shown with the client's words", async () => {
  await using server = await startServed({ groups: { default: [cluster("a")] } });
  using client = jsonClient(server.address);
  const before = Date.now() - 1_000;
  const { answer } = await follow(client, CLUSTER.url);
  const version = answer("no such thing");
  const [config] = (await states(client, "ERROR"))[0]?.generic_xds_configs ?? [];
  assertEquals([config?.client_status, config?.version_info], ["NACKED", undefined]);
  const { details, version_info, last_update_attempt = "" } = config?.error_state ?? {};
  assertEquals([details, version_info], ["no such thing", version]);
  assert(Date.parse(last_update_attempt) >= before && Date.parse(last_update_attempt) <= Date.now());
});

Deno.test("a name that is not there does not exist for the client", async () => {
  await using server = await startServed({ groups: { default: [cluster("a")] } });
  using client = jsonClient(server.address);
  const stream = client.stream(`${ADS}/DeltaAggregatedResources`, {
    node: NODE,
    type_url: CLUSTER.url,
    resource_names_subscribe: ["a", "none"],
  });
  await until("a response", () => stream.messages.length > 0);
  const { nonce } = stream.messages[0] as { nonce: string };
  stream.send({ type_url: CLUSTER.url, response_nonce: nonce });
  const [config] = await states(client, "SYNCED", "NOT_SENT");
  const found = config?.generic_xds_configs ?? [];
  assertEquals(found.map(({ name, config_status, client_status }) => [name, config_status, client_status]), [
    ["a", "SYNCED", "ACKED"],
    ["none", "NOT_SENT", "DOES_NOT_EXIST"],
  ]);
  assertEquals(found.map((each) => each.version_info), [cluster("a").version, undefined]);
});

Deno.test("secrets are redacted, and contents left out on demand", async () => {
  await using server = await startServed({ groups: { default: [SECRETS] } });
  using client = jsonClient(server.address);
  const { answer } = await follow(client, SECRET.url, { names: ["s"] });
  answer();
  const [config] = (await states(client, "SYNCED"))[0]?.generic_xds_configs ?? [];
  const shown = JSON.stringify(config?.xds_config);
  assertStringIncludes(shown, "public");
  assertStringIncludes(shown, "[redacted]");
  assert(!shown.includes("hush"));
  const [bare] = configs(await client.ask(FETCH, { exclude_resource_contents: true }));
  assertEquals(bare?.generic_xds_configs?.map((each) => [each.name, each.xds_config]), [["s", undefined]]);
});

Deno.test("streams of one node for different types are one client; two for the same type are two", async () => {
  const endpoints = resource(ENDPOINTS.url, "a", { cluster_name: "a" });
  await using server = await startServed({ groups: { default: [cluster("a"), endpoints] } });
  using client = jsonClient(server.address);
  using other = jsonClient(server.address);
  await follow(client, CLUSTER.url);
  await follow(client, ENDPOINTS.url, { names: ["a"] });
  await follow(other, CLUSTER.url);
  await follow(other, CLUSTER.url, { node: { ...NODE, id: "edge-2" } });
  const shown = configs(await client.ask(FETCH)).map(({ node, generic_xds_configs = [] }) => [
    node.id,
    generic_xds_configs.map(({ type_url }) => type_url),
  ]);
  assertEquals(shown, [
    ["edge-1", [CLUSTER.url, ENDPOINTS.url]],
    ["edge-1", [CLUSTER.url]],
    ["edge-2", [CLUSTER.url]],
  ]);
});

Deno.test("matchers choose clients: one of them must hold", async () => {
  await using server = await startServed({ groups: { default: [cluster("a")] } });
  using client = jsonClient(server.address);
  for (const id of ["edge-1", "edge-2", "core-1"]) await follow(client, CLUSTER.url, { node: { ...NODE, id } });
  const ids = async (...node_matchers: JsonValue[]) =>
    configs(await client.ask(FETCH, { node_matchers })).map(({ node }) => node.id);
  assertEquals(await ids({ node_id: { prefix: "edge" } }), ["edge-1", "edge-2"]);
  assertEquals(await ids({ node_id: { exact: "edge-2" } }, { node_id: { safe_regex: { regex: "core-\\d" } } }), [
    "edge-2",
    "core-1",
  ]);
  const role = { path: [{ key: "role" }], value: { string_match: { exact: "a" } } };
  assertEquals(await ids({ node_id: { suffix: "1" }, node_metadatas: [role] }), ["edge-1", "core-1"]);
  assertEquals(await ids({ node_id: { exact: "nobody" } }), []);
  const refused = async (node_matchers: JsonValue[]) => (await client.ask(FETCH, { node_matchers })).code;
  assertEquals(await refused([{ node_id: { safe_regex: { regex: "(" } } }]), status.INVALID_ARGUMENT);
  assertEquals(await refused(Array(101).fill({})), status.INVALID_ARGUMENT);
});

Deno.test("a stream is answered request by request", async () => {
  await using server = await startServed({ groups: { default: [cluster("a")] } });
  using client = jsonClient(server.address);
  await follow(client, CLUSTER.url);
  const stream = client.stream(STREAM);
  for (let i = 0; i < 3; i++) stream.send({ node_matchers: [{ node_id: { exact: i === 1 ? "none" : "edge-1" } }] });
  await until("three answers", () => stream.messages.length === 3);
  assertEquals(stream.messages.map((json) => configs({ json }).length), [1, 0, 1]);
  stream.halfClose();
  await until("the end", () => stream.ended === "OK");
  const bad = client.stream(STREAM);
  bad.raw(new Uint8Array([0xff]));
  await until("the end", () => bad.ended === "INVALID_ARGUMENT");
});

Deno.test("more questions can be asked one after another than at a time", async () => {
  await using server = await startServed({ groups: { default: [cluster("a")] } });
  using client = jsonClient(server.address);
  for (let i = 0; i < 40; i++) assertEquals((await client.ask(FETCH)).code, status.OK);
  const long = encode("envoy.service.status.v3.ClientStatusRequest", { node: { id: "x".repeat(300_000) } });
  assertEquals((await client.raw(FETCH, long)).code, status.INVALID_ARGUMENT);
});

Deno.test("streams are ended when the server ends", async () => {
  await using server = await startServed({ groups: { default: [cluster("a")] } });
  using client = jsonClient(server.address);
  const stream = client.stream(STREAM, {});
  await until("an answer", () => stream.messages.length === 1);
  await server.transport.drain(5_000, 0);
  await until("the end", () => stream.ended === "UNAVAILABLE");
});

Deno.test("an address that others reach shows nothing to those who prove nothing", async () => {
  const listen = ["0.0.0.0:0"];
  await using server = await startServed({
    groups: { default: [cluster("a")] },
    transport: { listen, insecure: true },
  });
  using client = jsonClient(`127.0.0.1:${server.port}`);
  await follow(client, CLUSTER.url);
  assertEquals((await client.ask(FETCH)).code, status.PERMISSION_DENIED);
  const stream = client.stream(STREAM, {});
  await until("the end", () => stream.ended === "PERMISSION_DENIED");
  assertEquals((await client.ask("grpc.health.v1.Health/Check")).code, status.OK);
});

Deno.test("beyond this machine a client is shown what shares an identity with it", async () => {
  await using folder = await temporaryFolder();
  const authority = createAuthority();
  const own = authority.issue({ commonName: "xcp", dns: ["localhost"] });
  const files = { cert: `${folder.path}/cert.pem`, key: `${folder.path}/key.pem`, clientCa: `${folder.path}/ca.pem` };
  await writeFile(files.cert, own.cert);
  await writeFile(files.key, own.key);
  await writeFile(files.clientCa, authority.cert);
  await using server = await startServed({
    groups: { default: [cluster("a")] },
    transport: { listen: ["0.0.0.0:0"], tls: files },
  });
  const connect = (...dns: string[]) => {
    const { cert, key } = authority.issue({ commonName: "client", dns });
    const tls = credentials.createSsl(Buffer.from(authority.cert), Buffer.from(key), Buffer.from(cert));
    return jsonClient(`127.0.0.1:${server.port}`, tls);
  };
  using edge = connect("edge.test", "both.test");
  using core = connect("core.test");
  using both = connect("both.test");
  await follow(edge, CLUSTER.url, { node: { ...NODE, id: "edge-1" } });
  await follow(core, CLUSTER.url, { node: { ...NODE, id: "core-1" } });
  const seen = async (client: JsonClient) => configs(await client.ask(FETCH)).map(({ node }) => node.id);
  assertEquals([await seen(edge), await seen(core), await seen(both)], [["edge-1"], ["core-1"], ["edge-1"]]);
});

/** The service alone, with as many clients as are wanted, each of which takes a while to look at. */
async function serveMany(clients: number, maxAnswerBytes: number) {
  const streams = Array.from({ length: clients }, (_, i) => String(i));
  let clock = 0;
  let asked = 0;
  const service = new StatusService({
    hub: {
      clients: () => streams.map((stream): ClientStatus => ({ ...CLIENT, stream })),
      node: (stream) => ({ ...PARSED, id: stream }),
      resources: () => {
        asked++;
        clock += 10;
        return [STATUS_OF_A];
      },
    },
    redact: ({ bytes }) => bytes,
    log: memoryLog(),
    maxStreams: 1,
    maxAnswerBytes,
    clock: () => clock,
  });
  const server = new Server();
  service.add(server, { kind: "tcp", host: "127.0.0.1", port: 0 });
  const port = await new Promise<number>((resolve, reject) => {
    const insecure = ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", insecure, (error, port) => error ? reject(error) : resolve(port));
  });
  return { address: `127.0.0.1:${port}`, asked: () => asked, [Symbol.dispose]: () => server.forceShutdown() };
}

Deno.test("an answer is bounded", async () => {
  using server = await serveMany(500, 10_000);
  using client = jsonClient(server.address);
  const { code, details } = await client.ask(FETCH);
  assertEquals(code, status.RESOURCE_EXHAUSTED);
  assertStringIncludes(details, "node_matchers");
  assert(server.asked() > 10 && server.asked() < 500, String(server.asked()));
  const { json } = await client.ask(FETCH, { node_matchers: [{ node_id: { exact: "7" } }] });
  assertEquals(configs({ json }).length, 1);
});

Deno.test("a question waits for the answer to the one before it", async () => {
  using server = await serveMany(500, 1 << 30);
  using client = jsonClient(server.address);
  const stream = client.stream(STREAM, {});
  stream.send({ node_matchers: [{ node_id: { exact: "7" } }] });
  await until("two answers", () => stream.messages.length === 2);
  assertEquals(stream.messages.map((json) => configs({ json }).length), [500, 1]);
});

Deno.test("a long answer lets others have their turn, and is given up when nobody waits for it", async () => {
  const clients = 200_000;
  using server = await serveMany(clients, 1 << 30);
  using client = jsonClient(server.address);
  const stream = client.stream(STREAM, {});
  await until("the answer is begun", () => server.asked() > 0);
  stream.cancel();
  let before = -1;
  await until("nothing goes on", async () => {
    before = server.asked();
    await new Promise((resolve) => setTimeout(resolve, 50));
    return server.asked() === before;
  });
  assert(server.asked() < clients, String(server.asked()));
});

const CLIENT: ClientStatus = {
  stream: "",
  mode: "delta",
  service: undefined,
  address: "",
  identities: [],
  node: undefined,
  group: "default",
  connected: 0,
  subscriptions: [],
};
const PARSED = {
  id: "",
  cluster: "",
  locality: { region: "", zone: "", subZone: "" },
  metadata: new Map(),
  userAgent: "",
  features: [],
};
const STATUS_OF_A: ResourceStatus = {
  type: CLUSTER.url,
  name: "a",
  state: "synced",
  rejection: undefined,
  resource: cluster("a"),
};

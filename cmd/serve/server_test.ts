import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { connect } from "node:tls";
import { createAuthority } from "../../test/certificates.ts";
import type { Log } from "../../lib/log.ts";
import { CommandError } from "../exit.ts";
import { parseFlags } from "../flags.ts";
import { serve } from "../serve.ts";
import { startServer } from "./server.ts";
import { serveSettings } from "./settings.ts";

const CLUSTER = `
"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: web
type: STATIC
`;
const ANY_PORT = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--poll", "50ms"];

/** Lines that were logged, and a way to wait for one. */
function logged() {
  const lines: string[] = [];
  let wake = () => {};
  const at = (level: string): Log["info"] => (message) => {
    lines.push(`${level} ${message}`);
    wake();
  };
  const log: Log = { error: at("error"), warn: at("warn"), info: at("info"), debug() {} };
  const saw = async (text: string) => {
    while (!lines.some((line) => line.includes(text))) await new Promise<void>((resolve) => wake = resolve);
  };
  return { log, lines, saw };
}

async function scratch() {
  const folder = await Deno.makeTempDir();
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

async function started(args: string[], log: Log) {
  const settings = await serveSettings(parseFlags(serve.flags, args, {}), {});
  const server = await startServer(settings, { log, now: Date.now, env: {} });
  return { ...server, [Symbol.asyncDispose]: () => server.stop() };
}

async function json(url: string, init: RequestInit = {}) {
  const response = await fetch(url, init);
  return { status: response.status, body: await response.json() };
}

Deno.test("a server tells its real addresses, serves what it is given, and shows it", async () => {
  await using world = await scratch();
  await Deno.writeTextFile(`${world.folder}/a.yaml`, CLUSTER);
  await using server = await started([world.folder, ...ANY_PORT], logged().log);
  await server.ready;
  assertMatch(server.addresses.join(), /^127\.0\.0\.1:[1-9]\d*$/);
  const { ready, reasons } = (await json(`${server.adminUrl}/readyz`)).body;
  assertEquals([ready, reasons], [true, []]);
  const { body } = await json(`${server.adminUrl}/v1/groups/default/effective`);
  assertEquals(body.resources.map(({ name, origin }: { name: string; origin: unknown }) => [name, origin]), [
    ["web", { layer: world.folder, file: `${world.folder}/a.yaml`, line: 2, column: 1 }],
  ]);
});

Deno.test("a source that is not there is no reason to fail, and heals", async () => {
  await using world = await scratch();
  const { log, saw } = logged();
  const source = `${world.folder}/config`;
  await using server = await started([source, ...ANY_PORT], log);
  await saw(`Cannot read "${source}"`);
  assertStringIncludes(server.unready() ?? "", "no such file");
  assertEquals((await json(`${server.adminUrl}/readyz`)).status, 503);
  assertEquals((await json(`${server.adminUrl}/healthz`)).status, 200);
  await Deno.mkdir(source);
  await Deno.writeTextFile(`${source}/a.yaml`, CLUSTER);
  await server.ready;
  assertEquals((await json(`${server.adminUrl}/readyz`)).status, 200);
  await saw("Fixed: ");
});

Deno.test("a file that breaks is named with line and column, keeps what was served, and heals", async () => {
  await using world = await scratch();
  const { log, saw } = logged();
  const file = `${world.folder}/a.yaml`;
  await Deno.writeTextFile(file, CLUSTER);
  await using server = await started([world.folder, ...ANY_PORT], log);
  const group = async () => (await json(`${server.adminUrl}/v1/groups/default`)).body;
  const before = await group();
  await Deno.writeTextFile(file, `${CLUSTER}bogus: 1\n`);
  await saw(`error ${file}:5:1: error: `);
  const broken = await group();
  assertEquals([broken.stale, broken.revision, broken.issues[0].line], [true, before.revision, 5]);
  await Deno.writeTextFile(file, CLUSTER);
  await saw(`Fixed: ${file}:5:1`);
  assertEquals((await group()).stale, false);
});

Deno.test("later sources win", async () => {
  await using world = await scratch();
  const [one, two] = [`${world.folder}/one.yaml`, `${world.folder}/two.yaml`];
  await Deno.writeTextFile(one, CLUSTER);
  await Deno.writeTextFile(two, `${CLUSTER}connect_timeout: 7s\n`);
  await using server = await started([one, two, ...ANY_PORT], logged().log);
  const { body } = await json(`${server.adminUrl}/v1/groups/default/effective`);
  assertEquals(body.resources.length, 1);
  assertEquals([body.resources[0].resource.connect_timeout, body.resources[0].origin.layer], ["7s", two]);
});

Deno.test("a reload reads sources and token again, and keeps the old token when the new one is bad", async () => {
  await using world = await scratch();
  const { log, saw } = logged();
  const token = `${world.folder}/token`;
  await Deno.mkdir(`${world.folder}/config`);
  await Deno.writeTextFile(`${world.folder}/config/a.yaml`, CLUSTER);
  await Deno.writeTextFile(token, "old\n");
  const admin = ["--admin", "0.0.0.0:0", "--listen", "127.0.0.1:0", "--api-token-file", token];
  await using server = await started([`${world.folder}/config`, ...admin], log);
  const url = `${server.adminUrl?.replace("0.0.0.0", "127.0.0.1")}/v1/groups`;
  const status = async (bearer: string) => (await json(url, { headers: { authorization: `Bearer ${bearer}` } })).status;
  assertEquals([await status("old"), await status("new")], [200, 401]);
  await Deno.writeTextFile(token, "new\n");
  await server.reload();
  assertEquals([await status("old"), await status("new")], [401, 200]);
  await Deno.writeTextFile(token, "\n");
  await server.reload();
  await saw("the token from before stays in use");
  assertEquals(await status("new"), 200);
});

Deno.test("a reload that is overtaken by the end does not fail", async () => {
  await using world = await scratch();
  await Deno.writeTextFile(`${world.folder}/a.yaml`, CLUSTER);
  const { log, lines } = logged();
  const server = await started([world.folder, ...ANY_PORT], log);
  const reloading = server.reload();
  await server.stop();
  await reloading;
  assertEquals(lines.filter((line) => line.startsWith("error")), []);
});

Deno.test("beyond loopback the admin address has the certificate of xDS, also a new one", async () => {
  await using world = await scratch();
  const authority = createAuthority();
  const write = async (commonName: string) => {
    const { cert, key } = authority.issue({ commonName, ip: ["127.0.0.1"] });
    await Deno.writeTextFile(`${world.folder}/tls.pem`, cert);
    await Deno.writeTextFile(`${world.folder}/key.pem`, key);
  };
  await write("one");
  await Deno.mkdir(`${world.folder}/config`);
  await Deno.writeTextFile(`${world.folder}/config/a.yaml`, CLUSTER);
  await using server = await started([
    `${world.folder}/config`,
    ...["--listen", "127.0.0.1:0", "--admin", "0.0.0.0:0", "--insecure-admin"],
    ...["--tls-cert", `${world.folder}/tls.pem`, "--tls-key", `${world.folder}/key.pem`],
  ], logged().log);
  assertMatch(server.adminUrl ?? "", /^https:/);
  const port = Number(new URL(server.adminUrl ?? "").port);
  assertEquals(await peerName(port, authority.cert), "one");
  await write("two");
  await server.reload();
  // Between the old listener and the new one a connection may be refused.
  let name: unknown;
  for (let tries = 0; name !== "two" && tries < 1_000; tries++) {
    name = await peerName(port, authority.cert).catch(() => undefined);
  }
  assertEquals(name, "two");
});

/** The common name in the certificate of whoever listens on a port. */
function peerName(port: number, ca: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", ca }, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

Deno.test("the metrics address has metrics, and admin none has nothing", async () => {
  await using world = await scratch();
  await Deno.writeTextFile(`${world.folder}/a.yaml`, CLUSTER);
  const { log, lines } = logged();
  const args = ["--listen", "127.0.0.1:0", "--admin", "none", "--metrics", "127.0.0.1:0"];
  await using server = await started([world.folder, ...args], log);
  assertEquals(server.adminUrl, undefined);
  const url = lines.map((line) => /Metrics are on (\S+)/.exec(line)?.[1]).find((url) => url !== undefined);
  const text = await (await fetch(`${url}/metrics`)).text();
  assertStringIncludes(text, 'xcp_snapshot_resources{group="default",type="cluster"} 1\n');
  assertStringIncludes(text, 'xcp_reloads_total{result="success"} 1\n');
});

Deno.test("an address that is taken, a bad certificate and a bad token are refused with nothing left open", async () => {
  await using world = await scratch();
  await Deno.writeTextFile(`${world.folder}/a.yaml`, CLUSTER);
  const { log } = logged();
  await using server = await started([world.folder, ...ANY_PORT], log);
  const code = async (...args: string[]) =>
    (await assertRejects(() => started([world.folder, ...args], log), CommandError)).exitCode;
  const [xds = ""] = server.addresses;
  const admin = new URL(server.adminUrl ?? "").host;
  assertEquals(await code("--listen", xds, "--admin", "127.0.0.1:0"), 69);
  assertEquals(await code("--listen", "127.0.0.1:0", "--admin", admin), 69);
  assertEquals(await code(...ANY_PORT, "--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"), 66);
  const file = `${world.folder}/a.yaml`;
  assertEquals(await code(...ANY_PORT, "--tls-cert", file, "--tls-key", file), 65);
  assertEquals(await code(...ANY_PORT, "--api-token-file", "/nonexistent"), 66);
  assertEquals(await code(...ANY_PORT, "--api-token-file", file), 65);
});

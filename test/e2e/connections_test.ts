/**
 * What clients may do to the server without anybody else noticing, and who is let in at all.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { connect } from "node:net";
import { credentials } from "@grpc/grpc-js";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CLUSTER } from "../../lib/model/types.ts";
import { createAuthority } from "../certificates.ts";
import { type AdsClient, openAds } from "./harness/ads_client.ts";
import { eventually, type Folder, runXcp, startXcp, temporaryFolder, type Xcp } from "./harness.ts";

const cluster = (name: string, timeout = 1) =>
  `{ "@type": ${CLUSTER.url}, name: ${name}, type: STATIC, connect_timeout: ${timeout}s }\n`;

/** Changes the configuration and sees the change arrive at this client, which has acknowledged everything so far. */
async function follows(folder: Folder, client: AdsClient, timeout: number): Promise<void> {
  const before = client.responses.length;
  await folder.write("a.yaml", cluster("a", timeout));
  await client.response(before + 1);
  client.request(CLUSTER.url);
}

async function connected(xcp: Xcp, address = xcp.xds): Promise<AdsClient> {
  const client = openAds({ address });
  client.request(CLUSTER.url);
  await client.response(1);
  client.request(CLUSTER.url);
  return client;
}

async function streams(xcp: Xcp): Promise<number> {
  const { clients } = await xcp.json<{ clients: unknown[] }>("/v1/clients");
  return clients.length;
}

Deno.test("several addresses and a Unix socket serve the same", async () => {
  await using folder = await temporaryFolder();
  await folder.write("config/a.yaml", cluster("a"));
  const socket = `unix:${folder.at("xds.sock")}`;
  await using xcp = await startXcp({ args: [folder.at("config"), "--listen", "127.0.0.1:0", "--listen", socket] });
  using overTcp = await connected(xcp);
  using overSocket = await connected(xcp, socket);
  assertEquals(overTcp.responses[0]?.versionInfo, overSocket.responses[0]?.versionInfo);
});

Deno.test("a Unix socket that kill -9 left behind is taken over, one that is served is not", async () => {
  await using folder = await temporaryFolder();
  await folder.write("config/a.yaml", cluster("a"));
  const socket = `unix:${folder.at("xds.sock")}`;
  const args = [folder.at("config"), "--listen", socket];
  {
    await using first = await startXcp({ args });
    const second = await runXcp(["serve", ...args, "--admin", "none"]);
    assert(second.code !== 0, "a second server took a socket that is served");
    assertStringIncludes(second.stderr, "xds.sock");
    first.child.kill("SIGKILL");
    await first.child.exit;
  }
  await using again = await startXcp({ args });
  using _client = await connected(again, socket);
});

Deno.test("a thousand idle streams, and nobody notices", async () => {
  await using folder = await temporaryFolder();
  await folder.write("a.yaml", cluster("a"));
  await using xcp = await startXcp({ args: [folder.path] });
  using witness = await connected(xcp);
  using stack = new DisposableStack();
  // Streams on few connections, so that the limit of open files of the machine has no say.
  const idle = Array.from({ length: 1_000 }, () => stack.use(openAds({ address: xcp.xds })));
  for (const client of idle) client.request(CLUSTER.url);
  await eventually(async () => await streams(xcp) === 1_001, { timeout: 60_000, describe: "all streams to be open" });
  await follows(folder, witness, 2);
  assertEquals((await xcp.get("/readyz")).status, 200);
});

Deno.test("a client that sends garbage loses its stream, and nobody else notices", async () => {
  await using folder = await temporaryFolder();
  await folder.write("a.yaml", cluster("a"));
  await using xcp = await startXcp({ args: [folder.path] });
  using witness = await connected(xcp);

  using garbage = openAds({ address: xcp.xds });
  garbage.raw(new Uint8Array([0xff, 0xff, 0xff]));
  assertEquals((await garbage.ended()).code, 3 /* INVALID_ARGUMENT */);

  using nameless = openAds({ address: xcp.xds });
  nameless.request("");
  assertEquals((await nameless.ended()).code, 3);

  const [host = "", port = ""] = xcp.xds.split(":");
  const socket = connect(Number(port), host);
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.on("error", () => {});
  socket.on("data", () => {});
  socket.write(Buffer.alloc(100_000, "GET / HTTP/1.1\r\n\r\nrubbish "));
  await closed;

  await follows(folder, witness, 2);
  assertEquals(witness.ending(), undefined);
});

Deno.test("half-open connections and a client that closes its side do no harm", async () => {
  await using folder = await temporaryFolder();
  await folder.write("a.yaml", cluster("a"));
  await using xcp = await startXcp({ args: [folder.path] });
  using witness = await connected(xcp);
  const [host = "", port = ""] = xcp.xds.split(":");
  const silent = Array.from({ length: 50 }, () => connect(Number(port), host));
  for (const socket of silent) socket.on("error", () => {});
  await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));

  using half = await connected(xcp);
  half.halfClose();
  assertEquals((await half.ended()).code, 0);
  await follows(folder, witness, 2);
  for (const socket of silent) socket.destroy();
});

Deno.test("an address beyond loopback needs mutual TLS or a flag", async () => {
  await using folder = await temporaryFolder();
  await folder.write("a.yaml", cluster("a"));
  const refused = await runXcp(["serve", folder.path, "--listen", "0.0.0.0:0", "--admin", "none"]);
  assertEquals(refused.code, 64);
  assertStringIncludes(refused.stderr, "--insecure-xds");
  await using allowed = await startXcp({ args: [folder.path, "--listen", "0.0.0.0:0", "--insecure-xds"] });
  assertMatch(allowed.xds, /^0\.0\.0\.0:/);
});

Deno.test("mutual TLS: who has no certificate is refused, and new files are used without a restart", async () => {
  await using folder = await temporaryFolder();
  await folder.write("config/a.yaml", cluster("a"));
  const authority = createAuthority();
  const stranger = createAuthority("somebody else");
  const server = (commonName: string) => authority.issue({ commonName, ip: ["127.0.0.1"], dns: ["localhost"] });
  const install = async (pair: { cert: string; key: string }) => {
    await folder.write("tls.key", pair.key);
    await folder.write("tls.crt", pair.cert);
  };
  await install(server("first"));
  await folder.write("ca.crt", authority.cert);
  const files = ["--tls-cert", folder.at("tls.crt"), "--tls-key", folder.at("tls.key")];
  await using xcp = await startXcp({
    args: [folder.at("config"), ...files, "--tls-client-ca", folder.at("ca.crt"), "--log-level", "debug"],
  });
  const me = authority.issue({ commonName: "edge-1", uri: ["spiffe://example.org/edge-1"] });
  const ca = Buffer.from(authority.cert);
  const open = (pair?: { cert: string; key: string }) => {
    const secure = pair === undefined
      ? credentials.createSsl(ca)
      : credentials.createSsl(ca, Buffer.from(pair.key), Buffer.from(pair.cert), {
        checkServerIdentity: (_host, { subject }) => {
          seen.push(subject.CN);
          return undefined;
        },
      });
    const client = openAds({
      address: xcp.xds,
      credentials: secure,
      channel: { "grpc.ssl_target_name_override": "localhost" },
    });
    client.request(CLUSTER.url);
    return client;
  };
  const seen: unknown[] = [];

  using known = open(me);
  await known.response(1);
  assertEquals(seen, ["first"]);
  assertStringIncludes((await xcp.get("/v1/clients")).text, "spiffe://example.org/edge-1");
  for (const pair of [undefined, stranger.issue({ commonName: "stranger" })]) {
    using refused = open(pair);
    assertEquals((await refused.ended()).code, 14 /* UNAVAILABLE */);
    assertEquals(refused.responses.length, 0);
  }

  await install(server("second"));
  await eventually(async () => {
    using client = open(me);
    await client.response(1);
    return seen.at(-1) === "second";
  }, { describe: () => `the second certificate to be shown; last was ${seen.at(-1)}` });

  await folder.write("tls.crt", "-----BEGIN CERTIFICATE-----\nbroken\n-----END CERTIFICATE-----\n");
  await eventually(() => /tls\.crt/.test(xcp.log()), { describe: () => `the log to name the file:\n${xcp.log()}` });
  using after = open(me);
  await after.response(1);
  assertEquals(seen.at(-1), "second");
  assertEquals(known.ending(), undefined);
});

Deno.test("SIGTERM ends the streams and the process, and what is asked meanwhile is refused", async () => {
  await using folder = await temporaryFolder();
  await folder.write("a.yaml", cluster("a"));
  await using xcp = await startXcp({ args: [folder.path] });
  using stack = new DisposableStack();
  const clients = await Promise.all(Array.from({ length: 20 }, async () => stack.use(await connected(xcp))));
  xcp.child.kill("SIGTERM");
  const codes = await Promise.all(clients.map(async (client) => (await client.ended()).code));
  assert(codes.every((code) => code === 0 || code === 14), `the streams ended with ${codes}`);
  assertEquals((await xcp.child.exit).code, 0);
});

Deno.test("a second signal exits at once", async () => {
  await using folder = await temporaryFolder();
  await folder.write("a.yaml", cluster("a"));
  await using xcp = await startXcp({ args: [folder.path] });
  using _client = await connected(xcp);
  xcp.child.kill("SIGTERM");
  await eventually(() => xcp.log().includes("SIGTERM"), { describe: "the signal to be logged" });
  xcp.child.kill("SIGTERM");
  await xcp.child.exit;
});

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { credentials } from "@grpc/grpc-js";
import { type Authority, createAuthority, fingerprint, type Pair } from "../../test/certificates.ts";
import { TransportError } from "./error.ts";
import type { TlsFiles } from "./tls.ts";
import { client, first, start, temporaryFolder, until } from "./testing.ts";

const SERVER = { commonName: "server", dns: ["localhost"], ip: ["127.0.0.1"] };

function write(folder: string, pair: Pair, ca?: Authority): TlsFiles & { clientCa: string } {
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key"), clientCa: join(folder, "ca.crt") };
  writeFileSync(files.cert, pair.cert);
  writeFileSync(files.key, pair.key);
  if (ca !== undefined) writeFileSync(files.clientCa, ca.cert);
  return files;
}

function withoutCa({ cert, key }: TlsFiles): TlsFiles {
  return { cert, key };
}

function channel(ca: Authority, pair?: Pair) {
  return credentials.createSsl(
    Buffer.from(ca.cert),
    pair === undefined ? null : Buffer.from(pair.key),
    pair === undefined ? null : Buffer.from(pair.cert),
  );
}

/** What a new TLS connection is shown: the fingerprint of the certificate, or the error. */
function shown(port: number, ca: Authority, options: object = {}): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(
      { host: "127.0.0.1", port, servername: "localhost", ca: ca.cert, ALPNProtocols: ["h2"], ...options },
      () => {
        resolve(fingerprint(Buffer.from(socket.getPeerCertificate().raw).toString("base64")));
        socket.destroy();
      },
    );
    socket.on("error", (error) => resolve(error.message));
  });
}

async function answer(address: string, tls: ReturnType<typeof channel>): Promise<string> {
  using connection = client(address, tls);
  const stream = connection.open();
  stream.send("hello");
  await until("an answer or an end", () => stream.messages.length > 0 || stream.ended !== undefined);
  return stream.messages[0]?.toString() ?? stream.ended?.details ?? "";
}

Deno.test("TLS without a client CA serves clients without a certificate, and believes no identity", async () => {
  await using folder = await temporaryFolder();
  const ca = createAuthority();
  await using server = await start({ tls: withoutCa(write(folder.path, ca.issue(SERVER))) });
  assertEquals(await answer(server.address, channel(ca)), "hello");
  assertEquals(await answer(server.address, channel(ca, ca.issue({ commonName: "c", dns: ["c"] }))), "hello");
  assertEquals(server.hub.seen.map((s) => s.outlet.peer.identities), [[], []]);
});

Deno.test("mutual TLS tells who the client is, and turns away clients without a certificate of the CA", async () => {
  await using folder = await temporaryFolder();
  const ca = createAuthority();
  await using server = await start({ tls: write(folder.path, ca.issue(SERVER), ca) });
  const names = { dns: ["envoy.example"], uri: ["spiffe://example/edge"] };
  assertEquals(await answer(server.address, channel(ca, ca.issue({ commonName: "c", ...names }))), "hello");
  const { peer } = first(server.hub).outlet;
  assertEquals([...peer.identities].sort(), ["DNS:envoy.example", "URI:spiffe://example/edge"]);
  assertMatch(peer.address, /^127\.0\.0\.1:\d+$/);

  assertMatch(await answer(server.address, channel(ca)), /No connection established/);
  const stranger = createAuthority("a stranger").issue({ commonName: "c", ...names });
  assertMatch(await answer(server.address, channel(ca, stranger)), /No connection established/);
  assertEquals(server.hub.seen.length, 1);
  await until("a word in the log", () => server.log.lines.some((l) => l.message === "A connection was refused"));
});

Deno.test("mutual TLS opens an address to other machines", async () => {
  await using folder = await temporaryFolder();
  const ca = createAuthority();
  const tls = write(folder.path, ca.issue(SERVER), ca);
  await assertRejects(() => start({ listen: ["0.0.0.0:0"], tls: withoutCa(tls) }), TransportError);
  await using _server = await start({ listen: ["0.0.0.0:0"], tls });
});

Deno.test("a client that does not offer HTTP/2 is turned away", async () => {
  await using folder = await temporaryFolder();
  const ca = createAuthority();
  await using server = await start({ tls: withoutCa(write(folder.path, ca.issue(SERVER))) });
  const socket = connect({ host: "127.0.0.1", port: server.port, ca: ca.cert, servername: "localhost" });
  let closed = false;
  socket.on("error", () => {});
  socket.on("close", () => closed = true);
  await until("the end of HTTP/1.1", () => closed);
  await until("the connection to go", () => server.transport.connections() === 0);
});

Deno.test("a pair that is replaced on disk is used for new connections, and old ones go on", async () => {
  await using folder = await temporaryFolder();
  const ca = createAuthority();
  const [old, next] = [ca.issue(SERVER), ca.issue(SERVER)];
  const me = ca.issue({ commonName: "c", uri: ["spiffe://example/c"] });
  const files = write(folder.path, old, ca);
  await using server = await start({ tls: files, tlsPoll: 10 });
  using connection = client(server.address, channel(ca, me));
  const stream = connection.open();
  stream.send("before");
  await until("the answer", () => stream.messages.length === 1);
  assertEquals(await shown(server.port, ca, me), fingerprint(old.cert));

  write(folder.path, next);
  await until("the new one", async () => await shown(server.port, ca, me) === fingerprint(next.cert));
  stream.send("after");
  await until("the old connection's answer", () => stream.messages.length === 2);
  // The servers that follow still ask for a certificate, and still learn names from it.
  assertMatch(await answer(server.address, channel(ca)), /No connection established/);
  assertEquals(await answer(server.address, channel(ca, me)), "hello");
  assertEquals(server.hub.seen.at(-1)?.outlet.peer.identities, ["URI:spiffe://example/c"]);
});

Deno.test("a client CA that is replaced decides about new connections", async () => {
  await using folder = await temporaryFolder();
  const [ca, other] = [createAuthority("one"), createAuthority("two")];
  const files = write(folder.path, ca.issue(SERVER), ca);
  await using server = await start({ tls: files });
  const mine = channel(ca, ca.issue({ commonName: "c" }));
  const theirs = channel(ca, other.issue({ commonName: "c" }));
  assertEquals(await answer(server.address, mine), "hello");
  assertMatch(await answer(server.address, theirs), /No connection established/);
  writeFileSync(files.clientCa, other.cert);
  assertEquals(await server.transport.reloadTls(), "taken");
  assertMatch(await answer(server.address, mine), /No connection established/);
  assertEquals(await answer(server.address, theirs), "hello");
});

Deno.test("a folder that is swapped by a symbolic link is followed", async () => {
  await using folder = await temporaryFolder();
  const ca = createAuthority();
  const pairs = [ca.issue(SERVER), ca.issue(SERVER)] as const;
  pairs.forEach((pair, index) => {
    mkdirSync(join(folder.path, `..${index}`));
    write(join(folder.path, `..${index}`), pair);
  });
  // As Kubernetes does it: file -> ..data/file, ..data -> ..0
  symlinkSync("..0", join(folder.path, "..data"));
  for (const name of ["tls.crt", "tls.key"]) symlinkSync(`..data/${name}`, join(folder.path, name));
  const tls = { cert: join(folder.path, "tls.crt"), key: join(folder.path, "tls.key") };
  await using server = await start({ tls, tlsPoll: 10 });
  assertEquals(await shown(server.port, ca), fingerprint(pairs[0].cert));
  symlinkSync("..1", join(folder.path, "..tmp"));
  renameSync(join(folder.path, "..tmp"), join(folder.path, "..data"));
  rmSync(join(folder.path, "..0"), { recursive: true });
  await until("the new one", async () => await shown(server.port, ca) === fingerprint(pairs[1].cert));
  assertEquals(server.log.lines.filter((l) => l.level === "error"), []);
});

Deno.test("a broken pair is refused with a word in the log, the old stays in use, and a good one heals", async () => {
  await using folder = await temporaryFolder();
  const ca = createAuthority();
  const [old, next] = [ca.issue(SERVER), ca.issue(SERVER)];
  const files = withoutCa(write(folder.path, old));
  await using server = await start({ tls: files, tlsPoll: 3_600_000 });
  const errors = () => server.log.lines.filter((l) => l.level === "error").map((l) => l.message);
  const broken: [() => void, RegExp][] = [
    [() => writeFileSync(files.cert, "not a certificate"), /tls\.crt": no PEM certificate in it; the certificate/],
    [() => writeFileSync(files.cert, next.cert), /tls\.crt": the key in ".*tls\.key" belongs to another certificate/],
    [() => writeFileSync(files.cert, next.cert.replace(/\n[^-]+\n/, "\nMAAA\n")), /certificate 1 of 1 does not parse/],
    [() => writeFileSync(files.key, ""), /no PEM private key in it/],
    [() => rmSync(files.key), /Cannot read key ".*tls\.key": no such file or directory/],
  ];
  for (const [damage, words] of broken) {
    write(folder.path, old);
    damage();
    assertEquals(await server.transport.reloadTls(), "refused");
    assertMatch(errors().at(-1) ?? "", words);
    assertEquals(await shown(server.port, ca), fingerprint(old.cert));
  }
  assertEquals(errors().length, broken.length);
  write(folder.path, old);
  assertEquals(await server.transport.reloadTls(), "unchanged");
  write(folder.path, next);
  assertEquals(await server.transport.reloadTls(), "taken");
  assertEquals(await shown(server.port, ca), fingerprint(next.cert));
});

Deno.test("an expired certificate is used, with a warning", async () => {
  await using folder = await temporaryFolder();
  const ca = createAuthority();
  const past = { notBefore: new Date("2020-01-01T00:00:00Z"), notAfter: new Date("2020-02-01T00:00:00Z") };
  await using server = await start({ tls: withoutCa(write(folder.path, ca.issue({ ...SERVER, ...past }))) });
  assertMatch(server.log.lines[0]?.message ?? "", /tls\.crt" expired at 2020-02-01T00:00:00\.000Z$/);
  assertEquals(server.log.lines[0]?.level, "warn");
});

Deno.test("bad files at the start are errors that name the file", async () => {
  await using folder = await temporaryFolder();
  const ca = createAuthority();
  const good = ca.issue(SERVER);
  const encrypted = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" },
  }).privateKey;
  const table: [Pair, string | undefined, string, RegExp][] = [
    [
      { cert: "", key: good.key },
      undefined,
      "invalid",
      /^Cannot use certificate ".*tls\.crt": no PEM certificate in it$/,
    ],
    [{ cert: good.cert, key: ca.key }, undefined, "invalid", /belongs to another certificate$/],
    [{ cert: good.cert, key: encrypted }, undefined, "invalid", /^Cannot use key ".*": it is encrypted/],
    [good, "nothing", "invalid", /^Cannot use client CA ".*ca\.crt": no PEM certificate in it$/],
  ];
  for (const [pair, clientCa, failure, words] of table) {
    const files = write(folder.path, pair);
    if (clientCa !== undefined) writeFileSync(files.clientCa, clientCa);
    const tls = clientCa === undefined ? withoutCa(files) : files;
    const error = await assertRejects(() => start({ tls }), TransportError);
    assertEquals(error.failure, failure);
    assertMatch(error.message, words);
  }
  const missing = { cert: join(folder.path, "no.crt"), key: join(folder.path, "no.key") };
  const error = await assertRejects(() => start({ tls: missing }), TransportError);
  assertEquals(error.failure, "unreadable");
});

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CommandError } from "../exit.ts";
import { parseFlags } from "../flags.ts";
import { serve } from "../serve.ts";
import { serveSettings } from "./settings.ts";

const settings = (args: string[], env: Record<string, string> = {}) =>
  serveSettings(parseFlags(serve.flags, args, env), env);

async function refused(args: string[], env: Record<string, string> = {}): Promise<string> {
  const error = await assertRejects(() => settings(args, env), CommandError);
  assertEquals(error.exitCode, 64);
  return error.message;
}

Deno.test("a source alone gets every default", async () => {
  assertEquals(await settings(["./config"]), {
    sources: ["./config"],
    listen: [{ kind: "tcp", host: "127.0.0.1", port: 18000 }],
    admin: { kind: "tcp", host: "127.0.0.1", port: 18001 },
    metrics: undefined,
    rest: undefined,
    acceptWrites: false,
    stateDir: undefined,
    ownState: false,
    localCopy: false,
    store: undefined,
    settleMs: 5_000,
    identities: [],
    adapter: { timeoutMs: 30_000, memory: 2 ** 29, env: [] },
    watch: false,
    descriptors: [],
    tls: undefined,
    insecureXds: false,
    insecureAdmin: false,
    apiTokenFile: undefined,
    allowEmpty: false,
    pollMs: 1_000,
    orderTimeoutMs: 10_000,
    validate: "enforce",
    logFormat: "text",
    logLevel: "info",
  });
});

Deno.test("sources are named by words, else the environment, else the settings file", async () => {
  const config = await Deno.makeTempFile({ suffix: ".yaml" });
  await Deno.writeTextFile(config, "source: [./file]\nadmin: none\nvalidate: off\n");
  const env = { XCP_SOURCE: "./env, ./more" };
  assertEquals((await settings(["./word", "--config", config], env)).sources, ["./word"]);
  assertEquals((await settings(["--config", config], env)).sources, ["./env", "./more"]);
  const alone = await settings([], { XCP_CONFIG: config });
  assertEquals([alone.sources, alone.admin, alone.validate], [["./file"], undefined, "off"]);
  await Deno.remove(config);
});

Deno.test("what cannot be followed is refused by name", async () => {
  for (const source of ["http://h:1", "HTTPS://h", "unix:/run/xcp.sock", "-"]) {
    assertStringIncludes(await refused([source]), "xcp serves directories, files, stores and adapters, not");
  }
});

Deno.test("a store has a place, and a word about secrets", async () => {
  const at = (...more: string[]) => settings(["c", "--store", "s3://bucket/p", ...more]);
  assertEquals((await at()).store, { url: "s3://bucket/p", secrets: { mode: "refuse" } });
  assertEquals((await at("--without-secrets")).store?.secrets, { mode: "without" });
  assertEquals((await settings(["c"], { XCP_STORE: "file:///s" })).store?.url, "file:///s");
  assertStringIncludes(await refused(["c", "--store", "./folder"]), "a store is s3://bucket/prefix or file:///path");
  assertStringIncludes(await refused(["c", "--store", "s3://bucket/p@7"]), "it is about all snapshots of the store");
  assertStringIncludes(await refused(["c", "--without-secrets"]), "there is none");
});

Deno.test("a URL that no store can have is refused before anything is served", async () => {
  assertStringIncludes(await refused(["s3://"]), 'Cannot open "s3://": the bucket is missing');
  assertStringIncludes(await refused(["file://host/path@7"]), "not of the form file:///path");
  assertStringIncludes(await refused(["c", "--store", "s3://bucket?endpont=x"]), '"endpont" is not known');
});

Deno.test("a store that is followed is not kept in: that would undo what others push", async () => {
  for (
    const [source, store] of [
      ["s3://bucket/p", "s3://bucket/p"],
      ["s3://bucket/p@accepted", "s3://bucket/p/?region=eu"],
      ["file:///s@7", "file:///s/"],
      ["s3://bucket/p?endpoint=http://h:1", "s3://bucket/p?region=eu&endpoint=http://h:1"],
    ] as const
  ) {
    assertStringIncludes(await refused(["c", source, "--store", store]), "it is served as well");
  }
  for (const source of ["s3://bucket/q", "s3://other/p", "s3://bucket/p?endpoint=http://h:1", "file:///p"]) {
    assertEquals((await settings([source, "--store", "s3://bucket/p"])).store?.url, "s3://bucket/p");
  }
});

Deno.test("a local copy is kept where somebody gave a place, or a store", async () => {
  const copy = async (args: string[], env = {}) => (await settings(args, { HOME: "/home/a", ...env })).localCopy;
  assertEquals(await copy(["c"]), false, "the default directory is everybody's");
  assertEquals(await copy(["c", "--state-dir", "s"]), true);
  assertEquals(await copy(["c"], { STATE_DIRECTORY: "/var/lib/xcp" }), true);
  assertEquals(await copy(["c", "--store", "s3://bucket/p"]), true);
  assertEquals(await copy(["--accept-writes", "--state-dir", "s"]), false, "what is written is there anyway");
});

Deno.test("an adapter's memory is a size", async () => {
  const memory = async (size: string) => (await settings(["c", "--adapter-memory", size])).adapter.memory;
  assertEquals([await memory("1.5GiB"), await memory("100MB"), await memory("none")], [1.5 * 2 ** 30, 1e8, undefined]);
  assertStringIncludes(await refused(["c", "--adapter-memory", "512"]), "it is a size like 512MiB");
});

Deno.test("an address that is none is refused with where it came from", async () => {
  assertStringIncludes(await refused(["c", "--admin", "18001"]), '--admin "18001"');
  assertStringIncludes(await refused(["c"], { XCP_METRICS: "x" }), 'XCP_METRICS "x"');
  assertStringIncludes(await refused(["c", "--listen", "18000"]), '--listen "18000"');
});

Deno.test("xDS beyond loopback wants mutual TLS or leave", async () => {
  const listen = ["c", "--listen", "0.0.0.0:18000"];
  const tls = ["--tls-cert", "a", "--tls-key", "b"];
  await refused(listen);
  await refused([...listen, ...tls]);
  assertEquals((await settings([...listen, ...tls, "--tls-client-ca", "c"])).tls, {
    cert: "a",
    key: "b",
    clientCa: "c",
  });
  assertEquals((await settings([...listen, "--insecure-xds"])).insecureXds, true);
});

Deno.test("admin beyond loopback wants a token or leave", async () => {
  const admin = ["c", "--admin", ":18001"];
  assertStringIncludes(await refused(admin), "others could read the API there");
  assertEquals((await settings([...admin, "--api-token-file", "t"])).apiTokenFile, "t");
  assertEquals((await settings([...admin, "--insecure-admin"])).insecureAdmin, true);
});

Deno.test("REST is exposed as xDS over gRPC is", async () => {
  assertEquals((await settings(["c", "--rest", "127.0.0.1:0"])).rest, { kind: "tcp", host: "127.0.0.1", port: 0 });
  assertEquals((await settings(["c", "--rest", "none"])).rest, undefined);
  assertStringIncludes(await refused(["c", "--rest", ":18002"]), 'Cannot listen on ":18002"');
  assertEquals((await settings(["c", "--rest", ":18002", "--insecure-xds"])).insecureXds, true);
  assertStringIncludes(await refused(["c"], { XCP_REST: "x" }), 'XCP_REST "x"');
});

Deno.test("who accepts writes needs no source, and an admin address", async () => {
  assertEquals((await settings(["--accept-writes"])).sources, []);
  const { sources, acceptWrites } = await settings(["./config"], { XCP_ACCEPT_WRITES: "1" });
  assertEquals([sources, acceptWrites], [["./config"], true]);
  assertStringIncludes(await refused([]), "no source is named");
  assertStringIncludes(await refused(["--accept-writes", "--admin", "none"]), "Cannot take --accept-writes: ");
});

Deno.test("the state directory is a flag, else where the system says", async () => {
  const env = { HOME: "/home/a", STATE_DIRECTORY: "/var/lib/xcp" };
  assertEquals((await settings(["c", "--state-dir", "./state"], env)).stateDir, "./state");
  const named = await settings(["c"], { ...env, XCP_STATE_DIR: "/x" });
  assertEquals([named.stateDir, named.localCopy], ["/x", true]);
  assertEquals((await settings(["c"], env)).stateDir, "/var/lib/xcp");
});

Deno.test("a rollout that is not there yet is refused, and not taken for one that protects", async () => {
  await settings(["c", "--rollout", "all-at-once"]);
  assertStringIncludes(
    await refused(["c", "--rollout", "canary"]),
    "this version has no canaries yet, only all-at-once",
  );
  assertStringIncludes(await refused(["c"], { XCP_ROLLOUT: "fast" }), 'XCP_ROLLOUT "fast"');
});

Deno.test("half of a TLS pair is refused", async () => {
  await refused(["c", "--tls-cert", "a"]);
  await refused(["c", "--tls-key", "a"]);
  await refused(["c", "--tls-client-ca", "a"]);
});

Deno.test("times have units", async () => {
  assertEquals((await settings(["c", "--poll", "250ms", "--order-timeout", "1.5s"])).pollMs, 250);
  for (const text of ["1", "0s", "-1s", "s", "1w"]) await refused(["c", `--poll=${text}`]);
});

/**
 * `xcp get` as people use it: the compiled binary asks the compiled binary.
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { CLUSTER } from "../../lib/model/types.ts";
import { createAuthority } from "../certificates.ts";
import { spawn } from "./harness/child.ts";
import { eventually, runXcp, startXcp, temporaryFolder, xcpBinary } from "./harness.ts";

const RAINBOW = fileURLToPath(new URL("../../examples/rainbow", import.meta.url));
const MODES = ["--delta", "--sotw"] as const;

const cluster = (name: string, timeout = 1) =>
  `{ "@type": ${CLUSTER.url}, name: ${name}, type: STATIC, connect_timeout: ${timeout}s }\n`;

Deno.test("get prints what a client is given, in both modes", async () => {
  await using xcp = await startXcp({ args: [RAINBOW] });
  const get = (...args: string[]) => runXcp(["get", ...args, "--xds", xcp.xds]);
  for (const mode of MODES) {
    assertEquals(await get("clusters", "-o", "names", mode), { code: 0, stdout: "blue\ngreen\nred\n", stderr: "" });
    const { code, stdout } = await get("endpoints", "red", "-o", "json", mode);
    assertEquals(code, 0);
    const { resources: [{ name, version, resource }], errors } = JSON.parse(stdout);
    assertEquals([name, resource.cluster_name, errors], ["red", "red", []]);
    assertMatch(version, /^\S{12}$/);
    const missing = await get("endpoints", "red", "ghost", "-o", "names", mode, "--timeout", "1s");
    assertEquals([missing.code, missing.stdout], [1, "red\n"]);
    assertStringIncludes(missing.stderr, 'Cannot get endpoint "ghost": ');
  }
  // Each answer was acknowledged, and none rejected.
  assertEquals(/rejected/i.test(xcp.log()), false, xcp.log());
});

Deno.test("what get prints as YAML can be served, and is the same", async () => {
  await using folder = await temporaryFolder();
  await using xcp = await startXcp({ args: [RAINBOW] });
  const types = ["clusters", "endpoints", "listeners", "routes"];
  const get = (type: string, xds: string) =>
    runXcp(["get", type, "--xds", xds, ...(type === "routes" ? ["rainbow"] : [])]);
  const first = await Promise.all(types.map((type) => get(type, xcp.xds)));
  for (const [i, { stdout }] of first.entries()) await folder.write(`${types[i]}.yaml`, stdout);
  await using copy = await startXcp({ args: [folder.path] });
  assertEquals(await Promise.all(types.map((type) => get(type, copy.xds))), first);
});

Deno.test("a watch follows changes until Ctrl-C", async () => {
  await using folder = await temporaryFolder();
  await folder.write("a.yaml", cluster("a"));
  await using xcp = await startXcp({ args: [folder.path] });
  for (const [turn, mode] of MODES.entries()) {
    await using get = spawn(xcpBinary(), ["get", "clusters", "--watch", "-o", "names", "--xds", xcp.xds, mode]);
    const printed = (pattern: RegExp) =>
      eventually(() => pattern.test(get.stdout()), { describe: () => `${pattern}: ${get.stdout()}${get.stderr()}` });
    await printed(/^added a \S+\n$/m);
    await folder.write("a.yaml", cluster("a", 2 + turn));
    await printed(/^changed a \S+ -> \S+\n$/m);
    await folder.write("b.yaml", cluster("b"));
    await printed(/^added b \S+\n$/m);
    await folder.remove("b.yaml");
    await printed(/^removed b \S+\n$/m);
    assertEquals((await get.stop("SIGINT")).signal, "SIGINT");
    assertEquals(get.stderr(), "");
  }
});

Deno.test("a watch ends with the server, and with whoever reads it", async () => {
  await using folder = await temporaryFolder();
  await folder.write("a.yaml", cluster("a"));
  await using xcp = await startXcp({ args: [folder.path] });
  const shell = 'exec 3>&1; { "$XCP" get clusters --xds "$XDS" --watch -o names; echo "ended $?" >&3; } | head -1';
  await using pipe = spawn("sh", ["-c", shell], { env: { XCP: xcpBinary(), XDS: xcp.xds } });
  await eventually(() => pipe.stdout().startsWith("added a "), { describe: pipe.stdout });
  await folder.write("a.yaml", cluster("a", 2));
  await eventually(() => /^ended 0$/m.test(pipe.stdout()), { describe: () => pipe.stdout() + pipe.stderr() });
  assertEquals([(await pipe.exit).code, pipe.stderr()], [0, ""]);

  await using get = spawn(xcpBinary(), ["get", "clusters", "--watch", "-o", "names", "--xds", xcp.xds]);
  await eventually(() => get.stdout().startsWith("added a "), { describe: get.stderr });
  await xcp.child.stop();
  assertEquals((await get.exit).code, 69);
  assertMatch(get.stderr(), /^xcp: Cannot get clusters from "127\.0\.0\.1:\d+": it ended the stream/);
});

Deno.test("get speaks TLS and asks on sockets, and a server that is not there is 69", async () => {
  await using folder = await temporaryFolder();
  const authority = createAuthority();
  const { cert, key } = authority.issue({ commonName: "xcp", ip: ["127.0.0.1"] });
  const [ca, tls, secret] = [
    await folder.write("ca.pem", authority.cert),
    await folder.write("tls.pem", cert),
    await folder.write("key.pem", key),
  ];
  const socket = `unix:${folder.at("xds.sock")}`;
  const server = ["--tls-cert", tls, "--tls-key", secret, "--tls-client-ca", ca];
  const args = [RAINBOW, "--listen", "127.0.0.1:0", "--listen", socket, ...server];
  const get = (xds: string, ...more: string[]) => runXcp(["get", "listeners", "-o", "names", "--xds", xds, ...more]);
  {
    await using xcp = await startXcp({ args });
    const mutual = ["--tls-ca", ca, "--tls-cert", tls, "--tls-key", secret];
    assertEquals(await get(xcp.xds, ...mutual), { code: 0, stdout: "rainbow\n", stderr: "" });
    assertEquals(await get(socket), { code: 0, stdout: "rainbow\n", stderr: "" });
    const hints: [hint: string, more: string[]][] = [
      ["--tls-ca", []],
      ["it wants a certificate", ["--tls-ca", ca]],
      ["not trusted", mutual.slice(2)],
      ["another name", [...mutual, "--tls-server-name", "xcp.example"]],
    ];
    for (const [hint, more] of hints) {
      const { code, stdout, stderr } = await get(xcp.xds, ...more);
      assertEquals([code, stdout], [69, ""], stderr);
      assertStringIncludes(stderr, hint);
    }
  }
  assertEquals((await get(socket)).code, 69);
});

Deno.test("a wrong port says what it is", async () => {
  await using xcp = await startXcp({ args: [RAINBOW] });
  const { code, stderr } = await runXcp(["get", "clusters", "--xds", new URL(xcp.admin).host]);
  assertEquals(code, 69);
  assertStringIncludes(stderr, "it does not speak HTTP/2\nxcp serves xDS on port 18000");
});

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { copyFile } from "node:fs/promises";
import { bunPath, hostTarget } from "../../scripts/bun.ts";
import { exists } from "../../scripts/parts.ts";
import { type Folder, runToEnd, runXcp, startXcp, temporaryFolder, xcpBinary } from "./harness.ts";

const CLUSTER = `
"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: red
`;

Deno.test("version and help answer on stdout, and a wrong call is told on stderr", async () => {
  const version = await runXcp(["version"]);
  assertEquals({ code: version.code, stderr: version.stderr }, { code: 0, stderr: "" });
  assertMatch(version.stdout, /^xcp \d+\.\d+\.\d+/);
  for (const args of [["help"], ["help", "serve"], ["serve", "--help"], ["--help"], []]) {
    const { code, stdout, stderr } = await runXcp(args);
    assertEquals({ args, code, stderr }, { args, code: 0, stderr: "" });
    assertStringIncludes(stdout, "xcp serve");
  }
  const wrong = await runXcp(["sevre"]);
  assertEquals({ code: wrong.code, stdout: wrong.stdout }, { code: 64, stdout: "" });
  assertStringIncludes(wrong.stderr, 'Did you mean "serve"?');
});

Deno.test("exit codes tell a wrong call from a server that is not there", async () => {
  const codes: [code: number, args: string[]][] = [
    [64, ["serve", "--no-such-flag"]],
    [64, ["bootstrap"]],
    [64, ["version", "surplus"]],
    [69, ["status", "--admin-url", "http://127.0.0.1:1"]],
  ];
  for (const [expected, args] of codes) {
    const { code, stdout, stderr } = await runXcp(args);
    assertEquals({ args, code, stdout }, { args, code: expected, stdout: "" });
    assertMatch(stderr, /^xcp: \S/);
  }
});

/** A working directory whose files would have a say in every program that Bun runs. */
async function hostileFolder(): Promise<Folder> {
  const folder = await temporaryFolder();
  await folder.write(".env", "XCP_LOG_FORMAT=json\nXCP_ADMIN=nonsense\n");
  await folder.write("bunfig.toml", 'preload = ["./evil.ts"]\n');
  await folder.write("evil.ts", 'require("node:fs").writeFileSync("taken", "");\n');
  await folder.write("package.json", '{ "type": "commonjs", "imports": { "#x": "./evil.ts" } }\n');
  await folder.write("tsconfig.json", '{ "compilerOptions": { "paths": { "hono": ["./evil.ts"] } } }\n');
  await folder.write("node_modules/hono/index.js", 'require("../../evil.ts");\n');
  await folder.write("config/red.yaml", CLUSTER);
  return folder;
}

Deno.test("xcp takes nothing from its working directory, where Bun itself would run code and read .env", async () => {
  await using folder = await hostileFolder();
  const script = await folder.write("ask.ts", "console.log(process.env.XCP_LOG_FORMAT);");
  const bun = await runToEnd(await bunPath(hostTarget()), ["run", script], { cwd: folder.path });
  assertEquals(bun.stdout, "json\n", "the trap does not work");
  assertEquals(await exists(folder.at("taken")), true, "the trap does not work");
  await folder.remove("taken");

  for (const args of [["version"], ["help"], ["bootstrap", "--node-id", "a", "--cluster", "b"]]) {
    const { code } = await runXcp(args, { cwd: folder.path });
    assertEquals({ args, code }, { args, code: 0 });
  }
  await using xcp = await startXcp({ args: ["config", "--log-format", "text"], cwd: folder.path });
  assertEquals((await xcp.get("/readyz")).status, 200);
  await xcp.child.stop();
  await using other = await startXcp({ args: ["config"], cwd: folder.path });
  assertEquals(other.log().includes('{"'), false, other.log());
  assertEquals(await exists(folder.at("taken")), false, "code from the working directory ran");
});

/** Makes every mount read-only in a mount namespace of its own, proves it, and goes on with the rest of its arguments. */
const READ_ONLY = `
for mount in $(cut -d' ' -f2 /proc/mounts); do mount -o remount,bind,ro "$mount" 2>/dev/null; done
for folder in . /tmp; do
  if touch "$folder/.xcp-probe" 2>/dev/null; then echo "$folder is still writable" >&2; exit 99; fi
done
exec "$@"
`;

/** How to start a program where it cannot write: read-only mounts where the machine allows them, and as nobody. */
async function withoutWriting(): Promise<string[]> {
  if (Deno.build.os !== "linux") return [];
  const root = Deno.uid() === 0;
  const namespace = ["unshare", "--mount", ...(root ? [] : ["--map-root-user"])];
  const [program = "", ...args] = [...namespace, "mount", "-o", "remount,bind,ro", "/"];
  const allowed = await runToEnd(program, args).then(({ code }) => code === 0, () => false);
  if (!allowed) console.error("This machine allows no mounts: only permissions keep xcp from writing");
  return [
    ...(allowed ? [...namespace, "sh", "-c", READ_ONLY, "sh"] : []),
    ...(root ? ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"] : []),
  ];
}

Deno.test("the binary alone runs from a read-only file system, as any user, without a home", async () => {
  await using folder = await temporaryFolder();
  await copyFile(xcpBinary(), folder.at("xcp"));
  await folder.write("config/red.yaml", CLUSTER);
  for (const name of ["xcp", "config", "."]) await Deno.chmod(folder.at(name), 0o555);
  try {
    const within = await withoutWriting();
    const env = { HOME: "/nonexistent", XDG_STATE_HOME: "", TMPDIR: folder.path };
    const [program = "", ...args] = [...within, "./xcp", "version"];
    const version = await runToEnd(program, args, { cwd: folder.path, env });
    assertEquals({ code: version.code, stderr: version.stderr }, { code: 0, stderr: "" });
    await using xcp = await startXcp({ args: ["config"], binary: "./xcp", cwd: folder.path, env, within });
    assertEquals((await xcp.get("/readyz")).status, 200);
  } finally {
    for (const name of [".", "config"]) await Deno.chmod(folder.at(name), 0o755);
  }
});

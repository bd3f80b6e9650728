import { assertEquals, assertMatch } from "@std/assert";
import { startAdapter, type Started, type StartOptions } from "../../lib/adapter/testing.ts";
import { eventually, spawn, temporaryFolder, xcpBinary } from "./harness.ts";

const GENERATE = { call: "generate", group: "g", changes: "all" } as const;
const REST = "*list() {}, generate: (state) => state ?? []";

function start(source: string, options: StartOptions = {}, files: Record<string, string> = {}): Promise<Started> {
  return startAdapter(source, { binary: xcpBinary(), ...options }, files);
}

Deno.test("the binary runs an adapter with its packages, local files and TypeScript, wherever it is started", async () => {
  const esm = "node_modules/@scope/esm-pack";
  const dual = "node_modules/dual-pack";
  const files = {
    "node_modules/cjs-pack/package.json": '{"name":"cjs-pack","version":"1.0.0","main":"./main.js"}',
    "node_modules/cjs-pack/main.js": 'exports.name = require("node:path").basename(__filename);',
    [`${esm}/package.json`]:
      '{"name":"@scope/esm-pack","version":"1.0.0","type":"module","exports":{"./sub":"./lib.js"}}',
    [`${esm}/lib.js`]: 'export default "esm";',
    [`${dual}/package.json`]:
      '{"name":"dual-pack","version":"1.0.0","exports":{"import":"./i.mjs","require":"./r.cjs"}}',
    [`${dual}/i.mjs`]: 'export default "import";',
    [`${dual}/r.cjs`]: 'module.exports = "require";',
    "sub/util.ts": 'export enum Color { Blue = "blue" }\nexport const sure = <T>(x: T | undefined): T => x!;',
    "plain.js": 'export const js = "js";',
    "data.json": '{"a":1}',
    "xcp.d.ts": "export interface Adapter { init(): unknown }",
  };
  const source = `
    import process from "node:process";
    import { name } from "cjs-pack";
    import sub from "@scope/esm-pack/sub";
    import dual from "dual-pack";
    import { Color, sure } from "./sub/util.ts";
    import { js } from "./plain.js";
    import data from "./data.json" with { type: "json" };
    import type { Adapter } from "./xcp.d.ts";
    export default {
      init: () => [name, sub, dual, sure(Color.Blue), js, data.a, process.cwd()] satisfies unknown[],
      *list() {},
      generate: (state: unknown[]) => state,
    } satisfies Adapter;`;
  // What would have a say in every program that Bun runs there.
  await using elsewhere = await temporaryFolder();
  await elsewhere.write("node_modules/cjs-pack/index.js", 'exports.name = "the wrong one";');
  await elsewhere.write("bunfig.toml", 'preload = ["./evil.ts"]\n');
  await elsewhere.write("evil.ts", "process.exit(9);\n");
  await elsewhere.write(".env", "FROM_DOTENV=1\n");
  await elsewhere.write("tsconfig.json", '{ "compilerOptions": { "paths": { "cjs-pack": ["./evil.ts"] } } }\n');
  await using adapter = await start(source, { cwd: elsewhere.path }, files);
  assertEquals(await adapter.init(), { ping: true });
  const cwd = await Deno.realPath(elsewhere.path);
  assertEquals(await adapter.ask(GENERATE), ["main.js", "esm", "import", "blue", "js", 1, cwd]);
});

Deno.test("an adapter in the binary has the environment that it was given, and no other", async () => {
  const env = { PATH: "/usr/bin:/bin", HOME: "/nowhere", GRANTED: "yes" };
  await using adapter = await start(
    `import process from "node:process"; export default { init: () => [{ ...process.env }], ${REST} };`,
    { env },
  );
  await adapter.init();
  assertEquals(await adapter.ask(GENERATE), [env]);
});

Deno.test("errors in the binary have their place in the adapter's own files", async () => {
  const cases: [source: string, words: RegExp][] = [
    ["export default {\n  init: ;\n};", /^failed: .+ \(\.\/adapter\.ts:2:9\)$/],
    ['import "./gone.ts";', /^failed: .*gone\.ts/],
    ['import "no-such-package";', /^failed: .*no-such-package/],
    ["export default {};", /^failed: its default export has no function "init"$/],
    [
      `interface A {}\nexport default { ${REST}, init() { throw new Error("no"); } };`,
      /^failed: no \(\.\/adapter\.ts:2:/,
    ],
  ];
  for (const [source, words] of cases) {
    await using adapter = await start(source);
    assertMatch(`${await adapter.init()}`, words);
  }
});

Deno.test("console and standard output in the binary go to the log, and an uncaught error ends it", async () => {
  await using adapter = await start(`export default { ${REST}, init() {
    console.log("a %s", "b", { c: 1 }); console.table([1]); console.group("g"); console.error("e"); console.groupEnd();
    console.dir({}); console.assert(false, "x"); console.count(); process.stdout.write("raw\\n");
    setTimeout(() => { throw new Error("late"); }, 1);
  } };`);
  await adapter.init();
  assertEquals(await adapter.ended(), "it exited with 70");
  const last = adapter.logged.pop() ?? "";
  assertEquals(adapter.logged, [
    "info a b { c: 1 }",
    "info [ 1 ]",
    "info g",
    "error   e",
    "info {}",
    "error Assertion failed: x",
    "info default: 1",
    "info raw",
  ]);
  assertMatch(last, /^error Uncaught: late \(\.\/adapter\.ts:4:\d+\)$/);
});

Deno.test("an adapter in the binary that spins or leaks is killed", async () => {
  await using spin = await start(`export default { init() {}, *list() {}, generate() { while (true); } };`, {
    pingMs: 1500,
  });
  await spin.init();
  assertEquals(await spin.ask(GENERATE), "ended: it did not answer for 1.5 s");
  const leak = "const held = []; setInterval(() => held.push(new Uint8Array(16 << 20).fill(1)), 20);";
  await using adapter = await start(`${leak} export default { init() {}, ${REST} };`, { memoryBytes: 384 << 20 });
  await adapter.init();
  assertEquals(await adapter.ended(), "it used more than 384 MiB");
});

Deno.test("the binary with an adapter ends when its standard input ends", async () => {
  await using folder = await temporaryFolder();
  const path = await folder.write(
    "adapter.ts",
    `setInterval(() => {}, 1000); export default { init() {}, ${REST}, close() { process.stderr.write("closed\\n"); } };`,
  );
  // The pipe stays open for as long as the first process lives.
  const script = `(echo '{"id":1,"call":"init","protocol":1}'; read _ < "$1") | "$0" adapter-host "$2"`;
  const fifo = folder.at("fifo");
  await new Deno.Command("mkfifo", { args: [fifo] }).output();
  await using child = spawn("sh", ["-c", script, xcpBinary(), fifo, path]);
  await eventually(() => child.stdout().includes('"ping":true'), { describe: child.stderr });
  await Deno.writeTextFile(fifo, "go\n");
  assertEquals((await child.exit).code, 0);
  assertEquals(child.stderr(), "closed\n");
});

Deno.test("help does not list the command that runs adapters", async () => {
  const { stdout } = await new Deno.Command(xcpBinary(), { args: ["help"] }).output();
  assertEquals(new TextDecoder().decode(stdout).includes("adapter-host"), false);
});

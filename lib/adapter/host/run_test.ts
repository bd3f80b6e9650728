import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { startAdapter, type StartOptions } from "../testing.ts";
import { loadAdapter } from "./module.ts";

const GENERATE = { call: "generate", group: "g", changes: "all" } as const;
const REST = "*list() {}, generate: () => []";

/** Starts an adapter and calls its `init`; what that comes to. */
async function init(source: string, files: Record<string, string> = {}): Promise<unknown> {
  await using adapter = await startAdapter(source, {}, files);
  return await adapter.init();
}

async function started(source: string, options: StartOptions = {}) {
  const adapter = await startAdapter(source, options);
  assertEquals(await adapter.init(), { ping: true });
  return adapter;
}

Deno.test("a module that is no adapter is told what is missing", async () => {
  assertEquals(await init("export const x = 1;"), "failed: it has no default export with init, list and generate");
  assertEquals(await init("export default 1;"), "failed: it has no default export with init, list and generate");
  assertEquals(await init(`export default { init() {} };`), 'failed: its default export has no function "list"');
  assertEquals(
    await init(`export default { init() {}, ${REST}, close: 1 };`),
    'failed: "close" of its default export is no function',
  );
});

Deno.test("a module that cannot be loaded is told with the place", async () => {
  assertMatch(`${await init("export default {\n  init: ;\n};")}`, /^failed: .+ \(\.\/adapter\.ts:2:9\)$/);
  assertMatch(`${await init('import "./gone.ts";')}`, /^failed: .*gone\.ts/);
  assertMatch(`${await init('import "no-such-package";')}`, /^failed: .*no-such-package/);
  assertEquals(
    await init('import "./sub/util.ts";', {
      "sub/util.ts": "\nfunction f(): never { throw new Error('deep'); }\nf();",
    }),
    "failed: deep (sub/util.ts:2:29)",
  );
});

Deno.test("an error has its reason, and whatever is thrown is shown", async () => {
  const cause = `throw new Error("no services", { cause: new Error("connection refused") });`;
  assertEquals(
    await init(`export default { ${REST}, init() { ${cause} } };`),
    "failed: no services: connection refused (./adapter.ts:1:65)",
  );
  assertEquals(
    await init(`export default { ${REST}, init() { throw { code: 7 }; } };`),
    "failed: it threw { code: 7 }",
  );
});

Deno.test("list may be a generator, a list, or the promise of either, and is told what is wrong", async () => {
  const definitions = Array.from({ length: 1200 }, (_, i) => ({ group: "g", id: `${i}` }));
  const all = "Array.from({ length: 1200 }, (_, i) => ({ group: 'g', id: `${i}`, more: 1 }))";
  const lists: [list: string, listed: unknown][] = [
    [`list: () => ${all}`, definitions],
    [`list: async () => ${all}`, definitions],
    [`*list() { yield* ${all}; }`, definitions],
    [`async *list() { yield* ${all}; }`, definitions],
    [`list: async () => (async function* () { yield* ${all}; })()`, definitions],
    ["list: () => {}", "list returned undefined, and not definitions one can iterate over"],
    ["list: () => 'abc'", "list returned 'abc', and not definitions one can iterate over"],
    ["list: () => [{ group: 'g' }]", "list has { group: 'g' }, and not { group, id }, both strings"],
  ];
  for (const [list, listed] of lists) {
    await using adapter = await started(`export default { init() {}, generate: () => [], ${list} };`);
    assertEquals(await adapter.list(), listed, list);
  }
});

Deno.test("generate returns a list or null, of what can be JSON", async () => {
  await using adapter = await started(`
    const cycle = {}; cycle.cycle = cycle;
    const answers = { none: null, text: "x", nothing: undefined, cycle: [cycle], big: [1n], list: [{ a: 1 }] };
    export default { init() {}, *list() {}, generate: async (_, group) => answers[group] };`);
  const ask = (group: string) => adapter.ask({ ...GENERATE, group });
  assertEquals(await ask("none"), null);
  assertEquals(await ask("list"), [{ a: 1 }]);
  assertEquals(await ask("text"), "failed: generate returned 'x', and neither a list of resources nor null");
  assertEquals(await ask("nothing"), "failed: generate returned undefined, and neither a list of resources nor null");
  assertMatch(`${await ask("cycle")}`, /^failed: .*circular/i);
  assertMatch(`${await ask("big")}`, /^failed: .*BigInt/i);
});

Deno.test("calls for several groups overlap", async () => {
  await using adapter = await started(`
    let free; const waits = new Promise((resolve) => free = resolve);
    export default { init() {}, *list() {}, generate: async (_, group) => group === "a" ? await waits : free([7]) ?? [] };`);
  const first = adapter.ask({ ...GENERATE, group: "a" });
  assertEquals(await adapter.ask({ ...GENERATE, group: "b" }), []);
  assertEquals(await first, [7]);
});

Deno.test("every method of console goes to the log, and nothing of it into the protocol", async () => {
  await using adapter = await started(`
    import process from "node:process";
    export default { *list() {}, generate: () => [], init() {
      console.debug("d"); console.log("%s is %d", "x", 1, { a: [1] }); console.info("i"); console.warn("w");
      console.error(new Error("e").message); console.dir({ a: 1 }); console.dirxml("x"); console.table([1]);
      console.trace("t"); console.assert(true, "not"); console.assert(false, "so"); console.count(); console.count();
      console.countReset(); console.count("c"); console.group("g"); console.log("in\\nside"); console.groupEnd();
      console.groupCollapsed(); console.groupEnd(); console.time("t"); console.timeLog("t"); console.timeEnd("t");
      console.clear(); process.stdout.write("raw"); process.stdout.write(new TextEncoder().encode(" line\\n"));
      for (const name of Object.keys(console)) if (/^(timeStamp|profile|profileEnd)$/.test(name)) console[name]("p");
    } };`);
  const logged = adapter.logged.map((line) => line.replace(/\n\s+at .*/gs, "").replace(/\d+ ms/, "N ms"));
  assertEquals(logged, [
    "debug d",
    "info x is 1 { a: [ 1 ] }",
    "info i",
    "warn w",
    "error e",
    "info { a: 1 }",
    "info x",
    "info [ 1 ]",
    "debug Trace: t",
    "error Assertion failed: so",
    "info default: 1",
    "info default: 2",
    "info c: 1",
    "info g",
    "info   in\n  side",
    "info t: N ms",
    "info t: N ms",
    "info raw line",
  ]);
});

Deno.test("the context takes changes, tells of the end, and refuses what is no name", async () => {
  await using adapter = await started(`
    export default { ${REST}, init(context) {
      context.signal.addEventListener("abort", () => console.log("aborted"));
      context.changed("g"); context.changed("g", new Set(["a", "b"]));
      for (const wrong of [() => context.changed(), () => context.changed("g", "a"), () => context.changed("g", 1)]) {
        try { wrong(); } catch (error) { context.log.debug(error.message); }
      }
    } };`);
  await adapter.program.stop(30_000);
  assertEquals(adapter.changed, [{ group: "g", ids: undefined }, { group: "g", ids: ["a", "b"] }]);
  const group = "debug changed(group, ids?): group is a name";
  const ids = "debug changed(group, ids?): ids is a list of names";
  assertEquals(adapter.logged, [group, ids, ids, "info aborted"]);
});

Deno.test("an error that nobody catches is told, and ends the adapter", async () => {
  const faults = ["setTimeout(() => { throw new Error('late'); }, 1)", "Promise.reject(new Error('late'))"];
  for (const fault of faults) {
    await using adapter = await startAdapter(`export default { ${REST}, init() { ${fault}; } };`);
    await adapter.init();
    assertEquals(await adapter.ended(), "it exited with 70");
    assertMatch(adapter.logged.join(), /^error Uncaught: late \(\.\/adapter\.ts:1:\d+\)$/);
  }
});

Deno.test("an adapter that ends itself says with what", async () => {
  await using adapter = await startAdapter(`
    import process from "node:process";
    export default { ${REST}, init() { process.exit(3); } };`);
  assertEquals(await adapter.init(), "ended: it exited with 3");
});

Deno.test("what close throws is told, and it ends all the same; state and this are the adapter's own", async () => {
  await using adapter = await started(`
    class Mine {
      name = "mine";
      init() { return { from: this.name }; }
      *list() {}
      generate(state) { return [state, this.name]; }
      close(state) { throw new Error("cannot close " + state.from); }
    }
    export default new Mine();`);
  assertEquals(await adapter.ask(GENERATE), [{ from: "mine" }, "mine"]);
  await adapter.program.stop(30_000);
  assertEquals(await adapter.program.ended, "it exited with 0");
  assertEquals(adapter.logged, ['warn Cannot close "./adapter.ts": cannot close mine (./adapter.ts:7:28)']);
});

Deno.test("packages beside an adapter are found, CommonJS and ESM, and files in TypeScript, JavaScript and JSON", async () => {
  const source = `
    import cjs from "cjs-pack";
    import sub from "@scope/esm-pack/sub";
    import { Color } from "./util.ts";
    import { js } from "./plain.js";
    import data from "./data.json" with { type: "json" };
    import type { Adapter } from "./xcp.d.ts";
    export default {
      init: () => [cjs.name, sub, Color.Blue, js, data.a] satisfies unknown[],
      *list() {},
      generate: (state: unknown[]) => state,
    } satisfies Adapter;`;
  const pack = "node_modules/@scope/esm-pack";
  await using adapter = await startAdapter(source, {}, {
    "node_modules/cjs-pack/package.json": '{"name":"cjs-pack","version":"1.0.0","main":"./main.js"}',
    "node_modules/cjs-pack/main.js": 'exports.name = require("node:path").basename(__filename);',
    [`${pack}/package.json`]:
      '{"name":"@scope/esm-pack","version":"1.0.0","type":"module","exports":{"./sub":"./lib.js"}}',
    [`${pack}/lib.js`]: 'export default "esm";',
    "util.ts": 'export enum Color { Blue = "blue" }',
    "plain.js": 'export const js = "js";',
    "data.json": '{"a":1}',
    "xcp.d.ts": "export interface Adapter { init(): unknown }",
  });
  assertEquals(await adapter.init(), { ping: true });
  assertEquals(await adapter.ask(GENERATE), ["main.js", "esm", "blue", "js", 1]);
});

Deno.test("a call before init is refused", async () => {
  await using adapter = await startAdapter(`export default { init() {}, ${REST} };`);
  assertEquals(await adapter.ask(GENERATE), "failed: init comes first");
});

Deno.test("an adapter that is part of xcp is loaded by its name", async () => {
  const builtIn = { one: () => Promise.resolve({ default: { init: () => 1, list: () => [], generate: () => [] } }) };
  assertEquals((await loadAdapter("builtin:one", builtIn)).init.length, 0);
  for (const name of ["two", "toString"]) {
    const error = await assertRejects(() => loadAdapter(`builtin:${name}`, builtIn), Error);
    assertEquals(error.message, `xcp has no adapter "${name}" in it`);
  }
});

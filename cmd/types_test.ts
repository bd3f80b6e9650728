import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ran } from "./testing/context.ts";

const FILES = ["adapter.ts", "services.json", "tsconfig.json", "xcp.d.ts"];

async function folder() {
  const path = await Deno.makeTempDir();
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function namesIn(directory: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name).sort();
}

Deno.test("types makes the folder, writes the files and says what is next", async () => {
  await using temp = await folder();
  const directory = `${temp.path}/mine/adapter`;
  const { code, stdout, stderr } = await ran(["types", directory]);
  assertEquals([code, stderr], [0, ""]);
  assertEquals(await namesIn(directory), FILES);
  for (const name of FILES) assertStringIncludes(stdout, `Wrote ${directory}/${name}: `);
  assertMatch(stdout, /\nNext: xcp validate .*\/adapter\.ts, then xcp serve .*\/adapter\.ts\n$/);
});

Deno.test("types replaces its declarations, and nothing that is its author's", async () => {
  await using temp = await folder();
  for (const name of ["adapter.ts", "tsconfig.json", "xcp.d.ts"]) {
    await Deno.writeTextFile(`${temp.path}/${name}`, "mine");
  }
  const { code, stdout } = await ran(["types", temp.path]);
  assertEquals(code, 0);
  for (const name of ["adapter.ts", "tsconfig.json"]) {
    assertEquals(await Deno.readTextFile(`${temp.path}/${name}`), "mine");
    assertStringIncludes(stdout, `Kept ${temp.path}/${name}: it was there already\n`);
  }
  assertStringIncludes(await Deno.readTextFile(`${temp.path}/xcp.d.ts`), "export interface Adapter<");
  // What only the example reads is not put beside another adapter.
  assertEquals(await namesIn(temp.path), ["adapter.ts", "tsconfig.json", "xcp.d.ts"]);
});

Deno.test("types without a folder, with two, and with one that cannot be, is refused", async () => {
  await using temp = await folder();
  assertEquals((await ran(["types"])).code, 64);
  assertEquals((await ran(["types", "a", "b"])).code, 64);
  const file = `${temp.path}/file`;
  await Deno.writeTextFile(file, "");
  assertEquals(await ran(["types", file]), {
    code: 73,
    stdout: "",
    stderr: `xcp: Cannot write "${file}": not a directory\n`,
  });
  await Deno.mkdir(`${temp.path}/xcp.d.ts/x`, { recursive: true });
  const { code, stderr } = await ran(["types", temp.path]);
  assertEquals(code, 73);
  assertStringIncludes(stderr, `Cannot write "${temp.path}/xcp.d.ts": `);
  assertEquals((await namesIn(temp.path)).filter((name) => name.startsWith("xcp.d.ts")), ["xcp.d.ts"]);
});

/** As much of the contract as the test needs: the real one is in what was written. */
interface Example {
  init(context: unknown): Promise<unknown>;
  list(state: unknown): Iterable<{ group: string; id: string }>;
  generate(state: unknown, group: string, changes: unknown): unknown[];
}

Deno.test("the example runs, names what changes, and what it generates is valid", async () => {
  await using temp = await folder();
  await ran(["types", temp.path]);
  const { default: adapter }: { default: Example } = await import(`file://${temp.path}/adapter.ts`);
  const changed = Promise.withResolvers<unknown>();
  const ending = new AbortController();
  try {
    const state = await adapter.init({
      signal: ending.signal,
      changed: (...change: unknown[]) => changed.resolve(change),
      log: { warn: changed.reject },
    });
    const ids = () => [...adapter.list(state)].map(({ group, id }) => `${group}/${id}`);
    assertEquals(ids(), ["default/hello", "default/orders"]);
    assertEquals(await validated(adapter.generate(state, "default", "all")), { issues: [], files: 1, resources: 4 });

    const services = { default: { orders: { prefix: "/orders", upstreams: ["[::1]:8083"] } } };
    await Deno.writeTextFile(`${temp.path}/services.json.new`, JSON.stringify(services));
    await Deno.rename(`${temp.path}/services.json.new`, `${temp.path}/services.json`);
    assertEquals(await changed.promise, ["default", ["hello", "orders"]]);
    assertEquals(ids(), ["default/orders"]);
    const after = adapter.generate(state, "default", { ids: ["hello", "orders"] });
    assertEquals(await validated(after), { issues: [], files: 1, resources: 3 });
  } finally {
    ending.abort();
  }
});

async function validated(resources: unknown[]): Promise<unknown> {
  const json = new TextEncoder().encode(JSON.stringify(resources));
  return JSON.parse((await ran(["validate", "-o", "json", "-"], {}, false, [json])).stdout);
}

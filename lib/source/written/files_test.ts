import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { statSync } from "node:fs";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "../../log.ts";
import type { Change } from "../../model/written.ts";
import { NODE_DISK } from "./disk.ts";
import { chance, FragileDisk, openLayer, show, toys } from "./testing.ts";

const patch = (...texts: string[]): Change => ({
  kind: "patch",
  content: { label: undefined, upsert: toys(...texts), remove: [] },
});
const put = (...texts: string[]): Change => ({ kind: "put", content: { label: "v1", resources: toys(...texts) } });
const DELETE: Change = { kind: "delete" };

/** A folder on the real disk. */
async function scratch() {
  const root = await mkdtemp(join(tmpdir(), "xcp-written-"));
  const folder = join(root, "written");
  const lines: string[] = [];
  const at = (level: string) => (line: string) => void lines.push(`${level} ${line}`);
  const log: Log = { error: at("error"), warn: at("warn"), info() {}, debug() {} };
  return {
    folder,
    lines,
    open: async (options: Partial<Parameters<typeof openLayer>[0]> = {}) =>
      (await openLayer({ folder, log, ...options })).written,
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

Deno.test("what is written is for its owner alone, and is there for the next process", async () => {
  await using world = await scratch();
  const written = await world.open();
  await written.write("edge", put("a=1", "b=1"));
  await written.write("edge", patch("b=2", "c=1"));
  await written.write("Edge", put());
  const mode = (path: string) => statSync(path).mode & 0o777;
  assertEquals([mode(world.folder), mode(join(world.folder, "edge.layer"))], [0o700, 0o600]);
  const next = await world.open();
  assertEquals(["edge", "Edge"].map((group) => show(next.get(group))), [": a=1 b=2 c=1", "v1: "]);
  assertEquals(await next.write("edge", patch("d=1")), { kind: "done" });
  assertEquals(show((await world.open()).get("edge")), ": a=1 b=2 c=1 d=1");
  assertEquals(world.lines, []);
});

Deno.test("a change of one among many writes little, and a file does not grow for ever", async () => {
  await using world = await scratch();
  const written = await world.open({ leastGrowth: 1_000 });
  const size = () => statSync(join(world.folder, "edge.layer")).size;
  await written.write("edge", put(...Array.from({ length: 1_000 }, (_, n) => `resource-${n}=some content of it`)));
  const whole = size();
  await written.write("edge", patch("resource-500=other"));
  assert(size() - whole < 150, `${size() - whole} bytes`);
  let most = 0;
  let renewed = 0;
  for (let n = 0; n < 2_000; n++) {
    const before = size();
    await written.write("edge", patch(`resource-${n % 7}=${n}`));
    if (size() < before) renewed++;
    most = Math.max(most, size());
  }
  assert(most <= 3 * whole + 1_000, `${most} of ${whole}`);
  assert(renewed > 0 && renewed < 10, `${renewed} times`);
  const next = await world.open();
  assertEquals(next.get("edge")?.resources, written.get("edge")?.resources);
});

Deno.test("a write that was never finished is dropped with a word, and the next one stands in its place", async () => {
  await using world = await scratch();
  const written = await world.open();
  await written.write("edge", put("a=1"));
  await written.write("edge", patch("b=1"));
  const file = join(world.folder, "edge.layer");
  await appendFile(file, `xcpR half of a record ${"x".repeat(500)}`);
  const next = await world.open();
  assertEquals(show(next.get("edge")), ": a=1 b=1");
  assertEquals(world.lines, [`warn Dropped 522 bytes at the end of "${file}": a write that was never finished`]);
  await next.write("edge", patch("c=1"));
  assertEquals(show((await world.open()).get("edge")), ": a=1 b=1 c=1");
  assertEquals(world.lines.length, 1);
});

Deno.test("what a crash left unfinished is cleared away", async () => {
  await using world = await scratch();
  await (await world.open()).write("edge", put("a=1"));
  await writeFile(join(world.folder, "edge.layer.tmp"), "half");
  await writeFile(join(world.folder, "notes"), "somebody's");
  await world.open();
  assertEquals((await readdir(world.folder)).sort(), ["edge.layer", "notes"]);
});

Deno.test("a damaged file holds its group back over every start, and others go on", async () => {
  await using world = await scratch();
  const written = await world.open();
  for (const group of ["core", "edge"]) await written.write(group, put("a=1"));
  const file = join(world.folder, "edge.layer");
  await writeFile(file, (await readFile(file)).subarray(0, 40));
  for (const start of [1, 2]) {
    const next = await world.open();
    assertEquals([show(next.get("core")), next.get("edge")], ["v1: a=1", undefined]);
    assertStringIncludes(next.unreadable("edge") ?? "", "the layer in it is not whole");
    assertEquals(next.unreadable("core"), undefined);
    const part = next.layer.groups.get("edge");
    assertEquals([part?.resources, part?.issues.map(({ rule, severity }) => `${severity} ${rule}`)], [
      [],
      ["error written-unreadable"],
    ]);
    assertEquals(world.lines.length, start);
    assertStringIncludes(world.lines.at(-1) ?? "", `error Cannot read "${file}": the layer in it is not whole`);
    assert(next.etag("edge") !== undefined);
    const refusal = await next.write("edge", patch("b=1"));
    assert(refusal.kind === "unavailable");
    assertStringIncludes(refusal.message, "it cannot be read; PUT or DELETE it");
  }
});

Deno.test("PUT and DELETE heal a damaged group, and what was damaged is kept aside", async () => {
  await using world = await scratch();
  const file = join(world.folder, "edge.layer");
  await world.open();
  for (const [number, change] of [[1, put("a=2")], [2, DELETE]] as const) {
    await writeFile(file, `damage ${number}`);
    const written = await world.open();
    assertEquals(await written.write("edge", change), { kind: "done" });
    assertEquals(written.layer.groups.get("edge")?.issues ?? [], []);
    assertEquals(await readFile(`${file}.damaged-${number}`, "utf8"), `damage ${number}`);
    const next = await world.open();
    assertEquals(show(next.get("edge")), change === DELETE ? "-" : "v1: a=2");
    assertEquals(next.layer.groups.has("edge"), change !== DELETE);
  }
});

Deno.test("a write to a damaged group that fails anywhere leaves the damage in its place", async () => {
  for (const change of [put("a=2"), DELETE]) {
    const ends = new Set<string>();
    for (let call = 0; call < 20; call++) {
      const disk = new FragileDisk(chance(1));
      await (await openLayer({ folder: "/w", disk })).written.write("edge", put("a=1"));
      const file = await disk.open("/w/edge.layer", "change");
      await file.truncate(30);
      await file.sync();
      const { written } = await openLayer({ folder: "/w", disk });
      disk.failure = call;
      const { kind } = await written.write("edge", change);
      ends.add(kind);
      disk.failure = undefined;
      const left = disk.names.filter((name) => name.endsWith(".tmp") || (kind !== "done" && name.includes("damaged")));
      assertEquals(left, [], `${change.kind} at call ${call}`);
      const held = async () =>
        (await openLayer({ folder: "/w", disk })).written.layer.groups.get("edge")?.issues.length;
      assertEquals(
        await held(),
        kind === "done" ? change.kind === "put" ? 0 : undefined : 1,
        `${kind} at call ${call}`,
      );
      assertEquals(await written.write("edge", put("a=3")), { kind: "done" });
      assertEquals(await held(), 0);
    }
    assertEquals(ends, new Set(["unavailable", "done"]));
  }
});

Deno.test("what a newer version wrote is not touched", async () => {
  await using world = await scratch();
  await world.open();
  const file = join(world.folder, "edge.layer");
  await writeFile(file, "xcp written layer 2\nsomething new");
  await world.open();
  assertStringIncludes(world.lines[0] ?? "", `Cannot read "${file}": it has format 2, and this version reads only 1`);
  assertEquals(await readFile(file, "utf8"), "xcp written layer 2\nsomething new");
});

Deno.test("a resource that this version does not know makes its layer unreadable", async () => {
  await using world = await scratch();
  await (await world.open()).write("edge", put("a=1"));
  const { WrittenFiles } = await import("./files.ts");
  const restore = () => {
    throw new Error("there is no such type");
  };
  const log = { error() {}, warn() {}, info() {}, debug() {} };
  const { contents, damaged } = await new WrittenFiles({ folder: world.folder, restore, log }).load();
  assertEquals(contents.size, 0);
  assertStringIncludes(damaged.get("edge")?.message ?? "", "there is no such type");
});

Deno.test("a folder that cannot be looked at holds everything back, one that is not there nothing", async () => {
  await using world = await scratch();
  const list = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }));
  const hidden = await world.open({ disk: { ...NODE_DISK, list: list("EACCES") } });
  assertEquals(hidden.layer.failures.map(({ message }) => message), [
    `Cannot read "${world.folder}": permission denied`,
  ]);
  assertEquals((await hidden.write("edge", put("a=1"))).kind, "unavailable");
  const missing = await world.open({ unwritable: "read-only file system", folder: join(world.folder, "x") });
  assertEquals([missing.layer.failures, (await missing.write("edge", put("a=1"))).kind], [[], "unavailable"]);
});

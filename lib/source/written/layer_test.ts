import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import type { Issue } from "../../model/issue.ts";
import { EMPTY_PART, type Layer } from "../../model/layer.ts";
import { createResource, type Resource } from "../../model/resource.ts";
import type { Change, WriteResult } from "../../model/written.ts";
import { chance, FragileDisk, key, openLayer, show, TOY, toys } from "./testing.ts";

const put = (label: string | undefined, ...texts: string[]): Change => ({
  kind: "put",
  content: { label, resources: toys(...texts) },
});
const patch = (upsert: string[], remove: string[] = [], label?: string): Change => ({
  kind: "patch",
  content: { label, upsert: toys(...upsert), remove: remove.map(key) },
});
const DELETE: Change = { kind: "delete" };
const DONE = { kind: "done" };

/** A layer on a disk in memory. */
async function opened(options: Partial<Parameters<typeof openLayer>[0]> = {}) {
  const disk = new FragileDisk(chance(1));
  return { disk, ...await openLayer({ folder: "/state/written", disk, ...options }) };
}

function issuesOf(result: WriteResult): readonly Issue[] {
  assert(result.kind === "invalid", result.kind);
  return result.issues;
}

/** A layer from files with these resources in its common part. */
function lowerLayer(...resources: Resource[]): Layer {
  return { name: "./config", common: { resources, issues: [] }, groups: new Map(), rules: [], failures: [] };
}

Deno.test("a PUT replaces what a group has, and each group has its own", async () => {
  const { written, published } = await opened();
  assertEquals(written.get("edge"), undefined);
  assertEquals(await written.write("edge", put("v1", "a=1", "b=1")), DONE);
  assertEquals(await written.write("core", put(undefined, "c=1")), DONE);
  assertEquals(await written.write("edge", put("v2", "b=2")), DONE);
  assertEquals(["edge", "core", "other"].map((group) => show(written.get(group))), ["v2: b=2", ": c=1", "-"]);
  const last = published.at(-1);
  assertEquals(last, written.layer);
  assertEquals([last?.name, last?.groups.get("edge")?.label, last?.groups.size], ["http", "v2", 2]);
});

Deno.test("a PATCH replaces in place, adds at the end, removes, and takes the label of its own write", async () => {
  const { written } = await opened();
  await written.write("edge", put("v1", "a=1", "b=1", "c=1"));
  assertEquals(await written.write("edge", patch(["d=1", "b=2"], ["a", "never"], "v2")), DONE);
  assertEquals(show(written.get("edge")), "v2: b=2 c=1 d=1");
  assertEquals(await written.write("edge", patch(["c=3"], ["b"])), DONE);
  assertEquals(show(written.get("edge")), ": c=3 d=1");
});

Deno.test("a PATCH makes a group that was not there, and only DELETE ends it", async () => {
  const { written, disk } = await opened();
  assertEquals(await written.write("edge", patch([], ["never"])), DONE);
  assertEquals(show(written.get("edge")), ": ");
  assertEquals(await written.write("edge", DELETE), DONE);
  assertEquals([written.get("edge"), written.layer.groups.size, disk.names], [undefined, 0, []]);
  assertEquals((await written.write("edge", DELETE)).kind, "absent");
});

Deno.test("a write that changes nothing publishes nothing and writes nothing", async () => {
  const { written, published, disk } = await opened();
  await written.write("edge", put("v1", "a=1", "b=1"));
  const [calls, tag] = [disk.calls, written.etag("edge")];
  assertEquals(await written.write("edge", put("v1", "a=1", "b=1")), DONE);
  assertEquals(await written.write("edge", patch(["b=1"], ["never"], "v1")), DONE);
  assertEquals([disk.calls, published.length, written.etag("edge")], [calls, 1, tag]);
  assertEquals(await written.write("edge", patch([], [], "v2")), DONE);
  assertEquals([published.length, show(written.get("edge"))], [2, "v2: a=1 b=1"]);
});

Deno.test("parts that a write does not touch stay the same objects", async () => {
  const { written, published } = await opened();
  await written.write("edge", put(undefined, "a=1"));
  await written.write("core", put(undefined, "a=1"));
  assertEquals(published[0]?.groups.get("edge") === published[1]?.groups.get("edge"), true);
});

Deno.test("a name that only a lower layer has is not removed, and the issue says where it is", async () => {
  const at = { file: "config/a.yaml", line: 3, column: 1 };
  const common = createResource({
    type: TOY,
    name: "web",
    bytes: new Uint8Array(),
    references: [],
    origin: { ...at, layer: "./config" },
  });
  const layers = [lowerLayer(common)];
  const { written, published } = await opened({ lower: () => layers });
  const [issue, ...others] = issuesOf(await written.write("edge", patch(["a=1"], ["never", "web"])));
  const message = `Cannot remove ${TOY} "web": it was not written here but comes from "./config"`;
  assertEquals([issue, others.length], [{
    at,
    path: "remove[1]",
    rule: "not-written-here",
    severity: "error",
    message,
  }, 0]);
  assertEquals([written.get("edge"), published.length], [undefined, 0]);
  // What was written over it may go, and uncovers it.
  await written.write("edge", put(undefined, "web=2"));
  assertEquals(await written.write("edge", patch([], ["web"])), DONE);
});

Deno.test("what is named twice in one PATCH is refused", async () => {
  const { written } = await opened();
  const issues = issuesOf(await written.write("edge", patch(["a=1", "a=2", "b=1"], ["b", "c", "c"])));
  assertEquals(issues.map(({ path }) => path), ["upsert[1]", "remove[0]", "remove[2]"]);
});

Deno.test("errors of the candidate refuse a write, warnings do not", async () => {
  const seen: string[] = [];
  const check = (layer: Layer, group: string): Issue[] => {
    const names = layer.groups.get(group)?.resources.map(({ name }) => name) ?? [];
    seen.push(`${group}: ${names}`);
    return names.filter((name) => name !== "good").map((name) => ({
      path: "",
      rule: name,
      severity: name === "bad" ? "error" : "warning",
      message: name,
    }));
  };
  const { written, published, disk } = await opened({ check });
  const calls = disk.calls;
  assertEquals(issuesOf(await written.write("edge", put(undefined, "bad=1", "odd=1"))).map(({ rule }) => rule), [
    "bad",
  ]);
  assertEquals([disk.calls, published.length], [calls, 0]);
  assertEquals(await written.write("edge", put(undefined, "good=1", "odd=1")), DONE);
  assertEquals(seen, ["edge: bad,odd", "edge: good,odd"]);
});

Deno.test("entity tags follow what is served and what was written, and stay over a restart", async () => {
  let served: string | undefined;
  const { written, disk } = await opened({ served: () => served });
  assertEquals(written.etag("edge"), undefined);
  const tags = new Set<string | undefined>();
  const look = () => tags.add(written.etag("edge"));
  served = "r1";
  look();
  await written.write("edge", put(undefined, "a=1"));
  look();
  await written.write("edge", put("label", "a=1"));
  look();
  await written.write("edge", patch(["b=1"], [], "label"));
  look();
  served = "r2";
  look();
  assertEquals([tags.size, [...tags].every((tag) => /^"[\w-]{12}"$/.test(tag ?? ""))], [5, true]);
  const again = await opened({ disk: disk.copy(), served: () => served });
  assertEquals(again.written.etag("edge"), written.etag("edge"));
});

Deno.test("conditions guard a write", async () => {
  const { written } = await opened();
  const change = put(undefined, "a=1");
  assertEquals((await written.write("edge", change, ["*"])).kind, "conflict");
  assertEquals(await written.write("edge", change, undefined, true), DONE);
  assertEquals((await written.write("edge", put(undefined, "a=2"), undefined, true)).kind, "conflict");
  assertEquals((await written.write("edge", put(undefined, "a=2"), ['"other"'])).kind, "conflict");
  const tag = written.etag("edge") ?? "";
  assertEquals(await written.write("edge", put(undefined, "a=2"), ['"other"', tag]), DONE);
  assertEquals((await written.write("edge", DELETE, [tag])).kind, "conflict");
  assertEquals(await written.write("edge", DELETE, ["*"]), DONE);
});

Deno.test("of writes with one condition that arrive together one wins", async () => {
  const { written } = await opened();
  await written.write("edge", put(undefined, "a=0"));
  const tag = written.etag("edge") ?? "";
  const results = await Promise.all([1, 2, 3].map((n) => written.write("edge", put(undefined, `a=${n}`), [tag])));
  assertEquals(results.map(({ kind }) => kind), ["done", "conflict", "conflict"]);
  assertEquals(show(written.get("edge")), ": a=1");
});

Deno.test("writes that arrive together are done in order, and are kept with few calls to the disk", async () => {
  const { written, published, disk } = await opened();
  await written.write("edge", put(undefined, "a=0"));
  const before = disk.calls;
  const results = await Promise.all(
    Array.from({ length: 51 }, (_, n) => written.write("edge", patch([`a=${n}`, `b${n}=1`]))),
  );
  assertEquals(results.every(({ kind }) => kind === "done"), true);
  assertEquals(written.get("edge")?.resources.length, 52);
  assertEquals(show(written.get("edge")).slice(0, 13), ": a=50 b0=1 b");
  // Open, write, sync and close.
  assertEquals([disk.calls - before, published.length], [4, 2]);
});

Deno.test("a disk that refuses leaves everything as it was, and the next write finds it well", async () => {
  const { written, published, disk } = await opened();
  await written.write("edge", put(undefined, "a=1"));
  const tag = written.etag("edge");
  disk.failures = 1;
  for (const change of [put(undefined, "a=2"), patch(["a=2"]), DELETE]) {
    const result = await written.write("edge", change);
    assert(result.kind === "unavailable");
    assertStringIncludes(result.message, 'Cannot keep what is written to group "edge"');
  }
  assertEquals([show(written.get("edge")), written.etag("edge"), published.length], [": a=1", tag, 1]);
  disk.failures = 0;
  assertEquals(await written.write("edge", patch(["b=1"])), DONE);
  assertEquals(show((await opened({ disk: disk.copy() })).written.get("edge")), ": a=1 b=1");
});

Deno.test("a write that the layers below overtake while the disk is busy is taken back", async () => {
  let layers: readonly Layer[] = [lowerLayer()];
  let broken = false;
  const disk = new FragileDisk(chance(1));
  const check = (): Issue[] =>
    broken ? [{ path: "", rule: "broken", severity: "error", message: "a file is broken" }] : [];
  const { written, published } = await openLayer({ folder: "/w", disk, lower: () => layers, check });
  await written.write("edge", put(undefined, "a=1"));
  for (const changes of [[put(undefined, "a=2")], [patch(["a=2"])], [DELETE], [patch(["b=1"]), patch(["c=1"])]]) {
    broken = false;
    const results = changes.map((change) => written.write("edge", change));
    // The turn has come, the check is passed, and the disk is asked to keep it.
    const calls = disk.calls;
    while (disk.calls === calls) await Promise.resolve();
    [layers, broken] = [[lowerLayer()], true];
    for (const result of await Promise.all(results)) assertEquals(issuesOf(result).map(({ rule }) => rule), ["broken"]);
    assertEquals([show(written.get("edge")), published.length], [": a=1", 1]);
    assertEquals(show((await openLayer({ folder: "/w", disk: disk.copy() })).written.get("edge")), ": a=1");
  }
  broken = false;
  assertEquals(await written.write("edge", patch(["b=1"])), DONE);
  assertEquals(show((await openLayer({ folder: "/w", disk: disk.copy() })).written.get("edge")), ": a=1 b=1");
});

Deno.test("a layer below that changes without harm stops no write", async () => {
  let layers: readonly Layer[] = [lowerLayer()];
  const { written, disk } = await opened({ lower: () => layers });
  const writing = written.write("edge", put(undefined, "a=1"));
  const calls = disk.calls;
  while (disk.calls === calls) await Promise.resolve();
  layers = [{ ...lowerLayer(), common: EMPTY_PART }];
  assertEquals(await writing, DONE);
});

Deno.test("writes wait for the layers below", async () => {
  const ready = Promise.withResolvers<void>();
  const { written, disk } = await opened({ ready: ready.promise });
  const calls = disk.calls;
  const writing = written.write("edge", put(undefined, "a=1"));
  for (let turn = 0; turn < 100; turn++) await Promise.resolve();
  assertEquals(disk.calls, calls);
  ready.resolve();
  assertEquals(await writing, DONE);
});

Deno.test("when it is closed, the write that is under way ends and later ones are refused", async () => {
  const { written, disk } = await opened();
  const first = written.write("edge", put(undefined, "a=1"));
  const calls = disk.calls;
  while (disk.calls === calls) await Promise.resolve();
  const closing = written.close();
  const second = written.write("edge", put(undefined, "a=2"));
  assertEquals([await first, (await second).kind], [DONE, "unavailable"]);
  await closing;
  const waiting = await opened({ ready: new Promise(() => {}) });
  const third = waiting.written.write("edge", put(undefined, "a=1"));
  await waiting.written.close();
  assertEquals((await third).kind, "unavailable");
});

Deno.test("without a place to keep them writes are refused, and what was there is served", async () => {
  const { written, disk } = await opened();
  await written.write("edge", put("v1", "a=1"));
  const lines: string[] = [];
  const log = { error() {}, warn: (line: string) => void lines.push(line), info() {}, debug() {} };
  const again = await opened({ disk: disk.copy(), unwritable: "no space left", log });
  assertEquals([show(again.written.get("edge")), lines], ["v1: a=1", ["Writes over HTTP are refused: no space left"]]);
  assertEquals(await again.written.write("edge", DELETE), {
    kind: "unavailable",
    message: "Writes cannot be kept: no space left",
  });
});

Deno.test("a group whose name no file can have is refused", async () => {
  const { written } = await opened();
  for (const group of ["", "x".repeat(300)]) {
    assertEquals(issuesOf(await written.write(group, put(undefined, "a=1")))[0]?.rule, "group-name");
  }
});

Deno.test("a check that fails by a bug rejects its write and no other", async () => {
  const check = (layer: Layer): Issue[] => {
    if (layer.groups.get("edge")?.resources.some(({ name }) => name === "bug")) throw new Error("a bug");
    return [];
  };
  const { written } = await opened({ check });
  const results = await Promise.allSettled([
    written.write("core", put(undefined, "a=1")),
    written.write("edge", put(undefined, "bug=1")),
  ]);
  assertEquals(results.map(({ status }) => status), ["fulfilled", "rejected"]);
  assertEquals(await written.write("edge", put(undefined, "a=1")), DONE);
  assertNotEquals(written.etag("edge"), undefined);
});

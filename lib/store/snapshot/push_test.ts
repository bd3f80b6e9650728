import { assert, assertEquals } from "@std/assert";
import { loadApi } from "../../model/api.ts";
import { createSnapshot } from "../../model/snapshot.ts";
import { Memory, MemoryBlobs } from "../testing.ts";
import { LATEST } from "./format.ts";
import { readLatest } from "./pointers.ts";
import { push, type Pushed, type PushOptions } from "./push.ts";
import { readContent, readManifest } from "./read.ts";
import { cluster, content, pushing, resource, told, TYPES } from "./testing.ts";

const api = loadApi();

function pushed(result: Pushed): Extract<Pushed, { kind: "pushed" }> {
  if (result.kind !== "pushed") throw new Error(`it is ${result.kind}`);
  return result;
}

/** What the newest snapshot holds, read anew. */
async function newest(memory: Memory) {
  const blobs = new MemoryBlobs(memory);
  const latest = await readLatest(blobs);
  if (latest === undefined) return undefined;
  const { number, hash } = latest.pointer;
  const read = await readManifest(blobs, number, { hash });
  if (read === undefined) throw new Error("the pointer names nothing");
  return { manifest: read.manifest, content: await readContent(blobs, api, read.manifest) };
}

Deno.test("what is pushed comes back: groups, resources, versions, origins, rules", async () => {
  const rules = [
    {
      group: "edge",
      id: "edge-*",
      locality: { zone: "a" },
      metadata: { constructor: "y", tier: "1" },
      at: { file: "g", line: 1, column: 1 },
    },
    { group: "constructor", cluster: "web" },
  ];
  const listener = { ...resource(api, TYPES.listener, { name: "l" }), ttl: 1500.5, aliases: ["a/b", "ü"] };
  const groups = { edge: [cluster(api, "b"), cluster(api, "a", 2, 9)], constructor: [listener], empty: [] };
  const memory = new Memory();
  const result = pushed(
    await push(new MemoryBlobs(memory), content(groups, { rules }), pushing(api, { label: "4a5b" })),
  );
  assertEquals(result.manifest.number, 1);
  assertEquals(result.manifest.parent, null);
  assertEquals(result.manifest.label, "4a5b");
  assertEquals(result.manifest.time, "2026-01-02T03:04:05.000Z");

  const back = await newest(memory);
  assert(back !== undefined);
  const plain = rules.map(({ at: _, ...rule }) => rule);
  assertEquals(JSON.stringify(back.content.rules), JSON.stringify(plain));
  const sorted = { constructor: groups.constructor, edge: groups.edge, empty: [] };
  const want = told(content(sorted));
  const [got] = [told({ ...back.content, rules: [] })];
  // The version of what has a time to live covers it: this one was made by hand.
  const withoutVersion = (text: string) => text.replace(/"version":"[^"]+","ttl":1500.5/, '"ttl":1500.5');
  assertEquals(withoutVersion(JSON.stringify(got)), withoutVersion(JSON.stringify(want)));
  assertEquals(back.manifest.groups.edge?.revision, createSnapshot(groups.edge).revision);
  const set = createSnapshot(groups.edge).set(TYPES.cluster);
  assertEquals(back.manifest.groups.edge?.types[TYPES.cluster]?.version, set.version);
  assertEquals(back.content.groups.get("edge")?.[0]?.references, set.get("a")?.references);
});

Deno.test("one changed resource among 10,000 is one chunk, one manifest and the pointer", async () => {
  const resources = Array.from({ length: 10_000 }, (_, index) => cluster(api, `cluster-${index}`));
  const memory = new Memory();
  const first = new MemoryBlobs(memory);
  const one = pushed(await push(first, content({ edge: resources }), pushing(api)));
  const size = resources.reduce((sum, { bytes }) => sum + bytes.length, 0);
  assert(one.cost.chunks > 20 && one.cost.chunks < 100, `${one.cost.chunks} chunks of ${size} bytes`);
  assert(first.most > 1 && first.most <= 8, `${first.most} at once`);

  const changed = resources.with(5000, cluster(api, "cluster-5000", 2));
  const second = new MemoryBlobs(memory);
  const two = pushed(await push(second, content({ edge: changed }), pushing(api)));
  assertEquals(second.writes.map(({ method, key }) => `${method} ${key.split("/")[0]}`), [
    "create chunks",
    "create snapshots",
    "replace latest.json",
  ]);
  const bytes = second.writes.reduce((sum, { bytes }) => sum + bytes, 0);
  assert(bytes < 300_000, `${bytes} bytes`);
  assertEquals(two.cost, {
    chunks: 1,
    bytes: second.writes[0]?.bytes ?? 0,
    reused: one.cost.chunks - 1,
    resources: 10_000,
  });
  assertEquals(two.manifest.parent, { number: 1, hash: one.hash });
  console.log(
    `10,000 resources, ${size} bytes: ${one.cost.chunks} chunks, ${one.cost.bytes} stored; one change: ${bytes}`,
  );

  const added = [...changed, cluster(api, "new", 1, 7)];
  const third = new MemoryBlobs(memory);
  const three = pushed(await push(third, content({ edge: added }), pushing(api)));
  // Its neighbours, twice when they became too many, and the origins.
  assert(three.cost.chunks <= 3, `${three.cost.chunks} chunks`);
});

Deno.test("a line that moves everything in a file down changes no chunk of resources", async () => {
  const memory = new Memory();
  const at = (shift: number, timeout: number) =>
    Array.from({ length: 50 }, (_, index) => cluster(api, `c${index}`, index === 7 ? timeout : 1, shift + index));
  await push(new MemoryBlobs(memory), content({ edge: at(0, 1) }), pushing(api));
  const same = await push(new MemoryBlobs(memory), content({ edge: at(1, 1) }), pushing(api));
  assertEquals(same.kind, "unchanged");
  const other = content({ edge: at(1, 1), web: [cluster(api, "web")] });
  const two = pushed(await push(new MemoryBlobs(memory), other, pushing(api)));
  assertEquals(two.cost, { ...two.cost, chunks: 3, reused: 1 });
  const back = await newest(memory);
  assertEquals(back && told(back.content), told(other));
});

Deno.test("groups with the same resources share their chunks", async () => {
  const common = Array.from({ length: 20 }, (_, index) => cluster(api, `c${index}`));
  const blobs = new MemoryBlobs();
  const result = pushed(await push(blobs, content({ a: common, b: common, c: common }), pushing(api)));
  assertEquals(result.cost, { ...result.cost, chunks: 2, reused: 4, resources: 60 });
});

Deno.test("equal content pushes nothing, whatever its order, label and lines; other rules are other content", async () => {
  const memory = new Memory();
  const [a, b] = [cluster(api, "a"), cluster(api, "b")];
  await push(new MemoryBlobs(memory), content({ x: [a, b], y: [a] }), pushing(api));
  const blobs = new MemoryBlobs(memory);
  const again = await push(
    blobs,
    content({ y: [a], x: [cluster(api, "b", 1, 99), a] }),
    pushing(api, { label: "other" }),
  );
  assertEquals(again.kind, "unchanged");
  assertEquals(blobs.writes, []);
  for (const more of [{ rules: [{ group: "x" }] }, { leftOut: [{ group: "x", type: TYPES.secret, name: "s" }] }]) {
    assertEquals((await push(blobs, content({ x: [a, b], y: [a] }, more), pushing(api))).kind, "pushed");
  }
  assertEquals((await push(blobs, content({ x: [a, b] }), pushing(api))).kind, "pushed");
});

Deno.test("a dry run says what would be written, and writes nothing", async () => {
  const memory = new Memory();
  const resources = Array.from({ length: 2000 }, (_, index) => cluster(api, `c${index}`));
  const dry = new MemoryBlobs(memory);
  const would = await push(dry, content({ edge: resources }), pushing(api, { dryRun: true }));
  assertEquals(dry.writes, []);
  const did = pushed(await push(new MemoryBlobs(memory), content({ edge: resources }), pushing(api)));
  assertEquals(would, { kind: "dry-run", cost: did.cost });
});

Deno.test("of two that push at once one wins, and the other is told; nothing is lost", async () => {
  const memory = new Memory();
  await push(new MemoryBlobs(memory), content({ edge: [cluster(api, "a")] }), pushing(api));
  const contents = ["b", "c", "d", "e"].map((name) => content({ edge: [cluster(api, name)] }));
  const results = await Promise.all(contents.map((each) => push(new MemoryBlobs(memory), each, pushing(api))));
  assertEquals(results.map(({ kind }) => kind).sort(), ["conflict", "conflict", "conflict", "pushed"]);
  const won = pushed(results.find(({ kind }) => kind === "pushed") ?? { kind: "conflict", latest: undefined });
  for (const result of results) {
    if (result.kind === "conflict") assertEquals(result.latest?.hash, won.hash);
  }
  const place = results.findIndex(({ kind }) => kind === "pushed");
  const back = await newest(memory);
  assertEquals(back && told(back.content), told(contents[place] ?? content({})));
  // The next one takes a number that nobody has, and its parent is the winner.
  const next = pushed(await push(new MemoryBlobs(memory), content({ edge: [] }), pushing(api)));
  assertEquals(next.manifest.parent, { number: won.manifest.number, hash: won.hash });
  assert(next.manifest.number > 5 - 1, `${next.manifest.number}`);
});

Deno.test("a damaged manifest of the parent does not hold a push up, which heals the store", async () => {
  const memory = new Memory();
  const resources = [cluster(api, "a")];
  await push(new MemoryBlobs(memory), content({ edge: resources }), pushing(api));
  const changes = [
    () => new TextEncoder().encode("{"),
    (bytes: Uint8Array) => new TextEncoder().encode(new TextDecoder().decode(bytes).replace("ana@", "eve@")),
  ];
  for (const [index, change] of changes.entries()) {
    memory.damage(`snapshots/${index + 1}.json`, change);
    const result = pushed(await push(new MemoryBlobs(memory), content({ edge: resources }), pushing(api)));
    assert(result.parentDamage !== undefined);
    assertEquals(result.cost, { ...result.cost, chunks: 0, reused: 2 });
    const back = await newest(memory);
    assertEquals(back && told(back.content), told(content({ edge: resources })));
  }
  memory.keys.delete("snapshots/3.json");
  const last = pushed(await push(new MemoryBlobs(memory), content({ edge: resources }), pushing(api)));
  // The number of what was lost is not given again.
  assertEquals([last.parentDamage, last.manifest.number], ["it is not there", 4]);
});

Deno.test("a chunk that is there and damaged is made whole", async () => {
  const memory = new Memory();
  const [a, b] = [content({ edge: [cluster(api, "a")] }), content({ edge: [cluster(api, "b")] })];
  await push(new MemoryBlobs(memory), a, pushing(api));
  const chunks = memory.list("chunks/");
  await push(new MemoryBlobs(memory), b, pushing(api));
  for (const key of chunks) memory.damage(key, (bytes) => bytes.subarray(0, 20));
  const result = pushed(await push(new MemoryBlobs(memory), a, pushing(api)));
  assertEquals(result.cost, { ...result.cost, chunks: 2, reused: 0 });
  const back = await newest(memory);
  assertEquals(back && told(back.content), told(a));
});

Deno.test("a chunk that was found and removed before the pointer moves is written again", async () => {
  const memory = new Memory();
  const [a, b] = [content({ edge: [cluster(api, "a")] }), content({ edge: [cluster(api, "b")] })];
  await push(new MemoryBlobs(memory), a, pushing(api));
  const chunks = memory.list("chunks/");
  await push(new MemoryBlobs(memory), b, pushing(api));
  const blobs = new MemoryBlobs(memory, ({ key, method }) => {
    const manifest = method === "create" && key === "snapshots/3.json";
    if (manifest) { for (const chunk of chunks.splice(0)) memory.keys.delete(chunk); }
  });
  const result = pushed(await push(blobs, a, pushing(api)));
  assertEquals([result.manifest.number, result.manifest.parent?.number], [4, 2]);
  const back = await newest(memory);
  assertEquals(back && told(back.content), told(a));
});

Deno.test("a damaged or later pointer is an error, and is not written over", async () => {
  const options: PushOptions = pushing(api);
  for (const text of ["{", '{"format":2,"number":1,"hash":"x","nonce":"n"}', "[]", '{"format":1,"number":0}']) {
    const memory = new Memory();
    memory.put(LATEST, new TextEncoder().encode(text));
    const blobs = new MemoryBlobs(memory);
    const error = await push(blobs, content({ edge: [] }), options).then(() => undefined, (error: Error) => error);
    assert(error?.message.startsWith('Cannot read "latest.json": '), `${text}: ${error}`);
    assertEquals(error?.message.includes("later xcp"), text.includes('"format":2'));
    assertEquals(blobs.writes, []);
  }
});

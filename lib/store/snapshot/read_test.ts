import { assert, assertEquals, assertRejects } from "@std/assert";
import { gunzipSync, gzipSync } from "node:zlib";
import { loadApi } from "../../model/api.ts";
import type { Resource } from "../../model/resource.ts";
import { Memory, MemoryBlobs } from "../testing.ts";
import { encodeChunk } from "./chunks.ts";
import type { Content } from "./content.ts";
import { SnapshotError, type SnapshotFault } from "./error.ts";
import { chunkKey, type Manifest } from "./format.ts";
import { sha256 } from "./pack.ts";
import { push } from "./push.ts";
import { readContent, readManifest } from "./read.ts";
import { cluster, content, pushing, told, TYPES } from "./testing.ts";

const api = loadApi();

async function store(
  groups: Record<string, readonly Resource[]>,
): Promise<{ memory: Memory; manifest: Manifest; hash: string }> {
  const memory = new Memory();
  const result = await push(new MemoryBlobs(memory), content(groups), pushing(api));
  if (result.kind !== "pushed") throw new Error(result.kind);
  return { memory, manifest: result.manifest, hash: result.hash };
}

async function fails(run: () => Promise<unknown>, fault: SnapshotFault, key: string): Promise<SnapshotError> {
  const error = await assertRejects<SnapshotError>(run, SnapshotError);
  assertEquals([error.fault, error.key], [fault, key], error.message);
  assert(error.message.includes(`"${key}"`), error.message);
  return error;
}

Deno.test("a damaged, truncated or missing chunk is an error that names it", async () => {
  const { memory, manifest } = await store({ edge: [cluster(api, "a")] });
  const chunks = manifest.groups.edge?.types[TYPES.cluster]?.chunks ?? [];
  assertEquals(chunks.length, 2);
  const changes: ((bytes: Uint8Array) => Uint8Array)[] = [
    (bytes) => bytes.with(bytes.length >> 1, (bytes[bytes.length >> 1] ?? 0) ^ 1),
    (bytes) => bytes.subarray(0, bytes.length - 9),
    () => new Uint8Array(),
    () => gzipSync(new Uint8Array(100)),
    // Whole to gzip, as long as it was, and another.
    (bytes) => gzipSync(gunzipSync(bytes).map((byte, index, all) => index === all.length - 1 ? byte ^ 1 : byte)),
    // A bomb is not let grow above what was written.
    () => gzipSync(new Uint8Array(50_000_000)),
  ];
  for (const { sha256 } of chunks) {
    const key = chunkKey(sha256);
    const whole = memory.keys.get(key)?.bytes ?? new Uint8Array();
    for (const change of changes) {
      memory.put(key, change(whole));
      await fails(() => readContent(new MemoryBlobs(memory), api, manifest), "damaged", key);
    }
    memory.keys.delete(key);
    await fails(() => readContent(new MemoryBlobs(memory), api, manifest), "absent", key);
    memory.put(key, whole);
  }
  await readContent(new MemoryBlobs(memory), api, manifest);
});

/** A manifest of one chunk of these bytes, which is whole. */
function forged(memory: Memory, bytes: Uint8Array, resources: number, type: string, times = 1): [Manifest, string] {
  const key = chunkKey(sha256(bytes));
  memory.put(key, gzipSync(bytes));
  const entry = { sha256: sha256(bytes), resources, bytes: bytes.length, stored: 1 };
  const types = { [type]: { version: "v", resources, chunks: Array.from({ length: times }, () => entry) } };
  return [{ groups: { edge: { revision: "r", types } }, rules: [], leftOut: [] } as unknown as Manifest, key];
}

Deno.test("a chunk that holds something else than the manifest says is damaged, and of a lost type it is said", async () => {
  const memory = new Memory();
  const one = cluster(api, "a");
  const bytes = encodeChunk({ type: TYPES.cluster, resources: [one] });
  const nonsense = encodeChunk({ type: TYPES.cluster, resources: [{ ...one, bytes: new Uint8Array([255]) }] });
  const lost = encodeChunk({ type: "type.googleapis.com/no.such.Type", resources: [one] });
  const cases: [[Manifest, string], SnapshotFault][] = [
    [forged(memory, bytes, 2, TYPES.cluster), "damaged"],
    [forged(memory, bytes, 1, TYPES.listener), "damaged"],
    [forged(memory, bytes, 1, TYPES.cluster, 2), "damaged"],
    [forged(memory, nonsense, 1, TYPES.cluster), "damaged"],
    [forged(memory, new Uint8Array([10, 200]), 1, TYPES.cluster), "damaged"],
    [forged(memory, lost, 1, "type.googleapis.com/no.such.Type"), "unknown-type"],
  ];
  for (const [[manifest, key], fault] of cases) {
    await fails(() => readContent(new MemoryBlobs(memory), api, manifest), fault, key);
  }
  const [good] = forged(memory, bytes, 1, TYPES.cluster);
  assertEquals((await readContent(new MemoryBlobs(memory), api, good)).groups.get("edge")?.[0]?.version, one.version);
});

Deno.test("a manifest is what the pointer names, or damaged; one that is not there is undefined", async () => {
  const { memory, hash } = await store({ edge: [cluster(api, "a")] });
  const key = "snapshots/1.json";
  assertEquals((await readManifest(new MemoryBlobs(memory), 1, { hash }))?.manifest.number, 1);
  assertEquals(await readManifest(new MemoryBlobs(memory), 2), undefined);
  await fails(() => readManifest(new MemoryBlobs(memory), 1, { hash: "0".repeat(64) }), "damaged", key);
  memory.damage(key, (bytes) => bytes.with(bytes.length - 4, 35));
  await fails(() => readManifest(new MemoryBlobs(memory), 1, { hash }), "damaged", key);
  memory.damage(key, () => new TextEncoder().encode('{"format":2}'));
  const error = await fails(() => readManifest(new MemoryBlobs(memory), 1), "later-format", key);
  assertEquals(error.message, 'Cannot read "snapshots/1.json": format 2 is of a later xcp, and this one reads 1');
});

Deno.test("chosen groups read their own chunks only, and a follower reads what is new only", async () => {
  const a = Array.from({ length: 30 }, (_, index) => cluster(api, `a${index}`));
  const groups = { a, b: [cluster(api, "b")] };
  const { memory, manifest } = await store(groups);
  const some = new MemoryBlobs(memory);
  const only = await readContent(some, api, manifest, { groups: ["b", "nobody"] });
  assertEquals([...only.groups.keys()], ["b"]);
  assertEquals(some.calls.length, 2);

  const cache = new Map<string, readonly Resource[]>();
  const first = await readContent(new MemoryBlobs(memory), api, manifest, { cache });
  assertEquals(told(first), told(content(groups)));
  const next = await push(new MemoryBlobs(memory), content({ ...groups, b: [cluster(api, "b", 2)] }), pushing(api));
  assert(next.kind === "pushed");
  const follower = new MemoryBlobs(memory);
  const second: Content = await readContent(follower, api, next.manifest, { cache });
  assertEquals(told(second), told(content({ ...groups, b: [cluster(api, "b", 2)] })));
  // The new chunk, and the origins of both types.
  assertEquals(follower.calls.length, 3);
  assertEquals(cache.size, 2);
});

Deno.test("few chunks are in memory at once", async () => {
  const resources = Array.from({ length: 6000 }, (_, index) => cluster(api, `c${index}`));
  const { memory, manifest } = await store({ edge: resources });
  const blobs = new MemoryBlobs(memory);
  let last = 0;
  await readContent(blobs, api, manifest, { onProgress: (done, all) => last = done / all });
  assertEquals(last, 1);
  assert(blobs.calls.length > 10 && blobs.most > 1 && blobs.most <= 8, `${blobs.most} of ${blobs.calls.length}`);
});

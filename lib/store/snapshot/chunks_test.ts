import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { createResource, type Resource } from "../../model/resource.ts";
import { Budget } from "./budget.ts";
import { decodeChunk, encodeChunk } from "./chunks.ts";
import { decodeOrigins, encodeOrigins } from "./origins.ts";
import { compress, sha256, unpack } from "./pack.ts";
import { partition } from "./partition.ts";

const TYPE = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

function sized(name: string, size: number, fill = 1): Resource {
  return createResource({
    type: TYPE,
    name,
    bytes: new Uint8Array(size).fill(fill),
    references: [],
    origin: undefined,
  });
}

function hashes(resources: readonly Resource[], target: number): Set<string> {
  return new Set(partition(resources, target).map((part) => sha256(encodeChunk({ type: TYPE, resources: part }))));
}

Deno.test("each resource is in one chunk, chunks are within the target, and order means nothing", () => {
  const resources = Array.from({ length: 3000 }, (_, index) => sized(`n${index}`, 50 + index % 400));
  const parts = partition(resources, 16_384);
  assertEquals(parts.flat().map(({ name }) => name).sort(), resources.map(({ name }) => name).sort());
  for (const part of parts) {
    const size = part.reduce((sum, { bytes, name }) => sum + bytes.length + name.length, 0);
    assert(size <= 16_384, `${size}`);
    assertEquals(part.map(({ name }) => name), part.map(({ name }) => name).sort());
  }
  const average = resources.reduce((sum, { bytes }) => sum + bytes.length, 0) / parts.length;
  assert(average > 16_384 / 3, `${average}`);
  assertEquals(hashes(resources.toReversed(), 16_384), hashes(resources, 16_384));
});

Deno.test("a resource that comes, goes or changes touches its own chunk, at every size of the set", () => {
  // Added one by one, through every size at which a number of buckets could change.
  const resources: Resource[] = [];
  let before = new Set<string>();
  let most = 0;
  for (let index = 0; index < 600; index++) {
    resources.push(sized(`n${index}`, 500));
    const after = hashes(resources, 8192);
    const fresh = [...after].filter((hash) => !before.has(hash)).length;
    most = Math.max(most, fresh);
    // One that is too large becomes two; seldom more, when all its names have the same next bit.
    assert(fresh <= 3, `${fresh} of ${after.size} at ${index}`);
    before = after;
  }
  assert(before.size > 30 && most >= 2);
  const changed = hashes(resources.with(300, sized("n300", 500, 2)), 8192);
  assertEquals([...changed].filter((hash) => !before.has(hash)).length, 1);
  assertEquals(changed.size, before.size);
});

Deno.test("one resource may be larger than the target, and none is no chunk", () => {
  assertEquals(partition([], 100), []);
  const parts = partition([sized("a", 1000), sized("b", 10), sized("c", 10)], 200);
  assert(parts.some((part) => part.length === 1 && part[0]?.name === "a"));
  assertEquals(parts.flat().length, 3);
});

Deno.test("a chunk comes back as it was, and damage is said", () => {
  const resources = [
    { name: "", bytes: new Uint8Array(), ttl: undefined, aliases: [] },
    { name: "a", bytes: new Uint8Array([1, 2, 3]), ttl: 0.25, aliases: ["x/y", "ü"] },
    { name: "ü", bytes: new Uint8Array(70_000).fill(7), ttl: 0, aliases: [] },
  ];
  const bytes = encodeChunk({ type: TYPE, resources });
  assertEquals(decodeChunk(bytes), { type: TYPE, resources });
  assertEquals(decodeChunk(new Uint8Array([...bytes, 0x7a, 1, 65])), { type: TYPE, resources });
  // A resource that lives on does not hold the chunk.
  assert(decodeChunk(bytes).resources[1]?.bytes.buffer.byteLength === 3);
  assertThrows(() => decodeChunk(bytes.subarray(0, 100)));
  assertThrows(() => decodeChunk(new Uint8Array()), Error, "it has no type");
  assertThrows(
    () => decodeChunk(encodeChunk({ type: TYPE, resources: resources.toReversed() })),
    Error,
    "not in order",
  );
  const [one] = resources;
  assertThrows(() => decodeChunk(encodeChunk({ type: TYPE, resources: one ? [one, one] : [] })), Error, "not in order");
  const late = encodeChunk({ type: TYPE, resources: [{ name: "a", bytes: new Uint8Array(), ttl: NaN, aliases: [] }] });
  assertThrows(() => decodeChunk(late), Error, "no time");
  assertThrows(() => decodeChunk(new Uint8Array([8, 1])), Error, "wrong wire type");
});

Deno.test("origins come back, with each file named once", () => {
  const origin = (line: number) => ({ layer: "./config", file: "config/a.yaml", line, column: 3 });
  const resources = ["a", "b", "c"].map((name, index) => ({ name, origin: index === 1 ? undefined : origin(index) }));
  const bytes = encodeOrigins(TYPE, resources);
  const { type, origins } = decodeOrigins(bytes);
  assertEquals([type, [...origins]], [TYPE, [["a", origin(0)], ["c", origin(2)]]]);
  assertEquals(new TextDecoder().decode(bytes).split("a.yaml").length, 2);
  assertThrows(() => decodeOrigins(new Uint8Array([10, 1, 65, 26, 2, 16, 9])), Error, "a text that is not there");
});

Deno.test("what is decompressed is what was written, and never more", async () => {
  const bytes = new Uint8Array(100_000).fill(3);
  const entry = { sha256: sha256(bytes), resources: 1, bytes: bytes.length, stored: 1 };
  const packed = await compress(bytes);
  assert(packed.length < 1000);
  assertEquals(Buffer.compare(await unpack(entry, packed), bytes), 0);
  for (const wrong of [{ bytes: 99_999 }, { bytes: 100_001 }, { sha256: "0".repeat(64) }, { bytes: 2 ** 40 }]) {
    const error = await assertRejects(() => unpack({ ...entry, ...wrong }, packed), Error);
    assert(error.message.startsWith('Cannot read "chunks/'), error.message);
    assertEquals(error.message.endsWith("it cannot be decompressed"), wrong.bytes === 99_999, error.message);
  }
});

Deno.test("a budget is never overdrawn, and what is larger than it goes alone", async () => {
  const budget = new Budget(10);
  let now = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all([4, 4, 4, 25, 1, 10, 3].map((bytes) =>
    budget.use(bytes, async () => {
      order.push(bytes);
      most = Math.max(most, now += Math.min(bytes, 10));
      await new Promise((resolve) => setTimeout(resolve));
      now -= Math.min(bytes, 10);
    })
  ));
  assertEquals([most, order], [10, [4, 4, 4, 25, 1, 10, 3]]);
  await assertRejects(() => budget.use(10, () => Promise.reject(new Error("x"))));
  assertEquals(await budget.use(10, () => Promise.resolve(1)), 1);
});

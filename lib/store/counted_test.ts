import { assertEquals, assertRejects } from "@std/assert";
import { StoreError } from "./blobs.ts";
import { counted } from "./counted.ts";
import { type Fates, Memory, MemoryBlobs } from "./testing.ts";

const LIMIT = { limit: 10 };
const BYTES = new Uint8Array([1]);

function setUp(fates: Fates = () => {}) {
  const counts: string[] = [];
  const memory = new Memory();
  const blobs = counted(new MemoryBlobs(memory, fates), (operation, result) => counts.push(`${operation} ${result}`));
  return { blobs, memory, counts };
}

Deno.test("each call that is answered is counted once, whatever the answer", async () => {
  const { blobs, counts } = setUp();
  assertEquals(blobs.url, "memory://test");
  assertEquals(await blobs.get("a", LIMIT), undefined);
  const made = await blobs.create("a", BYTES);
  const version = made?.version ?? "";
  assertEquals(await blobs.create("a", BYTES), undefined);
  assertEquals(await blobs.getIfChanged("a", version, LIMIT), "same");
  assertEquals((await blobs.get("a", LIMIT))?.bytes, BYTES);
  assertEquals(await blobs.replace("a", BYTES, "other"), undefined);
  await blobs.remove("a");
  await blobs.close();
  assertEquals(counts, ["get ok", "create ok", "create ok", "get ok", "get ok", "replace ok", "remove ok"]);
});

Deno.test("a call that is not answered is an error, and rejects as before", async () => {
  const { blobs, counts } = setUp(() => "fail");
  await assertRejects(() => blobs.get("a", LIMIT), StoreError);
  await assertRejects(() => blobs.getIfChanged("a", "v", LIMIT), StoreError);
  await assertRejects(() => blobs.create("a", BYTES), StoreError);
  await assertRejects(() => blobs.replace("a", BYTES, "v"), StoreError);
  await assertRejects(() => blobs.remove("a"), StoreError);
  await assertRejects(() => Array.fromAsync(blobs.list("")), StoreError);
  assertEquals(counts, ["get", "get", "create", "replace", "remove", "list"].map((operation) => `${operation} error`));
});

Deno.test("an iteration of a list is one call, when it ends, whoever ends it", async () => {
  const { blobs, memory, counts } = setUp();
  for (const key of ["a", "b", "c"]) memory.put(key, BYTES);
  const list = blobs.list("");
  assertEquals(counts, []);
  assertEquals((await Array.fromAsync(list)).map(({ key }) => key), ["a", "b", "c"]);
  assertEquals(counts, ["list ok"]);
  for await (const { key } of blobs.list("")) {
    assertEquals(key, "a");
    break;
  }
  assertEquals(counts, ["list ok", "list ok"]);
});

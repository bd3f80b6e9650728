import { assert, assertEquals } from "@std/assert";
import { loadApi } from "../../model/api.ts";
import { ACCEPTED, LATEST } from "./format.ts";
import { Shelf } from "./testing_history.ts";
import { verify } from "./verify.ts";

const api = loadApi();

/** Three snapshots; the first and the third share their chunks. */
async function shelfOf(): Promise<Shelf> {
  const shelf = new Shelf(api);
  const first = await shelf.push(1);
  await shelf.push(2);
  await shelf.push(1);
  await shelf.accept("edge", first);
  return shelf;
}

/** A chunk of resources that the first and the third snapshot need. */
function sharedChunk(shelf: Shelf): string {
  const manifest = JSON.parse(shelf.memory.text("snapshots/1.json"));
  const [type] = Object.values<{ chunks: { sha256: string; origins?: boolean }[] }>(manifest.groups.edge.types);
  const chunk = type?.chunks.find(({ origins }) => origins === undefined);
  return `chunks/${chunk?.sha256}`;
}

Deno.test("a store that is whole has no defect, and each chunk was read once", async () => {
  const shelf = await shelfOf();
  const before = shelf.blobs.calls.length;
  const found = await verify(shelf.blobs);
  assertEquals(found.defects, []);
  assertEquals(found.snapshots, 3);
  assertEquals(found.unneeded, { snapshots: [], chunks: 0, bytes: 0 });
  const reads = shelf.blobs.calls.slice(before).filter(({ method, key }) =>
    method === "get" && key.startsWith("chunks/")
  );
  assertEquals(reads.length, found.chunks);
  assertEquals(new Set(reads.map(({ key }) => key)).size, found.chunks);
});

for (const kind of ["missing", "damaged"] as const) {
  Deno.test(`a chunk that is ${kind} is named, with the snapshots that need it`, async () => {
    const shelf = await shelfOf();
    const key = sharedChunk(shelf);
    if (kind === "missing") shelf.memory.keys.delete(key);
    else shelf.truncate(key);
    const { defects } = await verify(shelf.blobs);
    assertEquals(defects.map((defect) => [defect.key, defect.kind, defect.snapshots, defect.pointers]), [
      [key, kind, [3, 1], ["latest", "accepted"]],
    ]);
  });
}

Deno.test("one changed byte anywhere is noticed", async () => {
  const shelf = await shelfOf();
  for (const key of shelf.memory.list()) {
    const before = Uint8Array.from(shelf.memory.keys.get(key)?.bytes ?? []);
    shelf.memory.damage(key, (bytes) => {
      // Inside of a hash, a version or a compressed block; the nonce of a pointer says nothing that could be wrong.
      const at = Math.floor(bytes.length / 3);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return bytes;
    });
    const { defects } = await verify(shelf.blobs);
    const newest = key === "snapshots/3.json" || key === "snapshots/2.json" || key === "snapshots/1.json";
    assert(defects.length > 0, `${key} is damaged, and nobody notices`);
    assert(newest || defects.some((defect) => defect.key === key), `${key} is not named`);
    shelf.memory.put(key, before);
  }
  assertEquals((await verify(shelf.blobs)).defects, []);
});

Deno.test("pointers that lead nowhere, or elsewhere, are defects", async () => {
  const shelf = await shelfOf();
  shelf.memory.keys.delete("snapshots/3.json");
  const text = shelf.memory.text(ACCEPTED).replace(/(?<="hash":")./, (digit) => digit === "0" ? "1" : "0");
  shelf.memory.put(ACCEPTED, new TextEncoder().encode(text));
  const { defects } = await verify(shelf.blobs);
  assertEquals(defects.map(({ key, kind, snapshots }) => [key, kind, snapshots]), [
    [ACCEPTED, "damaged", [1]],
    [LATEST, "missing", [3]],
  ]);
});

Deno.test("a store that lost its pointer is not well", async () => {
  const shelf = await shelfOf();
  shelf.memory.keys.delete(LATEST);
  const { defects } = await verify(shelf.blobs);
  assertEquals(defects.map(({ key, kind }) => [key, kind]), [[LATEST, "missing"]]);
});

Deno.test("what nothing needs is counted, and no defect", async () => {
  const shelf = await shelfOf();
  const before = new Set(shelf.memory.list("chunks/"));
  await shelf.die(9);
  const chunk = new Uint8Array(10);
  shelf.memory.put(`chunks/${"0".repeat(64)}`, chunk);
  const { defects, unneeded } = await verify(shelf.blobs);
  assertEquals([defects, unneeded.snapshots, unneeded.chunks], [[], [4], 2]);
  // Those of the dead push may be gone, which is nobody's loss.
  for (const key of shelf.memory.list("chunks/")) {
    if (!before.has(key)) shelf.memory.keys.delete(key);
  }
  assertEquals((await verify(shelf.blobs)).defects, []);
});

Deno.test("a failure of the store is no damage", async () => {
  const shelf = await shelfOf();
  const { MemoryBlobs } = await import("../testing.ts");
  const blobs = new MemoryBlobs(shelf.memory, ({ key }) => key.startsWith("chunks/") ? "fail" : undefined);
  const error = await verify(blobs).then(() => undefined, (error: Error) => error);
  assertEquals(error?.name, "StoreError");
});

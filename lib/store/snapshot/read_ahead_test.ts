import { assert, assertEquals, assertRejects } from "@std/assert";
import { Memory, MemoryBlobs } from "../testing.ts";
import { SnapshotError } from "./error.ts";
import { type ChunkEntry, chunkKey } from "./format.ts";
import { compress, sha256 } from "./pack.ts";
import { ReadAhead } from "./read_ahead.ts";

const MIB = 1024 * 1024;

/** Chunks of so many bytes in a store, each another. */
async function chunks(...sizes: readonly number[]): Promise<{ blobs: MemoryBlobs; entries: ChunkEntry[] }> {
  const memory = new Memory();
  const entries: ChunkEntry[] = [];
  for (const [number, size] of sizes.entries()) {
    const bytes = new Uint8Array(size).fill(number + 1, 0, 8);
    const stored = await compress(bytes);
    const entry = { sha256: sha256(bytes), bytes: size, stored: stored.length, resources: 1 };
    memory.put(chunkKey(entry.sha256), stored);
    entries.push(entry);
  }
  return { blobs: new MemoryBlobs(memory), entries };
}

Deno.test("chunks come in their order, and few are read at once", async () => {
  const { blobs, entries } = await chunks(...Array.from({ length: 60 }, () => 100));
  const ahead = new ReadAhead(blobs, entries, {});
  for (const entry of entries) assertEquals(sha256(await ahead.next()), entry.sha256);
  assertEquals([blobs.most, blobs.calls.length], [8, 60]);
  await assertRejects(() => ahead.next(), Error, "there are no more");
  await ahead.close();
});

Deno.test("no more bytes are read ahead than are allowed, and a chunk that is larger comes alone", async () => {
  const { blobs, entries } = await chunks(...Array.from({ length: 6 }, () => 3 * MIB), 9 * MIB, 100, 100);
  const ahead = new ReadAhead(blobs, entries, {});
  const begun: number[] = [];
  for (const entry of entries) {
    assertEquals((await ahead.next()).length, entry.bytes);
    begun.push(blobs.calls.length);
  }
  // Two of 3 MiB beside the one that was given; then the large one by itself.
  assertEquals(begun, [3, 4, 5, 6, 6, 7, 9, 9, 9]);
  await ahead.close();
});

Deno.test("a chunk that comes again is read once, however far away that is", async () => {
  const { blobs, entries } = await chunks(...Array.from({ length: 40 }, () => 100));
  const [first] = entries;
  assert(first !== undefined);
  const all = [...entries, first];
  const told: number[][] = [];
  const ahead = new ReadAhead(blobs, all, { onProgress: (done, total) => told.push([done, total]) });
  for (const entry of all) assertEquals(sha256(await ahead.next()), entry.sha256);
  assertEquals(blobs.calls.length, 40);
  assertEquals([told.at(0), told.at(-1)], [[1, 41], [41, 41]]);
  await ahead.close();
});

Deno.test("a chunk that cannot be read is told to whoever asks for it, and not before", async () => {
  const { blobs, entries } = await chunks(100, 200, 300);
  blobs.memory.keys.delete(chunkKey(entries[1]?.sha256 ?? ""));
  const ahead = new ReadAhead(blobs, entries, {});
  assertEquals((await ahead.next()).length, 100);
  assertEquals((await assertRejects(() => ahead.next(), SnapshotError)).fault, "absent");
  await ahead.close();
});

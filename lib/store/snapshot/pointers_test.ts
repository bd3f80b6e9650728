import { assert, assertEquals, assertRejects } from "@std/assert";
import { Memory, MemoryBlobs } from "../testing.ts";
import { SnapshotError } from "./error.ts";
import { moveAccepted, readAccepted, readLatest, readLatestIfChanged } from "./pointers.ts";

const HASH = "0123456789abcdef".repeat(4);
const at = (number: number) => ({ number, hash: HASH });

async function numbers(memory: Memory): Promise<Record<string, number>> {
  const accepted = await readAccepted(new MemoryBlobs(memory));
  return Object.fromEntries(
    Object.entries(accepted?.pointer.groups ?? {}).map(([group, { number }]) => [group, number]),
  );
}

Deno.test("servers that accept different groups at once all win", async () => {
  const memory = new Memory();
  const groups = Array.from({ length: 12 }, (_, index) => `group-${index}`);
  await Promise.all(
    groups.map((group, index) => moveAccepted(new MemoryBlobs(memory), new Map([[group, at(index + 1)]]))),
  );
  assertEquals(await numbers(memory), Object.fromEntries(groups.map((group, index) => [group, index + 1])));
});

Deno.test("a group moves to higher numbers only, can be removed, and is written only when it moves", async () => {
  const memory = new Memory();
  const first = await moveAccepted(new MemoryBlobs(memory), new Map([["a", at(5)], ["__proto__", at(2)]]));
  assertEquals(first.moved, ["a", "__proto__"]);
  const blobs = new MemoryBlobs(memory);
  const second = await moveAccepted(blobs, new Map([["a", at(4)], ["__proto__", at(2)], ["gone", undefined]]));
  assertEquals([second.moved, second.ahead], [[], ["a"]]);
  assertEquals(blobs.writes, []);
  assertEquals(await numbers(memory), Object.fromEntries([["__proto__", 2], ["a", 5]]));
  await moveAccepted(blobs, new Map([["a", undefined], ["__proto__", at(3)]]));
  assertEquals(await numbers(memory), Object.fromEntries([["__proto__", 3]]));
});

Deno.test("a pointer that is not there is told from one that is damaged, and from one of a later format", async () => {
  const memory = new Memory();
  assertEquals(await readLatest(new MemoryBlobs(memory)), undefined);
  assertEquals(await readAccepted(new MemoryBlobs(memory)), undefined);
  assertEquals(await moveAccepted(new MemoryBlobs(memory), new Map()), { pointer: undefined, moved: [], ahead: [] });
  const put = (key: string, text: string) => memory.put(key, new TextEncoder().encode(text));
  for (const [text, fault] of [["", "damaged"], ['{"format":7}', "later-format"], ['{"format":1}', "damaged"]]) {
    put("latest.json", text ?? "");
    put("accepted.json", text ?? "");
    for (
      const [key, read] of [
        ["latest.json", () => readLatest(new MemoryBlobs(memory))],
        ["accepted.json", () => readAccepted(new MemoryBlobs(memory))],
        ["accepted.json", () => moveAccepted(new MemoryBlobs(memory), new Map([["a", at(1)]]))],
      ] as const
    ) {
      const error = await assertRejects<SnapshotError>(read, SnapshotError);
      assertEquals([error.key, error.fault], [key, fault]);
    }
  }
});

Deno.test("a follower is told that nothing changed", async () => {
  const memory = new Memory();
  const text = `{"format":1,"number":3,"hash":"${HASH}","nonce":"n"}`;
  const version = memory.put("latest.json", new TextEncoder().encode(text));
  const blobs = new MemoryBlobs(memory);
  assertEquals(await readLatestIfChanged(blobs, version), "same");
  const changed = await readLatestIfChanged(blobs, "other");
  assert(changed !== "same");
  assertEquals(changed?.pointer.number, 3);
});

import { assertEquals, assertRejects } from "@std/assert";
import { loadApi } from "../../model/api.ts";
import { dying, MemoryBlobs } from "../testing.ts";
import { SnapshotError } from "./error.ts";
import { LATEST } from "./format.ts";
import { history } from "./history.ts";
import { readLatest } from "./pointers.ts";
import { RefError, resolveRef } from "./refs.ts";
import { resolvedContent } from "./resolved.ts";
import { rollback } from "./rollback.ts";
import { told } from "./testing.ts";
import { Shelf } from "./testing_history.ts";
import { verify } from "./verify.ts";

const api = loadApi();
const WHO = { who: "ana@build", from: "memory://test@1", xcp: "9.9.9", envoyApi: "9.9.9" };
const now = () => Date.UTC(2026, 5, 1);

async function contentOf(shelf: Shelf, ref?: string) {
  const resolved = await resolveRef(shelf.blobs, ref, "read");
  return told((await resolvedContent(shelf.blobs, api, resolved)).content);
}

Deno.test("a rollback is a new snapshot that repeats an old one, and nothing is rewritten", async () => {
  const shelf = new Shelf(api);
  await shelf.push(1, "v1");
  await shelf.push(2);
  const before = new Map(shelf.memory.keys);
  const done = await rollback(shelf.blobs, "v1", WHO, { now });
  assertEquals(done.kind, "rolled-back");
  const [newest] = await history(shelf.blobs);
  assertEquals([newest?.number, newest?.parent, newest?.label, newest?.rollbackOf, newest?.time, newest?.pointers], [
    3,
    2,
    "v1",
    1,
    "2026-06-01T00:00:00.000Z",
    ["latest"],
  ]);
  assertEquals(await contentOf(shelf), await contentOf(shelf, "1"));
  for (const [key, stored] of before) if (key !== LATEST) assertEquals(shelf.memory.keys.get(key), stored);
  assertEquals(shelf.memory.keys.size, before.size + 1);
  // Who did it, and with which API the content was made.
  const { provenance } = JSON.parse(shelf.memory.text("snapshots/3.json"));
  assertEquals(provenance, { ...WHO, envoyApi: api.version, rollbackOf: 1 });
  assertEquals((await verify(shelf.blobs)).defects, []);
});

Deno.test("going back to the newest does nothing", async () => {
  const shelf = new Shelf(api);
  await shelf.push(1);
  const before = shelf.memory.list();
  assertEquals((await rollback(shelf.blobs, "1", WHO, { now })).kind, "newest");
  assertEquals(shelf.memory.list(), before);
});

Deno.test("what is not there is not gone back to, and nothing has changed", async () => {
  const shelf = new Shelf(api);
  await assertRejects(() => rollback(shelf.blobs, "1", WHO, { now }), RefError);
  await shelf.push(1);
  const old = new Set(shelf.memory.list("chunks/"));
  await shelf.push(2);
  const lost = shelf.memory.list("chunks/").find((key) => old.has(key)) ?? "";
  const needed = JSON.parse(shelf.memory.text("snapshots/2.json"));
  const key = [...old].find((each) => !JSON.stringify(needed).includes(each.slice("chunks/".length))) ?? lost;
  shelf.memory.keys.delete(key);
  const before = shelf.memory.list();
  const error = await assertRejects(() => rollback(shelf.blobs, "1", WHO, { now }), SnapshotError);
  assertEquals([error.fault, error.key], ["absent", key]);
  assertEquals(shelf.memory.list(), before);
});

Deno.test("somebody who pushes at the same time wins, and is told of", async () => {
  const shelf = new Shelf(api);
  await shelf.push(1);
  await shelf.push(2);
  let other: Promise<unknown> | undefined;
  const blobs = new MemoryBlobs(shelf.memory, async ({ method, key }) => {
    if (method === "replace" && key === LATEST && other === undefined) await (other = shelf.push(3));
  });
  const done = await rollback(blobs, "1", WHO, { now });
  assertEquals(done.kind, "conflict");
  const latest = await readLatest(shelf.blobs);
  assertEquals(latest?.pointer.number, 4);
  assertEquals((await verify(shelf.blobs)).defects, []);
});

Deno.test("a rollback that dies at any call leaves the old state, or the new one", async () => {
  for (const after of [false, true]) {
    for (let at = 0;; at++) {
      const shelf = new Shelf(api);
      await shelf.push(1);
      await shelf.push(2);
      const blobs = new MemoryBlobs(shelf.memory, dying(at, after));
      const ended = await rollback(blobs, "1", WHO, { now }).then(() => true, () => false);
      const { defects } = await verify(shelf.blobs);
      const latest = await readLatest(shelf.blobs);
      assertEquals(defects, []);
      if (latest?.pointer.number === 2) assertEquals(await contentOf(shelf), await contentOf(shelf, "2"));
      else assertEquals(await contentOf(shelf), await contentOf(shelf, "1"));
      if (ended) break;
    }
  }
});

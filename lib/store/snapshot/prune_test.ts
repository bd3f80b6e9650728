import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { loadApi } from "../../model/api.ts";
import { type Call, dying, MemoryBlobs } from "../testing.ts";
import { history } from "./history.ts";
import { prune, PruneError, type PruneOptions } from "./prune.ts";
import { rollback } from "./rollback.ts";
import { Shelf } from "./testing_history.ts";
import { verify } from "./verify.ts";

const api = loadApi();
const DAY = 24 * 60 * 60 * 1000;
/** When the snapshots of these tests were made. */
const MADE = Date.UTC(2026, 0, 2, 3, 4, 5);

function options(more: Partial<PruneOptions> = {}): PruneOptions {
  return { now: () => MADE + 60 * DAY, keep: 1, ...more };
}

async function shelfOf(...seconds: number[]): Promise<Shelf> {
  const shelf = new Shelf(api);
  for (const each of seconds) await shelf.push(each);
  return shelf;
}

async function numbers(shelf: Shelf): Promise<number[]> {
  return (await history(shelf.blobs)).map(({ number }) => number);
}

async function isWell(shelf: Shelf): Promise<void> {
  assertEquals((await verify(shelf.blobs)).defects, []);
}

Deno.test("the newest stay, and with the others the chunks go that only they need", async () => {
  const shelf = await shelfOf(1, 2, 1, 3);
  const before = shelf.memory.list("chunks/").length;
  const pruned = await prune(shelf.blobs, options({ keep: 2 }));
  assertEquals([pruned.snapshots, pruned.kept, pruned.unfinished], [[2, 1], 2, []]);
  assertEquals(await numbers(shelf), [4, 3]);
  // The chunk of content 2; that of content 1 is needed by the third, and origins by all.
  assertEquals([pruned.chunks, before - shelf.memory.list("chunks/").length], [1, 1]);
  assertEquals((await verify(shelf.blobs)).unneeded, { snapshots: [], chunks: 0, bytes: 0 });
  await isWell(shelf);
});

Deno.test("what is young stays, and what a pointer names however old it is", async () => {
  const shelf = await shelfOf(1, 2, 3);
  const [, , first] = await history(shelf.blobs);
  await shelf.accept("edge", { number: 1, hash: first?.hash ?? "" });
  assertEquals((await prune(shelf.blobs, options({ olderThanMs: 61 * DAY }))).snapshots, []);
  const pruned = await prune(shelf.blobs, { now: () => MADE + 60 * DAY, olderThanMs: 30 * DAY });
  assertEquals(pruned.snapshots, [2]);
  assertEquals(await numbers(shelf), [3, 1]);
  await isWell(shelf);
});

Deno.test("a dry run writes nothing, and says what would be removed", async () => {
  const shelf = await shelfOf(1, 2, 3);
  const before = [...shelf.memory.keys];
  const told = await prune(shelf.blobs, options({ dryRun: true }));
  assertEquals([...shelf.memory.keys], before);
  const { dryRun: _, ...same } = { ...await prune(shelf.blobs, options()), dryRun: true };
  assertEquals(told, same);
  const removed = before.filter(([key]) => !shelf.memory.keys.has(key));
  assertEquals(told.bytes, removed.reduce((sum, [, { bytes }]) => sum + bytes.length, 0));
});

Deno.test("what a dead push left goes when it is a day old, and not before", async () => {
  const shelf = await shelfOf(1);
  await shelf.die(2);
  assertEquals((await prune(shelf.blobs, options())).snapshots, []);
  assertEquals(await numbers(shelf), [2, 1]);
  shelf.age();
  const pruned = await prune(shelf.blobs, options());
  assertEquals([pruned.snapshots, pruned.unfinished, pruned.chunks], [[2], [2], 1]);
  await isWell(shelf);
});

Deno.test("chunks without a manifest are those of a push under way until they are a day old", async () => {
  const shelf = await shelfOf(1);
  const key = `chunks/${"a".repeat(64)}`;
  shelf.memory.put(key, new Uint8Array(3));
  shelf.memory.put("chunks/README", new Uint8Array(3));
  assertEquals((await prune(shelf.blobs, options())).chunks, 0);
  shelf.age();
  assertEquals((await prune(shelf.blobs, options())).chunks, 1);
  // What somebody else put there is not ours.
  assertEquals([shelf.memory.keys.has(key), shelf.memory.keys.has("chunks/README")], [false, true]);
});

Deno.test("nothing goes while it is not known what is needed", async () => {
  const shelf = await shelfOf(1, 2, 3);
  shelf.truncate("snapshots/2.json");
  const pruned = await prune(shelf.blobs, options({ keep: 2 }));
  assertEquals([pruned.snapshots, pruned.chunks], [[1], 0]);
  assertMatch(pruned.chunksStay ?? "", /^snapshot 2 cannot be read: /);
  const latest = shelf.memory.keys.get("latest.json")?.bytes ?? new Uint8Array();
  shelf.truncate("latest.json");
  await assertRejects(() => prune(shelf.blobs, options()), PruneError, '"latest.json" cannot be read');
  shelf.memory.keys.delete("latest.json");
  await assertRejects(() => prune(shelf.blobs, options()), PruneError, "is not there");
  shelf.memory.put("latest.json", latest);
  assertEquals((await prune(shelf.blobs, options())).snapshots, [2]);
  await isWell(shelf);
});

Deno.test("a manifest of a later format is never removed, nor what it may need", async () => {
  const shelf = await shelfOf(1, 2, 3);
  const later = shelf.memory.text("snapshots/1.json").replace('"format":1', '"format":2');
  shelf.memory.put("snapshots/1.json", new TextEncoder().encode(later));
  const pruned = await prune(shelf.blobs, options());
  assertEquals([pruned.snapshots, pruned.chunks], [[2], 0]);
});

Deno.test("a prune that dies at any call leaves every snapshot that is there whole", async () => {
  for (const after of [false, true]) {
    for (let at = 0;; at++) {
      const shelf = await shelfOf(1, 2, 3);
      const ended = await prune(new MemoryBlobs(shelf.memory, dying(at, after)), options()).then(
        () => true,
        () => false,
      );
      await isWell(shelf);
      if (ended) break;
      shelf.age();
      await prune(shelf.blobs, options());
      assertEquals(await numbers(shelf), [3]);
      assertEquals((await verify(shelf.blobs)).unneeded.chunks, 0);
    }
  }
});

Deno.test("a later xcp that pushes meanwhile loses nothing, although it cannot be read what it needs", async () => {
  const shelf = await shelfOf(1, 2);
  const chunks = shelf.memory.list("chunks/");
  const later = shelf.memory.text("snapshots/1.json").replace('"format":1', '"format":2').replace(":1", ":3");
  const blobs = new MemoryBlobs(shelf.memory, ({ method, key }) => {
    if (method === "remove" && key.startsWith("chunks/")) {
      shelf.memory.put("snapshots/3.json", new TextEncoder().encode(later));
    }
  });
  assertEquals((await prune(blobs, options())).chunks, 0);
  assertEquals(shelf.memory.list("chunks/"), chunks);
});

/**
 * Runs a prune of snapshots 1 and 2, and at its n-th call lets somebody who brings the content of the first back go as far
 * as `steps` calls; the rest when the prune is over.
 */
async function race(at: number, steps: number, other: (shelf: Shelf, blobs: MemoryBlobs) => Promise<unknown>) {
  const shelf = await shelfOf(1, 2, 3);
  const over = Promise.withResolvers<void>();
  const halfway = Promise.withResolvers<void>();
  let running: Promise<unknown> | undefined;
  const theirs = new MemoryBlobs(shelf.memory, async (_: Call, index) => {
    if (index !== steps) return;
    halfway.resolve();
    await over.promise;
  });
  const ours = new MemoryBlobs(shelf.memory, async (_, index) => {
    if (index !== at) return;
    running = other(shelf, theirs).then(() => {}, () => {}).finally(halfway.resolve);
    await halfway.promise;
  });
  await prune(ours, options());
  const calls = ours.calls.length;
  over.resolve();
  await running;
  return { shelf, calls, theirs: theirs.calls.length };
}

const RIVALS: readonly [string, (shelf: Shelf, blobs: MemoryBlobs) => Promise<unknown>][] = [
  ["push", (shelf, blobs) => shelf.push(1, undefined, blobs)],
  [
    "rollback",
    (_, blobs) => rollback(blobs, "1", { who: "a", from: "b", xcp: "c", envoyApi: "d" }, { now: () => MADE }),
  ],
];
for (const [name, rival] of RIVALS) {
  Deno.test(`a ${name} at any moment of a prune loses nothing, however far it gets`, async () => {
    let published = 0;
    for (let at = 0, calls = 1; at < calls; at++) {
      for (let steps = 1, theirs = 2; steps < theirs; steps++) {
        const raced = await race(at, steps, rival);
        calls = raced.calls;
        theirs = Math.max(theirs, raced.theirs);
        await isWell(raced.shelf);
        if ((await numbers(raced.shelf))[0] !== 3) published++;
      }
    }
    // The race is one only if the other side comes to its end in many of them.
    assertEquals(published > 20, true, `${published} snapshots were published`);
  });
}

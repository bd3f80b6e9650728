import { assertEquals, assertMatch } from "@std/assert";
import { loadApi } from "../../model/api.ts";
import { history } from "./history.ts";
import { Shelf } from "./testing_history.ts";

const api = loadApi();

Deno.test("the history is newest first, with what a log prints", async () => {
  const shelf = new Shelf(api);
  const first = await shelf.push(1, "v1");
  const second = await shelf.push(2);
  await shelf.accept("edge", first);
  const [newest, oldest, ...others] = await history(shelf.blobs);
  assertEquals(others, []);
  const { bytes, ...entry } = oldest ?? {};
  assertEquals(entry, {
    number: 1,
    hash: first.hash,
    label: "v1",
    time: "2026-01-02T03:04:05.000Z",
    parent: null,
    groups: 1,
    resources: 1,
    pointers: ["accepted"],
  });
  const chunks = [...shelf.memory.keys].filter(([key]) => key.startsWith("chunks/"));
  assertEquals(typeof bytes, "number");
  assertEquals(chunks.length > 1, true);
  assertEquals([newest?.number, newest?.hash, newest?.parent, newest?.pointers], [2, second.hash, 1, ["latest"]]);
});

Deno.test("a damaged manifest is a row that says so, and no end", async () => {
  const shelf = new Shelf(api);
  for (const seconds of [1, 2, 3]) await shelf.push(seconds);
  shelf.truncate("snapshots/2.json");
  const rows = await history(shelf.blobs);
  assertEquals(rows.map(({ number, damaged }) => [number, damaged !== undefined]), [[3, false], [2, true], [1, false]]);
  assertEquals([rows[1]?.hash, rows[1]?.resources], [null, null]);
  assertMatch(rows[1]?.damaged ?? "", /JSON/);
  // What is below it may have been named.
  assertEquals(rows.map(({ unfinished }) => unfinished ?? false), [false, false, false]);
});

Deno.test("manifests that no pointer ever named are told apart, in the middle and at the end", async () => {
  const shelf = new Shelf(api);
  await shelf.push(1);
  await shelf.die(2);
  await shelf.push(3);
  await shelf.die(4);
  const rows = await history(shelf.blobs);
  assertEquals(rows.map(({ number, unfinished }) => [number, unfinished ?? false]), [
    [4, true],
    [3, false],
    [2, true],
    [1, false],
  ]);
});

Deno.test("where parents were pruned, what is below was named", async () => {
  const shelf = new Shelf(api);
  for (const seconds of [1, 2, 3, 4]) await shelf.push(seconds);
  shelf.memory.keys.delete("snapshots/3.json");
  const rows = await history(shelf.blobs);
  assertEquals(rows.map(({ number, unfinished }) => [number, unfinished ?? false]), [[4, false], [2, false], [
    1,
    false,
  ]]);
});

Deno.test("an empty store has no history, and one whose first push died has one that says so", async () => {
  const shelf = new Shelf(api);
  assertEquals(await history(shelf.blobs), []);
  await shelf.die(1);
  assertEquals((await history(shelf.blobs)).map(({ number, unfinished }) => [number, unfinished]), [[1, true]]);
});

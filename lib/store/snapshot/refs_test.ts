import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { loadApi } from "../../model/api.ts";
import { sha256 } from "./pack.ts";
import { isReserved, onlyOne, RefError, resolveRef } from "./refs.ts";
import { resolvedContent } from "./resolved.ts";
import { Shelf } from "./testing_history.ts";

const api = loadApi();

async function number(shelf: Shelf, ref?: string): Promise<number> {
  return onlyOne(shelf.blobs, await resolveRef(shelf.blobs, ref, "read")).number;
}

Deno.test("a snapshot is found by number, hash, label and pointer, and is the newest without a name", async () => {
  const shelf = new Shelf(api);
  const first = await shelf.push(1, "v1");
  const second = await shelf.push(2, "v2");
  assertEquals(await number(shelf), 2);
  assertEquals(await number(shelf, "latest"), 2);
  assertEquals(await number(shelf, "1"), 1);
  assertEquals(await number(shelf, first.hash.slice(0, 6)), 1);
  assertEquals(await number(shelf, second.hash.toUpperCase()), 2);
  assertEquals(await number(shelf, "v1"), 1);
  await shelf.accept("edge", first);
  assertEquals(await number(shelf, "accepted"), 1);
});

Deno.test("of a label that came again the newest counts, and that of a push that died does not", async () => {
  const shelf = new Shelf(api);
  await shelf.push(1, "v1");
  await shelf.push(2, "v1");
  assertEquals(await number(shelf, "v1"), 2);
  const text = shelf.memory.text("snapshots/2.json").replace('"number":2', '"number":3');
  shelf.memory.put("snapshots/3.json", new TextEncoder().encode(text));
  assertEquals(await number(shelf, "v1"), 2);
  assertEquals(await number(shelf, "3"), 3);
});

Deno.test("a number comes before a hash, and a hash before a label", async () => {
  const shelf = new Shelf(api);
  const first = await shelf.push(1);
  await shelf.push(2, first.hash.slice(0, 8));
  assertEquals(await number(shelf, first.hash.slice(0, 8)), 1);
});

Deno.test("a pull without a name takes what each group accepted, and latest for the others", async () => {
  const shelf = new Shelf(api);
  const first = await shelf.push(1);
  const second = await shelf.push(2);
  assertEquals(await resolveRef(shelf.blobs, undefined, "pull"), { kind: "one", snapshot: second });
  await shelf.accept("edge", first);
  const resolved = await resolveRef(shelf.blobs, undefined, "pull");
  const { snapshots, content } = await resolvedContent(shelf.blobs, api, resolved);
  assertEquals([...snapshots], [["edge", first]]);
  const old = await resolvedContent(shelf.blobs, api, { kind: "one", snapshot: first });
  assertEquals(content.groups.get("edge")?.[0]?.version, old.content.groups.get("edge")?.[0]?.version);
  await shelf.accept("other", second);
  const error = await assertRejects(() => number(shelf, "accepted"), RefError);
  assertEquals([error.fault, error.hint], ["ambiguous", 'Name one of them: group "edge" 1, "other" 2']);
});

Deno.test("what is not there is told apart, with what there is", async () => {
  const shelf = new Shelf(api);
  assertEquals((await assertRejects(() => number(shelf), RefError)).fault, "empty");
  await shelf.push(1, "v1");
  for (const ref of ["7", "v9", "accepted", "abcdef0"]) {
    const error = await assertRejects(() => number(shelf, ref), RefError);
    assertEquals([error.fault, error.hint], ["unknown", 'There are 1 ("v1")']);
  }
  shelf.truncate("latest.json");
  const error = await assertRejects(() => number(shelf), RefError);
  assertEquals(error.fault, "damaged");
  assertMatch(error.message, /^Cannot read "latest.json" of "memory:\/\/test": /);
  assertEquals(await number(shelf, "1"), 1);
});

Deno.test("a hash of which two begin alike is an error that lists them", async () => {
  const shelf = new Shelf(api);
  await shelf.push(1);
  const text = shelf.memory.text("snapshots/1.json");
  const make = (number: number, nonce: number) =>
    new TextEncoder().encode(
      text.replace('"number":1', `"number":${number}`).replace(/"nonce":"[^"]*"/, `"nonce":"n${nonce}"`),
    );
  // Six equal characters: a few thousand of each are enough to meet.
  const ones = new Map<string, Uint8Array>();
  let pair: [string, Uint8Array, Uint8Array] | undefined;
  for (let nonce = 0; pair === undefined; nonce++) {
    const [one, two] = [make(1, nonce), make(2, nonce)];
    ones.set(sha256(one).slice(0, 6), one);
    const prefix = sha256(two).slice(0, 6);
    const met = ones.get(prefix);
    if (met !== undefined) pair = [prefix, met, two];
  }
  const [prefix, one, two] = pair;
  shelf.memory.put("snapshots/1.json", one);
  shelf.memory.put("snapshots/2.json", two);
  const error = await assertRejects(() => number(shelf, prefix), RefError);
  assertEquals(error.fault, "ambiguous");
  assertEquals(error.hint, `There are ${sha256(two).slice(0, 12)} (2), ${sha256(one).slice(0, 12)} (1)`);
  assertEquals(await number(shelf, sha256(two).slice(0, 20)), 2);
});

Deno.test("a label that could be another kind of reference is none", () => {
  assertEquals(["latest", "accepted", "17", "", "a@b"].map(isReserved), [true, true, true, true, true]);
  assertEquals(["v1", "release/7", "3f2a1bc"].map(isReserved), [false, false, false]);
});

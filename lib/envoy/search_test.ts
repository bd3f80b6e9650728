import { assertEquals } from "@std/assert";
import { search } from "./search.ts";
import type { Verdict } from "./verdict.ts";

/** An Envoy that names the first of the bad pieces, or the later of two that exclude each other. */
function oracle(bad: readonly number[], pairs: readonly (readonly [number, number])[] = []) {
  const asked: number[][] = [];
  const ask = (active: ReadonlySet<number>): Promise<Verdict> => {
    asked.push([...active]);
    const pair = pairs.find(([one, other]) => active.has(one) && active.has(other));
    const found = bad.find((piece) => active.has(piece)) ?? pair?.[1];
    return Promise.resolve(found === undefined ? { kind: "accepted" } : { kind: "rejected", words: `no ${found}` });
  };
  return { asked, ask };
}

const SEARCH = { suspects: new Set<number>(), guess: () => undefined, most: 100 };

Deno.test("what Envoy takes is one question", async () => {
  const { asked, ask } = oracle([]);
  const found = await search({ ...SEARCH, count: 1000, ask });
  assertEquals([found, asked.length], [{ rejected: [], acquitted: [], unplaced: undefined, stopped: undefined }, 1]);
});

Deno.test("every bad piece of many is found by halves", async () => {
  const { asked, ask } = oracle([700, 12, 999]);
  const { rejected } = await search({ ...SEARCH, count: 1000, ask });
  assertEquals(rejected.map(({ piece, words }) => [piece, words]), [[12, "no 12"], [700, "no 700"], [999, "no 999"]]);
  assertEquals(asked.length <= 35, true, `${asked.length} questions`);
});

Deno.test("of two that exclude each other the later one is at fault", async () => {
  const { ask } = oracle([], [[3, 17]]);
  const { rejected } = await search({ ...SEARCH, count: 40, ask });
  assertEquals(rejected.map(({ piece }) => piece), [17]);
});

Deno.test("a guess is believed only when Envoy refuses the piece by itself", async () => {
  const right = oracle([33]);
  const found = await search({ ...SEARCH, count: 64, ask: right.ask, guess: () => 33 });
  assertEquals([found.rejected.map(({ piece }) => piece), right.asked.length], [[33], 4]);
  const wrong = oracle([33]);
  const other = await search({ ...SEARCH, count: 64, ask: wrong.ask, guess: () => 5 });
  assertEquals(other.rejected.map(({ piece }) => piece), [33]);
});

Deno.test("suspects are kept out of the search, and acquitted if Envoy takes them", async () => {
  const { ask } = oracle([2, 5]);
  const found = await search({ ...SEARCH, count: 8, suspects: new Set([2, 4]), ask });
  assertEquals([found.rejected.map(({ piece }) => piece), found.acquitted], [[5], [4]]);
});

Deno.test("what Envoy refuses without any piece is nobody's fault", async () => {
  const ask = () => Promise.resolve<Verdict>({ kind: "rejected", words: "no" });
  const found = await search({ ...SEARCH, count: 8, ask });
  assertEquals([found.rejected, found.unplaced], [[], "no"]);
});

Deno.test("the search ends at a crash, and after the questions it may ask, with what it has found", async () => {
  const crash = await search({ ...SEARCH, count: 8, ask: () => Promise.resolve({ kind: "none", why: "SIGSEGV" }) });
  assertEquals(crash.stopped, "SIGSEGV");
  const { ask, asked } = oracle([1, 2, 3, 4, 5, 6, 7]);
  const found = await search({ ...SEARCH, count: 8, ask, most: 10 });
  assertEquals([found.stopped, asked.length, found.rejected.length > 0], ["it was asked 10 times", 10, true]);
});

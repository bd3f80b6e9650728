import { assertEquals } from "@std/assert";
import { type Result, Tally } from "./tally.ts";

const GOOD: Result = { name: "a", expect: "ok", kind: "none", field: "", lines: [], words: "", said: [] };
const BAD: Result = { ...GOOD, expect: "bad", kind: "dup_x", lines: [4] };
const SAID = [{ line: 5, column: 1, rule: "r", message: "m" }];

function tally(...results: Result[]): Tally {
  const all = new Tally();
  results.forEach((result) => all.add(result));
  return all;
}

Deno.test("a line that is one off is right, a line further off and a missed one are not", () => {
  const far = { ...BAD, said: [{ line: 6, column: 1, rule: "r", message: "m" }] };
  const all = tally({ ...BAD, said: SAID }, far, BAD, { ...BAD, lines: [], said: SAID });
  assertEquals(all.summary(), "validate: accepted 0/0 good, rejected 3/4 bad, line right 1/3");
  assertEquals(all.wrongLines, [far]);
});

Deno.test("what Envoy accepts and the validator does not is a false rejection", () => {
  const wrong = { ...GOOD, said: SAID };
  const all = tally(GOOD, wrong, BAD);
  assertEquals([all.falseRejections, all.missed, all.missedShare], [[wrong], [BAD], 1]);
  assertEquals(all.summary(), "validate: accepted 1/2 good, rejected 0/1 bad, line right 0/1");
});

import { assertEquals } from "@std/assert";
import { isNestedDeeper } from "./json_depth.ts";

const TEXTS: [text: string, depth: number][] = [
  ["[]", 1],
  ["[[],[],{}]", 2],
  ['{"a":[{"b":[1]}]}', 4],
  ['["[[[[","{\\"[","\\\\"]', 1],
  ['["\\\\",["\\""]]', 2],
  ["[[[", 3],
  ['["[[[[', 1],
];

Deno.test("how deep a text is nested is known before it is read; what stands in strings does not count", () => {
  for (const [text, depth] of TEXTS) {
    assertEquals([isNestedDeeper(text, depth), isNestedDeeper(text, depth - 1)], [false, true], text);
  }
});

Deno.test("a long text is looked through in time that grows with its length", () => {
  assertEquals(isNestedDeeper("[".repeat(50_000_000), 100), true);
  assertEquals(isNestedDeeper(`["${"\\\\".repeat(5_000_000)}"]`, 1), false);
});

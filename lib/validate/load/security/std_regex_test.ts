import { assertEquals } from "@std/assert";
import { stdRegexFault } from "./std_regex.ts";

// What Envoy 1.40 answers to each as the pattern of a tag.
const TAKEN: readonly string[] = [
  "(?=x)",
  "(?!x)",
  "(?:x)",
  "\\d",
  "[[:alpha:]]",
  "(a)\\1",
  "a{1001}",
  "[]",
  "[^]",
  "\\<",
  "a??",
  "a*?",
  "(|a)",
  "a{99999}",
  "\\cA",
  "\\_",
  "\\-",
];

const REFUSED: readonly string[] = [
  "(",
  "a)",
  "[",
  "[a",
  "a**",
  "a++",
  "*a",
  "+",
  "a{2,1}",
  "a{1",
  "(?<=x)",
  "(?<n>x)",
  "(?P<n>x)",
  "(?i)x",
  "\\",
  "\\p{L}",
  "\\x4",
  "\\u12",
  "\\8",
  "\\1",
  "{",
  "}",
  "]",
  "a|*",
  "\\Q",
  "\\Z",
  "\\A",
  "(?",
  "(?#x)",
  "x{,2}",
  "^*",
  "$+",
  "\\b+",
  "a{1,2}{3}",
  "\\c",
];

Deno.test("patterns that the standard library of C++ takes have no fault", () => {
  assertEquals(TAKEN.filter((pattern) => stdRegexFault(pattern) !== undefined), []);
});

Deno.test("patterns that the standard library of C++ refuses have a fault", () => {
  assertEquals(REFUSED.filter((pattern) => stdRegexFault(pattern) === undefined), []);
});

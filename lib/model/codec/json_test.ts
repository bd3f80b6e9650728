import { assertEquals } from "@std/assert";
import { formatIssue } from "../issue.ts";
import { parseJson } from "./json.ts";
import { Source } from "./source.ts";
import type { Node } from "./tree.ts";

function plain(node: Node): unknown {
  if (node.kind === "map") return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
  if (node.kind === "list") return node.items.map(plain);
  return node.kind === "null" ? null : `${node.kind}:${node.text}`;
}

function read(text: string): { value: unknown; issues: string[] } {
  const source = new Source("f.json", text);
  const root = parseJson(source);
  return { value: root && plain(root), issues: source.issues().map(formatIssue) };
}

Deno.test("JSON keeps its types, and the digits of its numbers", () => {
  const text =
    ' {"a": [1, -0.5e+3, 9007199254740993, "1", "\\u00e9\\n"], "q\\"\\\\": {}, "c": [], "d": true, "e": null}\n';
  assertEquals(read(text), {
    value: {
      a: ["number:1", "number:-0.5e+3", "number:9007199254740993", "string:1", "string:é\n"],
      'q"\\': {},
      c: [],
      d: "boolean:true",
      e: null,
    },
    issues: [],
  });
});

Deno.test("what JSON does not allow is one issue with its place", () => {
  const table: [string, string][] = [
    ['{"a": 1,,}', 'f.json:1:9: error: invalid JSON: expected a key in double quotes, found "," [json-syntax]'],
    ["{,}", 'f.json:1:2: error: invalid JSON: expected a key in double quotes, found "," [json-syntax]'],
    ["[,]", 'f.json:1:2: error: invalid JSON: expected a value, found "," [json-syntax]'],
    ["[1,,]", 'f.json:1:4: error: invalid JSON: expected a value, found "," [json-syntax]'],
    ["{a-b: 1}", 'f.json:1:3: error: invalid JSON: expected ":", found "-" [json-syntax]'],
    ["{1a: 1}", 'f.json:1:2: error: invalid JSON: expected a key in double quotes, found "1" [json-syntax]'],
    ["{null: 1}", 'f.json:1:2: error: invalid JSON: expected a key in double quotes, found "n" [json-syntax]'],
    ['["\\x41"]', "f.json:1:2: error: invalid JSON: a string with a bad escape [json-syntax]"],
    ['["\\\n"]', "f.json:1:2: error: invalid JSON: a string with a bad escape [json-syntax]"],
    ['{"a" 1}', 'f.json:1:6: error: invalid JSON: expected ":", found "1" [json-syntax]'],
    ['{"a": 1\n"b": 2}', 'f.json:2:1: error: invalid JSON: expected "," or "}", found "\\"" [json-syntax]'],
    ["[1 2]", 'f.json:1:4: error: invalid JSON: expected "," or "]", found "2" [json-syntax]'],
    ["01", 'f.json:1:2: error: invalid JSON: expected the end of the file, found "1" [json-syntax]'],
    ["+1", 'f.json:1:1: error: invalid JSON: expected a value, found "+" [json-syntax]'],
    ["nul", 'f.json:1:1: error: invalid JSON: expected a value, found "n" [json-syntax]'],
    ["// c", 'f.json:1:1: error: invalid JSON: expected a value, found "/" [json-syntax]'],
    ['{"a":', "f.json:1:6: error: invalid JSON: expected a value, found the end of the file [json-syntax]"],
    ['["a', "f.json:1:2: error: invalid JSON: a string that does not end [json-syntax]"],
    ['["a\\"', "f.json:1:2: error: invalid JSON: a string that does not end [json-syntax]"],
  ];
  for (const [text, issue] of table) assertEquals(read(text), { value: undefined, issues: [issue] }, text);
});

Deno.test("what Envoy's reader takes beside JSON is taken", () => {
  const table: [string, unknown][] = [
    ['{"a": [1, 2,],}', { a: ["number:1", "number:2"] }],
    ["{a_1: 1, _b: {}}", { a_1: "number:1", _b: {} }],
    [`{'a"b\\'': 'c"\\n\\\\'}`, { "a\"b'": 'string:c"\n\\' }],
    ['{"a\\\'": "b\tc\nd"}', { "a'": "string:b\tc\nd" }],
  ];
  for (const [text, value] of table) assertEquals(read(text), { value, issues: [] }, text);
});

Deno.test("an empty JSON file holds nothing", () => {
  assertEquals(read(" \n"), { value: undefined, issues: [] });
});

Deno.test("JSON has one hundred levels and no more", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assertEquals(read(nested(100)).issues, []);
  assertEquals(read(nested(101)).issues, ["f.json:1:101: error: more than 100 levels of maps and lists [too-deep]"]);
  assertEquals(read("[".repeat(100_000)).issues.length, 1);
});

Deno.test("of a duplicate key the last one counts in JSON too", () => {
  assertEquals(read('{"a": 1, "a": 2}'), {
    value: { a: "number:2" },
    issues: ['f.json:1:10: warning: key "a" is there already; the last one counts [duplicate-key]'],
  });
});

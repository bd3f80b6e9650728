import { assertEquals, assertStringIncludes } from "@std/assert";
import { formatIssue } from "../issue.ts";
import { Source } from "./source.ts";
import type { Node } from "./tree.ts";
import { parseYaml } from "./yaml.ts";

/** The tree without positions: scalars as `kind:text`. */
function plain(node: Node): unknown {
  if (node.kind === "map") return Object.fromEntries(node.entries.map(({ key, value }) => [key, plain(value)]));
  if (node.kind === "list") return node.items.map(plain);
  return node.kind === "null" ? null : `${node.kind}:${node.text}`;
}

function read(text: string): { documents: unknown[]; issues: string[] } {
  const source = new Source("f.yaml", text);
  const documents = parseYaml(source).map(plain);
  return { documents, issues: source.issues().map(formatIssue) };
}

Deno.test("plain scalars are what Envoy's reader makes of them", () => {
  const table: [string, unknown][] = [
    ["y", "boolean:true"],
    ["Yes", "boolean:true"],
    ["ON", "boolean:true"],
    ["off", "boolean:false"],
    ["N", "boolean:false"],
    ["yEs", "string:yEs"],
    ["5", "number:5"],
    ["+5", "number:5"],
    ["-5", "number:-5"],
    ["0", "number:0"],
    ["010", "number:8"],
    ["-010", "number:-8"],
    ["09", "string:09"],
    ["0x10", "number:16"],
    ["-0X10", "number:-16"],
    ["0o17", "string:0o17"],
    ["0b1", "string:0b1"],
    ["1_000", "string:1_000"],
    ["1e3", "string:1e3"],
    ["1.5", "string:1.5"],
    ["2147483647", "number:2147483647"],
    ["2147483648", "string:2147483648"],
    ["0xffffffff", "string:4294967295"],
    ["9223372036854775808", "string:9223372036854775808"],
    [".inf", "string:.inf"],
    ["2001-01-01", "string:2001-01-01"],
    ["~", null],
    ["NULL", null],
    ["nULL", "string:nULL"],
    ["", null],
    ['"5"', "string:5"],
    ["'yes'", "string:yes"],
    ['"a\\tb"', "string:a\tb"],
    ["|\n  5\n", "string:5\n"],
    ["!!str 5", "number:5"],
    ['!!str "5"', "number:5"],
    ["!!null null", "string:null"],
    ["! 5", "string:5"],
    ["!!str", "string:"],
  ];
  for (const [text, value] of table) {
    assertEquals(read(`a: ${text}`), { documents: [{ a: value }], issues: [] }, text);
  }
});

Deno.test("keys are their text, whatever it would be as a value", () => {
  assertEquals(read("{y: 1, 010: 2, ~: 3, &k no: 4, 'q': 5}").documents, [
    { "y": "number:1", "010": "number:2", "null": "number:3", "no": "number:4", "q": "number:5" },
  ]);
  assertEquals(read("{[a]: 1}").issues, ["f.yaml:1:2: error: a key must be a string, not a list [yaml-syntax]"]);
});

Deno.test("a key with the tag !ignore is left out with its value", () => {
  assertEquals(read("!ignore zz: {a: [1]}\nb: 2").documents, [{ b: "number:2" }]);
});

Deno.test("everything knows its place", () => {
  const source = new Source("f.yaml", "a:\n  - b: 'x'\n    c:\r\n  - |\n    text\n");
  const [root] = parseYaml(source);
  const places: string[] = [];
  const visit = (node: Node, name: string) => {
    const { line, column } = source.position(node.offset);
    places.push(`${name} ${line}:${column}`);
    if (node.kind === "map") {
      for (const entry of node.entries) {
        const key = source.position(entry.offset);
        places.push(`${entry.key}: ${key.line}:${key.column}`);
        visit(entry.value, entry.key);
      }
    } else if (node.kind === "list") node.items.forEach((item, i) => visit(item, String(i)));
  };
  if (root !== undefined) visit(root, "root");
  assertEquals(places, [
    "root 1:1",
    "a: 1:1",
    "a 2:3",
    "0 2:5",
    "b: 2:5",
    "b 2:8",
    "c: 3:5",
    "c 3:6",
    "1 5:5",
  ]);
});

Deno.test("aliases are what they name, and a name may be given again", () => {
  assertEquals(read("a: &x {k: 1}\nb: *x\nc: &x 2\nd: *x\ne: {&k f: *k, *k : 3}"), {
    documents: [{
      a: { k: "number:1" },
      b: { k: "number:1" },
      c: "number:2",
      d: "number:2",
      e: { f: "number:3" },
    }],
    issues: ['f.yaml:5:15: warning: key "f" is there already; the last one counts [duplicate-key]'],
  });
});

Deno.test("an alias to nothing, or to what it is in, is an issue and not an endless tree", () => {
  assertEquals(read("a: *x").issues, [
    "f.yaml:1:4: error: invalid YAML: an alias without its anchor; put a value that begins with * in quotes [yaml-syntax]",
  ]);
  assertEquals(read("a: &x [1, *x]"), {
    documents: [],
    issues: ['f.yaml:1:11: error: invalid YAML: alias "x" names what it is in [yaml-syntax]'],
  });
  assertEquals(read("a: &x 1\n---\nb: *x").issues.length, 1, "anchors end with their document");
});

Deno.test("a billion laughs are an issue", () => {
  const rows = ["l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"];
  for (let i = 1; i < 10; i++) rows.push(`l${i}: &l${i} [${Array(10).fill(`*l${i - 1}`).join(", ")}]`);
  const { documents, issues } = read(rows.join("\n"));
  assertEquals(documents, []);
  assertEquals(issues.length, 1);
  assertStringIncludes(String(issues[0]), "[alias-expansion]");
});

Deno.test("one hundred levels are read and no more, whether written or made by aliases", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assertEquals(read(nested(100)).issues, []);
  assertEquals(read(nested(101)).issues, ["f.yaml:1:101: error: more than 100 levels of maps and lists [too-deep]"]);
  assertStringIncludes(String(read(nested(5000)).issues[0]), "[too-deep]");
  const aliased = (depth: number) => `- &x ${nested(60)}\n- ${"[".repeat(depth)}*x${"]".repeat(depth)}`;
  assertEquals(read(aliased(39)).issues, []);
  assertStringIncludes(String(read(aliased(40)).issues[0]), "[too-deep]");
});

Deno.test("of a duplicate key the last one counts, with a warning at each later one", () => {
  assertEquals(read("a: 1\nb: 2\na: 3\na: 4"), {
    documents: [{ b: "number:2", a: "number:4" }],
    issues: [
      'f.yaml:3:1: warning: key "a" is there already; the last one counts [duplicate-key]',
      'f.yaml:4:1: warning: key "a" is there already; the last one counts [duplicate-key]',
    ],
  });
  const many = Array.from({ length: 40 }, (_, i) => `k${i % 39}: ${i}`).join("\n");
  assertEquals(read(many).issues.length, 1);
});

Deno.test("a syntax error is one issue with its place, and says nothing of the text around it", () => {
  const { documents, issues } = read("password: hunter2\nb: [1\nc: 2");
  assertEquals(documents, []);
  assertEquals(issues, [
    "f.yaml:3:1: error: invalid YAML: deficient indentation; is a [, a { or a quote above not closed? [yaml-syntax]",
  ]);
  assertEquals(read("a: \0").issues, [
    "f.yaml:1:4: error: invalid YAML: null byte is not allowed in input [yaml-syntax]",
  ]);
});

Deno.test("documents: none in a text of comments, several with dashes between", () => {
  assertEquals(read("# only\n"), { documents: [], issues: [] });
  assertEquals(read(""), { documents: [], issues: [] });
  assertEquals(read("a: 1\n---\n---\nb: 2\n...\n").documents, [{ a: "number:1" }, null, { b: "number:2" }]);
});

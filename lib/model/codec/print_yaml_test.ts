import { assertEquals } from "@std/assert";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { dump } from "js-yaml";
import { jsonToYaml, openEnd, YamlPrinter } from "./print_yaml.ts";

/** Words that a reader of YAML could take for something else, and their likes. */
const WORDS: readonly string[] = [
  ..."y Y n N yes no On off TRUE false null Null ~ = << . .. ... --- - ? : # & * ! | > % @ ` a b_c /x x/y.z a-b _ é"
    .split(" "),
  ..."0 -0 +1 010 0x1f 0o17 0b1 1_000 1e3 1.5 1.5.2 .5 5. .inf -.Inf .NaN 10.0.0.1 1.2.3.4.5 190:20:30 1:2.5".split(
    " ",
  ),
  ..."5s 0.250s 1.s .5s 5sec 2001-01-01 2001-12-14t21:59:43.10-05:00 00:1b:44 ::1 fe80::1 a:b a:1 :a".split(" "),
  ..."[a {a} ,a a,b 'a' \"a\" @type type.googleapis.com/envoy.config.cluster.v3.Cluster __proto__ constructor".split(
    " ",
  ),
  ...[
    "",
    " ",
    "a ",
    " a",
    "a: b",
    "a #b",
    "a#b",
    "a:",
    "- a",
    "? a",
    "-a",
    "\t",
    "a\tb",
    "a\r",
    "\u0085",
    "\u00a0x",
    "\u2028",
  ],
  ...[
    "\ufeff",
    "\x7f",
    "\x00",
    "😀",
    "\ud800",
    "x".repeat(1100),
    "a b c",
    "it's",
    "%RESPONSE_CODE%",
    "100%",
    "*",
    "*.a.com",
  ],
  ...[
    "\n",
    "\n\n",
    "a\n",
    "a\n\n",
    "a\nb",
    "\na",
    " a\nb",
    "a\n b\n",
    "a\n\n\nb\n",
    "\n a",
    "a\n--- \nb",
    "a\r\nb",
    "a\n\u0000",
    "\t\n",
  ],
];

/** Numbers that are told apart by the places of a word among the others. */
function* values(): Generator<JsonValue> {
  for (const word of WORDS) yield word;
  for (const number of [0, -0, 1, -1, 1.5, 1e21, 1e-7, 123456789012345680000, 2 ** 53, 1.7976931348623157e308]) {
    yield number;
  }
  yield* [true, false, null, [], {}, [[]], [{}], [[1, [2]]], { a: [] }, { a: {} }, {
    a: { b: [{ c: [[{ d: "x" }]] }] },
  }];
}

const yaml = (json: JsonValue) => dump(json, { lineWidth: -1, noRefs: true });

Deno.test("every value is as js-yaml writes it, wherever it stands", () => {
  const printer = new YamlPrinter();
  for (const value of values()) {
    const places: readonly JsonValue[] = [
      value,
      [value],
      { a: value },
      { a: value, b: value },
      { a: [value, value] },
      [{ a: { b: [[value, { c: value }], value] } }, value],
    ];
    for (const json of places) {
      assertEquals(printer.document(json), yaml(json));
      assertEquals(jsonToYaml(json), yaml(json));
    }
  }
});

Deno.test("every key is as js-yaml writes it", () => {
  const printer = new YamlPrinter();
  for (const key of [...WORDS, "k".repeat(1025), "é".repeat(1100)]) {
    for (const value of [1, "a\nb", { b: [1] }, [{ c: 1 }], []] satisfies JsonValue[]) {
      for (const json of [{ [key]: value }, { a: [{ [key]: value, z: [{ [key]: value }] }] }]) {
        assertEquals(printer.document(json), yaml(json));
      }
    }
  }
});

Deno.test("items that are printed one by one make the document that they make together", () => {
  const printer = new YamlPrinter();
  const items: JsonObject[] = [];
  for (const value of values()) {
    items.push({ name: value }, { a: { b: [value] }, c: 1 }, { a: [1, value] });
    const text = items.map((item) => printer.item(item)).join("");
    assertEquals(`resources:\n${text}${openEnd(items.at(-1) ?? null)}`, yaml({ resources: items }));
    items.splice(0, items.length - 3);
  }
  for (const item of [{}, { "a\nb": 1 }, { a: { "a\nb": "x\n\n" } }, { ["k".repeat(1025)]: "x\n\n" }]) {
    const text = printer.item(item) + printer.item(item);
    assertEquals(`resources:\n${text}${openEnd(item)}`, yaml({ resources: [item, item] }));
  }
});

Deno.test("more words than are remembered are written the same", () => {
  const words = Array.from({ length: 10_000 }, (_, at) => `a:${at % 5000}`);
  const json = { resources: [...words, Object.fromEntries(words.map((word) => [word, word]))] };
  assertEquals(jsonToYaml(json), yaml(json));
});

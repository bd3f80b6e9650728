import { assertEquals, assertThrows } from "@std/assert";
import type { JsonValue } from "@bufbuild/protobuf";
import type { Node } from "../../xds/wire/node.ts";
import { MalformedMessage } from "../../xds/wire/reader.ts";
import { loadRegex } from "./match_string.ts";
import { readNodeMatcher } from "./node_matchers.ts";
import { encode } from "../../../test/services.ts";

const regex = await loadRegex();

function node(id: string, metadata: Record<string, string> = {}): Node {
  const locality = { region: "", zone: "", subZone: "" };
  return { id, cluster: "", locality, metadata: new Map(Object.entries(metadata)), userAgent: "", features: [] };
}

function compile(json: JsonValue): (node: Node) => boolean {
  return readNodeMatcher(encode("envoy.type.matcher.v3.NodeMatcher", json), regex);
}

const IDS: [matcher: JsonValue, yes: string[], no: string[]][] = [
  [{ exact: "Edge-1" }, ["Edge-1"], ["edge-1", "Edge-11", ""]],
  [{ exact: "" }, [""], ["a"]],
  [{ exact: "Edge-1", ignore_case: true }, ["edge-1", "EDGE-1"], ["edge-2"]],
  [{ prefix: "edge" }, ["edge", "edge-1"], ["an-edge", "Edge"]],
  [{ prefix: "EDGE", ignore_case: true }, ["edge-1"], ["an-edge"]],
  [{ suffix: "-1" }, ["edge-1"], ["edge-1-"]],
  [{ suffix: "-A", ignore_case: true }, ["edge-a"], ["edge-b"]],
  [{ contains: "dge" }, ["edge-1", "dge"], ["EDGE"]],
  [{ contains: "DGE", ignore_case: true }, ["edge-1"], ["core"]],
  [{ exact: "É", ignore_case: true }, ["É"], ["é"]],
  [{ safe_regex: { regex: "edge-[0-9]+" } }, ["edge-1", "edge-20"], ["edge-", "an-edge-1", "edge-1\n"]],
  [{ safe_regex: { google_re2: {}, regex: "a|b" } }, ["a", "b"], ["ab"]],
  [{ safe_regex: { regex: "(?i)edge" }, ignore_case: false }, ["EDGE"], ["edge-1"]],
  [{ safe_regex: { regex: "edge" }, ignore_case: true }, ["edge"], ["EDGE"]],
];

for (const [matcher, yes, no] of IDS) {
  Deno.test(`node_id ${JSON.stringify(matcher)}`, () => {
    const matches = compile({ node_id: matcher });
    assertEquals(yes.filter((id) => !matches(node(id))), []);
    assertEquals(no.filter((id) => matches(node(id))), []);
  });
}

const VALUES: [matcher: JsonValue, yes: (string | undefined)[], no: (string | undefined)[]][] = [
  [{ string_match: { prefix: "e" } }, ["edge"], ["core", undefined]],
  [{ double_match: { exact: 3 } }, ["3", "3.0"], ["4", "x", "", undefined]],
  [{ double_match: { range: { start: 1, end: 3 } } }, ["1", "2.9"], ["3", "0.9", "NaN"]],
  [{ bool_match: true }, ["true"], ["false", "1", undefined]],
  [{ bool_match: false }, ["false"], ["true", undefined]],
  [{ present_match: true }, ["", "x"], [undefined]],
  [{ present_match: false }, [undefined], ["x"]],
  [
    { or_match: { value_matchers: [{ string_match: { exact: "a" } }, { double_match: { exact: 1 } }] } },
    ["a", "1"],
    ["b", undefined],
  ],
];

for (const [value, yes, no] of VALUES) {
  Deno.test(`node_metadatas ${JSON.stringify(value)}`, () => {
    const matches = compile({ node_metadatas: [{ path: [{ key: "k" }], value }] });
    const of = (text: string | undefined) => node("n", text === undefined ? {} : { k: text });
    assertEquals(yes.filter((text) => !matches(of(text))), []);
    assertEquals(no.filter((text) => matches(of(text))), []);
  });
}

Deno.test("all parts of a matcher must hold, and one without parts holds for every node", () => {
  const k = (exact: string) => ({ path: [{ key: "k" }], value: { string_match: { exact } } });
  assertEquals(compile({ node_id: { exact: "n" }, node_metadatas: [k("v")] })(node("n", { k: "v" })), true);
  assertEquals(compile({ node_id: { exact: "m" }, node_metadatas: [k("v")] })(node("n", { k: "v" })), false);
  assertEquals(compile({ node_metadatas: [k("v"), k("w")] })(node("n", { k: "v" })), false);
  assertEquals(compile({})(node("n")), true);
});

Deno.test("a path below the top level of the metadata finds nothing", () => {
  const deep = { path: [{ key: "k" }, { key: "l" }], value: { present_match: true } };
  assertEquals(compile({ node_metadatas: [deep] })(node("n", { k: "v" })), false);
});

let nested: JsonValue = { bool_match: true };
for (let i = 0; i < 10; i++) nested = { or_match: { value_matchers: [nested] } };
const path = [{ key: "k" }];

const REFUSED: [what: string, matcher: JsonValue][] = [
  ["nothing to match", { node_id: {} }],
  ["a bad regular expression", { node_id: { safe_regex: { regex: "(" } } }],
  ["a regular expression that RE2 does not have", { node_id: { safe_regex: { regex: "(?=a)" } } }],
  ["an empty regular expression", { node_id: { safe_regex: { regex: "" } } }],
  ["a long regular expression", { node_id: { safe_regex: { regex: "a".repeat(1_025) } } }],
  ["an extension", { node_id: { custom: { name: "x" } } }],
  ["no path", { node_metadatas: [{ value: { bool_match: true } }] }],
  ["no value", { node_metadatas: [{ path }] }],
  ["an empty value", { node_metadatas: [{ path, value: {} }] }],
  ["a null", { node_metadatas: [{ path, value: { null_match: {} } }] }],
  ["a list", { node_metadatas: [{ path, value: { list_match: { one_of: { bool_match: true } } } }] }],
  ["too many levels", { node_metadatas: [{ path, value: nested }] }],
];

for (const [what, matcher] of REFUSED) {
  Deno.test(`a matcher is refused that has ${what}`, () => {
    assertThrows(() => compile(matcher), MalformedMessage);
  });
}

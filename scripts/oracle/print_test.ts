import { assertEquals } from "@std/assert";
import { parseYaml } from "../../lib/model/codec/yaml.ts";
import { Source } from "../../lib/model/codec/source.ts";
import { print, printDocuments } from "./print.ts";
import { at, from, fromNode, list, type Path, raw, text, type Value } from "./value.ts";

const ROOT = from({
  a: { b: [{ c: 1, d: "x: y" }, { e: [], f: {} }], g: [["h", true], []] },
  "yes": "no",
  "with space": null,
  last: "line\nbreak\u0000\u0085\u2028",
});

/** All paths of a value, with what is there. */
function* walk(value: Value, path: Path = []): Iterable<[Path, Value]> {
  if (path.length > 0) yield [path, value];
  const count = value.kind === "map" ? value.entries.length : value.kind === "list" ? value.items.length : 0;
  for (let i = 0; i < count; i++) {
    const below = at(value, [i]);
    if (below !== undefined) yield* walk(below, [...path, i]);
  }
}

Deno.test("what is printed reads as what it was", () => {
  const [read] = parseYaml(new Source("f.yaml", print(ROOT).text)).map(fromNode);
  assertEquals(read, ROOT);
});

Deno.test("every scalar is where the printer says", () => {
  const printed = print(ROOT);
  const lines = printed.text.split("\n");
  for (const [path, value] of walk(ROOT)) {
    const place = printed.place(path);
    if (place === undefined) throw new Error(`No place for ${path}`);
    if (value.kind !== "scalar") continue;
    const rest = lines[place.line - 1]?.slice(place.column - 1) ?? "";
    assertEquals(value.raw ? rest : JSON.parse(rest.replaceAll(/[\u0085]/g, "")), value.text, path.join("."));
  }
});

Deno.test("a map or list in a map is where its key is, and begins a line below", () => {
  const printed = print(from({ a: { b: { c: 1 } }, d: [{ e: 1 }] }));
  assertEquals(printed.place([0]), { line: 1, column: 1, first: 2 });
  assertEquals(printed.place([0, 0]), { line: 2, column: 3, first: 3 });
  assertEquals(printed.place([1, 0]), { line: 5, column: 5, first: 5 });
});

Deno.test("places of a second document count from the first", () => {
  const printed = printDocuments([from({ a: 1 }), list([text("x"), raw("2")])]);
  assertEquals(printed.text, 'a: 1\n---\n- "x"\n- 2\n');
  assertEquals(printed.place([1, 1]), { line: 4, column: 3, first: 4 });
});

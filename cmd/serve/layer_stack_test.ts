import { assertEquals } from "@std/assert";
import { EMPTY_PART, type Layer } from "../../lib/model/layer.ts";
import { LayerStack } from "./layer_stack.ts";

function layer(name: string, ...groups: string[]): Layer {
  return { name, common: EMPTY_PART, groups: new Map(groups.map((g) => [g, EMPTY_PART])), rules: [], failures: [] };
}

/** A stack with what it handed on. */
function stacked() {
  const said: string[] = [];
  const asked: string[] = [];
  const names = (layers: readonly Layer[]) => layers.map(({ name }) => name).join("+");
  const stack = new LayerStack({
    setLayers: (layers) => void said.push(names(layers)),
    preview: (layers, group) => {
      asked.push(`${group}: ${names(layers)}`);
      return [];
    },
  });
  return { stack, said, asked };
}

Deno.test("nothing is handed on before the sources have spoken, and then all of it", async () => {
  const { stack, said } = stacked();
  stack.setTop(layer("http"));
  assertEquals(said, []);
  stack.setLower([layer("a"), layer("b")]);
  await stack.loaded;
  stack.setTop(layer("http2"));
  stack.setLower([layer("c")]);
  assertEquals(said, ["a+b+http", "a+b+http2", "c+http2"]);
});

Deno.test("without a top only the sources are handed on, also none", () => {
  const { stack, said } = stacked();
  stack.setLower([]);
  stack.setLower([layer("a")]);
  assertEquals(said, ["", "a"]);
});

Deno.test("a group that is going is not asked about, for its nodes go elsewhere", () => {
  const { stack, asked } = stacked();
  stack.setLower([layer("a", "edge")]);
  for (const group of ["edge", "core", "other", "default"]) stack.preview(layer("http", "core"), group);
  assertEquals(asked, ["edge: a+http", "core: a+http", "default: a+http"]);
});

import { assertEquals } from "@std/assert";
import { parseFloatText } from "./floats.ts";

Deno.test("numbers are read in all the forms that Envoy takes", () => {
  const table: [string, number | undefined][] = [
    ["1.5", 1.5],
    ["-.5", -0.5],
    ["5.", 5],
    ["+1e3", 1000],
    ["1e400", Infinity],
    ["0x10", 16],
    ["-0x1.8p1", -3],
    ["0x.8", 0.5],
    ["inf", Infinity],
    ["-INFINITY", -Infinity],
    ["nan", NaN],
    ["", undefined],
    [".", undefined],
    ["0x", undefined],
    ["1e", undefined],
    ["1_0", undefined],
    [" 1", undefined],
    ["١", undefined],
  ];
  for (const [text, value] of table) assertEquals(parseFloatText(text), value, text);
});

import { assert, assertEquals } from "@std/assert";
import { INK, MOST_BACKENDS, rainbow } from "./palette.ts";

Deno.test("eight backends are a rainbow, and no two of any number have the same colour", () => {
  assertEquals(
    rainbow(8).map(({ name }) => name),
    ["red", "orange", "yellow", "green", "teal", "blue", "indigo", "magenta"],
  );
  for (let count = 1; count <= MOST_BACKENDS; count++) {
    assertEquals(new Set(rainbow(count).map(({ hex }) => hex)).size, count);
  }
});

Deno.test("what is written on a colour can be read", () => {
  for (const { name, hex } of rainbow(MOST_BACKENDS)) {
    const ratio = (luminance(hex) + 0.05) / (luminance(INK) + 0.05);
    assert(ratio >= 4.5, `${name}: ${ratio.toFixed(1)}`);
  }
});

/** @see https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

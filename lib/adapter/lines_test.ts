import { assertEquals } from "@std/assert";
import { Lines } from "./lines.ts";

function cut(most: number, ...chunks: string[]): [string, boolean][] {
  const taken: [string, boolean][] = [];
  const lines = new Lines(most, (line, cut) => taken.push([line, cut]));
  for (const chunk of chunks) lines.push(new TextEncoder().encode(chunk));
  lines.end();
  return taken;
}

Deno.test("lines come whole, however they were chopped up", () => {
  assertEquals(cut(10, "a\nb", "c\n", "\nd"), [["a", false], ["bc", false], ["", false], ["d", false]]);
  assertEquals(cut(10), []);
  const bytes = new TextEncoder().encode("ü\n");
  const taken: string[] = [];
  const lines = new Lines(10, (line) => taken.push(line));
  for (const byte of bytes) lines.push(Uint8Array.of(byte));
  assertEquals(taken, ["ü"]);
});

Deno.test("a line that is too long is cut at once, and the next one is whole again", () => {
  assertEquals(cut(3, "abc\nabcd", "efg", "h\nij\n"), [["abc", false], ["abc", true], ["ij", false]]);
  assertEquals(cut(3, "ab", "cd"), [["abc", true]]);
});

import { assertEquals } from "@std/assert";
import { Doubts } from "./doubts.ts";

const ofNode = (doubts: Doubts, node: string) => [...doubts.get(node, "t")];

Deno.test("the marks of many names push out the longest untouched", () => {
  const doubts = new Doubts(3, 1_000);
  doubts.set("a", "t", new Set(["1", "2"]));
  doubts.set("b", "t", new Set(["3"]));
  doubts.set("c", "t", new Set(["4"]));
  assertEquals(["a", "b", "c"].map((node) => ofNode(doubts, node)), [[], ["3"], ["4"]]);
});

Deno.test("long names, of nodes too, count by their length", () => {
  const doubts = new Doubts(1_000, 100);
  doubts.set("a", "t", new Set(["x".repeat(60)]));
  assertEquals(ofNode(doubts, "a").length, 1);
  doubts.set("b".repeat(50), "t", new Set(["1"]));
  assertEquals([ofNode(doubts, "a").length, ofNode(doubts, "b".repeat(50))], [0, ["1"]]);
  doubts.set("c", "t", new Set(["x".repeat(200)]));
  assertEquals([ofNode(doubts, "b".repeat(50)), ofNode(doubts, "c")], [["1"], []]);
});

Deno.test("a mark that is taken away makes room", () => {
  const doubts = new Doubts(1_000, 100);
  for (let turn = 0; turn < 5; turn++) {
    doubts.set("a", "t", new Set(["x".repeat(60)]));
    doubts.set("a", "t", new Set());
  }
  doubts.set("b", "t", new Set(["x".repeat(60)]));
  doubts.set("c", "t", new Set(["x".repeat(20)]));
  assertEquals([ofNode(doubts, "b").length, ofNode(doubts, "c").length], [1, 1]);
});

import { assertEquals, assertMatch } from "@std/assert";
import { median } from "./measure.ts";
import { summarize, table } from "./report.ts";

const SCENARIO = { name: "A", mode: "sotw", streams: 1_000, clusters: 100, pushes: 10 } as const;

Deno.test("a median is the middle, or between the two in the middle", () => {
  assertEquals(median([5, 1, 9]), 5);
  assertEquals(median([4, 1, 9, 2]), 3);
});

Deno.test("each number of a result is the median of its own rounds", () => {
  const round = (n: number) => {
    const phase = { cpuMs: n, peakBytes: 1e6 * (10 - n), lastMs: 2 * n, bytes: 5e6 };
    return { start: phase, connect: phase, push: phase };
  };
  const { rounds, push } = summarize(SCENARIO, [round(1), round(7), round(3)]);
  assertEquals([rounds, push], [3, { cpuMs: 3, peakBytes: 7e6, lastMs: 6, bytes: 5e6 }]);
  const lines = table([summarize(SCENARIO, [round(4)])]).split("\n");
  assertEquals(lines.length, 4);
  assertMatch(lines[1] ?? "", /^A {2}1,000 x 100 sotw +start +4 +6 +8 +5\.0$/);
  assertMatch(lines[3] ?? "", /^ +push +4 +6 +8 +5\.0$/);
});

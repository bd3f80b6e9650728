import { assertEquals } from "@std/assert";
import { formatTotals, readTotals } from "./run_tests.ts";

Deno.test("totals are read from the last line of deno test, and are those of the tests, not of their steps", () => {
  const read = (line: string) => {
    const totals = readTotals(line);
    return totals && formatTotals(totals);
  };
  assertEquals(read("ok | 5 passed | 0 failed (10ms)\n"), "5 passed, 0 failed, 0 skipped");
  assertEquals(
    read("x\nFAILED | 2 passed (1 step) | 2 failed (3 steps) | 1 ignored (1 step) (63ms)\n"),
    "2 passed, 2 failed, 1 skipped",
  );
  assertEquals(read("ok | 0 passed | 0 failed | 3 ignored (4ms)\n"), "0 passed, 0 failed, 3 skipped");
  assertEquals(read("ok | 1 passed | 0 failed (1ms)\nok | 7 passed | 0 failed (1ms)"), "7 passed, 0 failed, 0 skipped");
  assertEquals(read("error: No test modules found"), undefined);
});

Deno.test("only tests that need Go, fish or zsh may be skipped everywhere", () => {
  const output = "Go: calls go on ... ignored (0ms)\nC-core: calls go on ... ignored (0ms)\n" +
    "./cmd/a_test.ts => fish: offers ... ignored (0ms)\n";
  const totals = readTotals(`${output}ok | 0 passed | 0 failed | 3 ignored (4ms)`);
  assertEquals([totals?.skipped, totals?.excused], [3, 2]);
});

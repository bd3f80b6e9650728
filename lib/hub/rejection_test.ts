import { assertEquals } from "@std/assert";
import { cleanRejection } from "./rejection.ts";

Deno.test("a rejection is kept on one line, without what looks like a secret", () => {
  assertEquals(
    cleanRejection(`Proto constraint validation failed:\n  field:  "x"\n  inline_string: "hunter2"\n`),
    `Proto constraint validation failed: field: "x" inline_string: [redacted]`,
  );
});

Deno.test("a rejection that quotes a whole configuration is cut", () => {
  const clean = cleanRejection("a b ".repeat(100_000));
  assertEquals([clean.length, clean.at(-1)], [2_001, "…"]);
});

Deno.test("a secret that is cut off in the middle is cut out all the same", () => {
  const clean = cleanRejection(`${"x ".repeat(500)}password: "hunter2 ${"hunter2".repeat(10_000)}"`);
  assertEquals(clean.includes("hunter2"), false);
});

import { assertEquals } from "@std/assert";
import { ago } from "./ago.ts";

Deno.test("how long ago something was is told in the largest whole unit", () => {
  const told: Readonly<Record<string, number>> = {
    "a moment ago": -5,
    "1 second ago": 1_999,
    "59 seconds ago": 59_999,
    "1 minute ago": 60_000,
    "3 minutes ago": 180_000,
    "23 hours ago": 86_399_999,
    "2 days ago": 2 * 86_400_000,
  };
  for (const [words, milliseconds] of Object.entries(told)) assertEquals(ago(milliseconds), words);
  assertEquals(ago(999), "a moment ago");
});

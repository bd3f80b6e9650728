import { assertEquals } from "@std/assert";
import { takeTurns } from "./turns.ts";

/** Lets everything go on that is not waiting for something else. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve));

Deno.test("a storm of calls is the act that is under way and one more", async () => {
  const ends: (() => void)[] = [];
  const call = takeTurns(() => new Promise<void>((resolve) => ends.push(resolve)));
  for (let i = 0; i < 1_000; i++) call();
  assertEquals(ends.length, 1);
  ends[0]?.();
  await settle();
  assertEquals(ends.length, 2);
  ends[1]?.();
  await settle();
  assertEquals(ends.length, 2);
  call();
  assertEquals(ends.length, 3);
});

import { assertEquals } from "@std/assert";
import { boundedLog } from "./bounded_log.ts";

Deno.test("a burst of messages comes through, a flood is left out and counted", () => {
  const said: string[] = [];
  let now = 0;
  const log = boundedLog((level, message) => said.push(`${level} ${message}`), () => now);
  for (let i = 0; i < 1000; i++) log("info", `${i}`);
  assertEquals(said, Array.from({ length: 200 }, (_, i) => `info ${i}`));
  now = 20; // room for one
  log("error", "last");
  assertEquals(said.slice(200), ["warn left out 800 messages: more than 50 a second", "error last"]);
  log("info", "again too many");
  now = 60_000;
  for (let i = 0; i < 300; i++) log("info", `${i}`);
  assertEquals(said.length, 202 + 1 + 200);
});

import { assertEquals } from "@std/assert";
import { readFile } from "node:fs/promises";
import { reason, systemCode } from "./system_error.ts";

Deno.test("an error of the operating system has a code, and is told in words", async () => {
  const error = await readFile("/nonexistent/file").catch((error) => error);
  assertEquals([systemCode(error), reason(error)], ["ENOENT", "no such file or directory"]);
});

Deno.test("any other error is told in its own words", () => {
  assertEquals(reason(new Error("a bug")), "a bug");
  assertEquals(reason("thrown text"), "thrown text");
  assertEquals(reason(Object.assign(new Error("odd"), { code: "EODD" })), "odd");
  for (const error of [new Error("x"), null, "ENOENT", { code: 7 }]) assertEquals(systemCode(error), undefined);
});

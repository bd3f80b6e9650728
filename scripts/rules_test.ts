import { assertEquals } from "@std/assert";
import { RULES_PAGE, rulesPage } from "./rules.ts";

Deno.test("docs/rules.md is what `deno task rules` writes", async () => {
  assertEquals(await Deno.readTextFile(RULES_PAGE), await rulesPage());
});

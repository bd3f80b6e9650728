import { assertEquals } from "@std/assert";
import { nearest } from "./nearest.ts";

Deno.test("a slip of the finger has a neighbour, and a different word has none", () => {
  const fields = ["name", "connect_timeout", "lb_policy", "load_assignment"];
  assertEquals(nearest("conect_timeout", fields), "connect_timeout");
  assertEquals(nearest("connectTimeOut", fields), "connect_timeout");
  assertEquals(nearest("lb-policy", fields), "lb_policy");
  assertEquals(nearest("nmae", fields), "name");
  assertEquals(nearest("endpoints", fields), undefined);
  assertEquals(nearest("", fields), undefined);
  assertEquals(nearest("x".repeat(1_000_000), fields), undefined);
});

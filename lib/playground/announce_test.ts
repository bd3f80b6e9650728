import { assertEquals, assertStringIncludes } from "@std/assert";
import { announce, readOutcome } from "./announce.ts";

Deno.test("what became of a policy is read from xcp's answer", () => {
  assertEquals(readOutcome(200, { outcome: "accepted" }), { kind: "accepted", words: [] });
  assertEquals(readOutcome(202, { outcome: "pending" }).kind, "pending");
  assertEquals(readOutcome(422, { detail: "no", rejections: [{ message: "bad" }, { message: "bad" }] }), {
    kind: "refused-by-envoy",
    words: ["bad"],
  });
  assertEquals(readOutcome(422, { detail: "no", issues: [{ path: "a.b", message: "wrong" }, { message: "bad" }] }), {
    kind: "refused-by-xcp",
    words: ["a.b: wrong", "bad"],
  });
  const told = { path: "resources[2].lb_policy", message: "no such value (at lb_policy)" };
  assertEquals(readOutcome(422, { detail: "no", issues: [told] }).words, [told.message]);
  assertEquals(readOutcome(422, { detail: "no" }), { kind: "refused-by-xcp", words: ["no"] });
  assertEquals(readOutcome(503, { detail: "down" }), { kind: "failed", words: ["down"] });
});

Deno.test("an xcp that is not there is an outcome, too", async () => {
  const { kind, words } = await announce("http://127.0.0.1:1", AbortSignal.timeout(5_000));
  assertEquals(kind, "failed");
  assertStringIncludes(words.join(), "Cannot tell xcp of the change: ");
});

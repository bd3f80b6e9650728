import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { emptySet } from "../model/resource_set.ts";
import type { Response } from "../xds/messages.ts";
import { Bodies } from "./bodies.ts";

const target = emptySet("t");

function response(key: string): Response {
  return {
    ...{ mode: "delta", type: "t", version: "1", resources: [], removed: [key], target, key },
    ...{ missing: [], heartbeat: false, ttl: false, asked: undefined },
  };
}

Deno.test("the same response is built once for streams that are behind it", () => {
  const bodies = new Bodies("xcp");
  const first = bodies.build(response("a"), 0);
  assertStrictEquals(bodies.build(response("a"), 0), first);
  assert(bodies.build(response("a"), first.nonce).nonce > first.nonce);
  assertEquals(bodies.built, 2);
});

Deno.test("bodies for names of any length are not remembered without bound", () => {
  const bodies = new Bodies("xcp", 10_000);
  const long = ["a", "b", "c"].map((name) => response(name.repeat(2_000)));
  for (const each of long) bodies.build(each, 0);
  const built = bodies.built;
  for (const each of long) bodies.build(each, 0);
  assertEquals(bodies.built - built, 1);
});

Deno.test("a body that takes the place of an older one takes its room as well", () => {
  const bodies = new Bodies("xcp", 10_000);
  let nonce = 0;
  for (let turn = 0; turn < 10; turn++) nonce = bodies.build(response("a".repeat(2_000)), nonce).nonce;
  bodies.build(response("b".repeat(2_000)), 0);
  const built = bodies.built;
  bodies.build(response("b".repeat(2_000)), 0);
  assertEquals(bodies.built, built);
});

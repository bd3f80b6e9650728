import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { firstPolicy, FLAWS, KINDS, type Policy } from "./policy.ts";
import { type Definition, MISSING_FILE, resources } from "./resources.ts";

function made(policy: Partial<Policy> = {}, count = 3) {
  const definition: Definition = {
    policy: { ...firstPolicy(count), ...policy },
    backends: Array.from({ length: count }, (_, index) => 20_001 + index),
    page: 20_000,
    listen: { host: "127.0.0.1", port: 10_000 },
  };
  const [listener, routes, colours, assignment, page] = resources(definition).map((each) => JSON.stringify(each));
  assert(listener && routes && colours && assignment && page);
  return { listener, routes, colours, assignment, page };
}

Deno.test("no policy changes the listener or the page: nothing of a browser's is drained", () => {
  const before = made();
  for (const kind of KINDS) {
    for (const flaw of [undefined, ...FLAWS]) {
      const { listener, page } = made({ kind, flaw });
      assertEquals([listener, page], [before.listener, before.page]);
    }
  }
});

Deno.test("each way to choose has its words", () => {
  const balance = (kind: Policy["kind"]) => /"lb_policy":"(\w+)"/.exec(made({ kind }).colours)?.[1];
  assertEquals(KINDS.map(balance), [
    "ROUND_ROBIN",
    "RANDOM",
    "LEAST_REQUEST",
    "RING_HASH",
    "ROUND_ROBIN",
    "ROUND_ROBIN",
    "ROUND_ROBIN",
  ]);
  assertStringIncludes(made({ kind: "ring_hash" }).routes, '"hash_policy":[{"header":{"header_name":"x-tile"}}]');
  assertStringIncludes(made({ kind: "sticky_cookie" }).routes, "CookieBasedSessionState");
  assertStringIncludes(made({ kind: "sticky_header" }).routes, "HeaderBasedSessionState");
  assertEquals(/hash_policy|SessionState/.test(made({ kind: "random" }).routes), false);
});

Deno.test("weights are those of the endpoints, and weight 0 is no endpoint", () => {
  const ports = (text: string) => [...text.matchAll(/"port_value":(\d+)/g)].map(([, port]) => Number(port));
  const weights = (text: string) => [...text.matchAll(/"load_balancing_weight":(\d+)/g)].map(([, one]) => Number(one));
  const { assignment } = made({ kind: "weights", weights: [5, 0, 100] });
  assertEquals([ports(assignment), weights(assignment)], [[20_001, 20_003], [5, 100]]);
  const other = made({ kind: "random", weights: [5, 0, 100] }).assignment;
  assertEquals([ports(other), weights(other)], [[20_001, 20_002, 20_003], []]);
});

Deno.test("a flaw is in the cluster of the backends only", () => {
  const { colours, ...rest } = made();
  for (const flaw of FLAWS) {
    const { colours: broken, ...others } = made({ flaw });
    assertEquals(others, rest);
    assertStringIncludes(broken, flaw === "typo" ? "ROUND_ROBBIN" : MISSING_FILE);
    assert(broken !== colours);
  }
});

import { assertEquals } from "@std/assert";
import { CLUSTER, ENDPOINTS } from "../model/types.ts";
import { resource, WireTap } from "./testing/wire_tap.ts";

const [CDS, EDS] = [CLUSTER.url, ENDPOINTS.url];
const mortal = (name: string, ttl: number) => resource(CDS, name, 1, { ttl });

Deno.test("delta: half of the shortest time later comes a heartbeat without bodies, of what expires alone", () => {
  const tap = new WireTap({ mode: "delta", client: { ttl: true } });
  tap.serve(mortal("a", 4_000), mortal("b", 60_000), resource(CDS, "c"));
  assertEquals(tap.delta(CDS, []), ["send [a(4000),b(60000),c]"]);
  tap.answer(CDS);
  assertEquals(tap.until(1_999), []);
  assertEquals(tap.until(2_000), ["beat [a(4000),b(60000)]"]);
  assertEquals(tap.until(6_000), Array(2).fill("beat [a(4000),b(60000)]"));
});

Deno.test("delta: a heartbeat goes beside a response that is not acknowledged yet, of what was acknowledged", () => {
  const tap = new WireTap({ mode: "delta", client: { ttl: true } });
  tap.serve(mortal("a", 4_000));
  tap.delta(CDS, []);
  tap.answer(CDS);
  assertEquals(tap.serve(mortal("a", 4_000), mortal("b", 4_000)), ["send [b(4000)]"]);
  assertEquals(tap.until(2_000), ["beat [a(4000)]"]);
  tap.answer(CDS);
  assertEquals(tap.until(4_000), ["beat [a(4000),b(4000)]"]);
});

Deno.test("a client that does not read gets no heartbeats", () => {
  const tap = new WireTap({ mode: "delta", client: { ttl: true } });
  tap.serve(mortal("a", 4_000));
  tap.delta(CDS, []);
  tap.answer(CDS);
  assertEquals(tap.until(10_000, false), []);
  assertEquals(tap.until(10_200), ["beat [a(4000)]"]);
});

Deno.test("a client that does not know times to live is told of none", () => {
  for (const mode of ["sotw", "delta"] as const) {
    const tap = new WireTap({ mode });
    tap.serve(mortal("a", 4_000));
    assertEquals(mode === "sotw" ? tap.sotw(CDS, []) : tap.delta(CDS, []), ["send [a]"]);
    assertEquals(tap.wakeAt, undefined);
  }
});

Deno.test("state-of-the-world: wildcard types are refreshed as a whole, others by what expires", () => {
  const tap = new WireTap({ mode: "sotw", client: { ttl: true } });
  const endpoints = resource(EDS, "a", 1, { ttl: 4_000 });
  tap.serve(mortal("a", 4_000), resource(CDS, "c"), endpoints, resource(EDS, "c"));
  assertEquals(tap.sotw(CDS, []), ["send [a(4000),c]"]);
  assertEquals(tap.sotw(EDS, ["a", "c"]), ["send [a(4000),c]"]);
  tap.sotw(EDS, ["a", "c"]);
  tap.sotw(CDS, []);
  assertEquals(tap.until(2_000), ["send [a(4000),c]", "send [a(4000)]"]);
});

Deno.test("what was rejected is not sent again to keep it alive", () => {
  const tap = new WireTap({ mode: "sotw", client: { ttl: true } });
  tap.serve(mortal("a", 4_000));
  tap.sotw(CDS, []);
  tap.sotw(CDS, [], { error: "no" });
  assertEquals(tap.until(20_000), []);
});

Deno.test("state-of-the-world: a complete answer puts the next one off", () => {
  const tap = new WireTap({ mode: "sotw", client: { ttl: true } });
  tap.serve(mortal("a", 4_000));
  tap.sotw(CDS, []);
  tap.sotw(CDS, []);
  tap.until(1_500);
  assertEquals(tap.serve(mortal("a", 4_000), resource(CDS, "b")), ["send [a(4000),b]"]);
  tap.sotw(CDS, []);
  assertEquals(tap.until(3_499), []);
  assertEquals(tap.until(3_500), ["send [a(4000),b]"]);
});

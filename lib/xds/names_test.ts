/** Subscriptions by `xdstp:` names and collections, and what a client is told of names that are not there. */
import { assert, assertEquals } from "@std/assert";
import { CLUSTER, ENDPOINTS } from "../model/types.ts";
import { resource, WireTap } from "./testing/wire_tap.ts";

const [CDS, EDS] = [CLUSTER.url, ENDPOINTS.url];
const XDSTP = "xdstp://auth/envoy.config.endpoint.v3.ClusterLoadAssignment";
const short = (told: string[]) => told.map((line) => line.replaceAll(`${XDSTP}/`, ""));
const eds = (id: string, content = 1) => resource(EDS, `${XDSTP}/${id}`, content);

Deno.test("context parameters of a name have no order", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(eds("a?x=1&y=2"));
  assertEquals(short(tap.delta(EDS, [`${XDSTP}/a?y=2&x=1`])), ["send [a?x=1&y=2]"]);
  tap.answer(EDS);
  assertEquals(tap.delta(EDS, [], { unsubscribe: [`${XDSTP}/a?y=2&x=1`] }), []);
  assertEquals(tap.serve(eds("a?x=1&y=2", 2)), []);
});

Deno.test("a collection is its members of one level with the same context", () => {
  for (const mode of ["sotw", "delta"] as const) {
    const tap = new WireTap({ mode });
    const ask = () => mode === "sotw" ? tap.sotw(EDS, [`${XDSTP}/p/*`]) : tap.delta(EDS, [`${XDSTP}/p/*`]);
    const ack = () => mode === "sotw" ? tap.sotw(EDS, [`${XDSTP}/p/*`]) : tap.answer(EDS);
    tap.serve(eds("p/a"), eds("p/b"), eds("p/deep/c"), eds("q/d"), eds("p/e?env=x"), resource(EDS, "p/f"));
    assertEquals(short(ask()), ["send [p/a,p/b]"]);
    assertEquals(ack(), []);
    assertEquals(short(tap.serve(eds("p/a", 2), eds("p/b"), eds("p/g"), eds("q/d", 2))), ["send [p/a,p/g]"]);
    ack();
    assertEquals(short(tap.serve(eds("p/a", 2), eds("p/b"))), mode === "sotw" ? [] : ["send [] without [p/g]"]);
  }
});

Deno.test("a collection without members is answered by its own name, and filled later", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(eds("q/a"));
  assertEquals(short(tap.delta(EDS, [`${XDSTP}/p/*`])), ["send [] without [p/*] missing [p/*]"]);
  tap.answer(EDS);
  assertEquals(short(tap.serve(eds("p/a"))), ["send [p/a]"]);
});

Deno.test("a collection that is given up takes its members along, and asked for again brings them again", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(eds("p/a"), eds("p/b"));
  tap.delta(EDS, [`${XDSTP}/p/*`, `${XDSTP}/p/a`]);
  tap.answer(EDS);
  assertEquals(tap.delta(EDS, [], { unsubscribe: [`${XDSTP}/p/*`] }), []);
  assertEquals(short(tap.serve(eds("p/a", 2), eds("p/b", 2))), ["send [p/a]"]);
  tap.answer(EDS);
  assertEquals(short(tap.delta(EDS, [`${XDSTP}/p/*`])), ["send [p/a,p/b]"]);
});

Deno.test("a client that comes back to a collection is sent what it lacks", () => {
  const tap = new WireTap({ mode: "delta" });
  const a = eds("p/a");
  tap.serve(a, eds("p/b", 2), eds("p/c"));
  const held = new Map([[a.name, a.version], [`${XDSTP}/p/b`, "old"], [`${XDSTP}/p/gone`, "x"]]);
  assertEquals(short(tap.delta(EDS, [`${XDSTP}/p/*`], { held })), ["send [p/b,p/c] without [p/gone]"]);
});

Deno.test("members of a collection that vanish between two streams are taken away, although the client reports none", () => {
  const before = new WireTap({ mode: "delta" });
  before.serve(eds("p/a"), eds("p/b"), eds("q/c"));
  before.delta(EDS, [`${XDSTP}/p/*`, `${XDSTP}/q/c`]);
  before.answer(EDS);
  before.take({ kind: "closed" });
  const after = new WireTap({ mode: "delta", doubts: before.doubts });
  after.serve(eds("p/b"), eds("q/c"));
  assertEquals(short(after.delta(EDS, [`${XDSTP}/p/*`])), ["send [p/b] without [p/a]"]);
});

Deno.test("delta: a name that is not there is said to be missing with its removal, and not under the wildcard", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(resource(CDS, "a"), resource(CDS, "b"));
  assertEquals(tap.delta(CDS, ["*", "b", "x"]), ["send [a,b] without [x] missing [x]"]);
  tap.answer(CDS);
  assertEquals(tap.serve(resource(CDS, "c")), ["send [c] without [a,b] missing [b]"]);
});

Deno.test("state-of-the-world: what is missing is said once, alone only to clients that it cannot harm", () => {
  const plain = new WireTap({ mode: "sotw" });
  plain.serve(resource(EDS, "a"));
  assertEquals(plain.sotw(EDS, ["x"]), []);
  const knowing = new WireTap({ mode: "sotw", client: { absence: true } });
  knowing.serve(resource(EDS, "a"));
  assertEquals(knowing.sotw(EDS, ["x"]), ["send [] missing [x]"]);
  assertEquals(knowing.sotw(EDS, ["x"]), []);
  assertEquals(knowing.sotw(EDS, ["x", "y", "a"]), ["send [a] missing [y]"]);
  assertEquals(knowing.sotw(EDS, ["x", "y", "a"]), []);
  assertEquals(knowing.serve(resource(EDS, "a"), resource(EDS, "x")), ["send [x]"]);
});

Deno.test("state-of-the-world of a type that is complete: what is missing stands beside the rest", () => {
  const tap = new WireTap({ mode: "sotw" });
  tap.serve(resource(CDS, "a"), resource(CDS, "b"));
  assertEquals(tap.sotw(CDS, ["a", "x"]), ["send [a] missing [x]"]);
  assertEquals(tap.sotw(CDS, ["a", "x"]), []);
  assertEquals(tap.serve(resource(CDS, "b")), ["send [] missing [a]"]);
});

Deno.test("20,000 collections and as many names take a moment, coming and going", () => {
  const tap = new WireTap({ mode: "delta", names: 100_000 });
  const numbers = Array.from({ length: 20_000 }, (_, index) => index);
  const globs = numbers.map((number) => `xdstp://a/t/g${number}/*`);
  tap.serve(...numbers.map((number) => resource(EDS, `xdstp://a/t/g${number}/m`)));
  const began = performance.now();
  tap.delta(EDS, [...globs, ...numbers.map((number) => `xdstp://a/t/x/${number}`)]);
  tap.delta(EDS, ["*"]);
  tap.take({ kind: "closed" });
  // Each name against each collection would take a minute.
  assert(performance.now() - began < 8_000);
});

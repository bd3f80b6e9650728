import { assertEquals } from "@std/assert";
import { ResourceSet } from "../model/resource_set.ts";
import { createSnapshot } from "../model/snapshot.ts";
import { CLUSTER, ROUTES, VIRTUAL_HOST } from "../model/types.ts";
import { answering } from "./on_demand.ts";
import { resource, WireTap } from "./testing/wire_tap.ts";

const [VHDS, RDS] = [VIRTUAL_HOST.url, ROUTES.url];

const host = (name: string, domains: string[], content = 1) =>
  resource(VHDS, `web/${name}`, content, { aliases: domains.map((domain) => `web/${domain}`) });

const web = resource(RDS, "web", 1, {
  references: [{ type: VHDS, name: "web/", path: "name", required: false }],
});

Deno.test("a host is found by its name, a domain, the longest suffix, the longest prefix, or the star", () => {
  const set = new ResourceSet(VHDS, [
    host("exact", ["www.a.test", "Upper.Test"]),
    host("suffix", ["*.a.test", "*-b.a.test"]),
    host("longer", ["*.c.a.test"]),
    host("prefix", ["www.*"]),
    host("port", ["p.test:8080"]),
    resource(VHDS, "other/star", 1, { aliases: ["other/*"] }),
  ]);
  const found = (name: string) => answering(set, name)?.name;
  assertEquals(found("web/exact"), "web/exact");
  assertEquals(found("web/www.a.test"), "web/exact");
  assertEquals(found("web/upper.test"), "web/exact");
  assertEquals(found("web/x.a.test"), "web/suffix");
  assertEquals(found("web/x.c.a.test"), "web/longer");
  assertEquals(found("web/.a.test"), undefined);
  assertEquals(found("web/www.z"), "web/prefix");
  assertEquals(found("web/p.test:8080"), "web/port");
  assertEquals(found("web/p.test"), undefined);
  assertEquals(found("web/upper.test:443"), "web/exact");
  assertEquals(found("web/nobody"), undefined);
  assertEquals(found("other/anything"), "other/star");
  assertEquals(found("plain"), undefined);
});

Deno.test("a route configuration with hosts on demand is released by its namespace, each one, and once", () => {
  const tap = new WireTap({ mode: "delta" });
  const api = resource(RDS, "api", 1, { references: [{ type: VHDS, name: "api/", path: "name", required: false }] });
  tap.serve(web, api, host("a", ["a.test"]));
  assertEquals(tap.delta(RDS, ["web"]), ["send [web]"]);
  assertEquals(tap.delta(VHDS, []), ["send [] without [web/]"]);
  assertEquals(tap.answer(VHDS), []);
  assertEquals(tap.answer(RDS), []);
  assertEquals(tap.delta(RDS, ["api"]), ["send [api]", "send [] without [api/]"]);
});

Deno.test("without a route configuration the first empty request is answered with nothing", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(host("a", ["a.test"]));
  assertEquals(tap.delta(VHDS, []), ["send []"]);
  assertEquals(tap.answer(VHDS), []);
});

Deno.test("what is asked for comes once, with what was asked as aliases, and an unknown host without a body", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(host("a", ["a.test", "*.w.test"]));
  assertEquals(tap.delta(VHDS, ["web/a.test", "web/x.w.test", "web/nobody"]), [
    "send [web/a=web/a.test=web/x.w.test] nobody [web/nobody]",
  ]);
  assertEquals(tap.answer(VHDS), []);
  assertEquals(tap.serve(host("a", ["a.test", "*.w.test"]), host("b", ["nobody"])), ["send [web/b=web/nobody]"]);
});

Deno.test("a followed host is sent when it changes, and its removal by its own name", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(host("a", ["a.test"]), host("b", ["b.test"]));
  tap.delta(VHDS, ["web/a.test"]);
  tap.answer(VHDS);
  assertEquals(tap.serve(host("a", ["a.test"]), host("b", ["b.test"], 2)), []);
  assertEquals(tap.serve(host("a", ["a.test"], 2), host("b", ["b.test"], 2)), ["send [web/a=web/a.test]"]);
  tap.answer(VHDS);
  assertEquals(tap.serve(host("b", ["b.test"], 2)), ["send [] without [web/a]"]);
  tap.answer(VHDS);
  assertEquals(tap.serve(host("b", ["b.test"], 2), host("a", ["a.test"], 2)), ["send [web/a=web/a.test]"]);
});

Deno.test("a domain that moves to another host changes both", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(host("a", ["a.test", "c.test"]), host("b", ["b.test"]));
  tap.delta(VHDS, ["web/c.test"]);
  tap.answer(VHDS);
  assertEquals(tap.serve(host("a", ["a.test"]), host("b", ["b.test", "c.test"])), [
    "send [web/a,web/b=web/c.test]",
  ]);
});

Deno.test("the wildcard of a reconnect asks for nothing, and what the client has comes only if it changed", () => {
  const tap = new WireTap({ mode: "delta" });
  const a = host("a", ["a.test"]);
  tap.serve(a, host("b", ["b.test"], 2), host("c", ["c.test"]));
  const held = new Map([["web/a", a.version], ["web/b", "old"], ["web/gone", "x"], ["web/nobody", ""]]);
  assertEquals(tap.delta(VHDS, ["*", "web/a.test", "web/b.test", "web/nobody"], { held }), [
    "send [web/b=web/b.test] without [web/gone]",
  ]);
});

Deno.test("after a rejection a question is answered without what was rejected", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(host("a", ["a.test"]), host("b", ["b.test"]));
  tap.delta(VHDS, ["web/a.test"]);
  assertEquals(tap.answer(VHDS, "no"), []);
  assertEquals(tap.delta(VHDS, ["web/b.test"]), ["send [web/b=web/b.test]"]);
});

Deno.test("a host that was given up is followed no more", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(host("a", ["a.test"]));
  tap.delta(VHDS, ["web/a.test"]);
  tap.answer(VHDS);
  assertEquals(tap.delta(VHDS, [], { unsubscribe: ["web/a.test"] }), []);
  assertEquals(tap.serve(host("a", ["a.test"], 2)), []);
});

Deno.test("clusters on demand are named, and a miss is answered at once", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(resource(CLUSTER.url, "one"));
  assertEquals(tap.delta(CLUSTER.url, ["one"]), ["send [one]"]);
  tap.answer(CLUSTER.url);
  assertEquals(tap.delta(CLUSTER.url, ["miss"]), ["send [] without [miss] missing [miss]"]);
  tap.answer(CLUSTER.url);
  assertEquals(tap.serve(resource(CLUSTER.url, "one"), resource(CLUSTER.url, "miss")), ["send [miss]"]);
});

/** Hosts of one route configuration that are asked for one by one; how often any name is looked up meanwhile. */
function lookUps(asked: number, act: (tap: WireTap, name: (index: number) => string) => void): number {
  const tap = new WireTap({ mode: "delta", names: 100_000 });
  const name = (index: number) => `web/h${index}.test`;
  const hosts = Array.from({ length: asked }, (_, index) => host(`v${index}`, [`h${index}.test`]));
  const set = createSnapshot(hosts);
  tap.serveSnapshot(set);
  tap.delta(VHDS, []);
  tap.answer(VHDS);
  for (let index = 0; index < asked; index++) {
    assertEquals(tap.delta(VHDS, [name(index)]), [`send [web/v${index}=${name(index)}]`]);
    tap.answer(VHDS);
  }
  let count = 0;
  const hostsOf = set.set(VHDS);
  const get = hostsOf.get.bind(hostsOf);
  hostsOf.get = (name) => {
    count++;
    return get(name);
  };
  act(tap, name);
  return count;
}

Deno.test("one more question, an answer, and a name that is given up cost the same whatever was asked before", () => {
  const act = (tap: WireTap, name: (index: number) => string) => {
    for (let index = 0; index < 20; index++) {
      tap.delta(VHDS, [name(index)]);
      tap.answer(VHDS);
      tap.delta(VHDS, [], { unsubscribe: [name(index)] });
      tap.delta(CLUSTER.url, []);
    }
  };
  assertEquals(lookUps(1_000, act), lookUps(100, act));
});

Deno.test("of a host that the client has it is told the names that it asks now, and all of them when it changes", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(host("all", ["*"]));
  assertEquals(tap.delta(VHDS, ["web/a", "web/b"]), ["send [web/all=web/a=web/b]"]);
  tap.answer(VHDS);
  assertEquals(tap.delta(VHDS, ["web/c"]), ["send [web/all=web/c]"]);
  tap.answer(VHDS);
  assertEquals(tap.serve(host("all", ["*"], 2)), ["send [web/all=web/a=web/b=web/c]"]);
});

Deno.test("a host is followed until the last name that leads to it is given up", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(host("all", ["*"]));
  tap.delta(VHDS, ["web/a", "web/b"]);
  tap.answer(VHDS);
  assertEquals(tap.delta(VHDS, ["web/c"], { unsubscribe: ["web/a", "web/b"] }), ["send [web/all=web/c]"]);
  tap.answer(VHDS);
  assertEquals(tap.serve(host("all", ["*"], 2)), ["send [web/all=web/c]"]);
  tap.answer(VHDS);
  tap.delta(VHDS, [], { unsubscribe: ["web/c"] });
  assertEquals(tap.serve(host("all", ["*"], 3)), []);
});

Deno.test("a host whose own name is given up comes again while another name leads to it", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(host("a", ["a.test"]));
  tap.delta(VHDS, ["web/a", "web/a.test"]);
  tap.answer(VHDS);
  assertEquals(tap.delta(VHDS, [], { unsubscribe: ["web/a"] }), ["send [web/a=web/a.test]"]);
});

Deno.test("a client that brings more hosts than it may name is ended", () => {
  const tap = new WireTap({ mode: "delta" });
  tap.serve(host("a", ["a.test"]));
  const held = new Map(Array.from({ length: 101 }, (_, index) => [`web/h${index}`, "1"]));
  assertEquals(tap.delta(VHDS, [], { held }), ["end RESOURCE_EXHAUSTED"]);
});

import { assertEquals } from "@std/assert";
import { CLUSTER, ENDPOINTS, VIRTUAL_HOST } from "../model/types.ts";
import { Holding } from "./holding.ts";
import type { Answer, Item, Query } from "./messages.ts";
import { query } from "./testing.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function item(name: string, version = "1", parts: Partial<Item> & { content?: string; type?: string } = {}): Item {
  const { content = "", type = CLUSTER.url, ...rest } = parts;
  return { name, aliases: [], version, ttl: undefined, body: { type, bytes: bytes(content) }, ...rest };
}

const answer = (items: readonly Item[], parts: Partial<Answer> = {}): Answer => ({
  type: CLUSTER.url,
  version: "1",
  nonce: "1",
  items,
  removed: [],
  errors: [],
  ...parts,
});

/** Takes answers one after another, and tells the changes of each in words. */
function changes(asked: Partial<Query>, ...answers: Answer[]): string[] {
  const holding = new Holding(query(asked));
  return answers.map((each) =>
    holding.apply(each).changes.map((change) =>
      change.kind === "removed"
        ? `-${change.before.name}`
        : `${change.kind === "added" ? "+" : "~"}${change.now.name}@${change.now.version}`
    ).join(" ")
  );
}

Deno.test("delta: what comes, changes and is removed is told, and what comes again is not", () => {
  assertEquals(
    changes(
      {},
      answer([item("a"), item("b")]),
      answer([item("a")]),
      answer([item("a", "2")]),
      answer([], { removed: ["b", "never"] }),
    ),
    ["+a@1 +b@1", "", "~a@2", "-b"],
  );
});

Deno.test("state of the world: absence removes clusters, and only another content is a change", () => {
  const sotw = { mode: "sotw" } as const;
  assertEquals(
    changes(
      sotw,
      answer([item("a"), item("b")]),
      answer([item("a", "2"), item("b", "2", { content: "x" })]),
      answer([item("b", "3", { content: "x" })]),
      answer([]),
    ),
    ["+a@1 +b@1", "~b@2", "-a", "-b"],
  );
  const part = { type: ENDPOINTS.url };
  const eds = (name: string) => answer([item(name, "1", part)], part);
  assertEquals(changes({ ...sotw, ...part }, eds("a"), eds("b")), ["+a@1", "+b@1"], "endpoints may come in parts");
});

Deno.test("heartbeats without a body remove nothing, neither the resource nor those that are not in it", () => {
  const heart = item("a", "1", { body: undefined, ttl: 5_000 });
  for (const mode of ["sotw", "delta"] as const) {
    const holding = new Holding(query({ mode }));
    holding.apply(answer([item("a", "1", { ttl: 1_000 }), item("b")]));
    assertEquals(holding.apply(answer([heart])).changes, []);
    assertEquals(holding.resources.map(({ name, ttl }) => [name, ttl]), [["a", 5_000], ["b", undefined]]);
  }
});

Deno.test("a wildcard is owed until the first answer, whatever is in it", () => {
  const holding = new Holding(query());
  assertEquals([holding.owed(), holding.answered], [["*"], false]);
  holding.apply(answer([]));
  assertEquals([holding.owed(), holding.answered], [[], true]);
});

Deno.test("a name is owed until it comes, is removed, or the server says why not", () => {
  const holding = new Holding(query({ names: ["a", "b", "c", "d"] }));
  holding.apply(answer([item("a")], { removed: ["b"] }));
  assertEquals(holding.owed(), ["c", "d"]);
  holding.apply(answer([], { errors: [{ name: "c", code: 7, message: "not you" }] }));
  assertEquals(holding.owed(), ["d"]);
  assertEquals(holding.missing, [
    { name: "b", code: 5, message: "" },
    { name: "c", code: 7, message: "not you" },
  ]);
  holding.apply(answer([item("b")]));
  assertEquals(holding.missing.map(({ name }) => name), ["c"], "what comes later is there after all");
});

Deno.test("state of the world: a cluster that is not in the answer is not there, endpoints may still come", () => {
  const names = ["a", "b"];
  const clusters = new Holding(query({ mode: "sotw", names }));
  clusters.apply(answer([item("a")]));
  assertEquals([clusters.owed(), clusters.missing.map(({ name }) => name)], [[], ["b"]]);
  const type = ENDPOINTS.url;
  const endpoints = new Holding(query({ mode: "sotw", names, type }));
  endpoints.apply(answer([item("a", "1", { type })], { type }));
  assertEquals([endpoints.owed(), endpoints.missing], [["b"], []]);
});

Deno.test("a host is found by the alias that was asked for, and one without a body is not there", () => {
  const type = VIRTUAL_HOST.url;
  const holding = new Holding(query({ type, names: ["rc/a.example", "rc/nobody"] }));
  holding.apply(answer([item("rc/a", "1", { type, aliases: ["rc/a.example"] })], { type }));
  assertEquals(holding.owed(), ["rc/nobody"]);
  holding.apply(answer([item("x", "", { aliases: ["rc/nobody"], body: undefined })], { type }));
  assertEquals([holding.owed(), holding.missing.map(({ name }) => name)], [[], ["rc/nobody"]]);
});

Deno.test("names of xdstp are equal in any order of their parameters, and a glob is answered by a member", () => {
  const holding = new Holding(query({ names: ["xdstp://a/t/x?b=2&a=1", "xdstp://a/t/g/*"] }));
  holding.apply(answer([item("xdstp://a/t/x?a=1&b=2")]));
  assertEquals(holding.owed(), ["xdstp://a/t/g/*"]);
  holding.apply(answer([item("xdstp://a/t/g/one")]));
  assertEquals(holding.owed(), []);
});

Deno.test("an answer that contradicts itself, or holds another type, has problems", () => {
  const problems = (each: Answer) => new Holding(query()).apply(each).problems;
  assertEquals(problems(answer([item("a")])), []);
  assertEquals(problems(answer([item("a"), item("a")])), ['"a" is in it twice']);
  assertEquals(problems(answer([item("a")], { removed: ["a"] })), ['"a" is in it, and removed by it']);
  assertEquals(problems(answer([item("a", "1", { type: ENDPOINTS.url })])), [`"a" is a ${ENDPOINTS.url}`]);
});

Deno.test("a resource that says no name has the one that was asked for, or a number", () => {
  const type = "type.googleapis.com/a.B";
  const names = (asked: readonly string[], ...items: Item[]) => {
    const holding = new Holding(query({ type, names: asked }));
    holding.apply(answer(items, { type }));
    return holding.resources.map(({ name }) => name);
  };
  assertEquals(names(["x"], item("", "1", { type })), ["x"]);
  assertEquals(names([], item("", "1", { type }), item("", "1", { type })), ["#1", "#2"]);
});

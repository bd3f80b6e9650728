/**
 * What a stream tells its surroundings beside what it sends. What it sends is in the tables of `test/conformance`: read
 * those first.
 */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { createResource } from "../model/resource.ts";
import { createSnapshot, type Snapshot } from "../model/snapshot.ts";
import { CLUSTER, ENDPOINTS, LISTENER } from "../model/types.ts";
import type { Body, Effect, Event, Request } from "./messages.ts";
import { step, StreamState } from "./stream.ts";

const [CDS, EDS, LDS] = [CLUSTER.url, ENDPOINTS.url, LISTENER.url];
const LIMITS = { orderTimeout: 15_000, types: 4, names: 4 };

function snapshot(contents: Record<string, Record<string, number>>): Snapshot {
  return createSnapshot(
    Object.entries(contents).flatMap(([type, names]) =>
      Object.entries(names).map(([name, content]) =>
        createResource({ type, name, bytes: new Uint8Array([content]), references: [], origin: undefined })
      )
    ),
  );
}

/** A stream whose bodies are only numbers. */
function open(mode: "sotw" | "delta", doubts: string[] = []) {
  let nonce = 0;
  const stream = new StreamState<Body>(mode, {
    build: () => ({ nonce: ++nonce }),
    recall: () => undefined,
    doubts: () => doubts,
  }, LIMITS);
  return (event: Event) => step(stream, event);
}

function ask(type: string, more: { names?: string[]; nonce?: string; error?: string } = {}): Request {
  const { names = [], nonce = "", error } = more;
  return { mode: "sotw", type, version: "", nonce, error, names };
}

const told = (effects: Effect[]) =>
  effects.map((effect) => {
    switch (effect.kind) {
      case "send":
        return `send ${effect.body.nonce}`;
      case "verdict":
        return `verdict ${effect.error ?? "ACK"}`;
      case "doubt":
        return `doubt [${[...effect.names]}]`;
      case "wake":
        return `wake ${effect.at}`;
      case "end":
        return `end ${effect.code}: ${effect.message}`;
    }
  });

Deno.test("only the first answer to a nonce is a verdict", () => {
  const take = open("sotw");
  take({ kind: "snapshot", snapshot: snapshot({ [CDS]: { a: 1 } }), now: 0 });
  assertEquals(told(take({ kind: "request", request: ask(CDS), now: 0 })), ["send 1"]);
  const rejection = ask(CDS, { nonce: "1", error: "bad" });
  assertEquals(told(take({ kind: "request", request: rejection, now: 0 })), ["verdict bad", "doubt [a]"]);
  assertEquals(told(take({ kind: "request", request: ask(CDS, { nonce: "1" }), now: 0 })), []);
  assertEquals(told(take({ kind: "request", request: rejection, now: 0 })), []);
});

Deno.test("a verdict names the version of its response", () => {
  const take = open("sotw");
  const first = snapshot({ [CDS]: { a: 1 } });
  take({ kind: "snapshot", snapshot: first, now: 0 });
  const [sent] = take({ kind: "request", request: ask(CDS), now: 0 });
  take({ kind: "snapshot", snapshot: snapshot({ [CDS]: { a: 2 } }), now: 0 });
  const [verdict] = take({ kind: "request", request: ask(CDS, { nonce: "1" }), now: 0 });
  assertEquals(sent?.kind === "send" && sent.version, first.set(CDS).version);
  assertEquals(verdict, {
    kind: "verdict",
    type: CDS,
    version: first.set(CDS).version,
    target: first.set(CDS),
    error: undefined,
  });
});

Deno.test("a clean ACK takes the doubts away, also those of an earlier stream", () => {
  const take = open("sotw", ["a", "z"]);
  take({ kind: "snapshot", snapshot: snapshot({ [CDS]: { a: 1 } }), now: 0 });
  take({ kind: "request", request: ask(CDS), now: 0 });
  assertEquals(told(take({ kind: "request", request: ask(CDS, { nonce: "1" }), now: 0 })), [
    "verdict ACK",
    "doubt []",
  ]);
  assertEquals(told(take({ kind: "closed" })), []);
});

Deno.test("without a doubt an ACK says nothing of doubts", () => {
  const take = open("sotw");
  take({ kind: "snapshot", snapshot: snapshot({ [CDS]: { a: 1 } }), now: 0 });
  take({ kind: "request", request: ask(CDS), now: 0 });
  assertEquals(told(take({ kind: "request", request: ask(CDS, { nonce: "1" }), now: 0 })), ["verdict ACK"]);
});

Deno.test("what is unanswered when the stream closes is in doubt, with what was in doubt before", () => {
  const take = open("sotw", ["z"]);
  take({ kind: "snapshot", snapshot: snapshot({ [CDS]: { a: 1 }, [EDS]: { e: 1 } }), now: 0 });
  take({ kind: "request", request: ask(CDS), now: 0 });
  take({ kind: "request", request: ask(EDS, { names: ["e"] }), now: 0 });
  take({ kind: "request", request: ask(EDS, { names: ["e"], nonce: "2" }), now: 0 });
  assertEquals(told(take({ kind: "closed" })), ["doubt [z,a]"]);
});

Deno.test("a stream asks to be woken when the wait of a type lapses, and only once", () => {
  const take = open("sotw");
  take({ kind: "snapshot", snapshot: snapshot({ [CDS]: { a: 1 }, [LDS]: { l: 1 } }), now: 100 });
  assertEquals(told(take({ kind: "request", request: ask(CDS), now: 100 })), ["send 1"]);
  assertEquals(told(take({ kind: "request", request: ask(LDS), now: 105 })), ["wake 15100"]);
  assertEquals(told(take({ kind: "request", request: ask(LDS), now: 110 })), []);
  assertEquals(told(take({ kind: "wake", drained: true, now: 15_100 })), ["send 2"]);
});

Deno.test("a wake that comes early changes nothing, and is asked for again", () => {
  const take = open("sotw");
  take({ kind: "snapshot", snapshot: snapshot({ [CDS]: { a: 1 }, [LDS]: { l: 1 } }), now: 0 });
  take({ kind: "request", request: ask(CDS), now: 0 });
  take({ kind: "request", request: ask(LDS), now: 0 });
  assertEquals(told(take({ kind: "wake", drained: false, now: 7 })), ["wake 15000"]);
});

Deno.test("nothing is due and nobody is woken while a client has everything", () => {
  const take = open("sotw");
  take({ kind: "snapshot", snapshot: snapshot({ [CDS]: { a: 1 } }), now: 0 });
  take({ kind: "request", request: ask(CDS), now: 0 });
  take({ kind: "request", request: ask(CDS, { nonce: "1" }), now: 0 });
  assertEquals(told(take({ kind: "wake", drained: true, now: 99_999 })), []);
});

Deno.test("a stream lets go of a set that its group has left, although nothing of it was sent", () => {
  const stream = new StreamState<Body>("delta", {
    build: () => ({ nonce: 1 }),
    recall: () => undefined,
    doubts: () => [],
  }, LIMITS);
  const [first, second] = [snapshot({ [EDS]: { a: 1, b: 1 } }), snapshot({ [EDS]: { a: 1, b: 2 } })];
  // It comes before there is anything, and knows more than there will be in the end.
  const held = new Map([...first.set(EDS)].map(({ name, version }) => [name, version]));
  const names = { subscribe: ["a"], unsubscribe: [], held };
  step(stream, {
    kind: "request",
    request: { mode: "delta", type: EDS, nonce: "", error: undefined, ...names },
    now: 0,
  });
  for (const next of [first, second]) {
    assertEquals(step(stream, { kind: "snapshot", snapshot: next, now: 0 }), []);
    const holdings = stream.types.get(EDS)?.holdings;
    assertStrictEquals(holdings?.base, next.set(EDS));
    assertEquals(holdings?.exact, true);
  }
});

Deno.test("a stream that is ended says why in words", () => {
  const words = (...requests: Request[]) => {
    const take = open("sotw");
    return told(requests.map((request) => take({ kind: "request", request, now: 0 })).at(-1) ?? []);
  };
  assertEquals(words(ask("")), ["end INVALID_ARGUMENT: type_url is missing, an aggregated stream needs it"]);
  assertEquals(words(...["a", "b", "c", "d", "e"].map((type) => ask(type))), [
    "end RESOURCE_EXHAUSTED: more than 4 resource types",
  ]);
  assertEquals(words(ask(EDS, { names: ["a", "b", "c", "d", "e"] })), [
    "end RESOURCE_EXHAUSTED: more than 4 resource names",
  ]);
  const take = open("sotw");
  take({ kind: "snapshot", snapshot: snapshot({ [CDS]: { a: 1 } }), now: 0 });
  take({ kind: "request", request: ask(CDS), now: 0 });
  take({ kind: "snapshot", snapshot: snapshot({ [CDS]: { a: 2 } }), now: 0 });
  assertEquals(told(take({ kind: "wake", drained: false, now: 15_000 })), [
    `end DEADLINE_EXCEEDED: no answer to ${CDS} for 15000 ms, and the stream is not being read`,
  ]);
});

Deno.test("a verdict that comes when a newer response could already go still counts", () => {
  const take = open("sotw");
  take({ kind: "snapshot", snapshot: snapshot({ [EDS]: { a: 1 } }), now: 0 });
  take({ kind: "request", request: ask(EDS, { names: ["a"] }), now: 0 });
  // There is no word for the removal, so nothing newer goes.
  take({ kind: "snapshot", snapshot: snapshot({ [EDS]: {} }), now: 0 });
  assertEquals(told(take({ kind: "wake", drained: true, now: 15_000 })), []);
  assertEquals(told(take({ kind: "request", request: ask(EDS, { names: ["a"], nonce: "1" }), now: 20_000 })), [
    "verdict ACK",
  ]);
});

import { assertEquals } from "@std/assert";
import type { DeltaRequest, SotwRequest } from "./messages.ts";
import { Subscription } from "./subscription.ts";

const TYPE = "type.googleapis.com/example.Type";

function sotw(...names: string[]): SotwRequest {
  return { mode: "sotw", type: TYPE, version: "", nonce: "", error: undefined, names };
}

function delta(subscribe: string[], unsubscribe: string[] = []): DeltaRequest {
  return { mode: "delta", type: TYPE, nonce: "", error: undefined, subscribe, unsubscribe, held: new Map() };
}

Deno.test("an empty first request is everything only where the legacy wildcard exists", () => {
  const legacy = new Subscription(true);
  assertEquals(legacy.replace(sotw(), false), { all: true, names: [], fresh: [], dropped: [] });
  assertEquals([legacy.wildcard, legacy.active, legacy.covers("a")], [true, true, true]);
  const other = new Subscription(false);
  assertEquals(other.replace(sotw(), false), { all: false, names: [], fresh: [], dropped: [] });
  assertEquals([other.wildcard, other.active, other.covers("a")], [false, false, false]);
});

Deno.test("the legacy wildcard is asked for once, and lasts until a name is given", () => {
  const subscription = new Subscription(true);
  subscription.replace(sotw(), false);
  assertEquals(subscription.replace(sotw(), false).all, false);
  assertEquals(subscription.wildcard, true);
  assertEquals(subscription.replace(sotw("a"), false), { all: false, names: ["a"], fresh: [], dropped: [] });
  assertEquals(subscription.replace(sotw(), false), { all: false, names: [], fresh: [], dropped: ["a"] });
  assertEquals(subscription.active, false);
});

Deno.test("a request of names says which are new and which are gone", () => {
  const subscription = new Subscription(true);
  subscription.replace(sotw("a", "b"), false);
  assertEquals(subscription.replace(sotw("b", "c"), false), {
    all: false,
    names: ["c"],
    fresh: ["c"],
    dropped: ["a"],
  });
});

Deno.test("names under the wildcard are neither fresh nor dropped", () => {
  const subscription = new Subscription(true);
  subscription.replace(sotw("*"), false);
  assertEquals(subscription.replace(sotw("*", "a"), false), { all: false, names: ["a"], fresh: [], dropped: [] });
  assertEquals(subscription.replace(sotw("*"), false), { all: false, names: [], fresh: [], dropped: [] });
});

Deno.test("a stale request takes away and asks for nothing", () => {
  const subscription = new Subscription(true);
  subscription.replace(sotw("*", "a", "b"), false);
  assertEquals(subscription.replace(sotw("b", "c"), true), { all: false, names: [], fresh: [], dropped: ["a"] });
  assertEquals([[...subscription.names], subscription.wildcard], [["b"], false]);
  assertEquals(subscription.replace(sotw("*", "b"), true).all, false);
  assertEquals(subscription.wildcard, false);
  assertEquals(subscription.replace(sotw("*", "a", "b"), false), {
    all: true,
    names: ["a"],
    fresh: ["a"],
    dropped: [],
  });
});

Deno.test("an empty name is nothing, and ends the legacy wildcard", () => {
  for (const name of ["", "a"]) {
    const subscription = new Subscription(true);
    subscription.replace(sotw(name), false);
    assertEquals(subscription.covers(""), false);
    subscription.replace(sotw(), false);
    assertEquals(subscription.wildcard, false);
  }
});

Deno.test("in delta every name is asked for each time, and fresh the first time", () => {
  const subscription = new Subscription(true);
  assertEquals(subscription.amend(delta(["a", "a", ""]), true), {
    all: false,
    names: ["a"],
    fresh: ["a"],
    dropped: [],
  });
  assertEquals(subscription.amend(delta(["a"]), false), { all: false, names: ["a"], fresh: [], dropped: [] });
  assertEquals(subscription.amend(delta(["a"], ["a"]), false), {
    all: false,
    names: ["a"],
    fresh: ["a"],
    dropped: ["a"],
  });
});

Deno.test("in delta only the first request may be the legacy wildcard", () => {
  const subscription = new Subscription(true);
  subscription.amend(delta(["a"]), true);
  assertEquals(subscription.amend(delta([]), false).all, false);
  assertEquals(subscription.wildcard, false);
  assertEquals(new Subscription(true).amend(delta([""]), true).all, false);
  assertEquals(new Subscription(false).amend(delta([]), true).all, false);
  assertEquals(new Subscription(true).amend(delta([]), true).all, true);
});

Deno.test("in delta a wildcard stays beside names until it is unsubscribed", () => {
  const subscription = new Subscription(true);
  subscription.amend(delta([]), true);
  assertEquals(subscription.amend(delta(["a"]), false), { all: false, names: ["a"], fresh: [], dropped: [] });
  assertEquals(subscription.wildcard, true);
  assertEquals(subscription.amend(delta([], ["*"]), false), { all: false, names: [], fresh: [], dropped: [] });
  assertEquals([subscription.wildcard, subscription.covers("a"), subscription.covers("b")], [false, true, false]);
});

Deno.test("in delta a name that is unsubscribed under the wildcard is asked for again", () => {
  const subscription = new Subscription(true);
  subscription.amend(delta(["*", "a"]), true);
  assertEquals(subscription.amend(delta([], ["a", "x"]), false), {
    all: false,
    names: ["a"],
    fresh: [],
    dropped: [],
  });
  assertEquals(subscription.amend(delta([], ["a"]), false).names, []);
});

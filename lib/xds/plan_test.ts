import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { createResource } from "../model/resource.ts";
import { difference, ResourceSet, union } from "../model/resource_set.ts";
import { CLUSTER, ENDPOINTS } from "../model/types.ts";
import { BASE } from "./capabilities.ts";
import { plan, removes } from "./plan.ts";
import { TypeState } from "./type_state.ts";

function set(type: string, contents: Record<string, number>): ResourceSet {
  return new ResourceSet(
    type,
    Object.entries(contents).map(([name, content]) =>
      createResource({ type, name, bytes: new Uint8Array([content]), references: [], origin: undefined })
    ),
  );
}

/** A client that holds `base`, with the wildcard or with names. */
function holding(base: ResourceSet, ...names: string[]): TypeState {
  const state = new TypeState(base.type);
  state.holdings.base = base;
  if (names.length === 0) state.subscription.wildcard = true;
  for (const name of names) state.subscription.names.add(name);
  return state;
}

const names = (resources: Iterable<{ name: string }>) => [...resources].map(({ name }) => name);

const to = (mode: "sotw" | "delta") => ({ mode, client: BASE });

Deno.test("the difference of two sets is computed once, and none is one object", () => {
  const [a, b, again] = [set("t", { x: 1, y: 1 }), set("t", { x: 2, z: 1 }), set("t", { x: 2, z: 1 })];
  const change = difference(a, b);
  assertEquals([names(change.changed), change.removed], [["x", "z"], ["y"]]);
  assertStrictEquals(difference(a, b), change);
  assertStrictEquals(difference(b, again), difference(a, a));
  assert(difference(b, a) !== change);
});

Deno.test("a union is the newer set where nothing would be removed, and one object otherwise", () => {
  const [a, b, c] = [set("t", { x: 1, y: 1 }), set("t", { x: 2 }), set("t", { x: 2, y: 2 })];
  assertStrictEquals(union(a, c), c);
  assertStrictEquals(union(a, b), union(a, b));
  assertEquals([...union(a, b)].map(({ name, bytes }) => [name, bytes[0]]), [["x", 2], ["y", 1]]);
  assert(union(a, b).version !== a.version && union(a, b).version !== b.version);
});

for (const mode of ["sotw", "delta"] as const) {
  for (const type of [CLUSTER.url, ENDPOINTS.url]) {
    Deno.test(`${mode} wildcard clients at the same place have one key, others another (${type})`, () => {
      const [old, older, now] = [set(type, { a: 1, b: 1 }), set(type, { a: 1 }), set(type, { a: 2, b: 2 })];
      const key = (base: ResourceSet) => plan(to(mode), holding(base), now, true)?.key;
      assertStrictEquals(key(old), key(old));
      assert(typeof key(old) === "object", "the key is an identity: nothing is computed for each stream");
      // A complete response is the same wherever the client was.
      if (mode === "sotw" && type === CLUSTER.url) assertStrictEquals(key(old), key(older));
      else assert(key(old) !== key(older));
    });

    Deno.test(`${mode} clients of the same names have one key, whatever the order, others another (${type})`, () => {
      const [old, now] = [set(type, { a: 1, b: 1, c: 1 }), set(type, { a: 2, b: 2, c: 2 })];
      const key = (...names: string[]) => plan(to(mode), holding(old, ...names), now, true)?.key;
      assertEquals(key("a", "b"), key("b", "a"));
      assert(key("a", "b") !== key("a", "c"));
      assert(key("a") !== key("a", "b"));
    });
  }
}

Deno.test("a key does not take one name for two, nor a removal for a resource", () => {
  const now = set(ENDPOINTS.url, { a: 1 });
  const key = (...asked: string[]) => {
    const state = holding(set(ENDPOINTS.url, {}), ...asked);
    for (const name of asked) state.owed.add(name);
    return plan(to("delta"), state, now, true)?.key;
  };
  const keys = [key("x\ny"), key("x", "y"), key("a"), key("a", "x"), key("x"), key("1:x"), key("x", "1:y"), key("xy")];
  assertEquals(new Set(keys).size, keys.length);
});

Deno.test("a client that holds the target is sent nothing", () => {
  const now = set(CLUSTER.url, { a: 1, b: 1 });
  for (const mode of ["sotw", "delta"] as const) {
    assertEquals(plan(to(mode), holding(set(CLUSTER.url, { a: 1, b: 1 })), now, true), undefined);
    assertEquals(plan(to(mode), holding(set(CLUSTER.url, { a: 1, b: 2 }), "a"), now, true), undefined);
    assertEquals(plan(to(mode), new TypeState(CLUSTER.url), now, true), undefined);
  }
});

Deno.test("the wildcard of a client without exceptions costs no look at each resource", () => {
  const [old, now] = [set(CLUSTER.url, { a: 1, b: 1 }), set(CLUSTER.url, { a: 2, b: 1 })];
  const change = difference(old, now);
  assertStrictEquals(plan(to("delta"), holding(old), now, true)?.resources, change.changed);
  assertStrictEquals(plan(to("sotw"), holding(old), now, true)?.resources, now);
});

Deno.test("what may not be removed yet is kept in the target", () => {
  const [old, now] = [set(CLUSTER.url, { a: 1 }), set(CLUSTER.url, { b: 1 })];
  const sotw = plan(to("sotw"), holding(old), now, false);
  assertEquals([names(sotw?.resources ?? []), sotw?.removed], [["a", "b"], []]);
  assertStrictEquals(sotw?.target, union(old, now));
  assertStrictEquals(sotw?.current, now);
  const delta = plan(to("delta"), holding(old), now, false);
  assertEquals([names(delta?.resources ?? []), delta?.removed], [["b"], []]);
});

Deno.test("only what the client holds, and can be told, is to be removed", () => {
  const now = set(CLUSTER.url, { a: 1 });
  const gone = set(CLUSTER.url, { a: 1, b: 1 });
  assertEquals(removes("delta", holding(gone), now), true);
  assertEquals(removes("delta", holding(gone, "a"), now), false);
  assertEquals(removes("sotw", holding(gone), now), true);
  assertEquals(removes("sotw", holding(set(ENDPOINTS.url, { b: 1 })), set(ENDPOINTS.url, {})), false);
  const lacking = holding(gone, "b");
  lacking.holdings.exceptions.set("b", null);
  assertEquals(removes("delta", lacking, now), false);
  const doubtful = holding(now);
  doubtful.holdings.doubtful.add("b");
  assertEquals(removes("delta", doubtful, now), true);
});

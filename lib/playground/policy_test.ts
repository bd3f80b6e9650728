import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { expectedShares, firstPolicy, KINDS, type Policy, randomWeights, readPolicy } from "./policy.ts";
import { LABELS, SENTENCES, titleOf } from "./words.ts";

const weights = [1, 0, 3];

Deno.test("a policy that a browser sends is read, without what nobody asked for", () => {
  assertEquals(readPolicy({ kind: "weights", weights, shuffle: true, flaw: "typo", more: 1 }, 3), {
    kind: "weights",
    weights,
    shuffle: true,
    flaw: "typo",
  });
  assertEquals(readPolicy({ kind: "random", weights, flaw: null }, 3), { kind: "random", weights, shuffle: false });
});

Deno.test("what is no policy is said in words", () => {
  const wrong: [unknown, string][] = [
    [undefined, "a policy is an object"],
    [null, "a policy is an object"],
    [{ kind: "fastest", weights }, '"kind" is one of round_robin, '],
    [{ kind: "random" }, '"weights" has 3 whole numbers'],
    [{ kind: "random", weights: [1, 2] }, '"weights" has 3 whole numbers'],
    [{ kind: "random", weights: [1, 2, 101] }, '"weights" has 3 whole numbers from 0 to 100'],
    [{ kind: "random", weights: [1, 2, 0.5] }, '"weights" has 3 whole numbers'],
    [{ kind: "random", weights: [0, 0, 0] }, "more than 0"],
    [{ kind: "random", weights, shuffle: 1 }, '"shuffle" is true or false'],
    [{ kind: "random", weights, flaw: "fire" }, '"flaw" is one of typo, missing_file'],
  ];
  for (const [value, why] of wrong) {
    const read = readPolicy(value, 3);
    assert(typeof read === "string", JSON.stringify(value));
    assertStringIncludes(read, why);
  }
});

Deno.test("what each backend should answer follows from the policy, and from who is healthy", () => {
  const policy = (kind: Policy["kind"]): Policy => ({ ...firstPolicy(3), kind, weights });
  assertEquals(expectedShares(policy("round_robin"), [true, true, true]), [1 / 3, 1 / 3, 1 / 3]);
  assertEquals(expectedShares(policy("least_request"), [true, false, true]), [1 / 2, 0, 1 / 2]);
  assertEquals(expectedShares(policy("weights"), [true, true, true]), [1 / 4, 0, 3 / 4]);
  assertEquals(expectedShares(policy("weights"), [true, true, false]), [1, 0, 0]);
  assertEquals(expectedShares(policy("random"), [false, false, false]), [0, 0, 0]);
  assertEquals(expectedShares(policy("ring_hash"), [true, true, true]), [undefined, undefined, undefined]);
});

Deno.test("random weights are a policy whatever the dice say", () => {
  for (const dice of [0, 0.1, 0.5, 0.999_999]) {
    const policy = { ...firstPolicy(8), weights: randomWeights(8, () => dice) };
    assertEquals(readPolicy(policy, 8), policy);
  }
});

Deno.test("every policy has a name, and a sentence that says what one sees", () => {
  for (const kind of KINDS) {
    assert(LABELS[kind].length > 3);
    assert(SENTENCES[kind].endsWith("."));
  }
  assertEquals(titleOf({ ...firstPolicy(3), flaw: "typo" }), "Round robin, broken");
  assertEquals(titleOf({ kind: "weights", weights, shuffle: false }), "Weights 1:0:3");
});

import { assert, assertEquals } from "@std/assert";
import { formatIssue } from "../model/issue.ts";
import { generateOnce } from "./once.ts";
import { CallError } from "./protocol.ts";
import { FakeAdapter, readToy } from "./fake_program.ts";

async function once(groups: readonly string[], results: Readonly<Record<string, unknown>>, init?: () => void) {
  const adapter = new FakeAdapter();
  adapter.behaviour.groups = groups;
  for (const [group, result] of Object.entries(results)) adapter.behaviour.results.set(group, result);
  if (init !== undefined) adapter.behaviour.init = init;
  const content = await generateOnce({
    name: "./adapter.ts",
    start: adapter.start,
    read: readToy,
    timeoutMs: 1_000,
    log: () => {},
  });
  assert(adapter.runs.every(({ stopped }) => stopped));
  return {
    groups: [...content.groups].map(([group, { resources }]) => [group, resources.map(({ name }) => name)]),
    issues: [...[...content.groups.values()].flatMap(({ issues }) => issues), ...content.issues].map(formatIssue),
    failure: content.failure,
  };
}

Deno.test("an adapter is asked once for everything, in the order of groups", async () => {
  assertEquals(await once(["edge", "core"], { edge: ["a=1", "b=1"], core: ["c=1"] }), {
    groups: [["core", ["c"]], ["edge", ["a", "b"]]],
    issues: [],
    failure: undefined,
  });
});

Deno.test("a group that fails is an issue, and the others are there", async () => {
  const failing = new CallError("failed", "no such table");
  assertEquals(await once(["a", "b", "c", "d"], { a: failing, b: ["x=1", "!wrong"], c: null, d: 7 }), {
    groups: [["b", ["x"]]],
    issues: [
      './adapter.ts:1:1: error: In resources[1] of group "b": wrong (at name) [toy]',
      './adapter.ts:1:1: error: Cannot generate group "a": no such table [adapter]',
      './adapter.ts:1:1: error: Cannot generate group "d": "generate" answered with a number instead of a list of ' +
      "resources [adapter]",
    ],
    failure: undefined,
  });
});

Deno.test("an adapter that cannot be run is a failure, with its words", async () => {
  const init = () => {
    throw new CallError("failed", "connection refused");
  };
  assertEquals(await once(["edge"], {}, init), {
    groups: [],
    issues: [],
    failure: 'it failed in "init": connection refused',
  });
});

Deno.test("when it hangs in a group, the groups that were not reached are issues too", async () => {
  const groups = ["a", "b", "c", "d", "e", "f"];
  const late = new CallError("late", "no answer in 1 second");
  const { issues, failure } = await once(groups, { a: late, b: late, c: late, d: late });
  assertEquals(failure, undefined);
  assertEquals(issues.length, 6);
  assertEquals(
    issues[5],
    './adapter.ts:1:1: error: Cannot generate group "f": it hangs in "generate" of group "a": no answer in 1 second ' +
      "[adapter]",
  );
});

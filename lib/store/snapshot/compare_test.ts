import { assertEquals } from "@std/assert";
import { loadApi } from "../../model/api.ts";
import { compare, tally } from "./compare.ts";
import { cluster, content, resource, TYPES } from "./testing.ts";

const api = loadApi();

Deno.test("resources that were added, changed and removed are told by group and type, in order of name", () => {
  const a = content({
    edge: [cluster(api, "z"), cluster(api, "same"), cluster(api, "b", 1)],
    gone: [cluster(api, "g")],
  });
  const b = content({
    edge: [cluster(api, "b", 2), cluster(api, "same"), cluster(api, "c"), cluster(api, "a")],
    new: [],
  });
  const found = compare(a, b);
  assertEquals(
    found.groups.map(({ group, kind, types }) => [
      group,
      kind,
      types.map(({ added, changed, removed }) => [
        added.map(({ name }) => name),
        changed.map(({ from, to }) => [from.name, from.version !== to.version]),
        removed.map(({ name }) => name),
      ]),
    ]),
    [
      ["edge", "changed", [[["a", "c"], [["b", true]], ["z"]]]],
      ["gone", "removed", [[[], [], ["g"]]]],
      ["new", "added", []],
    ],
  );
  assertEquals(tally(found), { added: 2, changed: 1, removed: 2 });
});

Deno.test("names are compared within their type", () => {
  const listener = resource(api, TYPES.listener, { name: "x" });
  const found = compare(content({ edge: [cluster(api, "x")] }), content({ edge: [listener] }));
  assertEquals(tally(found), { added: 1, changed: 0, removed: 1 });
});

Deno.test("order, origins, and where a rule stands make no difference; the order of rules does", () => {
  const groups = { edge: [cluster(api, "a"), cluster(api, "b")] };
  const [one, other] = [{ group: "edge", id: "e*", metadata: { x: "1", y: "2" } }, { group: "edge", cluster: "c" }];
  const moved = { ...one, metadata: { y: "2", x: "1" }, at: { file: "groups.yaml", line: 7, column: 1 } };
  const a = content(groups, { rules: [one, other] });
  const b = content({ edge: [...groups.edge].reverse() }, { rules: [moved, other] });
  assertEquals(compare(a, b), { groups: [], rules: undefined });
  const turned = compare(a, content(groups, { rules: [other, one] }));
  assertEquals(turned.rules, { from: [one, other], to: [other, one] });
});

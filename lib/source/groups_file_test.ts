import { assertEquals } from "@std/assert";
import { formatIssue } from "../model/issue.ts";
import { readGroupsFile } from "./groups_file.ts";

function issuesOf(text: string): string[] {
  return readGroupsFile(text, "groups.yaml").issues.map(formatIssue);
}

Deno.test("rules are read in their order, with all conditions", () => {
  const { rules, issues } = readGroupsFile(
    `rules:
      - { group: canary, id: "edge-canary-*" }
      - group: edge
        cluster: front
        locality: { region: eu, zone: eu-1, sub_zone: a }
        metadata: { stage: production, shard: 1, blue: true }
      - { group: camel, locality: { subZone: b } }
      - group: rest
    `,
    "groups.yaml",
  );
  assertEquals(issues, []);
  assertEquals(rules.map(({ at: _, ...rule }) => rule), [
    { group: "canary", id: "edge-canary-*" },
    {
      group: "edge",
      cluster: "front",
      locality: { region: "eu", zone: "eu-1", subZone: "a" },
      metadata: { stage: "production", shard: "1", blue: "true" },
    },
    { group: "camel", locality: { subZone: "b" } },
    { group: "rest" },
  ]);
  assertEquals(rules.map(({ at }) => [at?.line, at?.column]), [[2, 18], [3, 16], [7, 18], [8, 16]]);
});

for (
  const [what, text] of [["nothing", ""], ["a comment", "# later"], ["no rules", "rules:"], ["a list", "rules: []"]]
) {
  Deno.test(`a file with ${what} has no rules and no issues`, () => {
    assertEquals(readGroupsFile(text ?? "", "groups.yaml"), { rules: [], issues: [] });
  });
}

Deno.test("unknown keys are errors with a position, and near ones are suggested", () => {
  assertEquals(issuesOf("rules:\n- group: a\n  clutser: x\n- group: b\n  locality: { city: x }\nmode: x"), [
    'groups.yaml:3:3: error: unknown field "clutser": did you mean "cluster"? [unknown-field]',
    'groups.yaml:5:15: error: unknown field "city": known are region, zone, sub_zone, subZone [unknown-field]',
    'groups.yaml:6:1: error: unknown field "mode": known are rules [unknown-field]',
  ]);
});

Deno.test("a rule needs a group", () => {
  assertEquals(issuesOf("rules:\n- id: a\n- group: ''"), [
    "groups.yaml:2:3: error: a rule without a group: what it matches would belong nowhere [missing-group]",
    "groups.yaml:3:10: error: a string that is not empty is expected, and this is an empty one [wrong-type]",
  ]);
});

Deno.test("values of another type are errors with the path of the field", () => {
  const { issues } = readGroupsFile("rules:\n- { group: 1, id: [], metadata: { a: { b: 1 } } }\n- x", "groups.yaml");
  assertEquals(issues.map(({ path, rule }) => [path, rule]), [
    ["rules[0].group", "wrong-type"],
    ["rules[0].id", "wrong-type"],
    ["rules[0].metadata.a", "wrong-type"],
    ["rules[1]", "wrong-type"],
  ]);
});

Deno.test("a second document and broken YAML are errors", () => {
  assertEquals(issuesOf("rules: []\n---\nrules: []"), [
    "groups.yaml:3:1: error: a second document: one is expected [wrong-type]",
  ]);
  assertEquals(readGroupsFile("rules: [", "groups.yaml").issues.map(({ rule }) => rule), ["yaml-syntax"]);
});

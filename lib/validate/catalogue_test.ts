import { assertEquals } from "@std/assert";
import { loadApi } from "../model/api.ts";
import { RULES } from "../model/codec/rules.ts";
import { readFile } from "../model/codec/read.ts";
import { formatIssue } from "../model/issue.ts";
import { CATALOGUE, CHAPTERS } from "./catalogue.ts";
import { checksOf } from "./checks.ts";
import { checkConfiguration } from "./configuration.ts";

const api = loadApi();
const checks = checksOf(api, { envoy: "1.36" });

function issuesOf(text: string) {
  const content = readFile(api, text, "a.yaml", "a.yaml", checks);
  return checkConfiguration([[{ file: "a.yaml", content }]]);
}

Deno.test("every rule stands in the catalogue once, with a name in kebab case", () => {
  const names = CHAPTERS.flatMap(({ rules }) => rules.map(({ name }) => name));
  assertEquals(names.filter((name, i) => names.indexOf(name) !== i), []);
  assertEquals(names.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)), []);
});

Deno.test("every rule of the codec has a page", () => {
  assertEquals(Object.values(RULES).filter((name) => !CATALOGUE.has(name)), []);
});

for (const { name, bad } of CATALOGUE.values()) {
  if (bad === undefined) continue;
  Deno.test(`the example of ${name} breaks that rule, and no other one with an error`, () => {
    const issues = issuesOf(bad);
    assertEquals(issues.some(({ rule }) => rule === name), true, `found ${issues.map(formatIssue).join("\n")}`);
    assertEquals(issues.filter(({ rule, severity }) => rule !== name && severity === "error").map(formatIssue), []);
  });
}

for (const { name, good } of CATALOGUE.values()) {
  if (good === undefined) continue;
  Deno.test(`the right example of ${name} has no error, and does not break that rule`, () => {
    const issues = issuesOf(good);
    assertEquals(issues.filter(({ rule, severity }) => rule === name || severity === "error").map(formatIssue), []);
  });
}

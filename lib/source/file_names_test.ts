import { assertEquals } from "@std/assert";
import { displayPath, groupOf, isResourceFile, isSkipped } from "./file_names.ts";

Deno.test("hidden names, names put aside and what editors leave behind are skipped", () => {
  const skipped = [".git", "..data", "..2024_01", "_drafts", "a.yaml~", ".a.yaml.swp", "a.swp", "a.swo", "4913"];
  for (const name of [...skipped, "#a.yaml#", ".#a.yaml", "a.yaml.tmp"]) {
    assertEquals([name, isSkipped(name)], [name, true]);
  }
  for (const name of ["a.yaml", "a_b.yaml", "4914", "conf.d", "a#b.yaml", "tmp"]) {
    assertEquals([name, isSkipped(name)], [name, false]);
  }
});

Deno.test("files of resources are known by their ending", () => {
  for (const name of ["a.yaml", "a.yml", "a.json", "a.pb.json"]) {
    assertEquals([name, isResourceFile(name)], [name, true]);
  }
  for (const name of ["a.yaml.bak", "yaml", "a.md", "a.pb", ".yaml", "a.json~"]) {
    assertEquals([name, isResourceFile(name)], [name, false]);
  }
});

Deno.test("only the folders of groups in the root feed one group", () => {
  assertEquals(groupOf("groups/edge/deep/a.yaml"), "edge");
  assertEquals(groupOf("a.yaml"), undefined);
  assertEquals(groupOf("x/groups/edge/a.yaml"), undefined);
  assertEquals(groupOf(""), undefined);
});

Deno.test("paths are shown as the user would type them", () => {
  assertEquals(displayPath("./config", "a.yaml"), "./config/a.yaml");
  assertEquals(displayPath("./config/", "a.yaml"), "./config/a.yaml");
  assertEquals(displayPath("one.yaml", ""), "one.yaml");
});

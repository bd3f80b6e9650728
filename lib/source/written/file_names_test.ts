import { assertEquals } from "@std/assert";
import { fileOf, groupOf } from "./file_names.ts";

Deno.test("the name of a file tells its group, whatever the group is called", () => {
  for (
    const group of ["edge", "Edge", "eu/west 1", "..", ".", "ünï", "%41", "a%", "\0", "x.layer", "日本", "e\u0301"]
  ) {
    const file = fileOf(group) ?? "";
    assertEquals(/^[a-z0-9_%-][a-z0-9_.%-]*\.layer$/.test(file), true, file);
    assertEquals(groupOf(file), group);
  }
});

Deno.test("groups that differ in case alone have files that differ in more", () => {
  assertEquals([fileOf("Edge"), fileOf("edge")], ["%45dge.layer", "edge.layer"]);
});

Deno.test("a group that no file can be named after has none", () => {
  assertEquals(["", "x".repeat(201), "ü".repeat(40), "\ud800"].map(fileOf), [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assertEquals(fileOf("x".repeat(200))?.length, 206);
});

Deno.test("other files are nobody's", () => {
  for (
    const name of ["edge", "Edge.layer", "%4Fx.layer", "%zz.layer", ".layer", "edge.layer.tmp", "edge.layer.damaged-1"]
  ) {
    assertEquals(groupOf(name), undefined, name);
  }
});

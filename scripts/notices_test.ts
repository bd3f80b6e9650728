import { assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import { bundledPackages, formatNotices, packageNotice } from "./notices.ts";

const BUNDLE = `
// ../.cache/deno/npm/registry.example/hono/4.1.0/dist/a.js
var a = 1;
// ../.cache/deno/npm/registry.example/hono/4.1.0/dist/b.js
var require_c = __commonJS({
  "../.cache/deno/npm/registry.example/@grpc/grpc-js/1.14.7/build/src/c.js"(exports) {}
});
// lib/model/types.ts
`;

Deno.test("the packages of a bundle are those that it has modules of", () => {
  assertEquals(bundledPackages(BUNDLE), [
    { name: "@grpc/grpc-js", version: "1.14.7", path: "npm/registry.example/@grpc/grpc-js/1.14.7" },
    { name: "hono", version: "4.1.0", path: "npm/registry.example/hono/4.1.0" },
  ]);
});

Deno.test("a package without any licence text fails, one of its own or of ours is taken", async () => {
  const folder = await Deno.makeTempDir();
  const at = (name: string) => packageNotice({ name, version: "1.0.0", path: "" }, folder);
  try {
    await Deno.writeTextFile(join(folder, "package.json"), '{"license": "MIT"}');
    await assertRejects(() => at("nobody"), Error, 'Cannot release: "nobody" 1.0.0 has no licence text');
    assertEquals((await at("deno-std")).text.split("\n")[0], "MIT License");
    await Deno.writeTextFile(join(folder, "LICENSE.md"), "\nits own words\n");
    assertEquals(await at("nobody"), { title: "nobody 1.0.0 (MIT)", text: "its own words" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a text that several share stands once, under all their names", () => {
  const text = formatNotices([{ title: "a", text: "one" }, { title: "b", text: "two" }, { title: "c", text: "one" }]);
  assertEquals(text.match(/one/g)?.length, 1);
  assertEquals(/^a\nc$/m.test(text), true);
});

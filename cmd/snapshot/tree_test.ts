import { assertEquals, assertRejects } from "@std/assert";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "../exit.ts";
import { checkDirectory, DATA, type Tree, writeTree } from "./tree.ts";

async function folder() {
  const path = await mkdtemp(join(tmpdir(), "xcp-tree-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

function tree(...paths: string[]): Tree {
  return { files: paths.map((path) => ({ path, text: path, secret: false })), folders: [], marker: "{}" };
}

Deno.test("the next tree takes the place of the one before, and what it lacks is not shown any more", async () => {
  await using at = await folder();
  const out = join(at.path, "deep/out");
  await writeTree(out, tree("a.yaml", "groups/x/y.yaml"), Date.now);
  assertEquals(await readFile(join(out, "groups/x/y.yaml"), "utf8"), "groups/x/y.yaml");
  const before = await readlink(join(out, DATA));
  await checkDirectory(out);
  await writeTree(out, tree("b.yaml"), Date.now);
  const now = await readlink(join(out, DATA));
  assertEquals((await readdir(out)).sort(), [DATA, now, "b.yaml"].sort());
  assertEquals(before === now, false);
});

Deno.test("a tree that cannot be written leaves the one before, and nothing beside it", async () => {
  await using at = await folder();
  await writeTree(at.path, tree("a.yaml"), Date.now);
  const before = (await readdir(at.path)).sort();
  // A file cannot be a folder too.
  await assertRejects(() => writeTree(at.path, tree("b", "b/c"), Date.now), CommandError, "Cannot write to");
  assertEquals((await readdir(at.path)).sort(), before);
  assertEquals(await readFile(join(at.path, "a.yaml"), "utf8"), "a.yaml");
});

Deno.test("only a directory that is not there, empty, or of a pull is written to", async () => {
  await using at = await folder();
  await checkDirectory(join(at.path, "none"));
  await checkDirectory(at.path);
  await mkdir(join(at.path, ".data-dead"));
  await checkDirectory(at.path);
  await writeFile(join(at.path, "mine.yaml"), "");
  await assertRejects(() => checkDirectory(at.path), CommandError, "no pull has written it");
  await assertRejects(() => checkDirectory(join(at.path, "mine.yaml")), CommandError, "not a directory");
});

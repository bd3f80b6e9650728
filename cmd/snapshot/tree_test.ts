import { assertEquals, assertRejects } from "@std/assert";
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "../exit.ts";
import { checkDirectory, DATA, NewTree } from "./tree.ts";

async function folder() {
  const path = await mkdtemp(join(tmpdir(), "xcp-tree-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

function write(directory: string, ...paths: string[]): Promise<void> {
  return NewTree.with(directory, async (tree) => {
    for (const path of paths) await tree.addText(path, false, path);
    await tree.show("{}", Date.now);
  });
}

Deno.test("the next tree takes the place of the one before, and what it lacks is not shown any more", async () => {
  await using at = await folder();
  const out = join(at.path, "deep/out");
  await write(out, "a.yaml", "groups/x/y.yaml");
  assertEquals(await readFile(join(out, "groups/x/y.yaml"), "utf8"), "groups/x/y.yaml");
  const before = await readlink(join(out, DATA));
  await checkDirectory(out);
  await write(out, "b.yaml");
  const now = await readlink(join(out, DATA));
  assertEquals((await readdir(out)).sort(), [DATA, now, "b.yaml"].sort());
  assertEquals(before === now, false);
});

Deno.test("a tree that cannot be written leaves the one before, and nothing beside it", async () => {
  await using at = await folder();
  await write(at.path, "a.yaml");
  const before = (await readdir(at.path)).sort();
  // A file cannot be a folder too.
  await assertRejects(() => write(at.path, "b", "b/c"), CommandError, "Cannot write to");
  assertEquals((await readdir(at.path)).sort(), before);
  assertEquals(await readFile(join(at.path, "a.yaml"), "utf8"), "a.yaml");
});

Deno.test("what is not shown is gone, whatever it was that went wrong", async () => {
  await using at = await folder();
  await write(at.path, "a.yaml");
  const before = (await readdir(at.path)).sort();
  const failing = NewTree.with(at.path, async (tree) => {
    await tree.addText("b.yaml", false, "b");
    await tree.add("c.yaml", true, (file) => Promise.reject(new TypeError(String(file.append("c")))));
  });
  await assertRejects(() => failing, TypeError, "false");
  assertEquals((await readdir(at.path)).sort(), before);
});

Deno.test("a file is what was written, copied and patched, for its owner alone where it is secret", async () => {
  await using at = await folder();
  const text = "0123456789".repeat(100_000);
  await NewTree.with(at.path, async (tree) => {
    await tree.addText("large", false, text);
    await tree.add("both", true, async (file) => {
      await file.write("éa..e");
      await file.copy(join(tree.folder, "large"));
      await file.patch("bc", 3);
      await file.write("end");
    });
    await tree.addFolder("empty");
    await tree.show("{}", Date.now);
  });
  assertEquals(await readFile(join(at.path, "both"), "utf8"), `éabce${text}end`);
  assertEquals([(await stat(join(at.path, "both"))).mode & 0o77, await readdir(join(at.path, "empty"))], [0, []]);
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

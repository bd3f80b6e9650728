import { assertEquals } from "@std/assert";
import { lstat, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NODE_DISK, replaceFile } from "./disk.ts";

Deno.test("a file is made anew beside what a link in its place leads to, and for its owner alone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "xcp-disk-"));
  const [victim, link, file] = ["victim", "a.tmp", "a"].map((name) => join(folder, name)) as [string, string, string];
  await writeFile(victim, "precious", { mode: 0o644 });
  await symlink(victim, link);
  await replaceFile(NODE_DISK, folder, "a", "a.tmp", new TextEncoder().encode("new"));
  assertEquals(await readFile(victim, "utf8"), "precious");
  assertEquals(await readFile(file, "utf8"), "new");
  const { mode } = await lstat(file);
  assertEquals((mode & 0o777).toString(8), "600");
  await rm(folder, { recursive: true });
});

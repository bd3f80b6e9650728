/**
 * The adapters in `examples/adapters`, as somebody has them who copied one: in a folder of its own, with the packages of
 * its lock file in `node_modules`, which are fetched once.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { copyFile, cp, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { part, PartError, run } from "../../scripts/parts.ts";
import { type Folder, temporaryFolder } from "../e2e/harness.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples/adapters/", import.meta.url));

/** Path of the packages of an example, or the reason why they cannot be had here: its tests are skipped by name. */
export async function findModules(
  example: string,
): Promise<{ readonly path: string } | { readonly path?: undefined; readonly reason: string }> {
  const files = ["package.json", "package-lock.json"];
  const hash = createHash("sha256");
  for (const file of files) hash.update(await readFile(join(EXAMPLES, example, file)));
  try {
    const folder = await part(`example-${example}-${hash.digest("hex").slice(0, 16)}`, async (folder) => {
      for (const file of files) await copyFile(join(EXAMPLES, example, file), join(folder, file));
      await run("npm", ["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
    });
    return { path: join(folder, "node_modules") };
  } catch (error) {
    if (!(error instanceof PartError)) throw error;
    return { reason: `Tests of examples/adapters/${example} will be skipped. ${error.message}` };
  }
}

/** A copy of an example with its packages, which goes away with the test. `modules` is from {@link findModules}. */
export async function copyExample(example: string, modules: string): Promise<Folder> {
  const folder = await temporaryFolder();
  try {
    await cp(join(EXAMPLES, example), folder.path, {
      recursive: true,
      // What somebody had made there who tried it out.
      filter: (path) => !/\/(node_modules|xcp\.d\.ts)$/.test(path),
    });
    await symlink(modules, folder.at("node_modules"));
    return folder;
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

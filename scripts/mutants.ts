/**
 * `deno task mutants`: breaks the protocol core in one place after another and looks whether a test notices. A mutant
 * that survives is a gap in the tests, or code that does nothing; those that are no mistake are explained in
 * `mutants/equivalent.ts`. The work happens in temporary copies. Words after the command choose mutants by a part of their
 * name.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CORE } from "./mutants/core.ts";
import { EQUIVALENT } from "./mutants/equivalent.ts";
import { KINDS } from "./mutants/kinds.ts";
import { type Mutant, mutate } from "./mutants/mutant.ts";
import { script } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** What the core and its tests need. */
const COPIED = ["deno.json", "deno.lock", "lib/model", "lib/gen", "lib/xds", "test/conformance", "test/std"];
/** Tests that the tables name, which need only be there. */
const NAMED = ["lib/transport"];
/** The tests beside the rooms and the tables first: they are fast. What they do not notice is played. */
const RUNS: readonly (readonly string[])[] = [
  ["lib/xds", "test/conformance/tables_test.ts"],
  ["test/conformance/interleavings_test.ts"],
];
const INTERLEAVINGS = "12000";
/** A mutant that does not come to an end is noticed too. */
const LONGEST_MS = 90_000;

export const MUTANTS: readonly Mutant[] = [...CORE, ...KINDS];

/** Whether some test fails. */
async function isNoticed(folder: string): Promise<boolean> {
  for (const paths of RUNS) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "--quiet", "--no-check", "-A", "--fail-fast", ...paths],
      cwd: folder,
      env: { XCP_INTERLEAVINGS: INTERLEAVINGS, NO_COLOR: "1" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), LONGEST_MS);
    const { success } = await child.status;
    clearTimeout(timer);
    if (!success) return true;
  }
  return false;
}

async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to, { recursive: true });
  for await (const { name } of Deno.readDir(from)) await copy(join(from, name), join(to, name));
}

/** Tries mutants in a copy of its own until there are none left. */
async function line(mutants: Mutant[], survivors: string[]): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "xcp-mutants-" });
  try {
    for (const path of [...COPIED, ...NAMED]) {
      await Deno.mkdir(join(folder, path, ".."), { recursive: true });
      await copy(join(ROOT, path), join(folder, path));
    }
    if (await isNoticed(folder)) throw new Error("Cannot try mutants: the tests fail without any");
    for (let one = mutants.shift(); one !== undefined; one = mutants.shift()) {
      const path = join(folder, "lib/xds", one.file);
      const text = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, mutate(text, one));
      const noticed = await isNoticed(folder);
      await Deno.writeTextFile(path, text);
      const reason = EQUIVALENT[one.name];
      console.log(`${noticed ? "noticed " : reason === undefined ? "SURVIVES" : "no error"} ${one.file}: ${one.name}`);
      // An explanation that does not hold any more is a mistake as well.
      if (noticed !== (reason === undefined)) survivors.push(`${one.file}: ${one.name}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function main(words: readonly string[]): Promise<number> {
  const chosen = MUTANTS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
  const survivors: string[] = [];
  const count = chosen.length;
  await Promise.all(Array.from({ length: Math.max(1, navigator.hardwareConcurrency) }, () => line(chosen, survivors)));
  const explained = Object.keys(EQUIVALENT).length;
  console.log(
    `\n${count} mutants, ${survivors.length} unexpected, ${explained} explained${
      survivors.map((s) => `\n  ${s}`).join("")
    }`,
  );
  return survivors.length === 0 ? 0 : 1;
}

if (import.meta.main) await script(() => main(Deno.args));

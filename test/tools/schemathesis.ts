/**
 * Schemathesis: requests made from the description of an API, and a look at what they are answered. What it needs is
 * pinned in `schemathesis/requirements.txt`, by version and hash, for Python 3.11 to 3.14, and fetched once by pip.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { part, PartError, PLATFORM, run } from "../../scripts/parts.ts";

const REQUIREMENTS = fileURLToPath(new URL("schemathesis/requirements.txt", import.meta.url));

/** How it is run: a program, its first arguments, its environment. */
export interface Schemathesis {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Or the reason why it cannot be had here: its tests are skipped by name. */
export async function findSchemathesis(): Promise<
  { readonly found: Schemathesis } | { readonly found?: undefined; readonly reason: string }
> {
  try {
    const version = (await run("python3", ["-c", "import sys; print(*sys.version_info[:2], sep='.')"])).trim();
    const digest = createHash("sha256").update(await readFile(REQUIREMENTS)).digest("hex").slice(0, 12);
    const modules = await part(`schemathesis-python${version}-${PLATFORM}-${digest}`, async (folder) => {
      const strict = ["--require-hashes", "--only-binary=:all:", "--disable-pip-version-check", "--quiet"];
      await run("python3", ["-m", "pip", "install", ...strict, "--target", folder, "--requirement", REQUIREMENTS]);
    });
    return { found: { program: "python3", args: ["-c", MAIN], env: { PYTHONPATH: modules, PYTHONUTF8: "1" } } };
  } catch (error) {
    if (error instanceof PartError) return { reason: `Tests with Schemathesis will be skipped. ${error.message}` };
    throw error;
  }
}

const MAIN = "from schemathesis.cli import schemathesis; schemathesis(prog_name='schemathesis')";

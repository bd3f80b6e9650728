/**
 * Programs that are made of Go modules, where there is Go: the module proxy's checksum database holds their hashes.
 *
 * @module
 */
import { rename, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { exists, part, PartError, PLATFORM, run } from "../../scripts/parts.ts";

/** A program as `go install` names it. */
export interface GoProgram {
  /** In the cache and in messages. */
  readonly name: string;
  /** Path of the command in its module. */
  readonly path: string;
  readonly version: string;
}

/** Where people and the official installer put it when it is not on the PATH. */
const USUAL = "/usr/local/go/bin";

/** Path of the program. Throws {@link PartError} when it cannot be had here. */
async function goProgramPath({ name, path, version }: GoProgram): Promise<string> {
  const folder = await part(`${name}-${version}-${PLATFORM}`, async (folder) => {
    const env = { GOBIN: join(folder, "bin"), GOTOOLCHAIN: "auto", CGO_ENABLED: "0" };
    await run(await goPath(), ["install", `${path}@${version}`], { cwd: folder, env });
    await rename(join(folder, "bin", path.split("/").at(-1) ?? ""), join(folder, name));
    await rm(join(folder, "bin"), { recursive: true });
  });
  return join(folder, name);
}

async function goPath(): Promise<string> {
  for (const folder of [...(Deno.env.get("PATH") ?? "").split(delimiter), USUAL]) {
    const path = join(folder, "go");
    if (folder !== "" && await exists(path)) return path;
  }
  throw new PartError("there is no Go");
}

/** The program, or the reason why there is none: its tests, whose names begin with `Go: `, are skipped by name. */
export async function findGoProgram(
  program: GoProgram,
): Promise<{ readonly path: string } | { readonly path?: undefined; readonly reason: string }> {
  try {
    return { path: await goProgramPath(program) };
  } catch (error) {
    if (!(error instanceof PartError)) throw error;
    return { reason: `Tests with ${program.name} will be skipped. ${error.message}` };
  }
}

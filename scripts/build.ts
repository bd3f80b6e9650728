/**
 * `deno task build`: makes `dist/xcp` for this machine. Deno bundles (it understands the import map and byte imports),
 * Bun compiles.
 *
 * @module
 */
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bunPath, hostTarget, type Target } from "./bun.ts";
import { exists, hashFile, run, script } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const DIST = join(ROOT, "dist");

/** The binary that `deno task build` makes. */
export const BINARY: string = join(DIST, "xcp");

/** What the binary is made from; a change in any of them makes it stale. */
const SOURCES = ["main.ts", "cmd", "lib", "proto", "deno.json", "deno.lock", "scripts/build.ts", "scripts/bun.ts"];

/** `deno bundle` runs esbuild, which deno.lock does not hold: version and hash of the binary, whatever the platform. */
const ESBUILD = {
  folder: "esbuild-0.25.5-1",
  sha256: [
    "3331e0b23c99d93d9a39e436a4838de40ca1c95ac3bcbd9874ba169d8545b634", // linux x64
    "d6d656d9326ce1c55c01f73604a3cffda35c63cce60016e9ed795ac91cd1e67d", // linux arm64
    "58d144357454bca840167171380785b133b1e5e682d0c51afa8c80158bfd3f8a", // darwin arm64
  ],
};

/** A compiled xcp takes nothing from its working directory but the `package.json` of an adapter's own packages. */
const COMPILE = [
  "build",
  "--compile",
  "--minify",
  "--bytecode",
  "--format=esm",
  "--no-compile-autoload-dotenv",
  "--no-compile-autoload-bunfig",
  "--no-compile-autoload-tsconfig",
  "--compile-autoload-package-json",
  // Else the folder of the build stands in the binary, and two machines make two binaries.
  '--define=__dirname="/"',
];

/** Bundles `main.ts` and everything it imports into one file, and returns its path. */
export async function bundle(): Promise<string> {
  await mkdir(DIST, { recursive: true });
  const file = join(DIST, "xcp.js");
  const made = join(DIST, `.${crypto.randomUUID()}.js`); // two builds at a time must not mix
  await run(Deno.execPath(), ["bundle", "--quiet", "--platform=deno", "-o", made, join(ROOT, "main.ts")], {
    cwd: ROOT,
  });
  await verifyEsbuild();
  await rename(made, file);
  return file;
}

/** Compiles a bundle for a target into `outfile`, which is replaced as a whole. */
export async function compile(bundle: string, target: Target, outfile: string): Promise<void> {
  const host = await bunPath(hostTarget());
  const runtime = await bunPath(target);
  const work = await Deno.makeTempDir({ dir: DIST, prefix: ".build-" });
  try {
    const made = join(work, "xcp");
    // Run in an empty folder, where no bunfig.toml or .env can have a say.
    await run(
      host,
      [...COMPILE, `--target=${target.bun}`, `--compile-executable-path=${runtime}`, bundle, "--outfile", made],
      { cwd: work, env: { BUN_OPTIONS: "", BUN_BE_BUN: "" } },
    );
    await rename(made, outfile);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Builds `dist/xcp` unless it is newer than everything it is made from; returns its path. */
export async function build(options: { force?: boolean } = {}): Promise<string> {
  if (!options.force && await upToDate()) return BINARY;
  const start = Date.now();
  await compile(await bundle(), hostTarget(), BINARY);
  // As old as the sources that went into it: an edit during the build makes it stale.
  await utimes(BINARY, start / 1000, start / 1000);
  const { size } = await stat(BINARY);
  console.error(
    `Built dist/xcp: ${(size / 1e6).toFixed(0)} MB in ${((Date.now() - start) / 1000).toFixed(1)} s`,
  );
  return BINARY;
}

async function upToDate(): Promise<boolean> {
  if (!await exists(BINARY)) return false;
  const { mtimeMs } = await stat(BINARY);
  for (const source of SOURCES) if (await newest(join(ROOT, source)) > mtimeMs) return false;
  return true;
}

/** Latest change below a path, in milliseconds; a folder's own time tells of files that went away. */
async function newest(path: string): Promise<number> {
  if (!await exists(path)) return 0;
  const info = await stat(path);
  if (!info.isDirectory()) return info.mtimeMs;
  const inside = await Promise.all((await readdir(path)).map((name) => newest(join(path, name))));
  return Math.max(info.mtimeMs, ...inside);
}

/** The folder where Deno keeps what it fetched. */
export async function denoCache(): Promise<string> {
  const info: { denoDir: string } = JSON.parse(await run(Deno.execPath(), ["info", "--json"]));
  return info.denoDir;
}

async function verifyEsbuild(): Promise<void> {
  const folder = join(await denoCache(), "dl", ESBUILD.folder);
  for (const name of await readdir(folder)) {
    const hash = await hashFile(join(folder, name), "sha256");
    if (!ESBUILD.sha256.includes(hash)) throw new Error(`Cannot trust "${join(folder, name)}": unknown hash ${hash}`);
  }
}

if (import.meta.main) await script(async () => void await build({ force: true }));

/**
 * `deno task release`: one bundle, compiled for every platform, with `SHA256SUMS` and the licences of what is inside, in
 * `dist/release`.
 *
 * @module
 */
import { copyFile, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hostTarget, TARGETS } from "./bun.ts";
import { BINARY, bundle, compile, denoCache } from "./build.ts";
import { notices } from "./notices.ts";
import { hashFile, run, script } from "./parts.ts";

/** What is published. */
const RELEASED = [
  "linux-x64",
  "linux-x64-baseline",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-arm64",
];

const FOLDER = join(BINARY, "../release");

async function release(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const bundled = await bundle();
  // First, because it fails fast: nothing is compiled that could not be given away.
  await writeFile(
    join(FOLDER, "THIRD_PARTY_NOTICES.txt"),
    await notices(await readFile(bundled, "utf8"), await denoCache()),
  );
  await copyFile(new URL("../LICENSE", import.meta.url), join(FOLDER, "LICENSE"));
  const sums: string[] = [];
  for (const name of RELEASED) {
    const target = TARGETS[name];
    if (target === undefined) throw new Error(`Cannot build for "${name}": Bun is not pinned for it`);
    const file = `xcp-${name}`;
    const path = join(FOLDER, file);
    await compile(bundled, target, path);
    sums.push(`${await hashFile(path, "sha256")}  ${file}\n`);
    // What this machine cannot run is built and hashed, and not claimed to be more than that.
    const said = runsHere(name) ? (await run(path, ["version"])).split("\n")[0] : "not run on this machine";
    console.error(`${file}: ${((await stat(path)).size / 1e6).toFixed(0)} MB, ${said}`);
  }
  await writeFile(join(FOLDER, "SHA256SUMS"), sums.join(""));
}

function runsHere(name: string): boolean {
  const host = hostTarget().name;
  return name === host || name === `${host}-baseline`;
}

if (import.meta.main) await script(release);

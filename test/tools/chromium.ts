/**
 * The real Chromium for tests of pages: `$CHROMIUM`, else the pinned one from the npm package `@sparticuz/chromium` (a
 * build without a desktop, with the libraries and the font that it needs).
 *
 * @module
 */
import { type Browser, chromium } from "playwright-core";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { exists, npmPackage, part, PartError, PLATFORM, run } from "../../scripts/parts.ts";

const VERSION = "153.0.0";
const INTEGRITY = "sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==";

/** Chromium runs as root and in containers here, and asks no server of its maker for anything. */
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--font-render-hinting=none"];

/** A Chromium that can be started. */
export interface Chromium {
  readonly path: string;
  /** What its process needs to find its libraries and its font. */
  readonly env: Readonly<Record<string, string>>;
}

/** A Chromium, or the reason why there is none here: its tests are then skipped by name. */
export async function findChromium(): Promise<{ chromium: Chromium } | { chromium?: undefined; reason: string }> {
  try {
    return { chromium: await getChromium() };
  } catch (error) {
    if (error instanceof PartError) return { reason: error.message };
    throw error;
  }
}

/** Starts it in an empty home, which goes away with it. */
export async function openBrowser({ path, env }: Chromium): Promise<{ readonly browser: Browser } & AsyncDisposable> {
  const home = await mkdtemp(join(tmpdir(), "xcp-chromium-"));
  const remove = () => rm(home, { recursive: true, force: true });
  try {
    const all = { PATH: Deno.env.get("PATH") ?? "", HOME: home, TMPDIR: home, ...env };
    const browser = await chromium.launch({ executablePath: path, args: ARGS, env: all });
    return {
      browser,
      async [Symbol.asyncDispose]() {
        await browser.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function getChromium(): Promise<Chromium> {
  const named = Deno.env.get("CHROMIUM");
  if (named) {
    if (await exists(named)) return { path: named, env: {} };
    throw new PartError(`Cannot use $CHROMIUM "${named}": no such file`);
  }
  if (PLATFORM !== "linux-x64") {
    throw new PartError(`Cannot fetch Chromium ${VERSION}: there is no package for ${PLATFORM}; set $CHROMIUM`);
  }
  const folder = await part(`chromium-${VERSION}-${PLATFORM}`, unpack);
  return {
    path: join(folder, "chromium"),
    env: { LD_LIBRARY_PATH: join(folder, "lib"), FONTCONFIG_FILE: await fontsFile(folder) },
  };
}

async function unpack(folder: string): Promise<void> {
  await npmPackage("@sparticuz/chromium", VERSION, INTEGRITY, folder);
  for (const name of ["chromium", "al2023.tar", "fonts.tar"]) {
    const file = join(folder, "bin", `${name}.br`);
    await pipeline(createReadStream(file), createBrotliDecompress(), createWriteStream(join(folder, name)));
    if (!name.endsWith(".tar")) continue;
    await run("tar", ["-xf", join(folder, name), "-C", folder]);
    await rm(join(folder, name));
  }
  await chmod(join(folder, "chromium"), 0o755);
  await rm(join(folder, "bin"), { recursive: true });
}

/** The package's font before those of the machine, so that a line breaks in the same place everywhere. */
async function fontsFile(folder: string): Promise<string> {
  const file = join(folder, "xcp-fonts.conf");
  if (await exists(file)) return file;
  const prefer = (family: string, font: string) =>
    `<alias binding="same"><family>${family}</family><prefer><family>${font}</family></prefer></alias>`;
  const made = `${file}.${crypto.randomUUID()}`;
  await writeFile(
    made,
    `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, "fonts")}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  ${prefer("sans-serif", "Open Sans")}
  ${prefer("system-ui", "Open Sans")}
  ${prefer("monospace", "DejaVu Sans Mono")}
</fontconfig>
`,
  );
  await rename(made, file);
  return file;
}

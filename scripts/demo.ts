/**
 * `deno task demo`: builds xcp, finds an Envoy, and runs `xcp playground` with it until Ctrl-C. Arguments are handed on.
 *
 * @module
 */
import { envoyPath } from "../test/tools/envoy.ts";
import { build } from "./build.ts";
import { script } from "./parts.ts";

async function main(): Promise<number> {
  const binary = await build();
  const playground = new Deno.Command(binary, {
    args: ["playground", "--envoy", await envoyPath(), ...Deno.args],
    stdin: "null",
  }).spawn();
  // Ctrl-C goes to the playground as well, and a second SIGINT would end it at once: so it is told with another signal.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      try {
        playground.kill("SIGTERM");
      } catch {
        // It has ended by itself.
      }
    });
  }
  return (await playground.status).code;
}

if (import.meta.main) await script(main);

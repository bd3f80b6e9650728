/**
 * How xcp starts itself again, as the process of an adapter.
 *
 * @module
 */
import process from "node:process";
import { fileURLToPath } from "node:url";

/** The word before the name of an adapter that is part of xcp: `builtin:playground`. */
export const BUILT_IN_PREFIX = "builtin:";

/** Where the code of a compiled binary is for itself. */
const COMPILED = "/$bunfs/";

/** The running program, as far as it is looked at. */
export interface Executable {
  readonly argv: readonly string[];
  readonly execPath: string;
}

/**
 * The command that runs a TypeScript or JavaScript adapter in a process of its own.
 *
 * @param adapter Absolute path of the module, or `builtin:NAME`
 * @param name How people call it: `./adapter.ts`
 */
export function hostCommand(
  adapter: string,
  name: string,
  { argv, execPath }: Executable = process,
): { readonly command: string; readonly args: readonly string[] } {
  const words = [adapter, name];
  if (argv[1]?.startsWith(COMPILED)) return { command: execPath, args: ["adapter-host", ...words] };
  // From source, on Deno. It finds packages in a `node_modules` beside an adapter only in this mode, in which it does not
  // find ours: so the entry is one that needs none.
  const entry = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const deno = ["run", "--quiet", "--allow-all", "--no-check", "--no-lock"];
  const args = adapter.startsWith(BUILT_IN_PREFIX)
    ? [...deno, entry("../../main.ts"), "adapter-host"]
    : [...deno, "--node-modules-dir=manual", entry("./host/main.ts")];
  return { command: execPath, args: [...args, ...words] };
}

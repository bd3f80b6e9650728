/**
 * `xcp adapter-host`: what a server starts for each adapter in TypeScript or JavaScript, in a process of its own. It has
 * no part in `xcp help`.
 *
 * @module
 */
import type { BuiltIn } from "../lib/adapter/host/module.ts";
import type { Command } from "./command.ts";
import { usageError } from "./exit.ts";

/** Adapters that are part of xcp: what stands behind `builtin:` in their names, and how their module is loaded. */
const BUILT_IN: BuiltIn = {
  playground: () => import("../lib/playground/adapter.ts"),
};

export const adapterHost: Command = {
  name: "adapter-host",
  summary: "run a TypeScript or JavaScript adapter, spoken to on standard input and output",
  usage: "MODULE [NAME]",
  examples: [{
    does: "speak to an adapter by hand, in the lines that docs/adapters.md describes",
    line: 'xcp adapter-host "$PWD/adapter.ts"',
  }],
  flags: [],
  words: { most: 2 },
  async run({ words: [adapter, name] }) {
    if (adapter === undefined) throw usageError("Cannot run an adapter: the absolute path of its module is missing");
    const { runHost } = await import("../lib/adapter/host/run.ts");
    return await runHost({ adapter, name: name ?? adapter, builtIn: BUILT_IN });
  },
};

/**
 * `xcp completion`: what `help` says of it. The scripts are made of the table of commands and their flags.
 *
 * @module
 */
import type { Command, Context, Entry } from "./command.ts";
import { EXIT, usageError } from "./exit.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;

/** The command that completes these, and itself among them. */
export function completionOn(commands: readonly Entry[]): Command {
  return {
    name: "completion",
    summary: "print a script that completes commands and flags in bash, zsh or fish",
    usage: SHELLS.join("|"),
    examples: [
      { does: "bash: for this shell; in ~/.bashrc for all", line: "source <(xcp completion bash)" },
      { does: "zsh: after compinit, in ~/.zshrc for all", line: "source <(xcp completion zsh)" },
      { does: "fish", line: "xcp completion fish > ~/.config/fish/completions/xcp.fish" },
    ],
    flags: [],
    words: { most: 1, known: SHELLS },
    notes: ["The script holds what this xcp knows: print it again after an update."],
    async run({ words: [shell] }, { stdout }: Context) {
      if (shell === undefined) {
        throw usageError(`Cannot run "xcp completion": no shell was named`, {
          hint: `It is one of ${SHELLS.join(", ")}`,
        });
      }
      const { scriptOf } = await import("./completion/scripts.ts");
      const script = scriptOf(shell, await Promise.all(commands.map(({ load }) => load())));
      if (script === undefined) {
        throw usageError(`Cannot complete in "${shell}": it is one of ${SHELLS.join(", ")}`, {
          unknown: { given: shell, known: SHELLS },
        });
      }
      stdout.write(script);
      return EXIT.ok;
    },
  };
}

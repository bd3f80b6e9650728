/**
 * Completion scripts: what `table.ts` says in the language of each shell. They hold everything, so that no key
 * press starts xcp.
 *
 * @module
 */
import type { Command } from "../command.ts";
import { bash } from "./bash.ts";
import { fish } from "./fish.ts";
import { zsh } from "./zsh.ts";

const SCRIPTS: Readonly<Record<string, (commands: readonly Command[]) => string>> = { bash, zsh, fish };

/** The script, or undefined for a shell that has none. */
export function scriptOf(shell: string, commands: readonly Command[]): string | undefined {
  return Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell]?.(commands) : undefined;
}

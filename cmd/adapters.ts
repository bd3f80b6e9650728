/**
 * Adapters as people name them, and how their processes are started: for every command that takes one as a source.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { environment } from "../lib/adapter/environment.ts";
import { startProgram } from "../lib/adapter/program.ts";
import type { Heard, Program } from "../lib/adapter/protocol.ts";
import { BUILT_IN_PREFIX, hostCommand } from "../lib/adapter/self.ts";
import type { Log } from "../lib/log.ts";
import { type Containment, isAdapterWord, PROGRAM_PREFIX } from "./adapter_flags.ts";
import type { Context } from "./command.ts";
import { usageError } from "./exit.ts";

/** What to do about a program that cannot be run. */
export const PROGRAM_HINT =
  "It is exec:./program, which is executable and whose interpreter is there, or exec:python3 ./adapter.py";

/** An adapter that was named. */
export interface NamedAdapter {
  /** As it was typed: what issues and the log call it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The file that it is made of; undefined where it is none of the user's. */
  readonly entry: string | undefined;
}

/**
 * The adapter that a word names: a module (`./adapter.ts`, `.mts`, `.js`, `.mjs`), a program (`exec:./program`, or with
 * arguments, which have no spaces in them: `exec:python3 ./adapter.py`), or one that is part of xcp (`builtin:name`).
 * Undefined when it names something else; a directory is none, whatever it is called.
 *
 * @throws {CommandError} `usage`: `exec:` alone
 */
export async function adapterOf(word: string): Promise<NamedAdapter | undefined> {
  if (word.startsWith(PROGRAM_PREFIX)) {
    const [command = "", ...args] = word.slice(PROGRAM_PREFIX.length).split(" ").filter((part) => part !== "");
    if (command === "") throw usageError(`Cannot run "${word}": no program is named`, { hint: PROGRAM_HINT });
    const entry = await fileOf([...args, command]);
    return { name: word, command, args, entry };
  }
  if (word.startsWith(BUILT_IN_PREFIX)) return { name: word, entry: undefined, ...hostCommand(word, word) };
  if (!isAdapterWord(word) || await isDirectory(word)) return undefined;
  const entry = resolve(word);
  return { name: word, entry, ...hostCommand(entry, word) };
}

/** The word that is the author's file: `./adapter.py` of `python3 ./adapter.py`. */
async function fileOf(words: readonly string[]): Promise<string | undefined> {
  for (const word of words) {
    if (word.includes("/") || word.includes(".")) {
      const isFile = await stat(word).then((found) => found.isFile(), () => false);
      if (isFile) return resolve(word);
    }
  }
  return undefined;
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then((found) => found.isDirectory(), () => false);
}

/** Starts processes of an adapter, each with no more of the environment than is granted. */
export function starter(
  { name, command, args }: NamedAdapter,
  { timeoutMs, memory, env }: Containment,
  world: { readonly env: Context["env"]; readonly log: Log },
): (heard: Heard) => Program {
  return (heard) =>
    startProgram({
      name,
      command,
      args,
      env: environment(env, world.env),
      heard,
      memoryBytes: memory,
      // Who may take that long for a call may do so without looking up.
      pingMs: timeoutMs,
      clock: () => performance.now(),
      log: world.log,
    });
}

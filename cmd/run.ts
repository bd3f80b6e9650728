/**
 * From words to an exit code: finds the command, reads its flags, runs it, and says what went wrong.
 *
 * @module
 */
import type { Context } from "./command.ts";
import { COMMANDS, HIDDEN } from "./commands.ts";
import { CommandError, EXIT, usageError } from "./exit.ts";
import { parseFlags } from "./flags.ts";
import { trace } from "../lib/system_error.ts";

/** Runs one command line and returns its exit code. Never throws. */
export async function run(args: readonly string[], context: Context): Promise<number> {
  try {
    return await dispatch(args, context);
  } catch (error) {
    return await report(error, context);
  }
}

async function dispatch(args: readonly string[], context: Context): Promise<number> {
  const [first, ...rest] = args;
  const name = ALIASES[first ?? ""] ?? first;
  const entry = [...COMMANDS, ...HIDDEN].find((entry) => entry.name === name);
  if (entry === undefined) throw unknownCommand(first ?? "");
  const command = await entry.load();
  const parsed = parseFlags(command.flags, rest, context.env);
  if (parsed.on("help")) {
    context.stdout.write((await import("./help.ts")).explain(command));
    return EXIT.ok;
  }
  const most = command.words?.most ?? 0;
  const surplus = parsed.words[most];
  if (surplus !== undefined) {
    throw usageError(`Cannot take "${surplus}": ${name} takes ${most === 0 ? "flags only" : `${most} word at most`}`, {
      hint: `"xcp help ${name}" has examples`,
    });
  }
  return await command.run(parsed, context);
}

const ALIASES: Readonly<Record<string, string>> = {
  "": "help",
  "-h": "help",
  "--help": "help",
  "--version": "version",
};

function unknownCommand(given: string): CommandError {
  const what = given.startsWith("-") ? `a flag before a command` : `no such command`;
  return usageError(`Cannot run "${given}": ${what}`, {
    unknown: { given, known: COMMANDS.map(({ name }) => name) },
    hint: `"xcp help" lists the commands`,
  });
}

async function report(error: unknown, { stderr }: Context): Promise<number> {
  if (!(error instanceof CommandError)) {
    stderr.write(`xcp: ${trace(error)}\n`);
    return EXIT.software;
  }
  stderr.write(`xcp: ${error.message}\n`);
  if (error.unknown !== undefined) {
    const { suggest } = await import("./suggest.ts");
    const meant = suggest(error.unknown.given, error.unknown.known);
    if (meant !== undefined) stderr.write(`Did you mean "${meant}"?\n`);
  }
  if (error.hint !== undefined) stderr.write(`${error.hint}\n`);
  return error.exitCode;
}

/**
 * A world of a command for tests: what it prints is kept.
 *
 * @module
 */
import type { Context } from "../command.ts";
import { run } from "../run.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line. */
export async function ran(
  args: readonly string[],
  env: Record<string, string> = {},
  isTerminal = false,
  stdin: readonly Uint8Array[] = [],
): Promise<Ran> {
  const out = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") => ({ write: (text: string) => void (out[name] += text), isTerminal });
  const context: Context = {
    env,
    stdin: ReadableStream.from(stdin),
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    now: () => 0,
  };
  return { code: await run(args, context), ...out };
}

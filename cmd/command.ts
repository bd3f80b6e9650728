/**
 * What a command is: a description that `help` prints and the flags are read by, and a function. A command's own file
 * holds no more than that and imports what is heavy when it runs, because `help` loads it too.
 *
 * @module
 */
import type { Flag, Parsed } from "./flags.ts";

/** Where a command prints. */
export interface Sink {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Aborted when nobody reads any more: `xcp get clusters --watch | head -1`. */
  readonly gone?: AbortSignal;
}

/** The world of a command, handed in. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What is piped in, read when somebody asks for it. */
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Data. */
  readonly stdout: Sink;
  /** Messages and logs. */
  readonly stderr: Sink;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Example {
  readonly does: string;
  readonly line: string;
}

export interface Command {
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  /** What follows the name: `[SOURCE...]`. */
  readonly usage: string;
  readonly examples: readonly Example[];
  readonly flags: readonly Flag[];
  /**
   * How many words may stand beside the flags, default none; `known` are the only ones there are, where they are not
   * files or the user's own.
   */
  readonly words?: { readonly most: number; readonly known?: readonly string[] };
  /** What the first word says is to be done, and the names of the flags that mean something to it. */
  readonly parts?: Readonly<Record<string, { readonly usage: string; readonly flags: readonly string[] }>>;
  /** Paragraphs after the flags. */
  readonly notes?: readonly string[];
  /** Returns the exit code. Throws a `CommandError` when the person who typed it can do something about it. */
  run(parsed: Parsed, context: Context): Promise<number> | number;
}

/** A command that is not loaded yet. */
export interface Entry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<Command>;
}

/** Whether text for this sink may be coloured: a terminal, and no `NO_COLOR` (https://no-color.org). */
export function wantsColor(sink: Sink, env: Context["env"]): boolean {
  return sink.isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}

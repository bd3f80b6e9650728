/** What the commands use of `@std/cli` 1. */
export interface ParseOptions {
  /** Names that are switches. */
  boolean?: readonly string[];
  /** Names that have a value. */
  string?: readonly string[];
  /** Names whose values are collected into an array. */
  collect?: readonly string[];
  alias?: Readonly<Record<string, string | readonly string[]>>;
  /** Called for what is not described: `key` is undefined for a word. What it returns says whether to keep it. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

export function parseArgs(args: string[], options?: ParseOptions): { _: (string | number)[] } & Record<string, unknown>;

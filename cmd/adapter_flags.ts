/**
 * The flags of every command that runs adapters, and the words that name one.
 *
 * @module
 */
import { BUILT_IN_PREFIX } from "../lib/adapter/self.ts";
import type { Flag, Parsed } from "./flags.ts";
import { durationOf, sizeOf } from "./values.ts";

/** What stands before the command line of a program that is an adapter. */
export const PROGRAM_PREFIX = "exec:";

/** Whether a word looks like an adapter; a directory may be called so too. */
export function isAdapterWord(word: string): boolean {
  return word.startsWith(PROGRAM_PREFIX) || word.startsWith(BUILT_IN_PREFIX) || /\.(ts|mts|js|mjs)$/.test(word);
}

/** How adapters are contained, for every command that runs one. */
export const ADAPTER_FLAGS: readonly Flag[] = [
  {
    name: "adapter-timeout",
    value: "TIME",
    env: true,
    fallback: "30s",
    help: "how long an adapter may take for one call",
  },
  {
    name: "adapter-memory",
    value: "SIZE",
    env: true,
    fallback: "512MiB",
    help: "memory of an adapter's process; one that uses more is ended; none: no limit",
  },
  {
    name: "adapter-env",
    value: "NAME",
    repeat: true,
    env: true,
    help: "environment variable that adapters may see, or PREFIX_*; beside PATH, HOME, LANG, TZ and their like",
  },
];

/** What the flags say. */
export interface Containment {
  /** For one call. */
  readonly timeoutMs: number;
  /** Bytes; undefined: no limit. */
  readonly memory: number | undefined;
  /** Names of environment variables, and globs like `PG*`. */
  readonly env: readonly string[];
}

/**
 * Reads what the flags of {@link ADAPTER_FLAGS} say.
 *
 * @throws {CommandError} `usage`
 */
export function containmentOf(parsed: Parsed): Containment {
  return {
    timeoutMs: durationOf(parsed, "adapter-timeout", 30_000),
    memory: sizeOf(parsed, "adapter-memory", 512 * 2 ** 20),
    env: parsed.all("adapter-env"),
  };
}

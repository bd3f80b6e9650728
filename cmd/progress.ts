/**
 * How far long work has come, on a terminal.
 *
 * @module
 */
import type { Context } from "./command.ts";

export interface Progress {
  readonly report: (done: number, all: number) => void;
  /** Takes the line away, before anything else is printed. */
  readonly clear: () => void;
}

/** Shorter work is not worth a line. */
const AFTER_MS = 300;
/** Lines a second are enough. */
const EVERY_MS = 100;

/** One line on stderr that is written over and over: `Reading chunks: 17 of 40`. Nothing where that is no terminal. */
export function startProgress(what: string, { stderr, now }: Pick<Context, "stderr" | "now">): Progress {
  const began = now();
  let last = began + AFTER_MS - EVERY_MS;
  let shown = false;
  return {
    report(done, all) {
      if (!stderr.isTerminal || now() - last < EVERY_MS) return;
      last = now();
      shown = true;
      stderr.write(`\r\x1b[K${what}: ${done} of ${all}`);
    },
    clear() {
      if (shown) stderr.write("\r\x1b[K");
      shown = false;
    },
  };
}

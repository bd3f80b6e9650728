/**
 * The console of an adapter. The runtimes' own writes to standard output, past every hook, so its methods are replaced.
 *
 * @module
 */
import { format, inspect } from "node:util";
import type { Level } from "./wire.ts";

/** Spaces for each `console.group`. */
const INDENT = 2;

/**
 * Makes the global console write to the log.
 *
 * @param clock Milliseconds from an origin that stays the same, for `console.time`
 */
export function takeConsole(log: (level: Level, message: string) => void, clock: () => number): void {
  const counts = new Map<string, number>();
  const timers = new Map<string, number>();
  let depth = 0;
  const say = (level: Level, text: string) => {
    const margin = " ".repeat(depth * INDENT);
    log(level, margin + text.replaceAll("\n", `\n${margin}`));
  };
  const at = (level: Level) => (...words: unknown[]) => say(level, format(...words));
  const elapsed = (label: string) => `${label}: ${Math.round(clock() - (timers.get(label) ?? clock()))} ms`;
  const group = (...words: unknown[]) => {
    if (words.length > 0) say("info", format(...words));
    depth++;
  };
  Object.assign(globalThis.console, {
    debug: at("debug"),
    log: at("info"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    dir: (value: unknown, options: object = {}) => say("info", inspect(value, options)),
    dirxml: at("info"),
    table: at("info"),
    trace: (...words: unknown[]) => {
      const stack = new Error().stack?.split("\n").slice(2).join("\n") ?? "";
      say("debug", `Trace: ${format(...words)}\n${stack}`);
    },
    assert: (condition?: unknown, ...words: unknown[]) => {
      if (!condition) say("error", `Assertion failed${words.length > 0 ? `: ${format(...words)}` : ""}`);
    },
    count: (label = "default") => {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      say("info", `${label}: ${counts.get(label)}`);
    },
    countReset: (label = "default") => void counts.delete(label),
    group,
    groupCollapsed: group,
    groupEnd: () => void (depth = Math.max(0, depth - 1)),
    time: (label = "default") => void timers.set(label, clock()),
    timeLog: (label = "default", ...words: unknown[]) => say("info", format(elapsed(label), ...words)),
    timeEnd: (label = "default") => {
      say("info", elapsed(label));
      timers.delete(label);
    },
    clear() {},
    write: (text: unknown) => say("info", String(text)), // Bun's own
  });
}

/**
 * A small leveled logger. It is an object that is passed in, never a module that is asked: a room that does not get
 * one cannot log.
 *
 * @module
 */

/** From quiet to loud: what is logged at `warn` is also wanted at `debug`. */
const LEVELS = ["error", "warn", "info", "debug"] as const;
export type Level = (typeof LEVELS)[number];

/** How a line looks: for people, or one JSON object. */
export type LogFormat = "text" | "json";

/** What a message is about, as names and values. A value that is undefined is left out. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where messages go. Never throws. */
export interface Log {
  error(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  debug(message: string, fields?: Fields): void;
}

export interface LogOptions {
  readonly level: Level;
  readonly format: LogFormat;
  /** Takes one whole line, with its newline. */
  readonly write: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether `text` may use terminal colours. */
  readonly color: boolean;
}

const COLORS: Readonly<Record<Level, string>> = { error: "31", warn: "33", info: "32", debug: "90" };

/** A logger that writes lines. */
export function createLog({ level, format, write, now, color }: LogOptions): Log {
  const loudest = LEVELS.indexOf(level);
  const render = format === "json" ? json : text;
  const at = (level: Level) => {
    if (LEVELS.indexOf(level) > loudest) return () => {};
    return (message: string, fields: Fields = {}) =>
      write(render(new Date(now()).toISOString(), level, message, fields, color));
  };
  return { error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug") };
}

function json(time: string, level: Level, message: string, fields: Fields): string {
  return `${JSON.stringify({ time, level, message, ...fields })}\n`;
}

function text(time: string, level: Level, message: string, fields: Fields, color: boolean): string {
  const name = level.padEnd(5);
  let line = `${time} ${color ? `\x1b[${COLORS[level]}m${name}\x1b[0m` : name} ${printable(message)}`;
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) line += ` ${key}=${quote(String(value))}`;
  }
  return `${line}\n`;
}

/**
 * Clients choose node ids and rejection texts: what they say must not move the cursor, begin a line of its own, or turn
 * the direction of the rest.
 */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => {
    const code = (c.codePointAt(0) ?? 0).toString(16);
    return c === "\t" ? " " : code.length < 3 ? `\\x${code.padStart(2, "0")}` : `\\u{${code}}`;
  });
}

function quote(value: string): string {
  return /^[\w.:/@%+,~-]+$/.test(value) ? value : printable(JSON.stringify(value));
}

/** A logger that says nothing. */
export const SILENT: Log = { error() {}, warn() {}, info() {}, debug() {} };

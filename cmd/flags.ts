/**
 * Flags: described once, read from the command line, the environment and a settings file, in this order, and printed
 * by `help`. `@std/cli` splits the words; what is a mistake and how it is said is decided here.
 *
 * @module
 */
import { usageError } from "./exit.ts";
import { parseArgs } from "./std/parse_args.ts";

/** One flag. Without `value` it is a switch. */
export interface Flag {
  /** Without the dashes: `listen`. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** Placeholder in the help: `ADDR`. */
  readonly value?: string;
  /**
   * The value may be left out, and is "" then. The word behind the flag is its value only if this says so, given that
   * word; `--flag=VALUE` always is understood.
   */
  readonly optional?: (next: string) => boolean;
  /** May be given several times; in the environment the values are separated by commas. */
  readonly repeat?: boolean;
  /** The only values there are. */
  readonly choices?: readonly string[];
  /** Also read from `XCP_` and the name in upper case. */
  readonly env?: boolean;
  /** Shown in the help. The command applies it. */
  readonly fallback?: string;
  readonly help: string;
}

/** Values of settings that a file gave, by flag name. */
export type FileValues = ReadonlyMap<string, readonly string[]>;

/** What was typed. */
export interface Parsed {
  readonly words: readonly string[];
  /** The value of a flag, the last one if there are several; undefined when nobody gave one. */
  one(name: string): string | undefined;
  /** All values of a flag; empty when nobody gave one. */
  all(name: string): readonly string[];
  /** Whether a switch is on. */
  on(name: string): boolean;
  /** Where a value came from: `--listen`, `XCP_LISTEN`, `the settings file`. For messages. */
  from(name: string): string;
  /** The same with the values of a settings file under those of the command line and the environment. */
  over(file: FileValues): Parsed;
}

export const HELP: Flag = { name: "help", short: "h", help: "print this" };

/** Name of the environment variable of a flag. */
export function envName(flag: string): string {
  return `XCP_${flag.toUpperCase().replaceAll("-", "_")}`;
}

/**
 * Reads the words after the command's name.
 *
 * @throws {CommandError} `usage`: an unknown flag, a missing or surplus value, a value that is not one of the choices
 */
export function parseFlags(
  flags: readonly Flag[],
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Parsed {
  const known = new Map([...flags, HELP].map((flag) => [flag.name, flag]));
  const { typed, words } = split(known, args);
  const surroundings = new Map<string, string[]>();
  for (const flag of flags) {
    const value = flag.env ? env[envName(flag.name)] : undefined;
    if (value === undefined || value === "") continue;
    const values = flag.repeat ? value.split(",").map((part) => part.trim()).filter((part) => part !== "") : [value];
    surroundings.set(flag.name, values.map((value) => checked(flag, envName(flag.name), value)));
  }
  return view(words, [
    { values: typed, from: (name) => `--${name}` },
    { values: surroundings, from: envName },
  ]);
}

/**
 * Checks a value that a settings file gave.
 *
 * @throws {CommandError} `usage`
 */
export function checked(flag: Flag, origin: string, value: string): string {
  if (flag.value === undefined) return String(truth(origin, value));
  if (value === "") throw usageError(`Cannot take ${origin}: the value is empty`);
  if (flag.choices !== undefined && !flag.choices.includes(value)) {
    throw usageError(`Cannot take ${origin} "${value}": it is one of ${flag.choices.join(", ")}`, {
      unknown: { given: value, known: flag.choices },
    });
  }
  return value;
}

interface Stratum {
  readonly values: FileValues;
  from(name: string): string;
}

function view(words: readonly string[], strata: readonly Stratum[]): Parsed {
  const find = (name: string) => strata.find((stratum) => stratum.values.has(name));
  const all = (name: string) => find(name)?.values.get(name) ?? [];
  return {
    words,
    all,
    one: (name) => all(name).at(-1),
    on: (name) => all(name).at(-1) === "true",
    from: (name) => find(name)?.from(name) ?? `--${name}`,
    over: (file) => view(words, [...strata, { values: file, from: (name) => `"${name}" in the settings file` }]),
  };
}

/** Splits what was typed into values by flag, and words. */
function split(known: ReadonlyMap<string, Flag>, given: readonly string[]) {
  const all = [...known.values()];
  const valued = all.filter((flag) => flag.value !== undefined && !flag.optional).map((flag) => flag.name);
  const switches = all.filter((flag) => flag.value === undefined || flag.optional).map((flag) => flag.name);
  const args = all.reduce(joined, given);
  const words: string[] = [];
  const found = parseArgs([...args], {
    string: valued,
    boolean: switches,
    collect: valued,
    alias: Object.fromEntries(all.flatMap(({ name, short }) => short === undefined ? [] : [[short, name]])),
    unknown: (arg, key) => {
      if (key !== undefined) throw unknownFlag(arg.replace(/=.*$/s, ""), [...known.keys()]);
      words.push(arg);
      return false;
    },
  });
  words.push(...found._.map(String));
  const typed = new Map<string, string[]>();
  for (const flag of all) {
    const value = found[flag.name];
    const shown = `--${flag.name}`;
    // A switch that nobody typed is false too, and one that is spelled out (`--x=no`) comes back as true.
    const spelled = args.findLast((arg) => arg.startsWith(`${shown}=`));
    if (flag.optional !== undefined) {
      const value = optionalOf(flag, shown, args);
      if (value !== undefined) typed.set(flag.name, [value]);
    } else if (Array.isArray(value) && value.length > 0) {
      typed.set(flag.name, valuesOf(flag, shown, value.map(String)));
    } else if (flag.value === undefined && spelled !== undefined) {
      typed.set(flag.name, [checked(flag, shown, spelled.slice(shown.length + 1))]);
    } else if (value === true) typed.set(flag.name, ["true"]);
  }
  return { typed, words };
}

/** What was typed before `--`, with which flags end. */
function beforeEnd(args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return end < 0 ? args : args.slice(0, end);
}

/** The words with the value of a flag that need not have one in the same word as the flag. */
function joined(args: readonly string[], { name, optional }: Flag): readonly string[] {
  const at = optional === undefined ? -1 : beforeEnd(args).indexOf(`--${name}`);
  const next = args[at + 1];
  if (at < 0 || next === undefined || next.startsWith("-") || !optional?.(next)) return args;
  return [...args.slice(0, at), `--${name}=${next}`, ...args.slice(at + 2)];
}

function optionalOf(flag: Flag, shown: string, args: readonly string[]): string | undefined {
  const [first, second] = beforeEnd(args).filter((arg) => arg === shown || arg.startsWith(`${shown}=`));
  if (second !== undefined) throw usageError(`Cannot take "${shown}" twice: it has one value`);
  return first === undefined || first === shown ? first && "" : checked(flag, shown, first.slice(shown.length + 1));
}

function valuesOf(flag: Flag, shown: string, values: string[]): string[] {
  // `--listen --admin none` forgot an address. A value that does begin with a dash is written `--flag=-value`.
  if (values.includes("")) throw usageError(`Cannot take "${shown}" alone: it needs a value, ${shown} ${flag.value}`);
  if (values.length > 1 && !flag.repeat) throw usageError(`Cannot take "${shown}" twice: it has one value`);
  return values.map((value) => checked(flag, shown, value));
}

function truth(origin: string, value: string): boolean {
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  if (/^(false|0|no|off)$/i.test(value)) return false;
  throw usageError(`Cannot take ${origin} "${value}": it is true or false`);
}

function unknownFlag(rawName: string, names: readonly string[]) {
  const given = rawName.replace(/^-+/, "");
  const known = names.map((name) => `--${name}`);
  return usageError(`Cannot take "${rawName}": there is no such flag`, {
    unknown: { given: given.length === 1 ? rawName : `--${given}`, known },
  });
}

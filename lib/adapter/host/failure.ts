/**
 * What went wrong in an adapter, for whoever wrote it: the words, and the place in their files.
 *
 * @module
 */
import { dirname, isAbsolute, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect, stripVTControlCharacters } from "node:util";

/** An adapter's file. */
export interface Place {
  /** Absolute path, or `builtin:NAME`. */
  readonly adapter: string;
  /** How people call it. */
  readonly name: string;
}

/** `boom (./adapter.ts:3:9)`. */
export function failure(thrown: unknown, place: Place): string {
  const one = thrown instanceof AggregateError && thrown.errors.length > 0 ? thrown.errors[0] : thrown;
  const more = thrown instanceof AggregateError && thrown.errors.length > 1
    ? `, and ${thrown.errors.length - 1} more`
    : "";
  const { words, spot } = read(one);
  return `${words}${spot === undefined ? "" : ` (${seen(spot, place)})`}${more}`;
}

interface Spot {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

function read(thrown: unknown): { readonly words: string; readonly spot: Spot | undefined } {
  const said = typeof thrown === "object" && thrown !== null && "message" in thrown ? thrown.message : undefined;
  if (typeof said !== "string") return { words: `it threw ${inspect(thrown, { depth: 1 })}`, spot: undefined };
  const plain = stripVTControlCharacters(said);
  // Deno writes the place of what it cannot load into the message, under an excerpt.
  const inside = /\s+at (file:\/\/\S+):(\d+):(\d+)\s*$/.exec(plain);
  if (inside !== null) {
    return { words: (plain.slice(0, inside.index).split("\n")[0] ?? "").trim(), spot: spotOf(inside) };
  }
  // Bun says who imports it, which may be the inside of the binary.
  const words = withCause(plain.replace(/ imported from \/\$bunfs\/\S*$/, ""), thrown);
  return { words, spot: builtSpot(thrown) ?? stackSpot(thrown) };
}

/** `fetch failed: connect ECONNREFUSED …`: the reason is often one level down. */
function withCause(words: string, thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined;
  const more = cause instanceof Error ? cause.message : "";
  return more === "" || words.includes(more) ? words : `${words}: ${more}`;
}

/** Bun's errors of syntax have a position. */
function builtSpot(thrown: unknown): Spot | undefined {
  const position = typeof thrown === "object" && thrown !== null && "position" in thrown ? thrown.position : undefined;
  if (typeof position !== "object" || position === null) return undefined;
  const { file, line, column } = { file: "", line: 0, column: 0, ...position };
  return isAbsolute(file) ? { file, line, column } : undefined;
}

/** The first place in the stack that is neither the runtime's, nor ours, nor a package's. */
function stackSpot(thrown: unknown): Spot | undefined {
  if (!(thrown instanceof Error)) return undefined;
  for (const line of stripVTControlCharacters(thrown.stack ?? "").split("\n")) {
    const frame = /^\s*at (?:.*? \()?(?:async )?((?:file:\/\/)?\/.*?):(\d+):(\d+)\)?$/.exec(line);
    const spot = frame === null ? undefined : spotOf(frame);
    if (spot !== undefined && !isForeign(spot.file)) return spot;
  }
  return undefined;
}

function spotOf([, file = "", line, column]: RegExpExecArray): Spot {
  return { file: file.startsWith("file:") ? fileURLToPath(file) : file, line: Number(line), column: Number(column) };
}

/** Our code: the folder above, or the inside of a compiled binary. */
const OURS = dirname(dirname(fileURLToPath(import.meta.url)));

function isForeign(file: string): boolean {
  return file.includes("/node_modules/") || file.startsWith("/$bunfs/") || file.startsWith(`${OURS}/`);
}

/** The file as people would write it, from where they named the adapter. */
function seen({ file, line, column }: Spot, { adapter, name }: Place): string {
  const path = file === adapter ? name : besides(file, adapter, name);
  return `${path}:${line}:${column}`;
}

function besides(file: string, adapter: string, name: string): string {
  const way = isAbsolute(adapter) ? relative(dirname(adapter), file) : file;
  return way.startsWith("..") || isAbsolute(way) ? file : join(dirname(name), way);
}

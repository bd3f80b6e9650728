/**
 * From a value to YAML, with the line and column of everything in it.
 *
 * @module
 */
import type { Path, Value } from "./value.ts";

/** A printed configuration. Lines and columns count from 1. */
export interface Printed {
  readonly text: string;
  /** Where the value at a path begins: of a map or list in a map, its key. */
  place(path: Path): Place | undefined;
}

export interface Place {
  /** Of the key, or of the dash. */
  readonly line: number;
  readonly column: number;
  /** Of the first line of what is below, if that is another. */
  readonly first: number;
}

/** What YAML readers take for a string, whatever their version. */
const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const NOT_PLAIN = /^(?:y|n|yes|no|true|false|on|off|null|nan|inf)$/i;

export function print(root: Value): Printed {
  const printer = new Printer();
  if (root.kind === "scalar") printer.scalar(root.text, root.raw);
  else printer.collection(root, 0, [], true);
  return { text: `${printer.lines.join("\n")}\n`, place: (path) => printer.places.get(path.join(".")) };
}

/** Documents in one text, each with the places inside of the whole. */
export function printDocuments(roots: readonly Value[]): Printed {
  const parts = roots.map(print);
  const starts: number[] = [];
  let line = 0;
  for (const part of parts) {
    starts.push(line);
    line += part.text.split("\n").length;
  }
  return {
    text: parts.map((part) => part.text).join("---\n"),
    place: ([document = 0, ...path]) => {
      const place = parts[document]?.place(path);
      const start = starts[document];
      if (place === undefined || start === undefined) return undefined;
      return { line: place.line + start, column: place.column, first: place.first + start };
    },
  };
}

export function quote(value: string, isRaw: boolean): string {
  if (isRaw) return value;
  // JSON escapes are YAML escapes but for these, which JSON leaves alone and YAML readers do not take.
  return JSON.stringify(value).replace(/[\x7f-\x9f\u2028\u2029\ufeff]/g, (c) => {
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function keyText(key: string): string {
  return PLAIN_KEY.test(key) && !NOT_PLAIN.test(key) ? key : quote(key, false);
}

class Printer {
  readonly lines: string[] = [];
  readonly places = new Map<string, Place>();
  #open = "";

  scalar(value: string, isRaw: boolean): void {
    this.#emit(quote(value, isRaw));
  }

  /** A map or list; `inline`: its first line goes on where the line of a dash stopped. */
  collection(value: Value, indent: number, path: number[], inline: boolean): void {
    const count = value.kind === "map" ? value.entries.length : value.kind === "list" ? value.items.length : 0;
    if (path.length === 0) this.places.set("", { line: 1, column: 1, first: 1 });
    if (value.kind === "scalar" || count === 0) {
      return this.#emit(value.kind === "map" ? "{}" : value.kind === "list" ? "[]" : quote(value.text, value.raw));
    }
    for (let i = 0; i < count; i++) {
      if (i > 0 || !inline) this.#open = " ".repeat(indent);
      const own = [...path, i];
      const column = this.#open.length + 1;
      const line = this.lines.length + 1;
      if (value.kind === "map") this.#entry(value.entries[i]?.key ?? "", value.entries[i]?.value, indent, own);
      else this.#item(value.kind === "list" ? value.items[i] : undefined, indent, own);
      const known = this.places.get(own.join("."));
      const first = known?.first ?? line;
      this.places.set(own.join("."), { line, column: known?.column ?? column, first });
    }
  }

  #entry(key: string, value: Value | undefined, indent: number, path: number[]): void {
    const start = `${this.#open}${keyText(key)}:`;
    if (value === undefined) return;
    const line = this.lines.length + 1;
    if (value.kind === "scalar" || isEmpty(value)) {
      this.#open = `${start} `;
      this.places.set(path.join("."), { line, column: this.#open.length + 1, first: line });
      return this.collection(value, indent + 2, path, true);
    }
    const column = this.#open.length + 1;
    this.#emit(`${start}`.slice(this.#open.length));
    this.places.set(path.join("."), { line, column, first: line + 1 });
    this.collection(value, indent + 2, path, false);
  }

  #item(value: Value | undefined, indent: number, path: number[]): void {
    this.#open += "- ";
    const line = this.lines.length + 1;
    this.places.set(path.join("."), { line, column: this.#open.length + 1, first: line });
    if (value !== undefined) this.collection(value, indent + 2, path, true);
  }

  #emit(rest: string): void {
    this.lines.push(this.#open + rest);
    this.#open = "";
  }
}

function isEmpty(value: Value): boolean {
  return value.kind === "map" ? value.entries.length === 0 : value.kind === "list" && value.items.length === 0;
}

/**
 * JSON of a stranger, field by field: each is of its type and within its bounds, or the whole is refused with a word about
 * the field. What comes out has no other fields, and no object in it has a prototype that a name could reach.
 *
 * @module
 */
import { isNestedDeeper } from "../../model/json_depth.ts";
import { SnapshotError } from "./error.ts";
import { FORMAT } from "./format.ts";

/** Characters of a text that nothing else bounds: a name of a resource. */
const LONGEST_TEXT = 64 * 1024;
const LONGEST_SHOWN = 60;
/** A document of any format is nested less deep than this. */
const DEEPEST = 100;

/** One object of a document, and where it stands. */
export class Fields {
  readonly #key: string;
  readonly #path: string;
  readonly #object: object;

  private constructor(key: string, path: string, value: unknown) {
    this.#key = key;
    this.#path = path;
    if (value === null || typeof value !== "object" || Array.isArray(value)) throw this.error("", "is no object");
    this.#object = value;
  }

  /** Reads a document of a format that is known. */
  static of(key: string, bytes: Uint8Array): Fields {
    let value: unknown;
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      if (isNestedDeeper(text, DEEPEST)) throw new SyntaxError("it is nested too deeply");
      value = JSON.parse(text);
    } catch {
      throw new SnapshotError("damaged", key, "it is no JSON");
    }
    const fields = new Fields(key, "", value);
    const format = fields.integer("format", 1);
    if (format > FORMAT) {
      throw new SnapshotError("later-format", key, `format ${format} is of a later xcp, and this one reads ${FORMAT}`);
    }
    return fields;
  }

  error(name: string, state: string): SnapshotError {
    const path = `${this.#path}${name}`.replace(/\.$/, "") || "it";
    return new SnapshotError("damaged", this.#key, `${path} ${state}`);
  }

  /** The value; undefined when the field is not there. */
  value(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? Reflect.get(this.#object, name) : undefined;
  }

  text(name: string, bounds: { readonly longest?: number; readonly form?: RegExp; readonly of?: string } = {}): string {
    const value = this.value(name);
    const { longest = LONGEST_TEXT, form, of = "of the form it must have" } = bounds;
    if (typeof value !== "string") throw this.error(name, "is no text");
    if (value.length > longest) throw this.error(name, `is longer than ${longest} characters`);
    if (form !== undefined && !form.test(value)) throw this.error(name, `is not ${of}`);
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.value(name) === undefined ? undefined : this.text(name);
  }

  integer(name: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.value(name);
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw this.error(name, `is no whole number from ${least} to ${most}`);
  }

  /** True, or not there. */
  flag(name: string): boolean {
    const value = this.value(name);
    if (value === undefined || value === true) return value === true;
    throw this.error(name, "is neither true nor absent");
  }

  object(name: string): Fields {
    return new Fields(this.#key, `${this.#path}${name}.`, this.value(name));
  }

  nullable<T>(name: string, read: (fields: Fields) => T): T | null {
    return this.value(name) === null ? null : read(this.object(name));
  }

  list<T>(name: string, read: (item: Fields) => T): T[] {
    return this.#items(name).map((item, index) => read(new Fields(this.#key, `${this.#path}${name}[${index}].`, item)));
  }

  texts(name: string): string[] {
    return this.#items(name).map((item) => {
      if (typeof item === "string" && item.length <= LONGEST_TEXT) return item;
      throw this.error(name, "has something other than texts");
    });
  }

  /** A map of objects, by name. */
  map<T>(name: string, read: (item: Fields) => T): Record<string, T> {
    const of = this.object(name);
    return record(
      Object.keys(of.#object).map((key) => {
        const path = `${of.#path}${JSON.stringify(key.slice(0, LONGEST_SHOWN))}.`;
        if (key.length > LONGEST_TEXT) throw of.error("", `has a name of more than ${LONGEST_TEXT} characters`);
        return [key, read(new Fields(this.#key, path, of.value(key)))];
      }),
    );
  }

  /** A map of texts. */
  textMap(name: string): Record<string, string> {
    const of = this.object(name);
    return record(Object.keys(of.#object).map((key) => [key, of.text(key)]));
  }

  /** That there is nothing else, where something unknown would mean something. */
  only(...names: readonly string[]): this {
    const other = Object.keys(this.#object).find((name) => !names.includes(name));
    if (other === undefined) return this;
    throw this.error("", `has a field that is not known: ${JSON.stringify(other.slice(0, LONGEST_SHOWN))}`);
  }

  #items(name: string): unknown[] {
    const value = this.value(name);
    if (!Array.isArray(value)) throw this.error(name, "is no list");
    return value;
  }
}

/** An object of these entries, in order of name, and nothing else: not even a prototype. */
export function record<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const made: Record<string, T> = Object.create(null);
  for (const [name, value] of [...entries].sort(([a], [b]) => a < b ? -1 : 1)) made[name] = value;
  return made;
}

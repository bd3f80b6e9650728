/**
 * JSON as YAML in the block style: what js-yaml writes, byte for byte, in a fraction of the time, and also one item of a
 * list after the other. js-yaml is asked about each word that is not plainly one, and a configuration repeats its words.
 *
 * @module
 */
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { dump } from "js-yaml";

/** JSON as YAML in the block style; strings that a reader could take for something else are quoted. */
export function jsonToYaml(json: JsonValue): string {
  return new YamlPrinter().document(json);
}

/** Prints documents, and remembers words. */
export class YamlPrinter {
  readonly #words = new Map<string, string>();
  readonly #keys = new Map<string, string>();
  /** The beginning of a line, by level. */
  readonly #lines: string[] = [];
  /** There was a key that does not stand before its value. */
  #odd = false;

  document(json: JsonValue): string {
    const text = isFilled(json) ? this.#block(json, 0) : undefined;
    return text === undefined || this.#wasOdd() ? dumped(json) : `${text}\n${openEnd(json)}`;
  }

  /**
   * An item of the list under the only key of a document, as the lines that it has there: `  - name: a\n`. After the last
   * one comes its {@link openEnd}.
   */
  item(json: JsonObject): string {
    const text = isFilled(json) ? this.#block(json, 2) : "{}";
    if (!this.#wasOdd()) return `  - ${text}\n`;
    const whole = dumped({ a: [json] });
    return whole.slice("a:\n".length, whole.length - openEnd(json).length);
  }

  #wasOdd(): boolean {
    const odd = this.#odd;
    this.#odd = false;
    return odd;
  }

  /** A list or map that is not empty, from where the line is. */
  #block(json: Filled, level: number): string {
    const next = this.#lines[level] ??= `\n${INDENT.repeat(level)}`;
    let text = "";
    if (Array.isArray(json)) {
      for (const item of json) {
        if (text !== "") text += next;
        text += isFilled(item) ? `- ${this.#block(item, level + 1)}` : `- ${this.#scalar(item, level + 1)}`;
      }
      return text;
    }
    for (const key of Object.keys(json)) {
      const value = json[key] ?? null;
      if (text !== "") text += next;
      text += remembered(this.#keys, key, keyText);
      this.#odd ||= key.length > LONGEST_KEY || key.includes("\n");
      text += isFilled(value)
        ? `:${next}${INDENT}${this.#block(value, level + 1)}`
        : `: ${this.#scalar(value, level + 1)}`;
    }
    return text;
  }

  #scalar(value: JsonValue, level: number): string {
    switch (typeof value) {
      case "string":
        return PLAIN.test(value) && !CONSTANT.test(value) ? value : this.#word(value, level);
      case "boolean":
        return value ? "true" : "false";
      case "number":
        return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : scalarText(value);
      default:
        return value === null ? "null" : Array.isArray(value) ? "[]" : "{}";
    }
  }

  #word(value: string, level: number): string {
    // Lines that are written as they are stand below the key; those without anything have no indent.
    if (value.includes("\n")) return scalarText(value).replaceAll(/\n(?=[^\n])/g, `\n${INDENT.repeat(level - 1)}`);
    return remembered(this.#words, value, scalarText);
  }
}

/** What ends a document whose last line break is one of a text. */
export function openEnd(json: JsonValue): string {
  if (typeof json === "string") return /(?:\n|^)\n$/.test(json) && scalarText(json).startsWith("|") ? "...\n" : "";
  if (typeof json !== "object" || json === null) return "";
  const last = Object.values(json).at(-1);
  return last === undefined ? "" : openEnd(last);
}

type Filled = JsonObject | JsonValue[];

/** Whether it is a list or a map that has lines of its own. */
function isFilled(json: JsonValue): json is Filled {
  if (typeof json !== "object" || json === null) return false;
  if (Array.isArray(json)) return json.length > 0;
  for (const _ in json) return true;
  return false;
}

const INDENT = "  ";
/** Longer ones stand behind a question mark (from 1024 on), and those of several lines. */
const LONGEST_KEY = 1000;
/** What cannot be taken for anything but a string: words, paths, addresses, durations. */
const PLAIN = /^(?:[A-Za-z_/][\w./-]*|\d+\.\d+\.\d+\.\d+|\d+(?:\.\d+)?s)$/;
/** But for these. */
const CONSTANT = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

const MOST_REMEMBERED = 4096;
const LONGEST_REMEMBERED = 128;

function remembered(known: Map<string, string>, word: string, make: (word: string) => string): string {
  let text = known.get(word);
  if (text === undefined) {
    text = make(word);
    if (known.size >= MOST_REMEMBERED) known.clear();
    if (word.length <= LONGEST_REMEMBERED) known.set(word, text);
  }
  return text;
}

/** As a value of a map at the root. */
function scalarText(value: JsonValue): string {
  return dumped({ a: value, b: 0 }).slice("a: ".length, -"\nb: 0\n".length);
}

function keyText(key: string): string {
  if (PLAIN.test(key) && !CONSTANT.test(key)) return key;
  return dumped({ [key]: 0 }).slice(0, -": 0\n".length);
}

function dumped(json: JsonValue): string {
  return dump(json, { lineWidth: -1, noRefs: true });
}

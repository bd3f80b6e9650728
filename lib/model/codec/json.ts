/**
 * JSON text to a tree with positions. The grammar is that of RFC 8259, and what Envoy's reader takes beside it: a comma
 * after the last item, single quotes, keys without quotes, control characters in strings. Comments it does not take.
 *
 * @module
 */
import { RULES } from "./rules.ts";
import type { Source } from "./source.ts";
import { type Entry, mapNode, MAX_DEPTH, type Node, withoutDuplicates } from "./tree.ts";

/** The value, or undefined for an empty text and for one with a syntax error, which is then an issue of the source. */
export function parseJson(source: Source): Node | undefined {
  try {
    return new Parser(source).document();
  } catch (error) {
    if (!(error instanceof Unparsable)) throw error;
    source.issue({ rule: error.rule, offset: error.offset, message: error.message });
    return undefined;
  }
}

/**
 * The same without ever having all of a large text as a tree, which takes many times the memory of the text: when the
 * root is a list, or a map with a list under `key`, each item of that list is handed on as soon as it is read, and the
 * root comes back with the list empty. Undefined when that cannot be done: the text is empty or has a syntax error, or
 * the root has `key` twice, or `@type` after it. Then nothing counts, neither what was handed on nor the source.
 */
export function parseJsonItems(source: Source, key: string, take: (item: Node) => void): Node | undefined {
  try {
    return new Parser(source, { key, take }).document();
  } catch (error) {
    if (!(error instanceof Unparsable)) throw error;
    return undefined;
  }
}

/** A list whose items are not kept: the root, or what is under this key of it. */
interface Outflow {
  readonly key: string;
  readonly take: (item: Node) => void;
}

/** A map with it is one value, whatever else it has. */
const TYPE_KEY = "@type";

class Unparsable extends Error {
  override name = "Unparsable";
  readonly offset: number;
  readonly rule: typeof RULES.jsonSyntax | typeof RULES.tooDeep;

  constructor(message: string, offset: number, rule: Unparsable["rule"] = RULES.jsonSyntax) {
    super(rule === RULES.jsonSyntax ? `invalid JSON: ${message}` : message);
    this.offset = offset;
    this.rule = rule;
  }
}

class Parser {
  readonly #source: Source;
  readonly #text: string;
  readonly #outflow: Outflow | undefined;
  /** Strings of this text in slots: keys and many values come again and again. */
  readonly #seen: (string | undefined)[] = new Array(SLOTS).fill(undefined);
  #at = 0;
  #depth = 0;

  constructor(source: Source, outflow?: Outflow) {
    this.#source = source;
    this.#text = source.text;
    this.#outflow = outflow;
  }

  document(): Node | undefined {
    this.#space();
    if (this.#at === this.#text.length) return undefined;
    const node = this.#value(this.#next() === OPEN_LIST ? this.#outflow : undefined);
    this.#space();
    if (this.#at < this.#text.length) this.#unexpected("the end of the file");
    return node;
  }

  #value(outflow?: Outflow): Node {
    const offset = this.#at;
    switch (this.#next()) {
      case OPEN_MAP:
        return this.#object(offset);
      case OPEN_LIST:
        return this.#array(offset, outflow);
      case QUOTE:
        return { kind: "string", offset, text: this.#string() };
      case APOSTROPHE:
        return { kind: "string", offset, text: this.#escaped(offset, offset + 1) };
      case LETTER_T:
        return { kind: "boolean", offset, text: this.#word("true") };
      case LETTER_F:
        return { kind: "boolean", offset, text: this.#word("false") };
      case LETTER_N:
        this.#word("null");
        return { kind: "null", offset, text: "" };
      default:
        return { kind: "number", offset, text: this.#number() };
    }
  }

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) {
      throw new Unparsable(`more than ${MAX_DEPTH} levels of maps and lists`, this.#at, RULES.tooDeep);
    }
    this.#at++;
    this.#space();
  }

  #object(offset: number): Node {
    this.#enter();
    const entries: Entry[] = [];
    if (!this.#take(CLOSE_MAP)) {
      do {
        this.#space();
        const at = this.#at;
        // After the first key: a comma behind the last one.
        if (entries.length > 0 && this.#next() === CLOSE_MAP) break;
        const key = this.#key();
        this.#space();
        if (!this.#take(COLON)) this.#unexpected('":"');
        this.#space();
        const outflow = this.#depth === 1 ? this.#outflowAt(key, entries) : undefined;
        entries.push({ key, offset: at, value: this.#value(outflow) });
        this.#space();
      } while (this.#take(COMMA));
      if (!this.#take(CLOSE_MAP)) this.#unexpected('"," or "}"');
    }
    this.#depth--;
    return mapNode(offset, withoutDuplicates(entries, this.#duplicate), this.#at);
  }

  #array(offset: number, outflow: Outflow | undefined): Node {
    this.#enter();
    const items: Node[] = [];
    let first = true;
    if (!this.#take(CLOSE_LIST)) {
      do {
        this.#space();
        if (this.#next() === CLOSE_LIST && !first) break;
        first = false;
        const item = this.#value();
        if (outflow === undefined) items.push(item);
        else outflow.take(item);
        this.#space();
      } while (this.#take(COMMA));
      if (!this.#take(CLOSE_LIST)) this.#unexpected('"," or "]"');
    }
    this.#depth--;
    return { kind: "list", offset, items };
  }

  /** Where the value of this key of the root goes, after those that were read. */
  #outflowAt(key: string, before: readonly Entry[]): Outflow | undefined {
    const outflow = this.#outflow;
    if (outflow === undefined || key !== outflow.key && key !== TYPE_KEY) return undefined;
    const seen = before.some((entry) => entry.key === outflow.key);
    if (seen) throw new Unparsable("the root is not what its items were taken for", this.#at);
    return key === TYPE_KEY || before.some((entry) => entry.key === TYPE_KEY) ? undefined : outflow;
  }

  #key(): string {
    const next = this.#next();
    if (next === QUOTE) return this.#string();
    if (next === APOSTROPHE) return this.#escaped(this.#at, this.#at + 1);
    BARE_KEY.lastIndex = this.#at;
    const key = BARE_KEY.exec(this.#text)?.[0] ?? this.#unexpected("a key in double quotes");
    this.#at += key.length;
    return key;
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at + 1;
    const end = text.indexOf('"', start);
    // Of a string that is remembered, it is known that it has no escapes.
    const slot = this.#slotOf(start, end);
    let string = this.#seenAt(slot, start, end);
    if (string === undefined) {
      for (let at = start; at !== end; at++) {
        const code = text.charCodeAt(at);
        // Also at the end of the text, where the code is NaN.
        if (code === BACKSLASH || !(code >= FIRST_PRINTABLE)) return this.#escaped(start - 1, at);
      }
      string = this.#seen[slot] = text.slice(start, end);
    }
    this.#at = end + 1;
    return string;
  }

  /** Where strings of this length, ends and middle are remembered. */
  #slotOf(start: number, end: number): number {
    const text = this.#text;
    const ends = text.charCodeAt(start) * 31 + text.charCodeAt(end - 1);
    return (((end - start) * 31 + text.charCodeAt((start + end) >> 1)) * 31 + ends) & (SLOTS - 1);
  }

  /** One string for all that are equal, as far as it is remembered: it is looked up in a table of fields next. */
  #seenAt(slot: number, start: number, end: number): string | undefined {
    const seen = this.#seen[slot];
    return seen !== undefined && seen.length === end - start && this.#text.startsWith(seen, start) ? seen : undefined;
  }

  /** A string with escapes, or in other quotes. `from`: where to go on looking for its end. */
  #escaped(start: number, from: number): string {
    const text = this.#text;
    const quote = text[start];
    let end = from;
    while (end < text.length && text[end] !== quote) end += text[end] === "\\" ? 2 : 1;
    if (end >= text.length) throw new Unparsable("a string that does not end", start);
    const content = text.slice(start + 1, end);
    this.#at = end + 1;
    try {
      return JSON.parse(`"${content.replaceAll(UNLIKE_JSON, likeJson)}"`);
    } catch {
      throw new Unparsable("a string with a bad escape", start);
    }
  }

  #word(word: string): string {
    if (!this.#text.startsWith(word, this.#at)) this.#unexpected("a value");
    this.#at += word.length;
    return word;
  }

  #next(): number {
    return this.#text.charCodeAt(this.#at);
  }

  #space(): void {
    const text = this.#text;
    let at = this.#at;
    let code = text.charCodeAt(at);
    // Most texts of programs have none.
    if (code > 32) return;
    while (code === 32 || code === 10 || code === 13 || code === 9) code = text.charCodeAt(++at);
    this.#at = at;
  }

  #take(code: number): boolean {
    if (this.#next() !== code) return false;
    this.#at++;
    return true;
  }

  #number(): string {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    let code = text.charCodeAt(at);
    while (code >= DIGIT_0 && code <= DIGIT_9) code = text.charCodeAt(++at);
    const plain = at > start && code !== POINT && (code | 0x20) !== LETTER_E;
    if (!plain || text.charCodeAt(start) === DIGIT_0 && at > start + 1) return this.#longNumber();
    this.#at = at;
    const slot = this.#slotOf(start, at);
    return this.#seenAt(slot, start, at) ?? (this.#seen[slot] = text.slice(start, at));
  }

  #longNumber(): string {
    const pattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0] ?? this.#unexpected("a value");
    this.#at += text.length;
    return text;
  }

  #unexpected(expected: string): never {
    const found = this.#at < this.#text.length ? JSON.stringify(this.#text[this.#at]) : "the end of the file";
    throw new Unparsable(`expected ${expected}, found ${found}`, this.#at);
  }

  readonly #duplicate = (entry: Entry): void => {
    this.#source.issue({
      rule: RULES.duplicateKey,
      severity: "warning",
      offset: entry.offset,
      message: `key "${entry.key}" is there already; the last one counts`,
    });
  };
}

const BARE_KEY = /(?!(?:true|false|null)\b)[A-Za-z_][A-Za-z0-9_]*/y;

/** What the content of a string may have that JSON would not read; an escape is passed over as a whole. */
const UNLIKE_JSON = /\\[^]|["\p{Cc}]/gu;

function likeJson(found: string): string {
  if (found === "\\'") return "'";
  if (found.startsWith("\\")) return found;
  return found === '"' ? '\\"' : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Of strings that are remembered; a power of two. */
const SLOTS = 1024;

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;
const POINT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const LETTER_E = 0x65;
const LETTER_F = 0x66;
const LETTER_N = 0x6e;
const LETTER_T = 0x74;

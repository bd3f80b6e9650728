/**
 * JSON text to a tree with positions. The grammar is that of RFC 8259: no comments, no trailing commas.
 *
 * @module
 */
import { RULES } from "./rules.ts";
import type { Source } from "./source.ts";
import { type Entry, MAX_DEPTH, type Node, withoutDuplicates } from "./tree.ts";

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
    const node = this.#value(this.#text[this.#at] === "[" ? this.#outflow : undefined);
    this.#space();
    if (this.#at < this.#text.length) this.#unexpected("the end of the file");
    return node;
  }

  #value(outflow?: Outflow): Node {
    const offset = this.#at;
    switch (this.#text[offset]) {
      case "{":
        return this.#nested(() => this.#object(offset));
      case "[":
        return this.#nested(() => this.#array(offset, outflow));
      case '"':
        return { kind: "string", offset, text: this.#string() };
      case "t":
        return { kind: "boolean", offset, text: this.#word("true") };
      case "f":
        return { kind: "boolean", offset, text: this.#word("false") };
      case "n":
        this.#word("null");
        return { kind: "null", offset, text: "" };
      default:
        return { kind: "number", offset, text: this.#number() };
    }
  }

  #nested(parse: () => Node): Node {
    if (++this.#depth > MAX_DEPTH) {
      throw new Unparsable(`more than ${MAX_DEPTH} levels of maps and lists`, this.#at, RULES.tooDeep);
    }
    this.#at++;
    this.#space();
    const node = parse();
    this.#depth--;
    return node;
  }

  #object(offset: number): Node {
    const entries: Entry[] = [];
    if (!this.#take("}")) {
      do {
        this.#space();
        const at = this.#at;
        if (this.#text[at] !== '"') this.#unexpected("a key in double quotes");
        const key = this.#string();
        this.#space();
        if (!this.#take(":")) this.#unexpected('":"');
        this.#space();
        const outflow = this.#depth === 1 ? this.#outflowAt(key, entries) : undefined;
        entries.push({ key, offset: at, value: this.#value(outflow) });
        this.#space();
      } while (this.#take(","));
      if (!this.#take("}")) this.#unexpected('"," or "}"');
    }
    return { kind: "map", offset, entries: withoutDuplicates(entries, (entry) => this.#duplicate(entry)) };
  }

  #array(offset: number, outflow: Outflow | undefined): Node {
    const items: Node[] = [];
    if (!this.#take("]")) {
      do {
        this.#space();
        const item = this.#value();
        if (outflow === undefined) items.push(item);
        else outflow.take(item);
        this.#space();
      } while (this.#take(","));
      if (!this.#take("]")) this.#unexpected('"," or "]"');
    }
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

  #string(): string {
    const start = this.#at;
    const text = this.#text;
    let end = start + 1;
    while (end < text.length && text[end] !== '"') end += text[end] === "\\" ? 2 : 1;
    const literal = text.slice(start, end + 1);
    this.#at = end + 1;
    try {
      return JSON.parse(literal);
    } catch {
      throw new Unparsable("a string that does not end, or has a control character or a bad escape", start);
    }
  }

  #word(word: string): string {
    if (!this.#text.startsWith(word, this.#at)) this.#unexpected("a value");
    this.#at += word.length;
    return word;
  }

  #space(): void {
    for (;;) {
      const character = this.#text.charCodeAt(this.#at);
      if (character !== 32 && character !== 10 && character !== 13 && character !== 9) return;
      this.#at++;
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #number(): string {
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

  #duplicate(entry: Entry): void {
    this.#source.issue({
      rule: RULES.duplicateKey,
      severity: "warning",
      offset: entry.offset,
      message: `key "${entry.key}" is there already; the last one counts`,
    });
  }
}

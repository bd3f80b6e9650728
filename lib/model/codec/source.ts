/**
 * A text with its name: from bytes to characters, from an offset to a line and a column, and the list of what is wrong
 * in it.
 *
 * @module
 */
import type { Issue, Position, Severity } from "../issue.ts";
import { nearest } from "./nearest.ts";
import { Repeats } from "./repeats.ts";
import { type Rule, RULES } from "./rules.ts";

/** Words of one file that are compared with what they might have been. */
const MOST_SUGGESTIONS = 300;

/** Issues of one severity in one file, if nothing else is said: who has that many reads the first of them. */
const MOST_ISSUES = 10_000;

/** A file while it is read. Offsets count UTF-16 code units of {@link text}, from 0. */
export class Source {
  readonly file: string;
  readonly text: string;
  /** What stands in the text more than once. */
  readonly repeats: Repeats;
  readonly #issues = new Map<string, { readonly offset: number; readonly issue: Issue }>();
  readonly #kept = new Map<string, string>();
  #lines: number[] | undefined;
  #within = "";
  #suggestions = 0;
  readonly #most: number;
  /** Severity of what can be read and is refused by Envoy. */
  readonly rejections: "error" | "warning";
  readonly #counts: Record<Severity, number> = { error: 0, warning: 0, info: 0 };
  #unlisted = 0;
  #findings = 0;

  /**
   * Invalid UTF-8 is an issue, and leaves an empty text. A byte order mark is no part of the text. Of each severity, no
   * more than `most` issues are kept.
   */
  constructor(
    file: string,
    content: string | Uint8Array,
    options: { readonly most?: number; readonly rejections?: "error" | "warning" } = {},
  ) {
    this.file = file;
    this.#most = options.most ?? MOST_ISSUES;
    this.rejections = options.rejections ?? "error";
    let text = "";
    if (typeof content === "string") {
      text = content;
    } else {
      try {
        text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
      } catch {
        this.issue({ rule: RULES.notUtf8, offset: 0, message: `Cannot read "${file}": it is not UTF-8` });
      }
    }
    this.text = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    this.repeats = new Repeats(this.text);
  }

  /**
   * A string that outlives the file: one for all that are equal, and not a slice, which would hold the whole text, nor a
   * string that still is in pieces.
   */
  keep(text: string): string {
    let kept = this.#kept.get(text);
    if (kept === undefined) {
      kept = String(JSON.parse(JSON.stringify(text)));
      this.#kept.set(kept, kept);
    }
    return kept;
  }

  /** What was meant by a word, if it is near. After a few hundred the reader has other worries than spelling. */
  suggest(word: string, candidates: Iterable<string>): string | undefined {
    return ++this.#suggestions > MOST_SUGGESTIONS ? undefined : nearest(word, candidates);
  }

  /** The line table is made when the first position is asked for. */
  position(offset: number): Position {
    const lines = this.#lines ??= lineStarts(this.text);
    let low = 0;
    let high = lines.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((lines[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { file: this.file, line: low + 1, column: offset - (lines[low] ?? 0) + 1 };
  }

  /** Where {@link inside} is; "" outside of it. */
  get within(): string {
    return this.#within;
  }

  /**
   * Puts a path before those of all issues found meanwhile, for texts whose paths are those of the whole and not of one
   * resource.
   */
  inside(path: string, read: () => void): void {
    const before = this.#within;
    this.#within = path;
    read();
    this.#within = before;
  }

  /** One issue for one place and message: a node that many aliases name is reported once. */
  issue(found: {
    readonly rule: Rule | (string & Record<never, never>);
    readonly offset: number;
    readonly message: string;
    readonly severity?: Severity;
    readonly path?: string;
  }): void {
    this.#findings++;
    const { rule, offset, message, severity = "error" } = found;
    const path = joinPath(this.#within, found.path ?? "");
    const key = `${offset} ${rule} ${message}`;
    if (this.#issues.has(key)) return;
    if (this.#counts[severity]++ >= this.#most) {
      this.#unlisted++;
      return;
    }
    this.#issues.set(key, { offset, issue: { at: this.position(offset), path, rule, severity, message } });
  }

  /** How many issues were found, be they the same as others, or more than are kept. */
  get findings(): number {
    return this.#findings;
  }

  /** All issues so far, in the order of the text. */
  issues(): Issue[] {
    const issues = [...this.#issues.values()].sort((a, b) => a.offset - b.offset).map((found) => found.issue);
    if (this.#unlisted > 0) {
      const message = `${this.#unlisted} more issues are not listed`;
      issues.push({ path: "", rule: RULES.moreIssues, severity: "info", message });
    }
    return issues;
  }
}

/** One path behind the other: `a` and `b`, `a[0]` and `b.c`. */
export function joinPath(path: string, below: string): string {
  if (path === "" || below === "") return path + below;
  return below.startsWith("[") ? path + below : `${path}.${below}`;
}

/** Lines end with LF, CR LF or CR, as in YAML. */
function lineStarts(text: string): number[] {
  const starts = [0];
  const ends = /\r\n?|\n/g;
  while (ends.test(text)) starts.push(ends.lastIndex);
  return starts;
}

/**
 * Regular expressions as Envoy takes them: the syntax of RE2 over bytes, and a limit to the size of the program.
 *
 * @module
 */
import { RE2JS } from "re2js";
import { bytesOf, translate } from "./regex_dialect.ts";
import { programSize } from "./regex_program.ts";
import { simpleSize } from "./regex_simple.ts";

/** The limit of Envoy unless its runtime says otherwise (`re2.max_program_size.error_level`). */
const PROGRAM_LIMIT = 100;

/**
 * The limit that a file sets for the Envoy that reads it, in the runtime of its bootstrap; {@link PROGRAM_LIMIT} if it
 * does not, or a lower one.
 */
export function programLimit(file: string): number {
  const levels = /max_program_size/.test(file) ? file.matchAll(/error_level["']?\s*:\s*["']?(\d+)/g) : [];
  return Math.max(PROGRAM_LIMIT, ...[...levels].map(([, level]) => Number(level)));
}

/** A pattern of more characters is not looked at. */
const LONGEST = 20_000;

/** Of a message that quotes the pattern, so many characters are told. */
const MOST_WORDS = 120;

/**
 * Why Envoy refuses a regular expression (RE2, as in `RegexMatcher`), or undefined: its syntax, or a program of more than
 * `limit` instructions. Source: `source/common/common/regex.cc` of Envoy.
 */
export function regexFault(pattern: string, limit = PROGRAM_LIMIT): string | undefined {
  if (pattern.length > LONGEST) return undefined;
  const most = simpleSize(pattern);
  if (most !== undefined && most <= limit) return undefined;
  const compiled = compile(pattern);
  if (typeof compiled === "string") return compiled;
  const size = programSize(compiled);
  return size > limit ? `too big: a program of ${size} instructions, ${limit} are allowed` : undefined;
}

/** RE2's program, or what is wrong with the pattern. */
function compile(pattern: string): RE2JS | string {
  const { text, fault } = translate(bytesOf(pattern));
  if (fault !== undefined) return fault;
  try {
    return RE2JS.compile(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error);
    return why.length > MOST_WORDS ? `${why.slice(0, MOST_WORDS)}…` : why;
  }
}

/**
 * Regular expressions of rules: RE2's, and they match the whole text.
 *
 * @module
 */
import { RE2JS } from "re2js";

/** Whether a text matches. */
export type Matcher = (text: string) => boolean;

/** Compiles an expression when it is first needed. The built-in engine is much faster where it certainly agrees. */
export function fullMatch(pattern: string): Matcher {
  let matcher: Matcher | undefined;
  return (text) => (matcher ??= compile(pattern))(text);
}

function compile(pattern: string): Matcher {
  if (isPlain(pattern)) {
    const native = new RegExp(`^(?:${pattern})$`, "u");
    return (text) => native.test(text);
  }
  const compiled = RE2JS.compile(pattern);
  return (text) => compiled.matches(text);
}

/**
 * Expressions that mean the same to both: anchors at the ends, characters, escaped signs, one class, and one of them many
 * times. No alternatives (RE2 and JavaScript prefer them alike, but `^` and `$` inside of them are not worth the thought),
 * no dot and no `\s`, which differ in line ends, and no groups, which can take JavaScript for ever.
 */
const PLAIN = /^\^?(?:[A-Za-z0-9_ ,/#%:=&~@!"'<>;-]|\\[.\-/]|\[(?:[^\\[\]&]|\\[.\-/\\]|\\x[0-7][0-9a-fA-F])+\])*[+*]?\$?$/;

/** A class may be followed by more (`[^?#]+[^?#/]`) as long as only one of them repeats before the last. */
const REPEATED_ONCE = /^(?:[^+*]|\\.)*(?:[+*](?:\[[^\]+*]+\])?)?\$?$/;

function isPlain(pattern: string): boolean {
  const single = pattern.replace(/\]\+(?=\[)/, "]");
  return PLAIN.test(single) && REPEATED_ONCE.test(pattern);
}

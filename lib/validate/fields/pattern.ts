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
  if (PLAIN.test(pattern)) {
    const native = new RegExp(pattern, "u");
    return (text) => native.test(text);
  }
  const compiled = RE2JS.compile(pattern);
  return (text) => compiled.matches(text);
}

/** One or two classes of plain characters between anchors, which mean the same to both: `^[^?#]+[^?#/]$`. */
const PLAIN = /^\^(?:\[\^?(?:[A-Za-z0-9_ ,/#%:=?~@!"'<>;-]|\\[-./\\]|\\x[0-7][0-9a-f])+\][+*]?){1,2}\$$/;

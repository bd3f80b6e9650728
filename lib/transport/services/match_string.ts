/**
 * `envoy.type.matcher.v3.StringMatcher`, as a function.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/type/matcher/v3/string.proto
 * @module
 */
import { FieldReader, MalformedMessage } from "../../xds/wire/reader.ts";

/** Characters of a regular expression; its program grows with it. */
const LONGEST_REGEX = 1_024;

/** Whether a text as a whole matches an expression of RE2. Throws what is wrong with the expression. */
export type CompileRegex = (regex: string) => (text: string) => boolean;

/** RE2 for JavaScript: its time is linear in the text. It is a quarter of a megabyte, so it comes when it is needed. */
export async function loadRegex(): Promise<CompileRegex> {
  const { RE2JS } = await import("re2js");
  return (regex) => {
    const compiled = RE2JS.compile(regex);
    return (text) => compiled.matches(text);
  };
}

const KINDS = { exact: 1, prefix: 2, suffix: 3, regex: 5, ignoreCase: 6, contains: 7 } as const;

/**
 * Compiles a matcher. A regular expression is RE2's and must match the whole text; `ignore_case` has no say in it.
 *
 * @throws MalformedMessage when it cannot be read, or asks for what this server does not do
 */
export function readStringMatcher(bytes: Uint8Array, compileRegex: CompileRegex): (text: string) => boolean {
  let kind = 0, pattern = "", ignoreCase = false;
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    switch (reader.field) {
      case KINDS.exact:
      case KINDS.prefix:
      case KINDS.suffix:
      case KINDS.contains:
        [kind, pattern] = [reader.field, reader.string()];
        break;
      case KINDS.regex:
        [kind, pattern] = [reader.field, readRegex(reader.bytes())];
        break;
      case KINDS.ignoreCase:
        ignoreCase = reader.uint() !== 0;
        break;
      default:
        throw new MalformedMessage(`a StringMatcher has field ${reader.field}, which is not supported`);
    }
  }
  if (kind === KINDS.regex) return compile(pattern, compileRegex);
  const fold = (text: string) => ignoreCase ? asciiLower(text) : text;
  const wanted = fold(pattern);
  switch (kind) {
    case KINDS.exact:
      return (text) => fold(text) === wanted;
    case KINDS.prefix:
      return (text) => fold(text).startsWith(wanted);
    case KINDS.suffix:
      return (text) => fold(text).endsWith(wanted);
    case KINDS.contains:
      return (text) => fold(text).includes(wanted);
    default:
      throw new MalformedMessage("a StringMatcher says nothing to match");
  }
}

/** As Envoy folds: letters beyond ASCII stay as they are. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** `RegexMatcher.regex`. */
function readRegex(bytes: Uint8Array): string {
  let regex = "";
  const reader = new FieldReader(bytes);
  while (reader.next()) if (reader.field === 2) regex = reader.string();
  return regex;
}

function compile(regex: string, compileRegex: CompileRegex): (text: string) => boolean {
  if (regex === "") throw new MalformedMessage("a regular expression is empty");
  if (regex.length > LONGEST_REGEX) {
    throw new MalformedMessage(`a regular expression has more than ${LONGEST_REGEX} characters`);
  }
  try {
    return compileRegex(regex);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MalformedMessage(`regular expression ${JSON.stringify(regex)}: ${why}`);
  }
}

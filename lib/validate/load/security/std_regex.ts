/**
 * Regular expressions of C++ (`std::regex`, the grammar of ECMAScript), which Envoy has for tags of statistics.
 *
 * @module
 */

/** An escape, a class, a group's beginning, a repetition, or any other character. */
const TOKEN =
  /\\(?:c[A-Za-z]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[0-9]+|[^])|\[\^?(?:\[([:.=])([^]*?)\1\]|\\[^]|[^\]\\])*\]|\((?:\?[:=!]?)?|(?:[*+?]|\{(\d+)(,?)(\d*)\})\??|[^]|\\$/g;

/** Letters that mean something behind a backslash, besides `\cX`, `\xHH` and `\uHHHH`. */
const ESCAPES = "bBdDfnrstvwWS";

/** Why the standard library refuses a pattern, or undefined. What is inside of a class is not looked at. */
export function stdRegexFault(pattern: string): string | undefined {
  let open = 0;
  let groups = 0;
  let canRepeat = false;
  for (const [token, , , low, comma, high] of pattern.matchAll(TOKEN)) {
    const repeats = canRepeat;
    canRepeat = true;
    if (token.startsWith("\\")) {
      const fault = escapeFault(token, groups);
      if (fault !== undefined) return fault;
      canRepeat = !/^\\[bB]/.test(token);
    } else if (token.startsWith("(")) {
      if (token === "(?") return "only (?:, (?= and (?! can begin with (?";
      open++;
      if (token === "(") groups++;
      canRepeat = false;
    } else if (token === ")") {
      if (--open < 0) return "a ) without a (";
    } else if (/^[*+?]/.test(token) || low !== undefined) {
      if (!repeats) return `nothing to repeat before ${token}`;
      if (comma === "," && high !== "" && Number(low) > Number(high)) {
        return `the numbers of ${token} are the wrong way`;
      }
      canRepeat = false;
    } else if (/^[[\]{}]$/.test(token)) {
      return `a ${token} by itself`;
    } else if (/^[\^$|]$/.test(token)) canRepeat = false;
  }
  return open > 0 ? "a ( without a )" : undefined;
}

function escapeFault(token: string, groups: number): string | undefined {
  const [, char = ""] = token;
  if (char === "") return "a backslash at the end";
  if (/[1-9]/.test(char)) return Number(token.slice(1)) > groups ? `there is no group for ${token}` : undefined;
  if (/[A-Za-z]/.test(char) && token.length === 2 && !ESCAPES.includes(char)) return `${token} is not known`;
  return undefined;
}

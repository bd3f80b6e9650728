/**
 * Where RE2 as Envoy has it differs from re2js: it works on bytes, knows `\\C`, takes a group name twice, and reads an
 * absurd repetition as text.
 *
 * @module
 */

/** The pattern for re2js, or why RE2 refuses it. */
export interface Translated {
  readonly text: string;
  readonly fault?: string;
}

/** Text that stands for itself, escapes, the beginning of a named group, a repetition, and any other character. */
const TOKEN =
  /\\Q[^]*?(?:\\E|$)|\\x\{([0-9A-Fa-f]*)\}|\\[pP]\{\^?([^}]*)\}|\\([1-7][0-7]{2})|\\[^]|\(\?P?<([^>=!]*)>|\{\d*,?\d*\}|[^]/g;

/** Reads a pattern of bytes ({@link bytesOf}). */
export function translate(pattern: string): Translated {
  const names = new Set<string>();
  let text = "";
  let inClass = false;
  /** A bracket right behind the one that opens a class stands for itself. */
  let first = false;
  for (const match of pattern.matchAll(TOKEN)) {
    const [token, hex, property, octal, name] = match;
    const value = hex === undefined ? Number.parseInt(octal ?? "0", 8) : Number.parseInt(hex, 16);
    if (value > 0xff) return { text, fault: `${token} is beyond one byte` };
    if (property !== undefined && !isProperty(property)) {
      return { text, fault: `unknown character class ${token}` };
    }
    if (token === "\\C") {
      if (inClass) return { text, fault: "\\C cannot stand in a class" };
      text += "(?s:.)";
    } else if (name !== undefined && !inClass) {
      text += names.has(name) ? "(" : token;
      names.add(name);
    } else if (!inClass && /^\{\d+.*\d{9}/.test(token) || /^\{\d{9}/.test(token) && !inClass) {
      text += `\\${token}`;
    } else text += token;
    if (!inClass && token === "[") [inClass, first] = [true, true];
    else if (inClass && token === "]" && !first) inClass = false;
    else if (!(first && token === "^")) first = false;
  }
  return { text };
}

/** The bytes of the text, one character each. */
export function bytesOf(text: string): string {
  let bytes = "";
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
}

const CATEGORY = /^(?:C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?|Any)$/;

/** A general category or a script. RE2 knows no other properties, and no other spellings. */
function isProperty(name: string): boolean {
  if (CATEGORY.test(name)) return true;
  if (!/^[A-Z][A-Za-z_]+$/.test(name)) return false;
  try {
    new RegExp(`\\p{Script=${name}}`, "u");
    return true;
  } catch {
    return false;
  }
}

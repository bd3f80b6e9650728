/**
 * JSON that costs more to read than it has bytes: a list in a list in a list takes a hundred times its room in memory, and
 * the whole stack of whoever walks through it.
 *
 * @module
 */

const QUOTE = 34;
const BACKSLASH = 92;
const LIST = 91;
const LIST_END = 93;
const OBJECT = 123;
const OBJECT_END = 125;

/** Whether a text, which need not be JSON, is nested deeper than that, before anything of it is read. */
export function isNestedDeeper(text: string, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === LIST || code === OBJECT) {
      if (++depth > most) return true;
    } else if (code === LIST_END || code === OBJECT_END) depth--;
    else if (code === QUOTE) {
      at = endOfString(text, at);
      if (at < 0) return false;
    }
  }
  return false;
}

/** Where the string ends that begins there; -1 when it does not. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

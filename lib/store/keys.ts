/**
 * What a key is, the same in each store.
 *
 * @module
 */

/** Characters of the longest key. */
export const LONGEST_KEY = 200;

// Words of dots alone would be folders above, not keys.
const WORD = /^(?!\.{1,2}$)[A-Za-z0-9._-]+$/;

/** Whether this can be a part of a key, between its slashes. */
export function isWord(text: string): boolean {
  return WORD.test(text);
}

export function isKey(text: string): boolean {
  return text.length <= LONGEST_KEY && text.split("/").every(isWord);
}

/** Whether keys can begin with this: `""`, or what a key may be before one of its slashes, and that slash. */
export function isPrefix(text: string): boolean {
  return text === "" || (text.endsWith("/") && isKey(text.slice(0, -1)));
}

/**
 * Strangers' words on a terminal.
 *
 * @module
 */

/** Text that others chose (node ids, names, what a server says) on one line, where it cannot steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (c) => c === "\n" || c === "\t" ? " " : "\u{fffd}");
}

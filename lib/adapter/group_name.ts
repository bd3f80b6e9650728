/**
 * Names of groups as adapters may give them.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Bytes of UTF-8: a group may become a directory (`xcp snapshot pull`). */
const MOST_BYTES = 200;

/** Why this is no name of a group, after a colon; undefined when it is one. */
export function badGroupName(name: string): string | undefined {
  if (name === "") return "it is empty";
  if (Buffer.byteLength(name) > MOST_BYTES) return `it is longer than ${MOST_BYTES} bytes`;
  if (name.includes("/")) return 'it has a "/"';
  if (/\p{Cc}/u.test(name)) return "it has a control character";
  if (!name.isWellFormed()) return "it has a lone surrogate";
  return name === "." || name === ".." ? "it is no name of a directory" : undefined;
}

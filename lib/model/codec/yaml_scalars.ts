/**
 * What a plain scalar is to Envoy's reader: yaml-cpp's booleans and integers, and everything else a string, floats
 * included. The field decides later what the string means.
 *
 * @module
 */
import type { ScalarNode } from "./tree.ts";

/** `~`, `null`, `Null`, `NULL`. The empty scalar is null too, and no text. */
export function isNull(text: string): boolean {
  return text === "null" || text === "~" || text === "Null" || text === "NULL";
}

/** Lower case, upper case, or a capital first letter. */
const BOOLEANS: ReadonlyMap<string, string> = new Map(
  ["y true", "yes true", "on true", "true true", "n false", "no false", "off false", "false false"].flatMap((row) => {
    const [word = "", value = ""] = row.split(" ");
    const capital = word.charAt(0).toUpperCase() + word.slice(1);
    return [word, capital, word.toUpperCase()].map((spelling) => [spelling, value] as const);
  }),
);

const SMALL = /^[1-9][0-9]{0,8}$/;
const INTEGER = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;
const LETTERS = 65;

/** A plain scalar that is not null. An integer beyond 32 bits is its decimal form as a string. */
export function resolvePlain(text: string, offset: number): ScalarNode {
  if (text.charCodeAt(0) >= LETTERS) {
    const boolean = text.length <= 5 ? BOOLEANS.get(text) : undefined;
    return boolean === undefined ? { kind: "string", offset, text } : { kind: "boolean", offset, text: boolean };
  }
  if (SMALL.test(text)) return { kind: "number", offset, text };
  const match = INTEGER.exec(text);
  if (match === null) return { kind: "string", offset, text };
  const [, sign, digits = ""] = match;
  const octal = digits.length > 1 && /^0[0-7]/.test(digits);
  const size = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  const value = sign === "-" ? -size : size;
  if (BigInt.asIntN(64, value) !== value) return { kind: "string", offset, text };
  return { kind: BigInt.asIntN(32, value) === value ? "number" : "string", offset, text: value.toString() };
}

/**
 * Scalar values as protobuf's JSON parser takes them in the lenient mode that Envoy uses.
 *
 * @see https://protobuf.dev/programming-guides/json/
 * @module
 */
import { ScalarType } from "@bufbuild/protobuf";
import { Buffer } from "node:buffer";
import { RULES } from "./rules.ts";
import { parseFloatText } from "./floats.ts";
import type { Run, ValueCodec } from "./run.ts";
import type { Node } from "./tree.ts";

/** The codec of a scalar type. */
export function scalarCodec(type: ScalarType): ValueCodec {
  switch (type) {
    case ScalarType.STRING:
      return encodeString;
    case ScalarType.BYTES:
      return encodeBytes;
    case ScalarType.BOOL:
      return encodeBool;
    case ScalarType.FLOAT:
      return (run, node) => encodeFloat(run, node, true);
    case ScalarType.DOUBLE:
      return (run, node) => encodeFloat(run, node, false);
    case ScalarType.UINT32:
      return integerCodec(UINT32, (run, value) => run.writer.uint32(Number(value)));
    case ScalarType.FIXED32:
      return integerCodec(UINT32, (run, value) => run.writer.fixed32(Number(value)));
    case ScalarType.INT32:
      return integerCodec(INT32, writeInt);
    case ScalarType.SINT32:
      return integerCodec(INT32, (run, value) => run.writer.varint(zigzag(BigInt(value))));
    case ScalarType.SFIXED32:
      return integerCodec(INT32, (run, value) => run.writer.fixed32(Number(value)));
    case ScalarType.UINT64:
      return integerCodec(UINT64, writeInt);
    case ScalarType.FIXED64:
      return integerCodec(UINT64, (run, value) => run.writer.fixed64(BigInt(value)));
    case ScalarType.INT64:
      return integerCodec(INT64, writeInt);
    case ScalarType.SINT64:
      return integerCodec(INT64, (run, value) => run.writer.varint(zigzag(BigInt(value))));
    case ScalarType.SFIXED64:
      return integerCodec(INT64, (run, value) => run.writer.fixed64(BigInt(value)));
  }
}

/** A string with its length; also used for map keys and type URLs. */
export function writeString(run: Run, value: string): void {
  const mark = run.writer.length;
  run.writer.string(value);
  run.writer.uint32(run.writer.since(mark));
}

function encodeString(run: Run, node: Node): boolean {
  if (node.kind !== "string" && node.kind !== "null") {
    // The value itself is not repeated: it may be a password that is all digits.
    const hint = node.kind === "number" || node.kind === "boolean" ? ": put it in quotes" : "";
    return run.wrongType(node, "a string", hint);
  }
  if (!node.text.isWellFormed()) {
    run.issue(RULES.badString, node.offset, "a lone surrogate in a string has no UTF-8 form");
    return false;
  }
  writeString(run, node.text);
  return true;
}

/** Base64 of either alphabet, with or without padding. */
const BASE64 = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2}(?:==)?|[A-Za-z0-9+/_-]{3}=?)?$/;

function encodeBytes(run: Run, node: Node): boolean {
  if (node.kind !== "string" && node.kind !== "null") return run.wrongType(node, "base64 in a string");
  if (!BASE64.test(node.text)) {
    run.issue(RULES.badBytes, node.offset, "expected base64");
    return false;
  }
  // Node's decoder takes both alphabets and does not need the padding.
  const value = Buffer.from(node.text, "base64");
  run.writer.bytes(value);
  run.writer.uint32(value.length);
  return true;
}

/** What absl::SimpleAtob takes. */
const TRUE: ReadonlySet<string> = new Set(["true", "t", "yes", "y", "1"]);
const FALSE: ReadonlySet<string> = new Set(["false", "f", "no", "n", "0"]);

/** The value of a bool field, or undefined for a node that is none. */
export function readBool(node: Node): boolean | undefined {
  if (node.kind === "null") return false;
  if (node.kind === "boolean") return node.text === "true";
  if (node.kind !== "string") return undefined;
  const word = node.text.toLowerCase();
  return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
}

function encodeBool(run: Run, node: Node): boolean {
  const value = readBool(node);
  if (value === undefined) return run.wrongType(node, "true or false");
  run.writer.uint32(value ? 1 : 0);
  return true;
}

interface Range {
  readonly name: string;
  readonly min: bigint;
  readonly max: bigint;
  /** Largest number that is taken when it is written as a float: where doubles stop being exact. */
  readonly exact: number;
}

const INT32: Range = { name: "int32", min: -(1n << 31n), max: (1n << 31n) - 1n, exact: 2 ** 53 };
const UINT32: Range = { name: "uint32", min: 0n, max: (1n << 32n) - 1n, exact: 2 ** 54 };
const INT64: Range = { name: "int64", min: -(1n << 63n), max: (1n << 63n) - 1n, exact: 2 ** 53 };
const UINT64: Range = { name: "uint64", min: 0n, max: (1n << 64n) - 1n, exact: 2 ** 54 };

/** Digits with a sign. */
export const DECIMAL = /^[+-]?[0-9]+$/;

/** Of these, fewer than ten fit any type of integers. */
const DIGITS = /^[0-9]+$/;

function integerCodec(range: Range, write: (run: Run, value: number | bigint) => void): ValueCodec {
  return (run, node) => {
    const value = readInteger(run, node, range);
    if (value === undefined) return false;
    write(run, value);
    return true;
  };
}

/** Small numbers stay numbers: the rest is rare and slow. */
function readInteger(run: Run, node: Node, range: Range): number | bigint | undefined {
  if (node.kind === "null") return 0;
  if (node.kind !== "number" && node.kind !== "string") {
    run.wrongType(node, `a whole number (${range.name})`);
    return undefined;
  }
  const { text } = node;
  let value: number | bigint;
  if (text.length < 10 && DIGITS.test(text)) return Number(text);
  if (DECIMAL.test(text)) {
    value = text.length < 10 ? Number(text) : BigInt(text.startsWith("+") ? text.slice(1) : text);
  } else {
    value = parseFloatText(text) ?? NaN;
    if (!Number.isInteger(value) || Math.abs(value) > range.exact) {
      run.issue(RULES.badNumber, node.offset, `expected a whole number (${range.name}), found "${clip(text)}"`);
      return undefined;
    }
    if (!Number.isSafeInteger(value)) value = BigInt(value);
  }
  if (value < range.min || value > range.max) {
    run.issue(RULES.badNumber, node.offset, `${clip(text)} does not fit ${range.name}: ${range.min} to ${range.max}`);
    return undefined;
  }
  return value;
}

/** A varint for int32, int64, uint64 and enums: negative numbers take ten bytes. */
export function writeInt(run: Run, value: number | bigint): void {
  if (value >= 0 && value <= 0xffffffff) run.writer.uint32(Number(value));
  else run.writer.varint(BigInt(value));
}

function zigzag(value: bigint): bigint {
  return value < 0n ? -value * 2n - 1n : value * 2n;
}

function encodeFloat(run: Run, node: Node, single: boolean): boolean {
  const name = single ? "float" : "double";
  if (node.kind !== "number" && node.kind !== "string" && node.kind !== "null") {
    return run.wrongType(node, `a number (${name})`);
  }
  const { text } = node;
  const value = node.kind === "null" ? 0 : parseFloatText(text.trim());
  if (value === undefined) {
    run.issue(RULES.badNumber, node.offset, `expected a number (${name}), found "${clip(text)}"`);
    return false;
  }
  if (single && Number.isFinite(value) && !Number.isFinite(Math.fround(value))) {
    run.issue(RULES.badNumber, node.offset, `${clip(text)} does not fit float`);
    return false;
  }
  if (single) run.writer.float(value);
  else run.writer.double(value);
  return true;
}

/** A quoted value in a message: short, on one line. */
export function clip(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}

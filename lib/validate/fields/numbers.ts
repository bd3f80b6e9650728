/**
 * Rules of numbers, bools and enums.
 *
 * @module
 */
import { type DescEnum, ScalarType } from "@bufbuild/protobuf";
import { EnumNames } from "../../model/codec/enums.ts";
import { parseFloatText } from "../../model/codec/floats.ts";
import { readBool } from "../../model/codec/scalars.ts";
import type { Node } from "../../model/codec/tree.ts";
import { every, FIELD_RULE, oneOf, type ValueCheck } from "./check.ts";
import { listOf, numberOf, type Rules, type Setting } from "./options.ts";
import { rangeOf } from "./ranges.ts";

/** A number as exact as it is: a bigint beyond what a double can count to, and never otherwise. */
export type Exact = number | bigint;

/** Checks a number of any scalar type. */
export function numberCheck(rules: Rules, type: ScalarType): ValueCheck | undefined {
  const read = type === ScalarType.FLOAT ? readFloat : type === ScalarType.DOUBLE ? readDouble : readInteger;
  const limit = (name: string) => exactOf(rules[name]);
  const limits = { lt: limit("lt"), lte: limit("lte"), gt: limit("gt"), gte: limit("gte") };
  const range = rangeOf(limits, compare, String);
  const only = setOf(rules, "in");
  const none = setOf(rules, "not_in");
  const constant = limit("const");
  if (constant !== undefined) only.push(constant);
  if (range === undefined && only.length === 0 && none.length === 0) return undefined;
  const ignoreEmpty = rules["ignore_empty"] === true;
  const [lowest, highest] = boundsOf(type);
  return (node) => {
    const value = node === undefined ? 0 : read(node);
    if (value === undefined || ignoreEmpty && value === 0 || value < lowest || value > highest) return undefined;
    if (range?.isOutside(value)) return { rule: FIELD_RULE.valueRange, must: range.must, found: String(value) };
    return only.length > 0 && !only.includes(value)
      ? { rule: FIELD_RULE.valueSet, must: `must be ${oneOf(only.map(String))}`, found: String(value) }
      : none.includes(value)
      ? { rule: FIELD_RULE.valueSet, must: `must not be ${oneOf(none.map(String))}`, found: String(value) }
      : undefined;
  };
}

/** Checks a bool. */
export function boolCheck(rules: Rules): ValueCheck | undefined {
  const constant = rules["const"];
  if (typeof constant !== "boolean") return undefined;
  return (node) => {
    const value = node === undefined ? false : readBool(node);
    if (value === undefined || value === constant) return undefined;
    return { rule: FIELD_RULE.valueSet, must: `must be ${constant}`, found: String(value) };
  };
}

/** Checks an enum. */
export function enumCheck(rules: Rules, desc: DescEnum): ValueCheck | undefined {
  const names = new EnumNames(desc);
  const show = (value: number) => desc.value[value]?.name ?? String(value);
  const allowed = listOf(rules, "in")?.map(Number);
  const refused = listOf(rules, "not_in")?.map(Number);
  const constant = numberOf(rules, "const");
  const among = (allow: (value: number) => boolean, must: () => string): ValueCheck => (node) => {
    const value = node === undefined ? 0 : names.read(node);
    if (value === undefined || allow(value)) return undefined;
    return { rule: FIELD_RULE.enumValue, must: must(), found: show(value) };
  };
  const defined = () => desc.values.map((each) => each.name).filter((name) => !isRefused(name));
  const isRefused = (name: string) => refused?.some((number) => show(number) === name) === true;
  return every([
    constant === undefined ? undefined : among((value) => value === constant, () => `must be ${show(constant)}`),
    allowed === undefined
      ? undefined
      : among((value) => allowed.includes(value), () => `must be ${oneOf(allowed.map(show))}`),
    refused === undefined
      ? undefined
      : among((value) => !refused.includes(value), () => `must not be ${oneOf(refused.map(show))}`),
    rules["defined_only"] !== true ? undefined : among(
      (value) => desc.value[value] !== undefined,
      () => defined().length > 12 ? `must be a value of ${desc.name}` : `must be ${oneOf(defined())}`,
    ),
  ]);
}

/** What fits the type; the codec reports what does not. */
function boundsOf(type: ScalarType): readonly [lowest: Exact, highest: Exact] {
  switch (type) {
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return [-(2 ** 31), 2 ** 31 - 1];
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return [0, 2 ** 32 - 1];
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return [-(2n ** 63n), 2n ** 63n - 1n];
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return [0, 2n ** 64n - 1n];
    default:
      return [-Infinity, Infinity];
  }
}

function compare(value: Exact, limit: Exact): number {
  return value < limit ? -1 : value > limit ? 1 : value === limit ? 0 : NaN;
}

function setOf(rules: Rules, name: string): Exact[] {
  return (listOf(rules, name) ?? []).map(exactOf).filter((value) => value !== undefined);
}

function exactOf(value: Setting | undefined): Exact | undefined {
  if (typeof value === "number") return value;
  return typeof value === "bigint" ? exact(value) : undefined;
}

function exact(value: bigint): Exact {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

const WHOLE = /^[+-]?[0-9]+$/;

/** A whole number in all the forms that the codec takes. */
export function readInteger(node: Node): Exact | undefined {
  if (node.kind === "null") return 0;
  if (node.kind !== "number" && node.kind !== "string") return undefined;
  const { text } = node;
  if (text.length < 16) {
    const value = Number(text);
    if (Number.isInteger(value)) return value;
  }
  if (WHOLE.test(text)) return exact(BigInt(text.startsWith("+") ? text.slice(1) : text));
  const value = parseFloatText(text);
  return value === undefined || !Number.isInteger(value) ? undefined : exact(BigInt(value));
}

export function readDouble(node: Node): number | undefined {
  if (node.kind === "null") return 0;
  return node.kind === "number" || node.kind === "string" ? parseFloatText(node.text.trim()) : undefined;
}

function readFloat(node: Node): number | undefined {
  const value = readDouble(node);
  return value === undefined ? undefined : Math.fround(value);
}

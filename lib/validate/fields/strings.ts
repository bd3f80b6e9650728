/**
 * Rules of strings and bytes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Node } from "../../model/codec/tree.ts";
import { every, type Fault, FIELD_RULE, oneOf, quote, type ValueCheck } from "./check.ts";
import { BYTE_FORMATS, type Format, FORMATS } from "./known.ts";
import { listOf, numberOf, type Rules, type Setting, stringOf } from "./options.ts";
import { fullMatch } from "./pattern.ts";

/** Says what is wrong with a value, if anything is. */
type Complaint<T> = (value: T) => Fault | undefined;

/** Checks a string. `secret`: no value is shown. */
export function stringCheck(rules: Rules, secret: boolean): ValueCheck | undefined {
  const show = (text: string) => secret ? undefined : quote(text);
  const complaints = [
    ...lengths(rules, ["len", "min_len", "max_len"], "character", codePoints, (text) => text.length, 2),
    ...lengths(rules, ["len_bytes", "min_bytes", "max_bytes"], "byte", byteLength, (text) => text.length, 3),
    ...sets(rules, asString, (a, b) => a === b, quote, show),
    ...affixes(rules, show),
    pattern(rules, show),
    format(rules, show),
  ].filter((each) => each !== undefined);
  if (complaints.length === 0) return undefined;
  const ignoreEmpty = rules["ignore_empty"] === true;
  const read = (node: Node | undefined) => {
    const text = node === undefined || node.kind === "null" ? "" : node.kind === "string" ? node.text : undefined;
    return ignoreEmpty && text === "" ? undefined : text;
  };
  return every(complaints.map((complaint): ValueCheck => (node) => {
    const text = read(node);
    return text === undefined ? undefined : complaint(text);
  }));
}

/** Checks bytes, which a text has as base64. None are shown. */
export function bytesCheck(rules: Rules): ValueCheck | undefined {
  const hidden = () => undefined;
  const expression = stringOf(rules, "pattern");
  const matches = expression === undefined ? undefined : fullMatch(expression);
  const family = Object.keys(BYTE_FORMATS).find((name) => rules[name] === true);
  const address = family === undefined ? undefined : BYTE_FORMATS[family];
  const part = (name: string, must: string, has: (value: Buffer, part: Buffer) => boolean): Complaint<Buffer> => {
    const wanted = asBytes(rules[name]);
    const fault = { rule: FIELD_RULE.stringPattern, must: `${must} ${wanted?.length ?? 0} bytes of its rule` };
    return (value) => wanted === undefined || has(value, wanted) ? undefined : fault;
  };
  const size = (value: Buffer) => value.length;
  const complaints: Complaint<Buffer>[] = [
    ...lengths(rules, ["len", "min_len", "max_len"], "byte", size, size, 1),
    ...sets(rules, asBytes, (a, b) => a.equals(b), (value) => value.toString("base64"), hidden),
    part("prefix", "must begin with the", (value, wanted) => value.subarray(0, wanted.length).equals(wanted)),
    part(
      "suffix",
      "must end with the",
      (value, wanted) => value.length >= wanted.length && value.subarray(value.length - wanted.length).equals(wanted),
    ),
    part("contains", "must contain the", (value, wanted) => value.includes(wanted)),
    (value) =>
      matches === undefined || matches(value.toString("utf8"))
        ? undefined
        : { rule: FIELD_RULE.stringPattern, must: `must match ${expression}` },
    (value) =>
      address === undefined || address.lengths.includes(value.length)
        ? undefined
        : { rule: FIELD_RULE.stringFormat, must: `must be ${address.name}`, found: counted(value.length, "byte") },
  ];
  const ignoreEmpty = rules["ignore_empty"] === true;
  return (node) => {
    const text = node === undefined || node.kind === "null" ? "" : node.kind === "string" ? node.text : undefined;
    if (text === undefined) return undefined;
    const value = Buffer.from(text, "base64");
    if (ignoreEmpty && value.length === 0) return undefined;
    for (const complaint of complaints) {
      const fault = complaint(value);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

/** Lengths are counted only where a guess (at least `guess / most`, at most `guess * most`) does not decide. */
function lengths<T>(
  rules: Rules,
  [exactly, least, most]: readonly [exactly: string, least: string, most: string],
  unit: string,
  count: (value: T) => number,
  guess: (value: T) => number,
  factor: number,
): Complaint<T>[] {
  const length = numberOf(rules, exactly);
  const min = length ?? numberOf(rules, least) ?? 0;
  const max = length ?? numberOf(rules, most) ?? Infinity;
  if (min <= 0 && max === Infinity) return [];
  const wanted = min === max
    ? `be ${counted(min, unit)} long`
    : max === Infinity
    ? min === 1 ? "not be empty" : `have at least ${counted(min, unit)}`
    : min <= 0
    ? `have at most ${counted(max, unit)}`
    : `have ${min} to ${counted(max, unit)}`;
  return [(value) => {
    const guessed = guess(value);
    if (guessed >= min * factor && guessed * factor <= max) return undefined;
    const size = count(value);
    if (size >= min && size <= max) return undefined;
    const found = max === Infinity && min === 1 ? undefined : counted(size, unit);
    return { rule: FIELD_RULE.stringLength, must: `must ${wanted}`, found };
  }];
}

function sets<T>(
  rules: Rules,
  read: (value: Setting | undefined) => T | undefined,
  equal: (a: T, b: T) => boolean,
  name: (value: T) => string,
  show: (value: T) => string | undefined,
): Complaint<T>[] {
  const list = (key: string) => (listOf(rules, key) ?? []).map(read).filter((value) => value !== undefined);
  const constant = read(rules["const"]);
  const complain = (values: readonly T[], must: string, wanted: boolean): Complaint<T> => {
    const names = values.length > 12 ? `${values.slice(0, 12).map(name).join(", ")}, …` : oneOf(values.map(name));
    return (value) =>
      values.some((each) => equal(each, value)) === wanted
        ? undefined
        : { rule: FIELD_RULE.valueSet, must: `${must} ${names}`, found: show(value) };
  };
  const [only, none] = [list("in"), list("not_in")];
  return [
    ...constant === undefined ? [] : [complain([constant], "must be", true)],
    ...only.length === 0 ? [] : [complain(only, "must be", true)],
    ...none.length === 0 ? [] : [complain(none, "must not be", false)],
  ];
}

function affixes(rules: Rules, show: (text: string) => string | undefined): (Complaint<string> | undefined)[] {
  const affix = (name: string, must: string, has: (text: string, part: string) => boolean) => {
    const part = stringOf(rules, name);
    if (part === undefined) return undefined;
    return (text: string): Fault | undefined =>
      has(text, part)
        ? undefined
        : { rule: FIELD_RULE.stringPattern, must: `must ${must} ${quote(part)}`, found: show(text) };
  };
  return [
    affix("prefix", "begin with", (text, part) => text.startsWith(part)),
    affix("suffix", "end with", (text, part) => text.endsWith(part)),
    affix("contains", "contain", (text, part) => text.includes(part)),
    affix("not_contains", "not contain", (text, part) => !text.includes(part)),
  ];
}

function pattern(rules: Rules, show: (text: string) => string | undefined): Complaint<string> | undefined {
  const expression = stringOf(rules, "pattern");
  if (expression === undefined) return undefined;
  const matches = fullMatch(expression);
  return (text) =>
    matches(text) ? undefined : { rule: FIELD_RULE.stringPattern, must: `must match ${expression}`, found: show(text) };
}

/** `KnownRegex` of the proto. */
const HEADER_NAME = 1;
const HEADER_VALUE = 2;

function format(rules: Rules, show: (text: string) => string | undefined): Complaint<string> | undefined {
  const header = numberOf(rules, "well_known_regex");
  const strict = rules["strict"] !== false;
  if (header === HEADER_NAME) {
    return strict
      ? formatFault({ name: "a header name (letters, digits and !#$%&'*+-.^_|~`)", matches: isHeaderName }, show)
      : lineFault("a header name");
  }
  if (header === HEADER_VALUE) return strict ? controlFault() : lineFault("a header value");
  const name = Object.keys(FORMATS).find((each) => rules[each] === true);
  const known = name === undefined ? undefined : FORMATS[name];
  return known === undefined ? undefined : formatFault(known, show);
}

function formatFault(known: Format, show: (text: string) => string | undefined): Complaint<string> {
  return (text) =>
    known.matches(text)
      ? undefined
      : { rule: FIELD_RULE.stringFormat, must: `must be ${known.name}`, found: show(text) };
}

/** The class of the rule has a range from `+` to `.`, and so a comma. */
const isHeaderName = (text: string) => /^:?[0-9a-zA-Z!#$%&'*+-.^_|~`]+$/.test(text);

/** A header's value may be a password: of it, only the character that cannot be is shown. */
function lineFault(what: string): Complaint<string> {
  return badCharacter(what, (code) => code === 0 || code === 10 || code === 13);
}

/** A tab is the one control character that a header may have. */
function controlFault(): Complaint<string> {
  return badCharacter("a header value", (code) => code < 32 && code !== 9 || code === 127);
}

function badCharacter(what: string, isBad: (code: number) => boolean): Complaint<string> {
  return (text) => {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (!isBad(code)) continue;
      const shown = SHOWN[code] ?? `\\x${code.toString(16).padStart(2, "0")}`;
      return { rule: FIELD_RULE.stringFormat, must: `must be ${what}, found a ${shown} in it` };
    }
    return undefined;
  };
}

const SHOWN: Readonly<Record<number, string>> = { 0: "NUL character", 10: "line feed", 13: "carriage return" };

function asString(value: Setting | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function asBytes(value: Setting | undefined): Buffer | undefined {
  return value instanceof Uint8Array ? Buffer.from(value) : undefined;
}

function codePoints(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xdc00 && (text.charCodeAt(i - 1) & 0xfc00) === 0xd800) count--;
  }
  return count;
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

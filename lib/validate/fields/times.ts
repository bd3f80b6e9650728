/**
 * Rules of durations and timestamps.
 *
 * @module
 */
import { type Node, valueOf } from "../../model/codec/tree.ts";
import { FIELD_RULE, oneOf, type ValueCheck } from "./check.ts";
import { readInteger } from "./numbers.ts";
import { asRules, listOf, type Rules, type Setting } from "./options.ts";
import { rangeOf } from "./ranges.ts";

/** Seconds and nanoseconds apart: together they are more than a double can count to. */
interface Time {
  readonly seconds: number;
  readonly nanos: number;
}

/** Checks a duration that is set. */
export function durationCheck(rules: Rules): ValueCheck | undefined {
  return timeCheck(rules, FIELD_RULE.durationRange, readDuration, showDuration);
}

/**
 * Checks a timestamp that is set. `lt_now`, `gt_now` and `within` are not looked at: a configuration that is right today
 * would be wrong tomorrow. Envoy knows none of these rules.
 */
export function timestampCheck(rules: Rules): ValueCheck | undefined {
  return timeCheck(rules, FIELD_RULE.valueRange, readTimestamp, showTimestamp);
}

function timeCheck(
  rules: Rules,
  rule: string,
  read: (node: Node) => Time | undefined,
  show: (time: Time) => string,
): ValueCheck | undefined {
  const limit = (name: string) => timeOf(rules[name]);
  const limits = { lt: limit("lt"), lte: limit("lte"), gt: limit("gt"), gte: limit("gte") };
  const range = rangeOf(limits, compare, show);
  const constant = limit("const");
  const only = [...timesOf(rules, "in"), ...constant === undefined ? [] : [constant]];
  const none = timesOf(rules, "not_in");
  if (range === undefined && only.length === 0 && none.length === 0) return undefined;
  const among = (times: readonly Time[], value: Time) => times.some((time) => compare(time, value) === 0);
  return (node) => {
    const value = node === undefined ? undefined : read(node);
    if (value === undefined) return undefined;
    if (range?.isOutside(value)) return { rule, must: range.must, found: show(value) };
    return only.length > 0 && !among(only, value)
      ? { rule, must: `must be ${oneOf(only.map(show))}`, found: show(value) }
      : among(none, value)
      ? { rule, must: `must not be ${oneOf(none.map(show))}`, found: show(value) }
      : undefined;
  };
}

function compare(a: Time, b: Time): number {
  return a.seconds - b.seconds || a.nanos - b.nanos;
}

function timesOf(rules: Rules, name: string): Time[] {
  return (listOf(rules, name) ?? []).map(timeOf).filter((time) => time !== undefined);
}

function timeOf(value: Setting | undefined): Time | undefined {
  const parts = value === undefined ? undefined : asRules(value);
  return parts && { seconds: Number(parts["seconds"] ?? 0), nanos: Number(parts["nanos"] ?? 0) };
}

const DURATION = /^([0-9]+)(?:\.([0-9]{1,9}))?s$/;

function readDuration(node: Node): Time | undefined {
  if (node.kind === "map") return readParts(node);
  const match = node.kind === "string" ? DURATION.exec(node.text) : null;
  if (match === null) return undefined;
  return { seconds: Number(match[1]), nanos: match[2] === undefined ? 0 : Number(match[2].padEnd(9, "0")) };
}

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

function readTimestamp(node: Node): Time | undefined {
  if (node.kind === "map") return readParts(node);
  const match = node.kind === "string" ? TIMESTAMP.exec(node.text) : null;
  if (match === null) return undefined;
  const millis = Date.parse(`${match[1]}${match[3]}`);
  return Number.isNaN(millis) ? undefined : { seconds: millis / 1000, nanos: Number((match[2] ?? "").padEnd(9, "0")) };
}

/** `{seconds: 1, nanos: 5}`: what is negative is the codec's. */
function readParts(node: Node & { kind: "map" }): Time | undefined {
  const part = (name: string): number | undefined => {
    const value = valueOf(node, name);
    return value === undefined ? 0 : Number(readInteger(value) ?? NaN);
  };
  const [seconds = NaN, nanos = NaN] = [part("seconds"), part("nanos")];
  return seconds >= 0 && nanos >= 0 ? { seconds, nanos } : undefined;
}

function showDuration({ seconds, nanos }: Time): string {
  return `${seconds}${fraction(nanos)}s`;
}

function showTimestamp({ seconds, nanos }: Time): string {
  const millis = seconds * 1000;
  // A date that no calendar has can be written as a map.
  return Math.abs(millis) > 8.64e15
    ? `${seconds}${fraction(nanos)} s since 1970`
    : new Date(millis).toISOString().replace(".000Z", `${fraction(nanos)}Z`);
}

function fraction(nanos: number): string {
  return nanos === 0 ? "" : `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}`;
}

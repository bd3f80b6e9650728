/**
 * Google's well-known types, which JSON and YAML write in ways of their own: `1.5s`, a bare number for a wrapper, free
 * maps for a `Struct`.
 *
 * @see https://protobuf.dev/programming-guides/json/
 * @module
 */
import type { DescMessage } from "@bufbuild/protobuf";
import type { Special } from "./plan.ts";
import { RULES } from "./rules.ts";
import type { Run } from "./run.ts";
import { clip } from "./scalars.ts";
import { type MapNode, type Node, valueOf } from "./tree.ts";

/** Writes the field of that number of the well-known type. */
type FieldWriter = (run: Run, node: Node, number: number) => void;

/**
 * How a message is written if it is a well-known type. `plain` writes it as a map of its fields, which Envoy also takes
 * (`{seconds: 1}`, `{value: 1}`), but not for `Struct` and `Value`.
 */
export function wellKnownType(desc: DescMessage, plain: Special, field: FieldWriter): Special | undefined {
  const orPlain = (special: Special, check?: (run: Run, node: MapNode) => void): Special => (run, node) => {
    if (node.kind === "null") return true;
    if (node.kind !== "map") return special(run, node);
    check?.(run, node);
    return plain(run, node);
  };
  switch (desc.typeName) {
    case "google.protobuf.DoubleValue":
    case "google.protobuf.FloatValue":
    case "google.protobuf.Int64Value":
    case "google.protobuf.UInt64Value":
    case "google.protobuf.Int32Value":
    case "google.protobuf.UInt32Value":
    case "google.protobuf.BoolValue":
    case "google.protobuf.StringValue":
    case "google.protobuf.BytesValue":
      return orPlain((run, node) => {
        field(run, node, 1);
        return true;
      });
    case "google.protobuf.Duration":
      return orPlain((run, node) => duration(run, node, field), checkDuration);
    case "google.protobuf.Timestamp":
      return orPlain((run, node) => timestamp(run, node, field));
    case "google.protobuf.FieldMask":
      return orPlain((run, node) => fieldMask(run, node, field));
    case "google.protobuf.ListValue":
      return orPlain((run, node) => {
        if (node.kind !== "list") return run.wrongType(node, "a list");
        field(run, node, 1);
        return true;
      });
    case "google.protobuf.Struct":
      return (run, node) => {
        if (node.kind === "null") return true;
        if (node.kind !== "map") return run.wrongType(node, "a map");
        field(run, node, 1);
        return true;
      };
    case "google.protobuf.Value":
      return (run, node) => {
        field(run, node, VALUE_FIELDS[node.kind]);
        return true;
      };
    default:
      return undefined;
  }
}

/** Field of `google.protobuf.Value` for each kind of node. */
const VALUE_FIELDS = { null: 1, number: 2, string: 3, boolean: 4, map: 5, list: 6 } as const;

const DURATION = /^(-?[0-9]+)(?:\.([0-9]{1,9}))?s$/;
/** Envoy keeps durations in 64 bits of nanoseconds. */
const MAX_SECONDS = 9223372035;
/** What Protobuf's own reader takes: ten thousand years, in both directions. */
const MOST_SECONDS = 315576000000;

/** Fields whose durations Envoy never looks at, or those of what is below them: there, it takes what Protobuf takes. */
const UNREAD_DURATIONS: ReadonlySet<string> = new Set([
  "envoy.config.core.v3.Metadata.typed_filter_metadata",
  "envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig.max_udp_channel_duration",
  "envoy.extensions.watchdog.profile_action.v3.ProfileActionConfig.profile_duration",
]);

/** Whether Envoy leaves the duration alone that the walk is at. */
function isUnread(run: Run): boolean {
  return run.steps.some((step) =>
    typeof step === "object" && "desc" in step && UNREAD_DURATIONS.has(`${step.desc.parent.typeName}.${step.desc.name}`)
  );
}

function duration(run: Run, node: Node, field: FieldWriter): boolean {
  const example = `such as "1.5s"`;
  if (node.kind !== "string") return run.wrongType(node, `a duration, ${example}`);
  const match = DURATION.exec(node.text);
  if (match === null) {
    const bare = /^[0-9]+(\.[0-9]+)?$/.test(node.text);
    const hint = bare ? `did you mean "${node.text}s"?` : `expected seconds with an "s", ${example}`;
    run.issue(RULES.badDuration, node.offset, `"${clip(node.text)}" is not a duration: ${hint}`);
    return false;
  }
  const [, seconds = "", fraction = ""] = match;
  const isNegative = seconds.startsWith("-");
  const isOutside = isNegative || Number(seconds) > MAX_SECONDS;
  if (isOutside && (Math.abs(Number(seconds)) > MOST_SECONDS || !isUnread(run))) {
    const limit = isNegative ? "negative" : "longer than 292 years";
    run.issue(
      RULES.badDuration,
      node.offset,
      `"${clip(node.text)}" is not a duration that Envoy takes: it is ${limit}`,
    );
    return false;
  }
  writeNanos(run, node, fraction, field, isNegative ? "-" : "");
  field(run, { kind: "string", offset: node.offset, text: String(Number(seconds)) }, 1);
  return true;
}

/** Milliseconds of a duration in either form, with fractions; undefined for what is none. */
export function readDuration(node: Node): number | undefined {
  if (node.kind === "map") return numberOf(node, "seconds") * 1e3 + numberOf(node, "nanos") / 1e6;
  const match = node.kind === "string" ? DURATION.exec(node.text) : null;
  if (match === null) return undefined;
  const [, seconds = "", fraction = ""] = match;
  const rest = Number(fraction.padEnd(9, "0")) / 1e6;
  return Number(seconds) * 1e3 + (seconds.startsWith("-") ? -rest : rest);
}

/** The higher field first: the text is written backwards. */
function writeNanos(run: Run, node: Node, fraction: string, field: FieldWriter, sign = ""): void {
  if (fraction === "") return;
  field(run, { kind: "string", offset: node.offset, text: `${sign}${fraction.padEnd(9, "0")}` }, 2);
}

/** A duration that is written as a map. */
function checkDuration(run: Run, node: MapNode): void {
  const seconds = numberOf(node, "seconds");
  const nanos = numberOf(node, "nanos");
  let fault: string | undefined;
  if (seconds < 0 || nanos < 0) fault = "negative";
  else if (seconds > MAX_SECONDS) fault = "longer than 292 years";
  else if (nanos > 999_999_999) fault = "a second or more in nanos";
  if (fault !== undefined && !isUnread(run)) {
    run.issue(RULES.badDuration, node.offset, `a duration that Envoy does not take: it is ${fault}`);
  }
}

function numberOf(node: MapNode, key: string): number {
  const value = valueOf(node, key);
  return value?.kind === "number" || value?.kind === "string" ? Number(value.text) : 0;
}

const TIMESTAMP = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/;

function timestamp(run: Run, node: Node, field: FieldWriter): boolean {
  const example = `such as "2030-01-31T12:00:00Z"`;
  if (node.kind !== "string") return run.wrongType(node, `a time, ${example}`);
  const match = TIMESTAMP.exec(node.text) ?? [];
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1, 7).map(Number);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31) {
    run.issue(RULES.badTimestamp, node.offset, `"${clip(node.text)}" is not a time: expected RFC 3339, ${example}`);
    return false;
  }
  const zone = match[8] ?? "Z";
  const ahead = zone === "Z" ? 0 : Number(`${zone[0]}1`) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)));
  // Envoy takes 25:00 and 12:00:60, and counts on. Unlike Date.UTC, setUTCFullYear does not take 30 for 1930.
  const millis = new Date(0).setUTCFullYear(year, month - 1, day) +
    ((hours * 60 + minutes - ahead) * 60 + seconds) * 1000;
  writeNanos(run, node, match[7] ?? "", field);
  field(run, { kind: "string", offset: node.offset, text: String(millis / 1000) }, 1);
  return true;
}

function fieldMask(run: Run, node: Node, field: FieldWriter): boolean {
  if (node.kind !== "string") return run.wrongType(node, "field names with commas between them, in a string");
  const { offset, text } = node;
  if (text === "") return true;
  const snake = text.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  field(run, { kind: "list", offset, items: snake.split(",").map((text) => ({ kind: "string", offset, text })) }, 1);
  return true;
}

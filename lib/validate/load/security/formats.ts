/**
 * Format strings where they are no headers: access logs, local replies, records of other protocols.
 *
 * @module
 */
import type { MessageView, Place, Watcher } from "../../../model/codec/view.ts";
import type { Node } from "../../../model/codec/tree.ts";
import type { CheckTable } from "../../rule.ts";
import { formatFault, formatterCommands } from "../format.ts";
import { inlineText } from "./data.ts";

type Commands = readonly string[] | "any";

const formatString: Watcher = (format) => {
  const commands = formatterCommands(format);
  checkText(format, "text_format", commands);
  checkValues(format, "json_format", commands);
  const source = format.message("text_format_source");
  const text = inlineText(source);
  const fault = text === undefined ? undefined : formatFault(text, commands);
  if (fault !== undefined) source?.reject("bad-format", fault, source.which("inline_string", "inline_bytes") ?? "");
};

/** The older fields of a file's access log. */
const fileLog: Watcher = (log) => {
  checkText(log, "format");
  checkValues(log, "json_format");
  checkValues(log, "typed_json_format");
};

const fluentd: Watcher = (log) => checkValues(log, "record", formatterCommands(log));

const openTelemetry: Watcher = (log) => {
  const commands = formatterCommands(log);
  const body = log.message("body");
  // A body without anything in it is none.
  if (body !== undefined && kindOf(body) !== undefined) checkAnyValue(body, commands);
  for (const each of log.message("attributes")?.messages("values") ?? []) checkKeyValue(each, commands);
};

const ANY_VALUE = [
  "string_value",
  "kvlist_value",
  "array_value",
  "bool_value",
  "int_value",
  "double_value",
  "bytes_value",
] as const;

function kindOf(value: MessageView): string | undefined {
  return value.which(...ANY_VALUE);
}

/** Values of OpenTelemetry: only text is formatted, and Envoy takes nothing but text at the leaves. */
function checkAnyValue(value: MessageView, commands: Commands): void {
  switch (kindOf(value)) {
    case "string_value":
      return checkText(value, "string_value", commands);
    case "kvlist_value":
      for (const each of value.message("kvlist_value")?.messages("values") ?? []) checkKeyValue(each, commands);
      return;
    case "array_value":
      for (const each of value.message("array_value")?.messages("values") ?? []) checkAnyValue(each, commands);
      return;
    default:
      value.reject("unsupported", "Envoy takes string_value, kvlist_value and array_value only: write it as text");
  }
}

function checkKeyValue(entry: MessageView, commands: Commands): void {
  const value = entry.message("value");
  if (value === undefined) entry.reject("missing-field", "an attribute needs a value");
  else checkAnyValue(value, commands);
}

/** Of an entry of the PROXY protocol, either the bytes or a format that makes them. */
const tlv: Watcher = (entry) => {
  const format = entry.has("format_string");
  const value = entry.string("value") !== undefined;
  if (format && value) {
    entry.reject("conflicting-fields", "value and format_string cannot be set together", "format_string");
  } else if (!format && !value) entry.reject("missing-field", "an entry needs a value or a format_string");
};

function checkText(view: MessageView, field: string, commands: Commands = []): void {
  const text = view.string(field);
  const fault = text === undefined ? undefined : formatFault(text.value, commands);
  if (fault !== undefined) view.reject("bad-format", fault, field);
}

/** Every text in a `Struct` is a format; keys are not. */
function checkValues(view: MessageView, field: string, commands: Commands = []): void {
  const node = view.node(field);
  if (node === undefined) return;
  for (const { text, at } of textsOf(node, view.path(field))) {
    const fault = text.includes("%") ? formatFault(text, commands) : undefined;
    if (fault !== undefined) view.reject("bad-format", fault, at);
  }
}

function textsOf(node: Node, path: string): { readonly text: string; readonly at: Place }[] {
  if (node.kind === "map") {
    return node.entries.flatMap(({ key, value }) => textsOf(value, `${path}[${JSON.stringify(key)}]`));
  }
  if (node.kind === "list") return node.items.flatMap((item, i) => textsOf(item, `${path}[${i}]`));
  return node.kind === "string" ? [{ text: node.text, at: { offset: node.offset, path } }] : [];
}

const LOGGERS = "envoy.extensions.access_loggers";

export const FORMAT_CHECKS: CheckTable = [
  ["envoy.config.core.v3.SubstitutionFormatString", formatString],
  ["envoy.config.core.v3.TlvEntry", tlv],
  [`${LOGGERS}.file.v3.FileAccessLog`, fileLog],
  [`${LOGGERS}.fluentd.v3.FluentdAccessLogConfig`, fluentd],
  [`${LOGGERS}.open_telemetry.v3.OpenTelemetryAccessLogConfig`, openTelemetry],
];

/**
 * Names and values of HTTP headers as Envoy takes them where it changes the headers of a request or response.
 *
 * @module
 */
import type { MessageView, StringAt } from "../../model/codec/view.ts";
import { formatFault } from "./format.ts";

/** `HeaderValueOption.HeaderAppendAction`: the default. */
const APPEND_IF_EXISTS_OR_ADD = 0;

/**
 * Whether Envoy lets a configuration add, change or remove a header: not a pseudo header (`:path`), and not `Host`, for
 * which a route has fields of its own. Source: `HeaderUtility::isModifiableHeader`.
 */
export function isModifiable(name: string): boolean {
  return !name.startsWith(":") && name.toLowerCase() !== "host";
}

/** Rejects each name of a list of headers to be removed that is not to be removed. */
export function checkRemoved(names: readonly StringAt[], view: MessageView): void {
  for (const name of names) {
    if (!isModifiable(name.value)) {
      view.reject(
        "bad-header",
        `"${name.value}" cannot be removed: neither can "Host" nor what begins with a colon`,
        name,
      );
    }
  }
}

/**
 * Checks a `HeaderValueOption` where Envoy sets headers by it.
 *
 * @param formats Whether the value is read as a format of the usual commands.
 */
export function checkHeaderOption(option: MessageView, formats = true): void {
  if (option.has("append") && option.enum("append_action") !== APPEND_IF_EXISTS_OR_ADD) {
    option.reject("conflicting-fields", `"append" and "append_action" exclude each other`, "append_action");
  }
  const header = option.message("header");
  if (header !== undefined) checkHeaderValue(header, formats);
}

/** Checks a `HeaderValue` where Envoy sets a header by it. `raw_value` is not looked at, by Envoy neither. */
export function checkHeaderValue(header: MessageView, formats = true): void {
  const key = header.string("key");
  if (key !== undefined && !isModifiable(key.value)) {
    header.reject("bad-header", `"${key.value}" cannot be set: neither can "Host" nor what begins with a colon`, key);
  }
  const value = header.string("value");
  const fault = value === undefined || !formats ? undefined : formatFault(translated(value.value));
  if (value !== undefined && fault !== undefined) header.reject("bad-format", discreet(fault, key?.value), value);
}

/** Headers that carry credentials, by the words in their names. */
const SECRET_HEADERS = /auth|cookie|token|secret|passw|credential|api-?key|session|signature/i;

/** What is wrong with the format of a header's value, without a word of the value if that may be a secret. */
export function discreet(fault: string, key = ""): string {
  return SECRET_HEADERS.test(key)
    ? "a % in the value begins no command that Envoy knows (a percent sign is written %%)"
    : fault;
}

/**
 * Header values have two old spellings of commands, which Envoy rewrites before it reads the format:
 * `%UPSTREAM_METADATA(["a", "b"])%` and `%PER_REQUEST_STATE(key)%`. Source: `header_parser_utils.cc`.
 */
function translated(value: string): string {
  return value
    .replace(/%(UPSTREAM|DYNAMIC)_METADATA\(\s*(\[[^]+?\]\s*)\)%/g, (whole, kind: string, list: string) => {
      const keys = stringsOf(list);
      return keys === undefined ? whole : `%${kind}_METADATA(${keys.join(":")})%`;
    })
    .replace(/%PER_REQUEST_STATE\((.+?)\)%/g, "%FILTER_STATE($1:PLAIN)%");
}

/** A JSON list of at least one string. */
function stringsOf(json: string): string[] | undefined {
  try {
    const list: unknown = JSON.parse(json);
    const isList = Array.isArray(list) && list.length > 0 && list.every((each) => typeof each === "string");
    return isList ? list : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The lines of the protocol as values, and calls as lines. What an adapter writes is a stranger's: every part is bounded,
 * and a line that is none of the protocol comes back as what is wrong with it.
 *
 * @module
 */
import { isNestedDeeper } from "../model/json_depth.ts";
import { cutSecrets } from "../model/secret_text.ts";
import type { Definition, Numbered, Said } from "./protocol.ts";

/** Bytes of one line, either way: the resources of a group come in one. */
export const LINE_BYTES: number = 128 * 1024 * 1024;
/** Lists and objects in one another. No message of Envoy's comes near; a longer line of brackets takes gigabytes. */
const DEEPEST = 100_000;
/** Characters of a group's name and of a definition's. */
const NAME_LENGTH = 1024;
/** Ids of one change; whoever names more means the whole group. */
const CHANGED_IDS = 10_000;
/** Characters of a message that people read. */
const MESSAGE_LENGTH = 8192;
/** Characters that are shown of a line that nobody understands. */
const SHOWN_LENGTH = 120;

/** A call as the adapter reads it. */
export function callLine(call: Numbered): string {
  return `${JSON.stringify(call)}\n`;
}

/** A line that says nothing. */
export interface Fault {
  readonly kind: "fault";
  /** Why it says nothing, after a colon. */
  readonly fault: string;
  /** What it was, as {@link shown} does. */
  readonly line: string;
}

export function readSaid(line: string): Said | Fault {
  if (isNestedDeeper(line, DEEPEST)) return { kind: "fault", fault: "it is nested too deeply", line: shown(line) };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: "fault", fault: "it is no JSON", line: shown(line) };
  }
  const said = isObject(value) ? ofObject(value) : "it is no JSON object";
  return typeof said === "string" ? { kind: "fault", fault: said, line: shown(line) } : said;
}

/**
 * Text that a stranger wrote, quoted, on one line, where it can steer no terminal, and cut. It may be a piece of what was
 * generated, and so of a secret.
 */
function shown(text: string): string {
  const some = cutSecrets(text.slice(0, MESSAGE_LENGTH)).slice(0, SHOWN_LENGTH)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\u{fffd}");
  return `"${some}"${text.length > SHOWN_LENGTH ? "…" : ""}`;
}

/** A message for people, which may have several lines, cut. */
export function message(text: string): string {
  return text.length > MESSAGE_LENGTH ? `${text.slice(0, MESSAGE_LENGTH)}…` : text;
}

type Members = Readonly<Record<string, unknown>>;

function ofObject(value: Members): Said | string {
  if ("changed" in value) return changed(value["changed"]);
  if ("log" in value) return log(value["log"]);
  const id = value["id"];
  if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 0) return "it has no id of a call";
  if ("error" in value) {
    const error = value["error"];
    const text = isObject(error) ? error["message"] : error;
    return typeof text === "string"
      ? { kind: "error", id, message: cutSecrets(message(text)) }
      : "its error has no message";
  }
  if ("items" in value) return items(id, value["items"]);
  return "result" in value ? { kind: "result", id, result: value["result"] } : "it is no message of the protocol";
}

function changed(value: unknown): Said | string {
  const group = isObject(value) ? value["group"] : undefined;
  if (!isObject(value) || !isName(group)) return "its change has no group";
  const ids = value["ids"];
  if (ids === undefined || ids === null) return { kind: "changed", group, ids: undefined };
  if (!Array.isArray(ids) || !ids.every(isName)) return "the ids of its change are no list of names";
  return { kind: "changed", group, ids: ids.length > CHANGED_IDS ? undefined : ids };
}

const LEVELS = ["debug", "info", "warn", "error"] as const;

function log(value: unknown): Said | string {
  if (!isObject(value) || typeof value["message"] !== "string") return "its log has no message";
  const level = LEVELS.find((level) => level === value["level"]);
  return level === undefined
    ? `its log has no level of ${LEVELS.join(", ")}`
    : { kind: "log", level, message: message(value["message"]) };
}

/** A definition that cannot be understood is the end of its call: without it a group would be taken for gone. */
function items(call: number, value: unknown): Said {
  const failed = (why: string): Said => ({ kind: "error", id: call, message: why });
  if (!Array.isArray(value)) return failed(`its items are no list: ${shown(JSON.stringify(value) ?? "")}`);
  const items: Definition[] = [];
  for (const item of value) {
    const { group, id } = isObject(item) ? item : {};
    if (!isName(group) || !isName(id)) {
      return failed(`an item has no group and id of 1 to ${NAME_LENGTH} characters: ${shown(JSON.stringify(item))}`);
    }
    items.push({ group, id });
  }
  return { kind: "items", id: call, items };
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= NAME_LENGTH;
}

function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

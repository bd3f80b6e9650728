/**
 * Format strings of access logs, headers and local replies: `%REQ(:PATH)%`.
 *
 * @module
 */
import type { MessageView } from "../../model/codec/view.ts";
import { argumentFault, COMMANDS, EXTENSION_COMMANDS } from "./format_commands.ts";

/** `%COMMAND(argument):length%` at one place of a text. */
const COMMAND = /%([A-Z0-9_]+)(?:\((.*?)\))?(?::([0-9]+))?%/sy;

const MAX_LENGTH = 2n ** 64n - 1n;

/**
 * Why Envoy refuses a format string, or undefined. `more` are commands that extensions add; with `"any"`, an unknown
 * command may be one of those. Source: `source/common/formatter/substitution_formatter.cc` of Envoy.
 */
export function formatFault(text: string, more: readonly string[] | "any" = []): string | undefined {
  for (let at = text.indexOf("%"); at !== -1; at = text.indexOf("%", at)) {
    if (text[at + 1] === "%") {
      at += 2;
      continue;
    }
    COMMAND.lastIndex = at;
    const match = COMMAND.exec(text);
    const [all = "", command = "", argument, length] = match ?? [];
    // An argument never spans lines.
    if (match === null || all.includes("\n") || length !== undefined && BigInt(length) > MAX_LENGTH) {
      return `no command begins at "${excerpt(text.slice(at))}" (a percent sign is written %%)`;
    }
    const fault = commandFault(command, argument ?? "", length !== undefined, more);
    if (fault !== undefined) return fault;
    at += all.length;
  }
  return undefined;
}

function commandFault(
  command: string,
  argument: string,
  hasLength: boolean,
  more: readonly string[] | "any",
): string | undefined {
  const rule = COMMANDS.get(command);
  if (rule === undefined) {
    if (more === "any" || more.includes(command)) return argumentFault(command, argument, () => undefined);
    return `unknown command %${command}%${hint(command)}`;
  }
  if (rule.argument === "none" && argument !== "") return `%${command}% takes no argument`;
  if (rule.argument === "required" && argument === "") return `%${command}% needs an argument`;
  if (!rule.length && hasLength) return `%${command}% takes no length`;
  return argumentFault(command, argument, (inner, parameter, length) => commandFault(inner, parameter, length, []));
}

/** Formatters that add no command which is not known without them, and those that do. */
const FORMATTERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["envoy.extensions.formatter.cel.v3.Cel", []],
  ["envoy.extensions.formatter.metadata.v3.Metadata", []],
  ["envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery", ["REQ_WITHOUT_QUERY"]],
]);

/** The commands that the extensions in a list of `TypedExtensionConfig` add: for {@link formatFault}. */
export function formatterCommands(message: MessageView, field = "formatters"): readonly string[] | "any" {
  const commands: string[] = [];
  for (const each of message.messages(field)) {
    const more = FORMATTERS.get(each.typed("typed_config")?.desc.typeName ?? "");
    if (more === undefined) return "any";
    commands.push(...more);
  }
  return commands;
}

function hint(command: string): string {
  return EXTENSION_COMMANDS.has(command) ? " (an extension in `formatters` has it)" : "";
}

function excerpt(text: string): string {
  const line = text.split("\n", 1)[0] ?? "";
  return line.length > 30 ? `${line.slice(0, 30)}…` : line;
}

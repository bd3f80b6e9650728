/**
 * Issues for people and editors: a line for each, and on a terminal the place in the text below it.
 *
 * @module
 */
import { formatIssue, type Issue, type Position, type Severity } from "../../lib/model/issue.ts";
import { printable } from "../printable.ts";
import type { Report } from "./run.ts";

export interface TextOptions {
  readonly color: boolean;
  /** The text of a file; undefined for no code frames. */
  readonly frame: ((file: string) => string | undefined) | undefined;
}

const COLORS: Readonly<Record<Severity, string>> = { error: "31", warning: "33", info: "36" };

/** One line for each issue, with code frames if they are wanted. */
export function toText(issues: readonly Issue[], { color, frame }: TextOptions): string {
  const paint = (code: string, text: string) => color ? `\x1b[${code}m${text}\x1b[0m` : text;
  const texts = new Map<string, readonly string[]>();
  const linesOf = (file: string) => {
    let lines = texts.get(file);
    if (lines === undefined) texts.set(file, lines = frame?.(file)?.split(/\r\n?|\n/) ?? []);
    return lines;
  };
  let text = "";
  for (const issue of issues) {
    const { at, severity } = issue;
    const line = printable(formatIssue(issue));
    text += color ? line.replace(`${severity}:`, paint(`1;${COLORS[severity]}`, `${severity}:`)) : line;
    text += "\n";
    if (frame !== undefined && at !== undefined) text += codeFrame(linesOf(at.file), at, paint);
  }
  return text;
}

/** Columns of a line that are shown. */
const WIDTH = 100;

/** The line before, the line itself and a mark under the column. Nothing for a place that is not in the text. */
function codeFrame(
  lines: readonly string[],
  { line, column }: Position,
  paint: (code: string, text: string) => string,
) {
  const text = lines[line - 1];
  if (text === undefined) return "";
  const from = Math.max(0, column - WIDTH * 3 / 4 | 0);
  const cut = (text: string) => printable(text.slice(from, from + WIDTH));
  const margin = String(line).length;
  const before = lines[line - 2];
  let frame = "";
  if (before?.trim()) frame += `${paint("2", `  ${String(line - 1).padStart(margin)} | `)}${cut(before)}\n`;
  frame += `${paint("2", `  ${line} | `)}${cut(text)}\n`;
  frame += `${paint("2", `  ${" ".repeat(margin)} | `)}${" ".repeat(column - 1 - from)}${paint("1;31", "^")}\n`;
  return frame;
}

/** `2 errors, 1 warning in 3 files (14 resources)`. */
export function summary({ issues, files, resources, asked }: Report): string {
  const count = (severity: Severity) => issues.filter((issue) => issue.severity === severity).length;
  const counted = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;
  const notes = count("info");
  const found = [counted(count("error"), "error"), counted(count("warning"), "warning")];
  if (notes > 0) found.push(counted(notes, "note"));
  const text = `${found.join(", ")} in ${counted(files, "file")} (${counted(resources, "resource")})\n`;
  return asked === undefined ? text : `${text}${asked}\n`;
}

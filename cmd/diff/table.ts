/**
 * A comparison for people.
 *
 * @module
 */
import type { Api } from "../../lib/model/api.ts";
import type { Resource } from "../../lib/model/resource.ts";
import { typeByUrl } from "../../lib/model/types.ts";
import { type Comparison, type GroupDifference, tally, type TypeDifference } from "../../lib/store/snapshot/compare.ts";
import { printable } from "../printable.ts";
import { unified } from "./unified.ts";

export interface TableOptions {
  readonly color: boolean;
  /** Prints the difference of the YAML too, with this API. */
  readonly full: Api | undefined;
}

const COLORS = { "+": "32", "-": "31", "~": "33", "@": "36" } as const;
type Sign = keyof typeof COLORS;

/** A line for each resource, `+`, `~` or `-`, under its group; then a count. Empty when nothing differs. */
export function tableOf(comparison: Comparison, { color, full }: TableOptions): string {
  const { groups, rules } = comparison;
  if (groups.length === 0 && rules === undefined) return "";
  const paint = (sign: Sign, text: string) => color ? `\x1b[${COLORS[sign]}m${text}\x1b[0m` : text;
  const lines: string[] = [];
  if (rules !== undefined) {
    lines.push(paint("~", `~ rules that map nodes to groups: ${rules.from.length} before, ${rules.to.length} after`));
  }
  for (const group of groups) {
    lines.push(title(group));
    for (const each of group.types.flatMap(rows)) {
      lines.push(paint(each.sign, `  ${each.sign} ${each.text}`));
      if (full === undefined) continue;
      for (const line of unified(full, each.from, each.to)) lines.push(painted(line, paint));
    }
  }
  const { added, changed, removed } = tally(comparison);
  lines.push(`${added} added, ${changed} changed, ${removed} removed`);
  return lines.map((line) => `${line}\n`).join("");
}

function title({ group, kind }: GroupDifference): string {
  const what = kind === "changed" ? "" : ` (${kind})`;
  return `group ${JSON.stringify(printable(group))}${what}`;
}

interface Row {
  readonly sign: "+" | "~" | "-";
  readonly text: string;
  readonly from?: Resource;
  readonly to?: Resource;
}

function rows({ type, added, changed, removed }: TypeDifference): Row[] {
  const text = ({ name }: Resource) => `${typeByUrl(type)?.short ?? printable(type)} ${printable(name)}`;
  return [
    ...added.map((to): Row => ({ sign: "+", text: text(to), to })),
    ...changed.map(({ from, to }): Row => ({ sign: "~", text: text(to), from, to })),
    ...removed.map((from): Row => ({ sign: "-", text: text(from), from })),
  ];
}

function painted(line: string, paint: (sign: Sign, text: string) => string): string {
  const shown = `    ${printable(line)}`;
  const [sign] = line;
  return sign === "+" || sign === "-" || sign === "@" ? paint(sign, shown) : shown;
}

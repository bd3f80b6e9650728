/**
 * Reads two sources and compares them.
 *
 * @module
 */
import type { Api } from "../../lib/model/api.ts";
import { compare, type Comparison } from "../../lib/store/snapshot/compare.ts";
import type { Content } from "../../lib/store/snapshot/content.ts";
import type { Context } from "../command.ts";
import { CommandError } from "../exit.ts";
import type { Parsed } from "../flags.ts";
import { readSource, type SourceContent, sourceOptions } from "../sources.ts";

export interface Compared {
  readonly from: string;
  readonly to: string;
  readonly comparison: Comparison;
  readonly api: Api;
}

/**
 * What is said on stderr is what the comparison cannot say.
 *
 * @throws {CommandError}
 */
export async function compareSources(from: string, to: string, parsed: Parsed, context: Context): Promise<Compared> {
  const options = await sourceOptions(parsed, context);
  const [a, b] = [await readSource(from, options), await readSource(to, options)];
  const wanted = new Set(parsed.all("group"));
  checkGroups(wanted, a, b);
  const missing = new Set([...leftOutOf(a), ...leftOutOf(b)]);
  if (missing.size > 0) {
    const count = missing.size === 1 ? "a resource is" : `${missing.size} resources are`;
    context.stderr.write(`xcp: ${count} not compared: a source has no secrets, or they cannot be decrypted\n`);
  }
  if (!a.rulesKnown || !b.rulesKnown) {
    context.stderr.write("xcp: Which node belongs to which group is not compared: a server does not tell its rules\n");
  }
  const known = a.rulesKnown && b.rulesKnown && wanted.size === 0;
  const cut = ({ content: { groups, rules } }: SourceContent): Pick<Content, "groups" | "rules"> => ({
    groups: new Map(
      [...groups].filter(([group]) => wanted.size === 0 || wanted.has(group)).map(([group, resources]) =>
        [group, resources.filter(({ type, name }) => !missing.has(JSON.stringify([group, type, name])))] as const
      ),
    ),
    rules: known ? rules : [],
  });
  return { from: a.from, to: b.from, comparison: compare(cut(a), cut(b)), api: options.api };
}

/** What a source does not have because it was stored without secrets says nothing about the other. */
function leftOutOf({ content: { leftOut } }: SourceContent): string[] {
  return leftOut.map(({ group, type, name }) => JSON.stringify([group, type, name]));
}

function checkGroups(wanted: ReadonlySet<string>, a: SourceContent, b: SourceContent): void {
  for (const group of wanted) {
    if (a.content.groups.has(group) || b.content.groups.has(group)) continue;
    const known = [...new Set([...a.content.groups.keys(), ...b.content.groups.keys()])].sort();
    throw new CommandError("unreadable", `Cannot compare group ${JSON.stringify(group)}: neither source has it`, {
      hint: `They have ${known.map((name) => JSON.stringify(name)).join(", ")}`,
    });
  }
}

/**
 * `--config FILE`: the settings of a command in YAML, under the names of its flags.
 *
 * @module
 */
import { nearest } from "../lib/model/codec/nearest.ts";
import { RULES } from "../lib/model/codec/rules.ts";
import { Source } from "../lib/model/codec/source.ts";
import { describe, type Entry, type Node } from "../lib/model/codec/tree.ts";
import { parseYaml } from "../lib/model/codec/yaml.ts";
import { formatIssue, type Issue } from "../lib/model/issue.ts";
import { CommandError } from "./exit.ts";
import { checked, type FileValues, type Flag } from "./flags.ts";
import { readNamed } from "./values.ts";

/** What a settings file says. With an issue it is not to be used. */
export interface SettingsFile {
  readonly values: FileValues;
  readonly issues: readonly Issue[];
}

/**
 * Reads a settings file.
 *
 * @throws {CommandError} `unreadable`, or `invalid` with all that is wrong in it
 */
export async function loadSettings(path: string, flags: readonly Flag[]): Promise<FileValues> {
  const { values, issues } = readSettings(await readNamed(path), path, flags);
  if (issues.length === 0) return values;
  const list = issues.map((issue) => `\n${formatIssue(issue)}`).join("");
  throw new CommandError("invalid", `Cannot take settings from "${path}":${list}`);
}

/** Reads the text of a settings file: one map, its keys are names of flags, with `-` or `_`. */
export function readSettings(text: string, file: string, flags: readonly Flag[]): SettingsFile {
  const source = new Source(file, text);
  const values = new Map<string, readonly string[]>();
  const [root, second] = parseYaml(source);
  if (second !== undefined) complain(source, second, "", "a second document: one is expected");
  if (root?.kind === "map") {
    for (const entry of root.entries) readEntry(source, entry, flags, values);
  } else if (root !== undefined && root.kind !== "null") {
    complain(source, root, "", `a map is expected, and this is ${describe(root)}`);
  }
  return { values, issues: source.issues() };
}

function readEntry(source: Source, entry: Entry, flags: readonly Flag[], values: Map<string, readonly string[]>): void {
  const { key, offset, value } = entry;
  const flag = flags.find(({ name }) => name === key.replaceAll("_", "-"));
  if (flag === undefined) {
    const near = nearest(key, flags.map(({ name }) => name));
    const hint = near === undefined ? "there is no such setting" : `did you mean "${near}"?`;
    source.issue({ rule: RULES.unknownField, offset, path: key, message: `unknown setting "${key}": ${hint}` });
    return;
  }
  const nodes = value.kind === "list" && flag.repeat ? value.items : [value];
  const texts: string[] = [];
  for (const node of nodes) {
    if (node.kind === "map" || node.kind === "list" || node.kind === "null") {
      complain(source, node, key, `a ${flag.value === undefined ? "boolean" : "string"} is expected`);
      continue;
    }
    try {
      texts.push(checked(flag, `"${key}"`, scalar(flag, node)));
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      complain(source, node, key, error.message);
    }
  }
  values.set(flag.name, texts);
}

/** YAML reads a bare `off` as a boolean, also where it is the name of a choice. */
function scalar({ choices }: Flag, node: Extract<Node, { text: string }>): string {
  return node.kind === "boolean" && node.text === "false" && choices?.includes("off") ? "off" : node.text;
}

function complain(source: Source, { offset }: { readonly offset: number }, path: string, message: string): void {
  source.issue({ rule: RULES.wrongType, offset, path, message });
}

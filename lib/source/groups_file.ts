/**
 * `groups.yaml`: the rules that map nodes to groups.
 *
 * ```yaml
 * rules:
 *   - { group: canary, id: "edge-canary-*" }
 *   - group: edge
 *     cluster: front
 *     locality: { region: eu, zone: eu-1, sub_zone: a }
 *     metadata: { stage: production }
 *   - group: rest
 * ```
 *
 * The first rule that matches wins; in a rule all conditions must hold, and one without conditions matches every node.
 *
 * @module
 */
import { nearest } from "../model/codec/nearest.ts";
import { RULES } from "../model/codec/rules.ts";
import { Source } from "../model/codec/source.ts";
import { describe, type Entry, type Node } from "../model/codec/tree.ts";
import { parseYaml } from "../model/codec/yaml.ts";
import type { Issue, Position } from "../model/issue.ts";
import type { GroupRule } from "../model/layer.ts";

/** What the file says. With an issue, the rules are incomplete and not to be used. */
export interface GroupsFile {
  readonly rules: readonly GroupRule[];
  readonly issues: readonly Issue[];
}

/** Reads the text of `groups.yaml`; `file` is its name in messages. A file without content has no rules. */
export function readGroupsFile(text: string, file: string): GroupsFile {
  const source = new Source(file, text);
  const [root, second] = parseYaml(source);
  const reader = new Reader(source);
  if (second !== undefined) reader.complain(second, "", "wrong-type", "a second document: one is expected");
  const rules: GroupRule[] = [];
  if (root !== undefined && root.kind !== "null") {
    reader.map(root, "", {
      rules: (list, path) => reader.list(list, path, (item, itemPath) => rules.push(readRule(reader, item, itemPath))),
    });
  }
  return { rules, issues: source.issues() };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function readRule(reader: Reader, node: Node, path: string): GroupRule {
  const rule: Mutable<GroupRule> = { group: "" };
  const seen = reader.map(node, path, {
    group: (value, at) => {
      rule.group = reader.string(value, at);
      rule.at = reader.position(value);
    },
    id: (value, at) => rule.id = reader.string(value, at),
    cluster: (value, at) => rule.cluster = reader.string(value, at),
    locality: (value, at) => rule.locality = readLocality(reader, value, at),
    metadata: (value, at) => rule.metadata = readMetadata(reader, value, at),
  });
  if (seen !== undefined && !seen.has("group")) {
    reader.complain(node, path, "missing-group", "a rule without a group: what it matches would belong nowhere");
  }
  return rule;
}

function readLocality(reader: Reader, node: Node, path: string): NonNullable<GroupRule["locality"]> {
  const locality: Mutable<NonNullable<GroupRule["locality"]>> = {};
  const subZone = (value: Node, at: string) => locality.subZone = reader.string(value, at);
  reader.map(node, path, {
    region: (value, at) => locality.region = reader.string(value, at),
    zone: (value, at) => locality.zone = reader.string(value, at),
    sub_zone: subZone,
    subZone,
  });
  return locality;
}

function readMetadata(reader: Reader, node: Node, path: string): Record<string, string> {
  const metadata: [string, string][] = [];
  for (const { key, value } of reader.entries(node, path)) {
    // Values are compared as strings, so any scalar will do.
    if (value.kind === "map" || value.kind === "list" || value.kind === "null") {
      reader.expected(value, `${path}.${key}`, "a string, a number or a boolean");
    } else {
      metadata.push([key, value.text]);
    }
  }
  return Object.fromEntries(metadata);
}

type Fields = Readonly<Record<string, (value: Node, path: string) => void>>;

/** Walks a tree and complains with positions. */
class Reader {
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Reads the known keys of a map and complains of others. Returns the known keys, undefined when it is no map. */
  map(node: Node, path: string, fields: Fields): ReadonlySet<string> | undefined {
    if (node.kind !== "map") {
      this.expected(node, path, "a map");
      return undefined;
    }
    const seen = new Set<string>();
    for (const { key, value, offset } of node.entries) {
      const at = path === "" ? key : `${path}.${key}`;
      if (Object.hasOwn(fields, key)) {
        seen.add(key);
        fields[key]?.(value, at);
        continue;
      }
      const near = nearest(key, Object.keys(fields));
      const hint = near === undefined ? `known are ${Object.keys(fields).join(", ")}` : `did you mean "${near}"?`;
      this.complain({ offset }, at, RULES.unknownField, `unknown field "${key}": ${hint}`);
    }
    return seen;
  }

  list(node: Node, path: string, read: (item: Node, path: string) => void): void {
    if (node.kind === "list") node.items.forEach((item, index) => read(item, `${path}[${index}]`));
    else if (node.kind !== "null") this.expected(node, path, "a list");
  }

  entries(node: Node, path: string): readonly Entry[] {
    if (node.kind === "map") return node.entries;
    this.expected(node, path, "a map");
    return [];
  }

  string(node: Node, path: string): string {
    if (node.kind === "string" && node.text !== "") return node.text;
    this.expected(node, path, "a string that is not empty");
    return "";
  }

  expected(node: Node, path: string, what: string): void {
    this.complain(node, path, RULES.wrongType, `${what} is expected, and this is ${describeFull(node)}`);
  }

  position({ offset }: Node): Position {
    return this.#source.position(offset);
  }

  complain({ offset }: { readonly offset: number }, path: string, rule: string, message: string): void {
    this.#source.issue({ rule, offset, path, message });
  }
}

function describeFull(node: Node): string {
  if (node.kind === "string" && node.text === "") return "an empty one";
  return describe(node);
}

/**
 * From what `generate` answers with to resources, with issues that say which of them is meant: there is no text with lines
 * that anybody could look at.
 *
 * @module
 */
import type { Issue, Position } from "../model/issue.ts";
import { contentHash, type Resource } from "../model/resource.ts";
import { nounOf, quote } from "../validate/words.ts";

/** What a reader of files makes of one. */
export interface Read {
  readonly resources: readonly Resource[];
  readonly issues: readonly Issue[];
}

/**
 * Reads the text of a file of JSON that holds `{"resources": […]}`, with one item in each line after the first; `file` ends
 * in `.json`. Bad input is an issue, not an exception.
 */
export type ReadText<Content extends Read> = (text: string, file: string, group: string) => Content;

/** Resources by the hash of the text that they were read from. */
export type Known = ReadonlyMap<string, readonly Resource[]>;

/** Issues of one group that are told: a mistake in a loop has one for each of ten thousand resources. */
const MOST_ISSUES = 1_000;

/** Where everything is that an adapter says. */
export function placeOf(name: string): Position {
  return { file: name, line: 1, column: 1 };
}

/** An error that stands for a whole group, or for the adapter. */
export function adapterError(name: string, message: string): Issue {
  return { at: placeOf(name), path: "", rule: "adapter", severity: "error", message };
}

/** `Cannot generate group "edge": …`. */
export function generateError(name: string, group: string, why: string): Issue {
  return adapterError(name, `Cannot generate group ${quote(group)}: ${why}`);
}

/** What `generate` has to answer with, as an issue about what it is instead; undefined when it is a list. */
export function wrongResult(name: string, group: string, result: unknown): Issue | undefined {
  if (Array.isArray(result)) return undefined;
  const found = result === undefined ? "nothing" : typeof result === "object" ? "an object" : `a ${typeof result}`;
  return generateError(name, group, `"generate" answered with ${found} instead of a list of resources`);
}

/** Reads a list of resources. */
export function readResult<Content extends Read>(
  name: string,
  group: string,
  items: readonly unknown[],
  read: ReadText<Content>,
): Content {
  const content = read(textOf(items.map((item) => JSON.stringify(item))), `${name}.json`, group);
  const at = placeOf(name);
  return {
    ...content,
    resources: content.resources.map((resource) => placed(resource, name, at)),
    issues: issuesOf(content.issues, items, group, at),
  };
}

/** The same, where what was read before need not be read again. */
export function readAgain(
  name: string,
  group: string,
  items: readonly unknown[],
  read: ReadText<Read>,
  known: Known,
): Read & { readonly known: Known } {
  const texts = items.map((item) => JSON.stringify(item));
  const hashes = texts.map((text) => contentHash(text));
  const fresh = items.flatMap((_item, index) => known.has(hashes[index] ?? "") ? [] : [index]);
  const content = fresh.length === 0
    ? { resources: [], issues: [] }
    : read(textOf(fresh.map((index) => texts[index] ?? "")), `${name}.json`, group);
  const at = placeOf(name);
  const made = new Map<number, Resource[]>();
  for (const resource of content.resources) {
    const index = fresh[lineOf(resource.origin)] ?? -1;
    const there = made.get(index);
    if (there === undefined) made.set(index, [placed(resource, name, at)]);
    else there.push(placed(resource, name, at));
  }
  const issues = issuesOf(content.issues, items, group, at, fresh);
  // What has an issue is read again, for it would be silent about it.
  const wrong = new Set(content.issues.map((issue) => fresh[lineOf(issue.at)] ?? -1));
  const next = new Map<string, readonly Resource[]>();
  const resources: Resource[] = [];
  for (const [index, hash] of hashes.entries()) {
    const some = known.get(hash) ?? made.get(index) ?? [];
    resources.push(...some);
    if (!wrong.has(index)) next.set(hash, some);
  }
  return { resources, issues, known: next };
}

/** What JSON has no form for is null, as in a list. */
function textOf(items: readonly string[]): string {
  return `{"resources":[\n${items.join(",\n")}\n]}`;
}

/** The index of an item by the line that it stands in. */
function lineOf(position: Position | undefined): number {
  return (position?.line ?? 0) - 2;
}

function placed(resource: Resource, layer: string, at: Position): Resource {
  return {
    ...resource,
    origin: { ...at, layer },
    references: resource.references.map((reference) => reference.at === undefined ? reference : { ...reference, at }),
    claims: resource.claims.map((claim) => claim.at === undefined ? claim : { ...claim, at }),
  };
}

/** `fresh` are the indexes of the items that were read, if these are not all. */
function issuesOf(
  issues: readonly Issue[],
  items: readonly unknown[],
  group: string,
  at: Position,
  fresh?: readonly number[],
): Issue[] {
  const all = issues.map((issue): Issue => {
    const line = lineOf(issue.at);
    const index = fresh === undefined ? line : fresh[line] ?? -1;
    if (!(index in items)) return { ...issue, at };
    const below = issue.path === "" || issue.path.startsWith("[") ? issue.path : `.${issue.path}`;
    return {
      ...issue,
      at,
      path: `resources[${index}]${below}`,
      message: `In ${nameOf(items[index], index)} of group ${quote(group)}: ${issue.message}${placeIn(issue)}`,
    };
  });
  if (all.length <= MOST_ISSUES) return all;
  const errors = all.filter(({ severity }) => severity === "error");
  const sorted = [...errors, ...all.filter(({ severity }) => severity !== "error")];
  const severity = errors.length > MOST_ISSUES ? "error" : "warning";
  const message = `and ${all.length - MOST_ISSUES} more issues in group ${quote(group)}`;
  return [...sorted.slice(0, MOST_ISSUES), { at, path: "", rule: "too-many-issues", severity, message }];
}

/** What line and column say of a file: ` (at load_assignment.endpoints[0])`, unless the message names it. */
function placeIn({ path, message }: Issue): string {
  return path === "" || message.includes(path) ? "" : ` (at ${path})`;
}

/** `cluster "orders"`, `resources[3]`. */
function nameOf(item: unknown, index: number): string {
  const place = `resources[${index}]`;
  if (typeof item !== "object" || item === null) return place;
  const member = (key: string): unknown => Object.hasOwn(item, key) ? Reflect.get(item, key) : undefined;
  const name = member("name") ?? member("cluster_name") ?? member("clusterName");
  const type = member("@type");
  if (typeof name !== "string" || name === "" || name.length > 200) return place;
  return typeof type === "string" && type.length <= 200 ? `${nounOf(type)} ${quote(name)}` : quote(name);
}

/**
 * A source as it is now, without following it.
 *
 * @module
 */
import type { Issue } from "../model/issue.ts";
import type { GroupRule } from "../model/layer.ts";
import type { Resource } from "../model/resource.ts";
import { displayPath, groupOf, GROUPS_FILE } from "./file_names.ts";
import { type FileSystem, NODE_FILES } from "./file_system.ts";
import { readGroupsFile } from "./groups_file.ts";
import { DEFAULT_LIMITS, type Limits } from "./listing.ts";
import { Scanner } from "./scanner.ts";

/** What a reader of files makes of one. */
interface Read {
  readonly resources: readonly Resource[];
  readonly issues: readonly Issue[];
}

/** A file of a source. */
export interface SourceFile<Content extends Read> {
  /** As the user would type it. */
  readonly file: string;
  /** The group that it feeds; undefined for all. */
  readonly group: string | undefined;
  /** Undefined for a file that has no text, which is an issue. */
  readonly content: Content | undefined;
}

/** All that a source says. */
export interface SourceContent<Content extends Read> {
  /** In order of path, without `groups.yaml`. */
  readonly files: readonly SourceFile<Content>[];
  /** Folders in `groups/`, also those without a file. */
  readonly groups: ReadonlySet<string>;
  readonly rules: readonly GroupRule[];
  /** What is wrong with what is no text: files that cannot be read, links that loop, `groups.yaml`. */
  readonly issues: readonly Issue[];
  /** Why there is nothing to read: the state only, as it follows the colon of a message. */
  readonly failure: string | undefined;
}

export interface ReadOnceOptions<Content extends Read> {
  /** Reads the text of one file, which is named as the user would type it. */
  readonly read: (text: string, file: string) => Content;
  readonly limits?: Partial<Limits>;
  readonly files?: FileSystem;
}

/** Reads a folder of configuration files, or one file. Never rejects for what it finds on disk. */
export async function readOnce<Content extends Read>(
  path: string,
  { read, limits = {}, files = NODE_FILES }: ReadOnceOptions<Content>,
): Promise<SourceContent<Content>> {
  const contents = new Map<string, Content>();
  const scanner = new Scanner({
    path,
    files,
    limits: { ...DEFAULT_LIMITS, ...limits },
    now: Date.now,
    parse(text, relative) {
      const file = displayPath(path, relative);
      if (relative === GROUPS_FILE) return { resources: [], ...readGroupsFile(text, file) };
      const content = read(text, file);
      contents.set(relative, content);
      return { rules: [], ...content };
    },
  });
  const scan = await scanner.scan(true);
  const { listing } = scan;
  const issues: Issue[] = [];
  const found: SourceFile<Content>[] = [];
  let rules: readonly GroupRule[] = [];
  for (const [relative, seen] of scan.contents) {
    const content = contents.get(relative);
    if (content === undefined) issues.push(...seen.issues);
    if (relative === GROUPS_FILE) rules = seen.rules;
    else found.push({ file: displayPath(path, relative), group: groupOf(relative), content });
  }
  for (const { relative, rule, severity, reason } of listing.troubles) {
    const file = displayPath(path, relative);
    const message = `Cannot read "${file}": ${reason}`;
    issues.push({ at: { file, line: 1, column: 1 }, path: "", rule, severity, message });
  }
  return { files: found, groups: listing.groups, rules, issues, failure: listing.failure?.reason };
}

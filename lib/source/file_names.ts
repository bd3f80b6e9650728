/**
 * What the name and the place of a file in a configuration directory mean.
 *
 * @module
 */

/** The file that maps nodes to groups, in the root of the directory. */
export const GROUPS_FILE = "groups.yaml";

/** The folder whose folders are groups, in the root of the directory. */
export const GROUPS_FOLDER = "groups";

/**
 * Names that are left out, of files and of folders: hidden ones and those put aside (`.git`, `..data`, `_drafts`), and
 * what editors leave behind while they save (`a.yaml~`, `.a.yaml.swp`, `4913` of Vim, `#a.yaml#` of Emacs, `a.yaml.tmp`).
 */
export function isSkipped(name: string): boolean {
  return /^[._]|~$|\.sw[a-z]$|\.tmp$|^4913$|^#.*#$/.test(name);
}

/** Whether a file of this name holds resources. `.pb.json` is JSON as well. */
export function isResourceFile(name: string): boolean {
  return /\.(?:ya?ml|json)$/.test(name) && !isSkipped(name);
}

/** Whom a file feeds: all groups (undefined), or the one that is named. */
export function groupOf(relative: string): string | undefined {
  const [first, second] = relative.split("/", 2);
  return first === GROUPS_FOLDER ? second : undefined;
}

/** A path as the user would type it: the source as it was given, and the path below it ("" for the source itself). */
export function displayPath(source: string, relative: string): string {
  if (relative === "") return source;
  return source.endsWith("/") ? source + relative : `${source}/${relative}`;
}

/**
 * One look at all files of a source, by stat alone: what is there, and whether it is the same as before.
 *
 * @module
 */
import { reason, systemCode } from "../system_error.ts";
import { groupOf, GROUPS_FILE, GROUPS_FOLDER, isResourceFile, isSkipped } from "./file_names.ts";
import type { FileSystem, Stat } from "./file_system.ts";
import { inSlices } from "./slices.ts";

/** How much a source may hold before it is refused. */
export interface Limits {
  /** Bytes of one file. */
  readonly bytes: number;
  /** Files and folders together. */
  readonly entries: number;
  /** Folders in each other; links to folders count, so this also ends what loops. */
  readonly depth: number;
}

export const DEFAULT_LIMITS: Limits = { bytes: 64 * 1024 * 1024, entries: 100_000, depth: 32 };

/** Something in the tree that cannot be used, and that is not a file which could be read. */
export interface Trouble {
  /** Path below the source. */
  readonly relative: string;
  /** The group that it would feed, undefined for all. */
  readonly group: string | undefined;
  readonly rule: string;
  readonly severity: "error" | "warning";
  /** The state only, as it follows the colon of a message. */
  readonly reason: string;
}

/** Why the source as a whole cannot be used. */
export interface Failure {
  readonly rule: string;
  /** Path below the source. */
  readonly relative: string;
  /** The state only, as it follows the colon of a message. */
  readonly reason: string;
}

/** A source with all links resolved, and what it is. */
export interface Root {
  readonly path: string;
  readonly stat: Stat;
}

/** What is there at one moment. */
export interface Listing {
  /** Undefined when it is not there. */
  readonly root: Root | undefined;
  /** Files to read, by path below the source ("" when the source is a file), in order of path. */
  readonly files: ReadonlyMap<string, Stat>;
  /** Folders in `groups/`, also those without a file. */
  readonly groups: ReadonlySet<string>;
  readonly troubles: readonly Trouble[];
  readonly failure: Failure | undefined;
}

/** Takes stock of a source. Never rejects for what it finds on disk. */
export async function list(files: FileSystem, path: string, limits: Limits = DEFAULT_LIMITS): Promise<Listing> {
  const nothing = { root: undefined, files: new Map(), groups: new Set<string>(), troubles: [], failure: undefined };
  try {
    // All paths below start at the resolved root: a swap of the root's symlink cannot mix two releases in one look.
    const root = await resolveRoot(files, path);
    if (root.stat.kind === "file") return { ...nothing, root, files: new Map([["", root.stat]]) };
    if (root.stat.kind === "folder") return await new Walk(files, limits).from(root);
    return { ...nothing, failure: failure("source-unreadable", "", "neither a file nor a folder") };
  } catch (error) {
    const rule = systemCode(error) === "ENOENT" ? "source-missing" : "source-unreadable";
    return { ...nothing, failure: failure(rule, "", reason(error)) };
  }
}

/** Where a source is at this moment. Rejects when it is not there. */
export async function resolveRoot(files: FileSystem, path: string): Promise<Root> {
  const real = await files.realpath(path);
  return { path: real, stat: await files.stat(real) };
}

/** Whether two looks found the source in the same place. */
export function sameRoot(a: Root | undefined, b: Root | undefined): boolean {
  return a?.path === b?.path && a?.stat.inode === b?.stat.inode;
}

/** Whether two looks saw the same. */
export function sameListing(a: Listing, b: Listing): boolean {
  if (!sameRoot(a.root, b.root)) return false;
  if (a.files.size !== b.files.size || a.groups.size !== b.groups.size) return false;
  for (const [relative, stat] of a.files) if (b.files.get(relative)?.identity !== stat.identity) return false;
  for (const group of a.groups) if (!b.groups.has(group)) return false;
  return JSON.stringify([a.troubles, a.failure]) === JSON.stringify([b.troubles, b.failure]);
}

function failure(rule: string, relative: string, reason: string): Failure {
  return { rule, relative, reason };
}

interface Folder {
  readonly path: string;
  readonly relative: string;
  /** Inodes from the root to this folder: a folder that is in its own chain is a loop. */
  readonly chain: readonly string[];
}

interface Entry {
  readonly parent: Folder;
  readonly name: string;
  readonly path: string;
  readonly relative: string;
}

/** Goes down level by level, so that the stats of many small folders overlap as those of one big folder do. */
class Walk {
  readonly #files: FileSystem;
  readonly #limits: Limits;
  readonly #found: [string, Stat][] = [];
  readonly #groups = new Set<string>();
  readonly #troubles: Trouble[] = [];
  #failure: Failure | undefined;
  #entries = 0;

  constructor(files: FileSystem, limits: Limits) {
    this.#files = files;
    this.#limits = limits;
  }

  async from(root: Root): Promise<Listing> {
    let level: Folder[] = [{ path: root.path, relative: "", chain: [root.stat.inode] }];
    while (level.length > 0 && this.#failure === undefined) {
      const entries = (await inSlices(level, (folder) => this.#open(folder))).flat();
      this.#entries += entries.length;
      if (this.#entries > this.#limits.entries) {
        this.#failure = failure("too-many-files", "", `more than ${this.#limits.entries} files and folders`);
        break;
      }
      const folders = await inSlices(entries, (entry) => this.#look(entry));
      level = folders.filter((folder) => folder !== undefined);
    }
    this.#found.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
    this.#troubles.sort((a, b) => a.relative < b.relative ? -1 : a.relative > b.relative ? 1 : 0);
    return {
      root,
      files: new Map(this.#found),
      groups: this.#groups,
      troubles: this.#troubles,
      failure: this.#failure,
    };
  }

  async #open(folder: Folder): Promise<Entry[]> {
    const { path, relative } = folder;
    try {
      const names = (await this.#files.names(path)).filter((name) => !isSkipped(name));
      return names.map((name) => ({
        parent: folder,
        name,
        path: `${path}/${name}`,
        relative: relative === "" ? name : `${relative}/${name}`,
      }));
    } catch (error) {
      // Without the root nothing is known, and without `groups/` not even which groups there are.
      if (relative === "" || relative === GROUPS_FOLDER) {
        this.#failure ??= failure("source-unreadable", relative, reason(error));
      } else if (!isGone(error)) {
        this.#trouble(relative, "unreadable-file", reason(error));
      }
      return [];
    }
  }

  /** Sorts an entry out; returns it when it is a folder to go into. */
  async #look(entry: Entry): Promise<Folder | undefined> {
    const { path, relative, name, parent } = entry;
    let stat: Stat;
    try {
      stat = await this.#files.stat(path);
    } catch (error) {
      await this.#lost(entry, error);
      return undefined;
    }
    const inGroups = parent.relative === GROUPS_FOLDER;
    if (stat.kind === "folder") {
      if (inGroups) this.#groups.add(name);
      if (parent.chain.includes(stat.inode)) {
        this.#trouble(relative, "symlink-loop", "a symlink to a folder that it is in; it is left out", "warning");
      } else if (parent.chain.length >= this.#limits.depth) {
        this.#trouble(relative, "folders-too-deep", `more than ${this.#limits.depth} folders in each other`);
      } else {
        return { path, relative, chain: [...parent.chain, stat.inode] };
      }
    } else if (isResourceFile(name)) {
      if (inGroups) {
        const folder = `${GROUPS_FOLDER}/${name.replace(/\..*$/, "")}/`;
        this.#trouble(relative, "misplaced-file", `the files of a group belong into a folder, as in ${folder}`);
      } else if (stat.kind === "file") {
        this.#found.push([relative, stat]);
      } else {
        this.#trouble(relative, "unreadable-file", "not a regular file");
      }
    }
    return undefined;
  }

  /** An entry that has a name and no stat. What merely vanished is not an error: the next look agrees or differs. */
  async #lost(entry: Entry, error: unknown): Promise<void> {
    const { path, relative } = entry;
    let why = reason(error);
    // The runtime writes U+FFFD for bytes that are no UTF-8, and then nothing has that name. Without a dot it may be a folder.
    if (isGone(error) && entry.name.includes("\ufffd") && (isResourceFile(entry.name) || !entry.name.includes("."))) {
      why = "its name is not UTF-8";
    } else if (isGone(error)) {
      const isLink = await this.#files.isLink(path).catch(() => false);
      if (!isLink) return;
      // What a dangling link would lead to is unknown, and to drop it in silence could empty a group.
      why = "a symlink that points to nothing";
    }
    this.#trouble(relative, "unreadable-file", why);
  }

  #trouble(relative: string, rule: string, reason: string, severity: Trouble["severity"] = "error"): void {
    if (relative === GROUPS_FOLDER || relative === GROUPS_FILE) {
      this.#failure ??= failure(rule, relative, reason);
      return;
    }
    const inGroups = /^groups\/[^/]+$/.test(relative);
    const group = inGroups && isResourceFile(relative) ? undefined : groupOf(relative);
    if (group !== undefined) this.#groups.add(group);
    this.#troubles.push({ relative, group, rule, severity, reason });
  }
}

function isGone(error: unknown): boolean {
  const code = systemCode(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

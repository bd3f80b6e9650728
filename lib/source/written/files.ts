/**
 * The files of written layers, one for each group: an append-only list of changes behind a whole layer, and a whole
 * layer anew, in the place of the old file, for a PUT and when the list has grown. A call that rejects leaves on disk
 * what was there.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import type { Log } from "../../log.ts";
import type { Issue } from "../../model/issue.ts";
import type { Resource } from "../../model/resource.ts";
import { reason, systemCode } from "../../system_error.ts";
import { amendItems, Content, placesOf } from "./content.ts";
import { type Disk, NODE_DISK, replaceFile, syncFolder, withFile } from "./disk.ts";
import { fileOf, groupOf, UNFINISHED } from "./file_names.ts";
import { decodeFile, encodeFile, encodeRecord, type Entry, type Kept } from "./records.ts";

export interface FilesOptions {
  /** Made when it is not there; the folder that it is in is. Undefined where there is no place for one. */
  readonly folder: string | undefined;
  /** Why nothing can be written there; undefined when it can. */
  readonly unwritable?: string | undefined;
  /** Makes a resource of what was kept of it. Throws for what this version of the API does not have. */
  readonly restore: (kept: Kept) => Resource;
  readonly log: Log;
  readonly disk?: Disk;
  /** Bytes of changes that a file may have however small its layer is; 1 MB. */
  readonly leastGrowth?: number;
}

/** What was there at the start. */
export interface Loaded {
  readonly contents: ReadonlyMap<string, Content>;
  /** Groups whose layer is not to be had, and why. */
  readonly damaged: ReadonlyMap<string, Issue>;
  /** Why it is not known what there is. */
  readonly failure: Issue | undefined;
}

/** What is known of a file. */
interface FileState {
  /** Bytes in use, and how many of them are the whole layer at the beginning. */
  length: number;
  whole: number;
  /** Of the next record. */
  sequence: number;
  /** Nothing of it could be read. */
  damaged: boolean;
}

/** A file is made anew when it has grown to this many times its layer and this many bytes more. */
const MOST_GROWTH = 3;
const LEAST_GROWTH = 1024 * 1024;

export class WrittenFiles {
  readonly #options: FilesOptions;
  readonly #disk: Disk;
  readonly #files = new Map<string, FileState>();
  /** Groups whose file may hold what was refused: nothing may be put at its end. */
  readonly #suspect = new Set<string>();
  /** Copies of files that could not be read, of the groups whose last write replaced them. */
  readonly #aside = new Map<string, string>();
  readonly #folder: string;
  #unwritable: string | undefined;

  constructor(options: FilesOptions) {
    this.#options = options;
    this.#folder = options.folder ?? "";
    this.#disk = options.disk ?? NODE_DISK;
    this.#unwritable = options.unwritable ?? (options.folder === undefined ? "there is no place for them" : undefined);
  }

  /** Why writes cannot be kept; undefined when they can. */
  get unwritable(): string | undefined {
    return this.#unwritable;
  }

  /** Reads all that was written; never rejects for what is wrong with it. */
  async load(): Promise<Loaded> {
    const { log } = this.#options;
    const folder = this.#folder;
    const contents = new Map<string, Content>();
    const damaged = new Map<string, Issue>();
    if (this.#options.folder === undefined) return { contents, damaged, failure: undefined };
    if (this.#unwritable === undefined) await this.#makeFolder();
    let names: string[];
    try {
      names = await this.#disk.list(folder);
    } catch (error) {
      // What never was there is nothing; what cannot be looked at may be half of the configuration.
      const gone = ["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "");
      const failure = gone ? undefined : unreadable(folder, reason(error));
      if (failure !== undefined) this.#unwritable ??= "what was written before cannot be read";
      return { contents, damaged, failure };
    }
    for (const name of names.sort()) {
      const group = groupOf(name);
      if (group !== undefined) {
        const content = await this.#load(group, join(folder, name));
        if (content instanceof Content) contents.set(group, content);
        else damaged.set(group, content);
      } else if (name.endsWith(UNFINISHED) && this.#unwritable === undefined) {
        await this.#disk.remove(join(folder, name)).catch((error) =>
          log.warn(`Cannot remove "${join(folder, name)}": ${reason(error)}`)
        );
      }
    }
    return { contents, damaged, failure: undefined };
  }

  /** Whether a group can have a file: its name is not empty and not too long. */
  takes(group: string): boolean {
    return fileOf(group) !== undefined;
  }

  /** Whether a start may find something else than what was saved last. */
  doubtful(group: string): boolean {
    return this.#suspect.has(group);
  }

  /**
   * Makes `after` what a start finds; undefined: nothing. `entries` are the changes that lead there from `before`, if it
   * was changes. Resolves when it survives a loss of power.
   */
  async save(group: string, before: Content | undefined, after: Content | undefined, entries?: readonly Entry[]) {
    if (this.#unwritable !== undefined) throw new Error(this.#unwritable);
    const file = this.#files.get(group);
    const aside = file?.damaged ? await this.#keepAside(group) : undefined;
    this.#aside.delete(group);
    if (aside !== undefined) this.#aside.set(group, aside);
    if (after === undefined) {
      await this.#undoing(group, before, () => this.#remove(group));
    } else if (file === undefined || file.damaged || entries === undefined || this.#suspect.has(group)) {
      await this.#undoing(group, before, () => this.#replace(group, after));
    } else {
      const records = entries.map((entry, index) => encodeRecord(file.sequence + index, entry));
      const bytes = records.length === 1 && records[0] !== undefined ? records[0] : Buffer.concat(records);
      const most = file.whole * MOST_GROWTH + (this.#options.leastGrowth ?? LEAST_GROWTH);
      if (file.length + bytes.length > most) {
        await this.#undoing(group, before, () => this.#replace(group, after));
      } else {
        await this.#append(group, file, bytes);
        file.length += bytes.length;
        file.sequence += records.length;
      }
    }
    this.#suspect.delete(group);
  }

  /** Takes the last write to a group back: `before` is what a start finds again. */
  async revert(group: string, before: Content | undefined): Promise<void> {
    const folder = this.#folder;
    const aside = this.#aside.get(group);
    try {
      if (aside !== undefined) {
        await this.#disk.rename(join(folder, aside), this.#path(group));
        this.#aside.delete(group);
        this.#files.set(group, { length: 0, whole: 0, sequence: 0, damaged: true });
        await syncFolder(this.#disk, folder);
      } else if (before === undefined) await this.#remove(group);
      else await this.#replace(group, before);
    } catch (error) {
      this.#doubt(group, error);
      throw error;
    }
  }

  async #makeFolder(): Promise<void> {
    const folder = this.#folder;
    try {
      await this.#disk.makeFolder(folder);
      await syncFolder(this.#disk, join(folder, ".."));
    } catch (error) {
      this.#unwritable = `cannot make "${folder}": ${reason(error)}`;
    }
  }

  async #load(group: string, path: string): Promise<Content | Issue> {
    const { log, restore } = this.#options;
    const state: FileState = { length: 0, whole: 0, sequence: 0, damaged: true };
    this.#files.set(group, state);
    try {
      const found = decodeFile(await this.#disk.read(path));
      if (found.kind === "damaged") return damage(path, found.why);
      const content = replay(found.entries, restore);
      if (found.torn > 0) {
        log.warn(`Dropped ${found.torn} bytes at the end of "${path}": a write that was never finished`);
      }
      const { length, whole, torn, entries } = found;
      Object.assign(state, { length, whole, sequence: entries.length, damaged: false });
      if (torn > 0) this.#suspect.add(group);
      return content;
    } catch (error) {
      return damage(path, reason(error));
    }
  }

  /** What could not be read is kept beside what takes its place. */
  async #keepAside(group: string): Promise<string> {
    const folder = this.#folder;
    const path = this.#path(group);
    const taken = new Set(await this.#disk.list(folder));
    let number = 1;
    while (taken.has(`${fileOf(group)}.damaged-${number}`)) number++;
    const aside = `${fileOf(group)}.damaged-${number}`;
    await replaceFile(this.#disk, folder, aside, aside + UNFINISHED, await this.#disk.read(path));
    this.#options.log.warn(`What could not be read of "${path}" is kept in "${join(folder, aside)}"`);
    return aside;
  }

  async #append(group: string, file: FileState, bytes: Uint8Array): Promise<void> {
    const path = this.#path(group);
    try {
      await withFile(this.#disk, path, "change", async (open) => {
        await open.write(bytes, file.length);
        await open.sync();
      });
    } catch (error) {
      try {
        await withFile(this.#disk, path, "change", async (open) => {
          await open.truncate(file.length);
          await open.sync();
        });
      } catch (second) {
        this.#doubt(group, second);
      }
      throw error;
    }
  }

  async #replace(group: string, content: Content): Promise<void> {
    const folder = this.#folder;
    const name = this.#name(group);
    const bytes = encodeFile(entryOf(content));
    await replaceFile(this.#disk, folder, name, name + UNFINISHED, bytes);
    this.#files.set(group, { length: bytes.length, whole: bytes.length, sequence: 1, damaged: false });
    await syncFolder(this.#disk, folder);
  }

  async #remove(group: string): Promise<void> {
    try {
      await this.#disk.remove(this.#path(group));
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
    this.#files.delete(group);
    await syncFolder(this.#disk, this.#folder);
  }

  /** Acts, and puts back what was there if that fails when the file has changed already. */
  async #undoing(group: string, before: Content | undefined, act: () => Promise<void>): Promise<void> {
    const file = this.#files.get(group);
    try {
      await act();
    } catch (error) {
      // What `revert` cannot take back it has logged; why the write failed is what its sender is told.
      const changed = this.#files.get(group) !== file;
      if (changed || this.#aside.has(group)) await this.revert(group, before).catch(() => {});
      throw error;
    }
  }

  #doubt(group: string, error: unknown): void {
    this.#suspect.add(group);
    const message = `Cannot take a write that was refused back from "${this.#path(group)}": ${reason(error)}`;
    this.#options.log.error(`${message}; unless another write to the group succeeds, a restart may find it`);
  }

  #name(group: string): string {
    const name = fileOf(group);
    if (name === undefined) throw new Error(`No file can have the name of group ${JSON.stringify(group)}`);
    return name;
  }

  #path(group: string): string {
    return join(this.#folder, this.#name(group));
  }
}

/** The whole of a content. */
function entryOf({ id, label, resources }: Content): Entry {
  return { id, label, upsert: resources, remove: [] };
}

/** What the entries of a file come to; only what is left of them is made into resources. */
function replay(entries: readonly Entry[], restore: (kept: Kept) => Resource): Content {
  const [first, ...changes] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) throw new Error("no entries");
  let amended = { items: first.upsert, places: placesOf(changes.length > 0 ? first.upsert : []) };
  for (const change of changes) amended = amendItems(amended.items, amended.places, change);
  const { items } = amended;
  return Content.restored({ resources: items.map(restore), label: last.label }, last.id);
}

function damage(path: string, why: string): Issue {
  const { message, ...issue } = unreadable(path, why);
  return {
    ...issue,
    message: `${message}. The group is held back until its layer is written anew (PUT) or dropped (DELETE)`,
  };
}

function unreadable(path: string, why: string): Issue {
  return { path: "", rule: "written-unreadable", severity: "error", message: `Cannot read "${path}": ${why}` };
}

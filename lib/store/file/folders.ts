/**
 * The folders of a store: made when something is written, and never reached through a link, so that whoever can make one
 * in a store cannot have a store read or write elsewhere. Only the path to the store itself may lead through links.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { systemCode } from "../../system_error.ts";
import { StoreError } from "../blobs.ts";
import type { Disk } from "./disk.ts";

export class Folders {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #url: string;
  /** Folders that are known to survive a loss of power. */
  readonly #durable = new Set<string>();

  /** `path` is absolute; `url` is what errors call the store. */
  constructor(disk: Disk, path: string, url: string) {
    this.#disk = disk;
    this.#path = path;
    this.#url = url;
  }

  /** The path of a folder in the store; undefined when it is not there. Rejects with `missing` without a store. */
  async find(words: readonly string[]): Promise<string | undefined> {
    const found = await this.#find(words);
    if (found === undefined && await this.#find([]) === undefined) throw this.#missing();
    return found;
  }

  /** Before it is said that something in a folder is not there: rejects without a store, and where a link leads away. */
  async confirm(words: readonly string[]): Promise<void> {
    let path = await this.find([]) ?? this.#path;
    if ((await this.#disk.find(path)).kind !== "folder") throw notFolder();
    for (const [index, word] of words.entries()) {
      path = join(path, word);
      const found = await unless(GONE, this.#disk.find(path));
      if (found?.kind === "link") throw throughLink(words.slice(0, index + 1));
      if (found === undefined) return;
    }
  }

  /** The path of a folder in the store, which is made where it is not, and survives a loss of power. */
  async make(words: readonly string[]): Promise<string> {
    for (let again = false;; again = true) {
      const found = await unless(["ENOENT"], this.#make(words).then(() => this.#find(words)));
      if (found !== undefined) return found;
      // Somebody took it away since it was made.
      this.#durable.clear();
      if (again) throw Object.assign(new Error("its folder is taken away"), { code: "ENOENT" });
    }
  }

  /** Names in a folder of the store; none when it is not there. */
  async names(words: readonly string[]): Promise<{ readonly path: string; readonly names: readonly string[] }> {
    const path = await this.find(words);
    const names = path === undefined ? undefined : await unless(GONE, this.#disk.list(path));
    if (names === undefined) await this.confirm(words);
    return { path: path ?? "", names: names ?? [] };
  }

  /** Undefined also without a store. */
  async #find(words: readonly string[]): Promise<string | undefined> {
    const root = await unless(["ENOENT"], this.#disk.realPath(this.#path));
    if (root === undefined || words.length === 0) return root;
    const path = join(root, ...words);
    const real = await unless(GONE, this.#disk.realPath(path));
    if (real !== undefined && real !== path) throw throughLink(words);
    return real;
  }

  #missing(): StoreError {
    return new StoreError("missing", `Cannot open "${this.#url}": no such directory`);
  }

  async #make(words: readonly string[]): Promise<void> {
    await this.#makeRoot();
    let path = await this.#disk.realPath(this.#path);
    for (const [index, word] of words.entries()) {
      const above = path;
      path = join(path, word);
      if (this.#durable.has(path)) continue;
      await unless(["EEXIST"], this.#disk.makeFolder(path));
      const { kind } = await this.#disk.find(path);
      if (kind === "link") throw throughLink(words.slice(0, index + 1));
      if (kind !== "folder") throw notFolder();
      // Also when another process has made it: it may not have come so far yet.
      await this.#disk.syncFolder(above);
      this.#durable.add(path);
    }
  }

  async #makeRoot(): Promise<void> {
    if (this.#durable.has(this.#path)) return;
    const missing: string[] = [];
    for (let path = this.#path;; path = dirname(path)) {
      if (await unless(["ENOENT"], this.#disk.realPath(path)) !== undefined || path === dirname(path)) break;
      missing.unshift(path);
    }
    for (const path of missing) {
      await unless(["EEXIST"], this.#disk.makeFolder(path));
      await this.#disk.syncFolder(dirname(path));
    }
    // Who may not read the folder above has not made this one, and whoever did has seen to it.
    if (missing.length === 0) {
      const above = dirname(await this.#disk.realPath(this.#path));
      await unless(["EACCES", "EPERM"], this.#disk.syncFolder(above));
    }
    this.#durable.add(this.#path);
  }
}

/** What is not there, or where a file stands in the way. */
export const GONE = ["ENOENT", "ENOTDIR"];

/** Undefined instead of an error with one of these codes. */
export async function unless<T>(codes: readonly string[], promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (codes.includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
}

function notFolder(): Error {
  return Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
}

function throughLink(words: readonly string[]): Error {
  return new Error(`"${words.join("/")}" leads through a symlink, and those are not followed`);
}

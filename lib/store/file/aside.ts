/**
 * Files that are written aside before they get their name, and what crashes leave of them.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Disk } from "./disk.ts";
import { type Folders, unless } from "./folders.ts";

/** The folder of a store for what is no key: no key has such a name. */
export const OWN = ".xcp~";

const ASIDE = [OWN, "new"];

/** What is this old by the clock of the file system belongs to nobody: no call takes so long. Milliseconds. */
const ABANDONED_MS = 10 * 60_000;

export class Aside {
  readonly #disk: Disk;
  readonly #folders: Folders;
  readonly #now: () => number;
  #sweptAt: number | undefined;

  constructor(disk: Disk, folders: Folders, now: () => number) {
    this.#disk = disk;
    this.#folders = folders;
    this.#now = now;
  }

  /** A file with these bytes that survives a loss of power, for `use` to give it a name; gone afterwards. */
  async with<T>(bytes: Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
    const path = join(await this.#folders.make(ASIDE), randomBytes(12).toString("hex"));
    const file = await this.#disk.create(path);
    try {
      try {
        await file.write(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await this.#sweep(path);
      return await use(path);
    } finally {
      // What cannot be removed now is abandoned.
      await this.#disk.remove(path).catch(() => {});
    }
  }

  /** Removes what was left behind: files, and sockets that never became a lock. `path` is a new file. */
  async #sweep(path: string): Promise<void> {
    const now = this.#now();
    if (this.#sweptAt !== undefined && Math.abs(now - this.#sweptAt) < ABANDONED_MS) return;
    this.#sweptAt = now;
    try {
      const { modifiedMs } = await this.#disk.find(path);
      await this.#sweepFolder(ASIDE, modifiedMs - ABANDONED_MS, () => true);
      await this.#sweepFolder([OWN, "lock"], modifiedMs - ABANDONED_MS, (name) => name.endsWith(".new"));
    } catch {
      // Untidiness is no reason to refuse a write.
    }
  }

  async #sweepFolder(words: readonly string[], beforeMs: number, ours: (name: string) => boolean): Promise<void> {
    const { path, names } = await this.#folders.names(words);
    for (const name of names.filter(ours)) {
      const found = await unless(["ENOENT"], this.#disk.find(join(path, name)));
      if (found === undefined || found.kind === "folder" || found.modifiedMs >= beforeMs) continue;
      await unless(["ENOENT"], this.#disk.remove(join(path, name)));
    }
  }
}

/**
 * The few file operations that a source needs, as a port, so that tests can make a disk that changes or fails at the
 * worst moment.
 *
 * @module
 */
import { lstat, readdir, readFile, realpath, stat } from "node:fs/promises";
import { systemCode } from "../system_error.ts";

/** What a stat says, links followed. */
export interface Stat {
  readonly kind: "file" | "folder" | "other";
  /** Device and inode: the same for two paths that lead to the same thing. */
  readonly inode: string;
  /** Changes when the file is written, replaced, or gets other permissions. */
  readonly identity: string;
  /** Milliseconds since the epoch, by the clock of the file system. */
  readonly mtimeMs: number;
  /** Bytes. */
  readonly size: number;
}

/** All operations reject with an error that has a `code` (`ENOENT`, `EACCES`), as those of `node:fs` do. */
export interface FileSystem {
  /** The path with all links resolved. */
  realpath(path: string): Promise<string>;
  /** Names in a folder, in any order. */
  names(folder: string): Promise<string[]>;
  stat(path: string): Promise<Stat>;
  /** Whether the path itself is a symbolic link, whatever it points to. False when there is nothing. */
  isLink(path: string): Promise<boolean>;
  read(path: string): Promise<Uint8Array>;
}

/** The disk. */
export const NODE_FILES: FileSystem = {
  realpath: (path) => realpath(path),
  names: (folder) => readdir(folder),
  read: (path) => readFile(path),
  async stat(path) {
    const s = await stat(path);
    const inode = `${s.dev}:${s.ino}`;
    return {
      kind: s.isFile() ? "file" : s.isDirectory() ? "folder" : "other",
      inode,
      // The time of the inode's change and the mode tell that a file has become readable.
      identity: `${inode}:${s.size}:${s.mtimeMs}:${s.ctimeMs}:${s.mode}`,
      mtimeMs: s.mtimeMs,
      size: s.size,
    };
  },
  async isLink(path) {
    try {
      return (await lstat(path)).isSymbolicLink();
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw error;
    }
  },
};

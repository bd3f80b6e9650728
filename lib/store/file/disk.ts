/**
 * The disk, as far as stores in folders touch it: tests put another one in, which fails and loses power.
 *
 * @module
 */
import { constants } from "node:fs";
import { link, lstat, mkdir, open, readdir, realpath, rename, unlink } from "node:fs/promises";

/** What is at a path; links are not followed. */
export interface Found {
  readonly kind: "file" | "folder" | "link" | "other";
  /** Bytes. */
  readonly size: number;
  /** By the clock of the file system. */
  readonly modifiedMs: number;
  /** How many names the file has. */
  readonly names: number;
}

/** A file that was made, open. */
export interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when what was written survives a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Each call rejects with the error of the operating system. */
export interface Disk {
  /** Makes a folder for its owner alone. `EEXIST` when something is there. */
  makeFolder(path: string): Promise<void>;
  /** Names in a folder. */
  list(path: string): Promise<string[]>;
  find(path: string): Promise<Found>;
  /** The path without links. */
  realPath(path: string): Promise<string>;
  /** Undefined: more than `limit` bytes. `ELOOP` for a link, `EISDIR` for a folder. */
  read(path: string, limit: number): Promise<Uint8Array | undefined>;
  /** An empty file for its owner alone. `EEXIST` when something is there. */
  create(path: string): Promise<NewFile>;
  /** Gives a file a second name. `EEXIST` when something is there. */
  link(from: string, to: string): Promise<void>;
  /** In the place of what is there. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Resolves when what happened to the names in a folder survives a loss of power. */
  syncFolder(path: string): Promise<void>;
}

// A name that was a file a moment ago may be a link by now, or a pipe that nobody writes to.
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The real one. */
export const NODE_DISK: Disk = {
  async makeFolder(path) {
    await mkdir(path, { mode: 0o700 });
  },
  list: (path) => readdir(path),
  async find(path) {
    const found = await lstat(path);
    const kind = found.isFile() ? "file" : found.isDirectory() ? "folder" : found.isSymbolicLink() ? "link" : "other";
    return { kind, size: found.size, modifiedMs: found.mtimeMs, names: found.nlink };
  },
  realPath: (path) => realpath(path),
  async read(path, limit) {
    const file = await open(path, READ);
    try {
      const found = await file.stat();
      if (found.isDirectory()) throw Object.assign(new Error("is a directory"), { code: "EISDIR" });
      if (!found.isFile()) throw new Error("not a file");
      if (found.size > limit) return undefined;
      const bytes = new Uint8Array(found.size);
      let done = 0;
      while (done < bytes.length) {
        const { bytesRead } = await file.read(bytes, done, bytes.length - done, done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return done === bytes.length ? bytes : bytes.slice(0, done);
    } finally {
      await file.close();
    }
  },
  async create(path) {
    const file = await open(path, "wx", 0o600);
    return {
      async write(bytes) {
        for (let done = 0; done < bytes.length;) {
          done += (await file.write(bytes, done, bytes.length - done, done)).bytesWritten;
        }
      },
      sync: () => file.sync(),
      close: () => file.close(),
    };
  },
  link,
  rename,
  remove: unlink,
  async syncFolder(path) {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

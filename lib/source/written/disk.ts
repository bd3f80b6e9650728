/**
 * The disk, as far as written layers touch it: tests put another one in, which fails and loses power.
 *
 * @module
 */
import { mkdir, open, readdir, readFile, rename, rm, unlink } from "node:fs/promises";
import { join } from "node:path";

/** An open file or folder. */
export interface OpenFile {
  /** Writes all the bytes at a position. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  truncate(length: number): Promise<void>;
  /** Resolves when everything written so far survives a loss of power. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Each call rejects with the error of the operating system. */
export interface Disk {
  /** Makes a folder that only its owner may look into, unless it is there; what leads to it is there. */
  makeFolder(path: string): Promise<void>;
  /** Names in a folder. */
  list(path: string): Promise<string[]>;
  read(path: string): Promise<Uint8Array>;
  /** `create`: an empty file for its owner alone, in the place of an old one; `change`: one that is there; `folder`: to sync it. */
  open(path: string, how: "create" | "change" | "folder"): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
}

const FLAGS = { create: "wx", change: "r+", folder: "r" } as const;

/** The real one. */
export const NODE_DISK: Disk = {
  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },
  list: (path) => readdir(path),
  read: (path) => readFile(path),
  async open(path, how) {
    // Not through what stands there: where others may write it could be a link to somebody's file.
    if (how === "create") await rm(path, { force: true });
    const file = await open(path, FLAGS[how], 0o600);
    return {
      async write(bytes, position) {
        for (let done = 0; done < bytes.length;) {
          done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
        }
      },
      truncate: (length) => file.truncate(length),
      sync: () => file.sync(),
      close: () => file.close(),
    };
  },
  rename,
  remove: unlink,
};

/** Opens, acts, and closes in any case. */
export async function withFile(
  disk: Disk,
  path: string,
  how: "create" | "change" | "folder",
  act: (file: OpenFile) => Promise<void>,
): Promise<void> {
  const file = await disk.open(path, how);
  try {
    await act(file);
  } finally {
    await file.close();
  }
}

/** Makes what happened to the names in a folder survive. */
export async function syncFolder(disk: Disk, path: string): Promise<void> {
  await withFile(disk, path, "folder", (folder) => folder.sync());
}

/** A file with this content, or the file from before: nothing between, whenever the power goes. */
export async function replaceFile(disk: Disk, folder: string, name: string, aside: string, bytes: Uint8Array) {
  const temporary = join(folder, aside);
  try {
    await withFile(disk, temporary, "create", async (file) => {
      await file.write(bytes, 0);
      await file.sync();
    });
    await disk.rename(temporary, join(folder, name));
  } catch (error) {
    await disk.remove(temporary).catch(() => {});
    throw error;
  }
}

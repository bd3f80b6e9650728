/**
 * A directory whose files change all at once, in the way that Kubernetes writes its volumes:
 *
 * ```
 * DIR/.data-7-x1y2/…      the files
 * DIR/.data               a symlink to it: moving it is the change
 * DIR/groups              symlinks through it, for people and for those who read DIR
 * ```
 *
 * Whoever reads finds the old files or the new ones, and whoever watches DIR for moves, as Envoy does, is told once.
 *
 * @module
 */
import { type FileHandle, lstat, mkdir, open, readdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { reason, systemCode } from "../../lib/system_error.ts";
import { CommandError } from "../exit.ts";

/** The folder's name of now. */
export const DATA = ".data";
/** Says that a directory was written by `pull`, and what. */
export const MARKER = ".pulled.json";
/** What a pull that died left behind, after that time. */
const STALE_MS = 60 * 60 * 1000;

/**
 * Whether a directory may be written: it is not there, empty, or written by an earlier pull.
 *
 * @throws {CommandError} `unwritable`
 */
export async function checkDirectory(directory: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw new CommandError("unwritable", `Cannot write to "${directory}": ${reason(error)}`, { cause: error });
  }
  if (names.length === 0 || await isFile(join(directory, DATA, MARKER))) return;
  // A first pull that died before its end left nothing else.
  if (names.every((name) => name.startsWith(`${DATA}-`))) return;
  throw new CommandError("unwritable", `Cannot write to "${directory}": it is not empty, and no pull has written it`, {
    hint: "Name a directory that is not there yet",
  });
}

/** Files that nobody sees yet. Its methods reject with a `CommandError` (`unwritable`) when something cannot be written. */
export class NewTree {
  readonly #directory: string;
  readonly #name: string;
  /** Where its files are until then, and from then on. */
  readonly folder: string;
  readonly #made = new Set<string>();
  /** What is at the top. */
  readonly #visible = new Set<string>();

  private constructor(directory: string) {
    this.#directory = directory;
    this.#name = `${DATA}-${randomUUID().slice(0, 8)}`;
    this.folder = join(directory, this.#name);
  }

  /**
   * Fills a tree, and acts with it, which may show it. One that is not shown is removed.
   *
   * @param directory See {@link checkDirectory}.
   */
  static async with<T>(directory: string, act: (tree: NewTree) => Promise<T>): Promise<T> {
    const tree = new NewTree(directory);
    try {
      await tree.#writing(() => tree.#make(tree.folder));
      return await act(tree);
    } finally {
      const current = await readlink(join(directory, DATA)).catch(() => undefined);
      if (current !== tree.#name) await rm(tree.folder, { recursive: true, force: true });
    }
  }

  /** Makes a folder that is there even without a file. */
  async addFolder(path: string): Promise<void> {
    this.#see(path);
    await this.#writing(() => this.#make(join(this.folder, path)));
  }

  /**
   * Makes a file, which `fill` writes.
   *
   * @param path Below the directory: `groups/edge/clusters.yaml`.
   * @param secret It holds secrets: for its owner alone.
   */
  async add<T>(path: string, secret: boolean, fill: (file: NewFile) => Promise<T>): Promise<T> {
    this.#see(path);
    const handle = await this.#writing(async () => {
      const at = join(this.folder, path);
      await this.#make(dirname(at));
      return await open(at, "wx", secret ? 0o600 : 0o644);
    });
    try {
      const file = new NewFile(handle, (act) => this.#writing(act));
      const made = await fill(file);
      await file.end();
      return made;
    } finally {
      await handle.close();
    }
  }

  async addText(path: string, secret: boolean, text: string): Promise<void> {
    await this.add(path, secret, (file) => file.write(text));
  }

  /** Adds a file as it is elsewhere. */
  async addCopy(path: string, secret: boolean, from: string): Promise<void> {
    await this.add(path, secret, (file) => file.copy(from));
  }

  /**
   * Puts the files in the place of what was there.
   *
   * @param marker What is in it, for whoever asks: the text of {@link MARKER}.
   */
  async show(marker: string, now: () => number): Promise<void> {
    const directory = this.#directory;
    await this.add(MARKER, false, (file) => file.write(marker));
    this.#visible.delete(MARKER);
    await this.#writing(async () => {
      for (const path of this.#made) await sync(path);
      const before = await readlink(join(directory, DATA)).catch(() => undefined);
      await link(directory, DATA, this.#name);
      await showOnly(directory, this.#visible);
      await sync(directory);
      await tidy(directory, this.#name, before, now());
    });
  }

  #see(path: string): void {
    this.#visible.add(path.split("/")[0] ?? "");
  }

  async #make(folder: string): Promise<void> {
    if (this.#made.has(folder)) return;
    await mkdir(folder, { recursive: true });
    for (let path = folder; path !== this.#directory && !this.#made.has(path); path = dirname(path)) {
      this.#made.add(path);
    }
  }

  async #writing<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw new CommandError("unwritable", `Cannot write to "${this.#directory}": ${reason(error)}`, { cause: error });
    }
  }
}

/** Characters that are written at once. */
const BLOCK = 256 * 1024;
/** A file that is being written. */
export class NewFile {
  readonly #handle: FileHandle;
  readonly #writing: <T>(act: () => Promise<T>) => Promise<T>;
  #text = "";

  constructor(handle: FileHandle, writing: <T>(act: () => Promise<T>) => Promise<T>) {
    this.#handle = handle;
    this.#writing = writing;
  }

  /** Appends. */
  async write(text: string): Promise<void> {
    if (this.append(text)) await this.flush();
  }

  /** The same for many small texts: says when it is time for {@link flush}. */
  append(text: string): boolean {
    this.#text += text;
    return this.#text.length >= BLOCK;
  }

  async flush(): Promise<void> {
    const text = this.#text;
    this.#text = "";
    if (text !== "") await this.#writing(() => writeAll(this.#handle, Buffer.from(text)));
  }

  /** Writes over what is there: as many bytes, from a place on. */
  async patch(text: string, position: number): Promise<void> {
    await this.flush();
    await this.#writing(() => writeAll(this.#handle, Buffer.from(text), position));
  }

  async copy(path: string): Promise<void> {
    await this.flush();
    await this.#writing(async () => {
      const from = await open(path, "r");
      try {
        const block = Buffer.alloc(BLOCK);
        for (;;) {
          const { bytesRead } = await from.read(block, 0, BLOCK);
          if (bytesRead === 0) return;
          await writeAll(this.#handle, block.subarray(0, bytesRead));
        }
      } finally {
        await from.close();
      }
    });
  }

  async end(): Promise<void> {
    await this.flush();
    await this.#writing(() => this.#handle.sync());
  }
}

/** Without a position at the end of what was written. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position?: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const at = position === undefined ? null : position + done;
    done += (await handle.write(bytes, done, bytes.length - done, at)).bytesWritten;
  }
}

/** Links to what is there now, and none to what was. */
async function showOnly(directory: string, visible: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(directory)) {
    const target = await readlink(join(directory, name)).catch(() => undefined);
    if (target === `${DATA}/${name}` && !visible.has(name)) await rm(join(directory, name));
  }
  for (const name of visible) {
    const target = `${DATA}/${name}`;
    if (await readlink(join(directory, name)).catch(() => undefined) !== target) await link(directory, name, target);
  }
}

/** A symlink in the place of another, at once. */
async function link(directory: string, name: string, target: string): Promise<void> {
  const aside = join(directory, `${DATA}-${randomUUID().slice(0, 8)}`);
  await symlink(target, aside);
  try {
    await rename(aside, join(directory, name));
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** Removes the files from before, and what pulls left that died. */
async function tidy(directory: string, current: string, before: string | undefined, now: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(`${DATA}-`) || name === current) continue;
    const { mtimeMs } = await lstat(join(directory, name));
    if (name === before || now - mtimeMs > STALE_MS) await rm(join(directory, name), { recursive: true, force: true });
  }
}

async function sync(folder: string): Promise<void> {
  const opened = await open(folder, "r");
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

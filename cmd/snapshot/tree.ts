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
import { lstat, mkdir, open, readdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { reason, systemCode } from "../../lib/system_error.ts";
import { CommandError } from "../exit.ts";

export interface TreeFile {
  /** Below the directory: `groups/edge/clusters.yaml`. */
  readonly path: string;
  readonly text: string;
  /** It holds secrets: for its owner alone. */
  readonly secret: boolean;
}

export interface Tree {
  readonly files: readonly TreeFile[];
  /** Folders that are there even without a file. */
  readonly folders: readonly string[];
  /** What is in it, for whoever asks: the text of {@link MARKER}. */
  readonly marker: string;
}

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

/**
 * Writes all files, and puts them in the place of what was there.
 *
 * @throws {CommandError} `unwritable`: then what was there is there as before
 */
export async function writeTree(directory: string, tree: Tree, now: () => number): Promise<void> {
  const name = `${DATA}-${randomUUID().slice(0, 8)}`;
  const folder = join(directory, name);
  try {
    await mkdir(folder, { recursive: true });
    await fill(folder, tree);
    const before = await readlink(join(directory, DATA)).catch(() => undefined);
    await link(directory, DATA, name);
    const visible = new Set(
      [...tree.files.map(({ path }) => path), ...tree.folders].map((path) => path.split("/")[0] ?? ""),
    );
    await showOnly(directory, visible);
    await sync(directory);
    await tidy(directory, name, before, now());
  } catch (error) {
    const current = await readlink(join(directory, DATA)).catch(() => undefined);
    if (current !== name) await rm(folder, { recursive: true, force: true });
    throw new CommandError("unwritable", `Cannot write to "${directory}": ${reason(error)}`, { cause: error });
  }
}

async function fill(folder: string, { files, folders, marker }: Tree): Promise<void> {
  const made = new Set([folder, ...folders.map((path) => join(folder, path))]);
  for (const { path } of files) made.add(dirname(join(folder, path)));
  for (const path of made) await mkdir(path, { recursive: true });
  for (const { path, text, secret } of [...files, { path: MARKER, text: marker, secret: false }]) {
    const file = await open(join(folder, path), "wx", secret ? 0o600 : 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  }
  for (const path of made) await sync(path);
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

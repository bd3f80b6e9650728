/**
 * A store in a folder: each key is a file of its name, so that a store can be looked at, copied and moved with the tools
 * of files.
 *
 * A file is written aside, and synced, before it gets its name: whoever reads finds an old state or a new one, whole,
 * whenever a process or the power goes. A key is created by `link`, which fails where a name is taken; it is replaced and
 * removed under the lock of the store. A version is the SHA-256 of the bytes: the same on every runtime, after a copy of
 * the folder, and for as long as bytes that are replaced are unique never the name of two states.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { systemCode } from "../../system_error.ts";
import { type Blob, type Blobs, type Entry, type ReadOptions, StoreError, type WriteOptions } from "../blobs.ts";
import { isKey, isPrefix, isWord, LONGEST_KEY } from "../keys.ts";
import { Aside, OWN } from "./aside.ts";
import { type Call, Calls } from "./call.ts";
import { type Disk, type Found, NODE_DISK } from "./disk.ts";
import { folderOf } from "./location.ts";
import { Folders, GONE, unless } from "./folders.ts";
import { FolderLock, type Held, type Lock } from "./lock.ts";

export interface FileStoreOptions {
  /** Milliseconds that a call may take; 30 s. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
  readonly disk?: Disk;
  /** The lock, instead of one in the folder. */
  readonly lock?: Lock;
}

type Version = { readonly version: string };

const TIMEOUT_MS = 30_000;
/** Files that are looked at in one step of a list. */
const STEP = 64;
/** Bytes of the largest file whose state is compared. */
const MOST_BYTES = 1024 * 1024 * 1024;
/** What file systems without a second name for a file say. */
const NO_LINKS: ReadonlySet<string> = new Set(["EMLINK", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EPERM"]);

/**
 * Opens the store at `file:///path`. The folder need not be there: reading then rejects with `missing`, and the first
 * write makes it, for its owner alone.
 *
 * @throws {StoreError} `url`, for a URL that names no folder.
 */
export function openFileStore(url: string, options: FileStoreOptions = {}): Promise<Blobs> {
  try {
    return Promise.resolve(new FileStore(folderOf(url), options));
  } catch (error) {
    return Promise.reject(error);
  }
}

function versionOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

class FileStore implements Blobs {
  readonly url: string;
  readonly #disk: Disk;
  readonly #folders: Folders;
  readonly #aside: Aside;
  readonly #calls = new Calls();
  readonly #timeoutMs: number;
  readonly #lock: Lock;
  /** Folders in which something was changed that a loss of power may undo. */
  readonly #unsynced = new Set<string>();

  constructor(path: string, { timeoutMs = TIMEOUT_MS, now = Date.now, disk = NODE_DISK, lock }: FileStoreOptions) {
    this.url = pathToFileURL(path).href;
    this.#disk = disk;
    this.#folders = new Folders(disk, path, this.url);
    this.#aside = new Aside(disk, this.#folders, now);
    this.#timeoutMs = timeoutMs;
    this.#lock = lock ?? new FolderLock(() => this.#folders.make([OWN]), { now });
  }

  get(key: string, { limit, signal }: ReadOptions): Promise<Blob | undefined> {
    return this.#call("read", key, signal, () => this.#read(key, limit));
  }

  getIfChanged(key: string, version: string, { limit, signal }: ReadOptions): Promise<Blob | "same" | undefined> {
    return this.#call("read", key, signal, async () => {
      const found = await this.#read(key, limit);
      return found?.version === version ? "same" : found;
    });
  }

  create(key: string, bytes: Uint8Array, { signal }: WriteOptions = {}): Promise<Version | undefined> {
    return this.#call("create", key, signal, async (call) => {
      const { words, name } = placeOf(key);
      const folder = await this.#folders.make(words);
      const path = join(folder, name);
      // What is there need not be written to find that out.
      const made = !await this.#taken(path) && await this.#aside.with(bytes, (aside) => this.#name(call, aside, path));
      // What is answered is there after a crash, also that another one was faster.
      await this.#sync(folder);
      return made ? { version: versionOf(bytes) } : undefined;
    });
  }

  replace(
    key: string,
    bytes: Uint8Array,
    version: string,
    { signal }: WriteOptions = {},
  ): Promise<Version | undefined> {
    return this.#call("replace", key, signal, async (call) => {
      const same = async () => (await this.#read(key, MOST_BYTES))?.version === version;
      if (!await same()) return undefined;
      const { words, name } = placeOf(key);
      return await this.#aside.with(bytes, (aside) =>
        this.#alone(call, async (held) => {
          if (!await same()) return undefined;
          const folder = await this.#folders.make(words);
          held.check();
          await this.#commit(call, folder, () => this.#disk.rename(aside, join(folder, name)));
          await this.#sync(folder);
          return { version: versionOf(bytes) };
        }));
    });
  }

  async *list(prefix: string, { signal }: WriteOptions = {}): AsyncGenerator<Entry> {
    const step = <T>(work: () => Promise<T>) => this.#call("list", prefix, signal, work);
    const folders = [prefix.split("/").slice(0, -1)];
    for (let words = folders.pop(); words !== undefined; words = folders.pop()) {
      const here = words;
      const { path, names } = await step(() => this.#folders.names(here));
      const keys = [...new Set(names)].filter((name) => isWord(name) && isKey([...here, name].join("/")));
      for (let from = 0; from < keys.length; from += STEP) {
        const found = await step(() =>
          Promise.all(
            keys.slice(from, from + STEP).map(async (name) => {
              return { key: [...here, name].join("/"), found: await unless(GONE, this.#disk.find(join(path, name))) };
            }),
          )
        );
        for (const { key, found: file } of found) {
          if (file?.kind === "file") yield { key, size: file.size, modifiedMs: file.modifiedMs };
          else if (file?.kind === "folder") folders.push(key.split("/"));
          // What is skipped here would look removed, and could not be read either.
          else if (file?.kind === "link") await step(() => Promise.reject(throughLink(key)));
        }
      }
    }
  }

  remove(key: string, { signal }: WriteOptions = {}): Promise<void> {
    return this.#call("remove", key, signal, async (call) => {
      const { words, name } = placeOf(key);
      const folder = await this.#folders.find(words);
      await this.#settle(folder);
      if (folder === undefined || !await this.#taken(join(folder, name))) return await this.#folders.confirm(words);
      await this.#alone(call, async (held) => {
        held.check();
        // By now somebody else may have done it.
        await this.#commit(call, folder, () => unless(["ENOENT"], this.#disk.remove(join(folder, name))));
        await this.#sync(folder);
      });
    });
  }

  close(): Promise<void> {
    return this.#calls.close(this.#timeoutMs);
  }

  #call<T>(action: string, key: string, signal: AbortSignal | undefined, work: (call: Call) => Promise<T>): Promise<T> {
    // A list of everything is about the store; a key that is none is said as it is.
    const subject = key === "" && action === "list" ? this.url : JSON.stringify(key).slice(1, -1);
    return this.#calls.run({ action, subject, signal, timeoutMs: this.#timeoutMs }, (call) => {
      if (action === "list" ? isPrefix(key) : isKey(key)) return work(call);
      return Promise.reject(
        new Error(`keys are at most ${LONGEST_KEY} letters, digits, ".", "_", "-" between slashes`),
      );
    });
  }

  async #read(key: string, limit: number): Promise<Blob | undefined> {
    const { words, name } = placeOf(key);
    const folder = await this.#folders.find(words);
    await this.#settle(folder);
    try {
      const bytes = folder === undefined ? undefined : await this.#disk.read(join(folder, name), limit);
      if (bytes !== undefined) return { bytes, version: versionOf(bytes) };
      if (folder !== undefined) {
        throw new StoreError("too-large", `Cannot read "${key}": more than ${limit} bytes`);
      }
    } catch (error) {
      // A folder is no key, but what other keys begin with.
      if (![...GONE, "EISDIR"].includes(systemCode(error) ?? "")) throw error;
    }
    await this.#folders.confirm(words);
    return undefined;
  }

  async #commit(call: Call, folder: string, step: () => Promise<unknown>): Promise<void> {
    await call.commit(step).finally(() => call.doubt && this.#unsynced.add(folder));
  }

  async #sync(folder: string): Promise<void> {
    this.#unsynced.delete(folder);
    try {
      await this.#disk.syncFolder(folder);
    } catch (error) {
      this.#unsynced.add(folder);
      throw error;
    }
  }

  /** Whoever reads back what came of a write that failed is not told what a loss of power undoes. */
  async #settle(folder: string | undefined): Promise<void> {
    if (folder !== undefined && this.#unsynced.has(folder)) await this.#sync(folder);
  }

  /** Whether a key is there; rejects when it is something else. */
  async #taken(path: string): Promise<boolean> {
    const found: Found | undefined = await unless(GONE, this.#disk.find(path));
    if (found === undefined || found.kind === "file") return found !== undefined;
    throw new Error(found.kind === "folder" ? "other keys begin with it" : "what has its name is not a file");
  }

  /** Gives a file that was written aside its name, unless that is taken. */
  async #name(call: Call, aside: string, path: string): Promise<boolean> {
    try {
      await this.#commit(call, dirname(path), () => this.#disk.link(aside, path));
      return true;
    } catch (error) {
      const code = systemCode(error) ?? "";
      // A network file system whose answer was lost asks again, and meets itself.
      if (code === "EEXIST") return (await this.#disk.find(aside)).names > 1 || (await this.#taken(path), false);
      if (!NO_LINKS.has(code)) throw error;
    }
    return await this.#alone(call, async (held) => {
      if (await this.#taken(path)) return false;
      held.check();
      await this.#commit(call, dirname(path), () => this.#disk.rename(aside, path));
      return true;
    });
  }

  /** Acts while nobody else replaces or removes in this store, in any process. */
  #alone<T>(call: Call, act: (held: Held) => Promise<T>): Promise<T> {
    return this.#lock.hold(() => call.check(), act);
  }
}

/** The folder of a key and its name in there. */
function placeOf(key: string): { readonly words: readonly string[]; readonly name: string } {
  const words = key.split("/");
  return { name: words.pop() ?? "", words };
}

function throughLink(key: string): Error {
  return new Error(`"${key}" is a symlink, and those are not followed`);
}

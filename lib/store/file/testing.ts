/**
 * A disk that fails and loses power.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import type { Disk, Found, NewFile } from "./disk.ts";

type Chance = () => number;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function chance(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Content as everybody sees it, and as it is after a loss of power: `pending` writes may be there or not. */
class File {
  current = new Uint8Array();
  durable = new Uint8Array();
  modifiedMs = 0;
}

type Node = File | Folder;

class Folder {
  names = new Map<string, Node>();
  durable = new Map<string, Node>();
  /** What happened to the names since the folder was synced. */
  pending: { readonly name: string; readonly node: Node | undefined }[] = [];

  set(name: string, node: Node | undefined): void {
    apply(this.names, { name, node });
    this.pending.push({ name, node });
  }
}

function apply(names: Map<string, Node>, { name, node }: { readonly name: string; readonly node: Node | undefined }) {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}

/** Calls by the name of what may fail. */
type Name = keyof Disk | "write" | "sync";

/**
 * Folders and files in memory. What is not synced may be lost, in part or as a whole, when the power goes: in each folder
 * on its own, what happened first is kept first.
 */
export class FragileDisk implements Disk {
  readonly #chance: Chance;
  #root = new Folder();
  #dead = false;
  /** Calls until the power goes; undefined: it stays. */
  fuse: number | undefined;
  /** How probable it is that a call fails. */
  failures = 0;
  calls = 0;
  /** The clock of the disk. */
  nowMs = 1e12;
  /** Instead of a call: returns what it rejects with, or undefined to let it through. */
  before: ((call: Name, path: string) => Promise<unknown> | unknown) | undefined;

  constructor(random: Chance) {
    this.#chance = random;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** The disk as it is found when the power went and is back. This one stays as it is. */
  afterCrash(): FragileDisk {
    return this.#like((folder) => {
      const names = new Map(folder.durable);
      const kept = Math.floor(this.#chance() * (folder.pending.length + 1));
      for (const act of folder.pending.slice(0, kept)) apply(names, act);
      return names;
    }, (file) => this.#torn(file));
  }

  /** The disk as another process would find it now. */
  copy(): FragileDisk {
    return this.#like((folder) => folder.names, (file) => file.current);
  }

  /** Every path of a file. */
  files(): string[] {
    const found: string[] = [];
    const walk = (folder: Folder, path: string) => {
      for (const [name, node] of folder.names) {
        if (node instanceof Folder) walk(node, `${path}/${name}`);
        else found.push(`${path}/${name}`);
      }
    };
    walk(this.#root, "");
    return found.sort();
  }

  async makeFolder(path: string): Promise<void> {
    await this.#change("makeFolder", path, () => {
      const [above, name] = this.#place(path);
      if (above.names.has(name)) throw fault("EEXIST");
      above.set(name, new Folder());
    });
  }

  async list(path: string): Promise<string[]> {
    await this.#call("list", path);
    return [...this.#folder(path).names.keys()];
  }

  async find(path: string): Promise<Found> {
    await this.#call("find", path);
    const node = this.#node(path);
    if (node instanceof Folder) return { kind: "folder", size: 0, modifiedMs: 0, names: 1 };
    const names = this.files().filter((other) => this.#node(other) === node).length;
    return { kind: "file", size: node.current.length, modifiedMs: node.modifiedMs, names };
  }

  async realPath(path: string): Promise<string> {
    await this.#call("realPath", path);
    this.#node(path);
    return path;
  }

  async read(path: string, limit: number): Promise<Uint8Array | undefined> {
    await this.#call("read", path);
    const node = this.#node(path);
    if (node instanceof Folder) throw fault("EISDIR");
    return node.current.length > limit ? undefined : node.current.slice();
  }

  async create(path: string): Promise<NewFile> {
    const file = new File();
    await this.#change("create", path, () => {
      const [above, name] = this.#place(path);
      if (above.names.has(name)) throw fault("EEXIST");
      file.modifiedMs = this.nowMs;
      above.set(name, file);
    });
    return {
      write: async (bytes) => {
        let kept = bytes.length;
        try {
          await this.#call("write", path);
        } catch (error) {
          kept = Math.floor(this.#chance() * kept);
          throw error;
        } finally {
          if (!this.#dead) file.current = bytes.slice(0, kept);
        }
      },
      sync: async () => {
        try {
          await this.#call("sync", path);
        } catch (error) {
          // As with a real disk, a later sync that succeeds says nothing about what this one should have written.
          if (!this.#dead) file.durable = this.#torn(file);
          throw error;
        }
        file.durable = file.current;
      },
      close: () => this.#call("find", path),
    };
  }

  async link(from: string, to: string): Promise<void> {
    await this.#change("link", to, () => {
      const [above, name] = this.#place(to);
      if (above.names.has(name)) throw fault("EEXIST");
      above.set(name, this.#node(from));
    });
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#change("rename", to, () => {
      const [above, name] = this.#place(to);
      const node = this.#node(from);
      const [left, old] = this.#place(from);
      left.set(old, undefined);
      above.set(name, node);
    });
  }

  async remove(path: string): Promise<void> {
    await this.#change("remove", path, () => {
      this.#node(path);
      const [above, name] = this.#place(path);
      above.set(name, undefined);
    });
  }

  async syncFolder(path: string): Promise<void> {
    await this.#call("syncFolder", path);
    const folder = this.#folder(path);
    for (const act of folder.pending) apply(folder.durable, act);
    folder.pending = [];
  }

  /** An error of the disk leaves open whether it happened; any other error says that it did not. */
  async #change(call: Name, path: string, act: () => void): Promise<void> {
    try {
      await this.#call(call, path);
    } catch (error) {
      const unknown = !this.#dead && error instanceof Error && "code" in error && error.code === "EIO";
      if (unknown && this.#chance() < 0.5) act();
      throw error;
    }
    act();
  }

  async #call(call: Name, path: string): Promise<void> {
    await Promise.resolve();
    this.calls++;
    if (this.fuse !== undefined && this.fuse-- <= 0) this.#dead = true;
    if (this.#dead) throw new Error("no power");
    const wanted = await this.before?.(call, path);
    if (wanted !== undefined) throw wanted;
    if (this.#chance() >= this.failures) return;
    throw fault(["EIO", "EIO", "ENOSPC", "EACCES"][Math.floor(this.#chance() * 4)] ?? "EIO");
  }

  #like(names: (folder: Folder) => ReadonlyMap<string, Node>, content: (file: File) => Uint8Array): FragileDisk {
    const disk = new FragileDisk(this.#chance);
    disk.nowMs = this.nowMs;
    // A file that has two names is still one.
    const files = new Map<File, File>();
    const convert = (node: Node): Node => {
      if (node instanceof Folder) {
        const folder = new Folder();
        for (const [name, child] of names(node)) folder.names.set(name, convert(child));
        folder.durable = new Map(folder.names);
        return folder;
      }
      const file = files.get(node) ?? new File();
      if (!files.has(node)) {
        const bytes = Uint8Array.from(content(node));
        Object.assign(file, { current: bytes, durable: bytes, modifiedMs: node.modifiedMs });
        files.set(node, file);
      }
      return file;
    };
    const root = convert(this.#root);
    if (root instanceof Folder) disk.#root = root;
    return disk;
  }

  #node(path: string): Node {
    let node: Node | undefined = this.#root;
    for (const word of path.split("/").filter((word) => word !== "")) {
      if (node instanceof File) throw fault("ENOTDIR");
      node = node.names.get(word);
      if (node === undefined) throw fault("ENOENT");
    }
    return node;
  }

  #folder(path: string): Folder {
    const node = this.#node(path);
    if (node instanceof Folder) return node;
    throw fault("ENOTDIR");
  }

  #place(path: string): [Folder, string] {
    return [this.#folder(dirname(path)), basename(path)];
  }

  /** What may be left of a file: the old content, the new one, a part of it, or zeros in its place. */
  #torn({ current, durable }: File): Uint8Array<ArrayBuffer> {
    if (current === durable) return durable;
    const luck = this.#chance();
    if (luck < 0.3) return durable;
    if (luck < 0.5) return current;
    const kept = Math.floor(this.#chance() * current.length);
    return luck < 0.75 ? current.slice(0, kept) : current.map((byte, index) => index < kept ? byte : 0);
  }
}

function fault(code: string): Error {
  return Object.assign(new Error(`${code}: the disk says no`), { code });
}

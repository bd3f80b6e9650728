/**
 * A disk that fails and loses power, and short forms of what the tests of written layers handle.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { SILENT } from "../../log.ts";
import type { Layer } from "../../model/layer.ts";
import { createResource, type Resource } from "../../model/resource.ts";
import type { Written } from "../../model/written.ts";
import type { Disk, OpenFile } from "./disk.ts";
import { WrittenFiles } from "./files.ts";
import { WrittenLayer, type WrittenLayerOptions } from "./layer.ts";
import type { Kept } from "./records.ts";

export const TOY = "type.example/toy";

/** `web=1`: a toy of that name and content. */
export function toy(text: string): Resource {
  const [name = "", value = ""] = text.split("=");
  return createResource({
    type: TOY,
    name,
    bytes: new TextEncoder().encode(value),
    references: [],
    origin: undefined,
  });
}

export function toys(...texts: string[]): Resource[] {
  return texts.map(toy);
}

export function key(name: string): { type: string; name: string } {
  return { type: TOY, name };
}

export function restoreToy({ type, name, bytes, ttl, aliases }: Kept): Resource {
  const optional = { ...(ttl === undefined ? {} : { ttl }), ...(aliases.length === 0 ? {} : { aliases }) };
  return createResource({ type, name, bytes, references: [], origin: undefined, ...optional });
}

/** `label: a=1 b=2`; `-` for nothing written. */
export function show(written: Written | undefined): string {
  if (written === undefined) return "-";
  const items = written.resources.map(({ name, bytes }) => `${name}=${new TextDecoder().decode(bytes)}`);
  return `${written.label ?? ""}: ${items.join(" ")}`;
}

/** A layer over a folder, with what it published. */
export async function openLayer(
  options: { readonly folder: string } & Partial<WrittenLayerOptions> & {
    readonly disk?: Disk;
    readonly leastGrowth?: number;
    readonly unwritable?: string;
  },
): Promise<{ written: WrittenLayer; published: Layer[] }> {
  const { folder, disk, leastGrowth, unwritable, log = SILENT, ...rest } = options;
  const published: Layer[] = [];
  const files = new WrittenFiles({
    folder,
    restore: restoreToy,
    log,
    ...(disk === undefined ? {} : { disk }),
    ...(leastGrowth === undefined ? {} : { leastGrowth }),
    ...(unwritable === undefined ? {} : { unwritable }),
  });
  const none: readonly Layer[] = [];
  const written = await WrittenLayer.open({
    files,
    log,
    lower: () => none,
    check: () => [],
    publish: (layer) => void published.push(layer),
    served: () => undefined,
    ready: Promise.resolve(),
    ...rest,
  });
  return { written, published };
}

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

type Act = { readonly position: number; readonly bytes: Uint8Array } | { readonly length: number };

/** Content as everybody sees it, and as it is after a loss of power. */
interface Inode {
  current: Uint8Array;
  durable: Uint8Array;
  pending: Act[];
}

type Names = Map<string, Inode>;

function applied(content: Uint8Array, act: Act): Uint8Array {
  if ("length" in act) return content.slice(0, act.length);
  const next = new Uint8Array(Math.max(content.length, act.position + act.bytes.length));
  next.set(content);
  next.set(act.bytes, act.position);
  return next;
}

/** One folder in memory. What is not synced may be lost, in part or as a whole, when the power goes. */
export class FragileDisk implements Disk {
  readonly #chance: Chance;
  #names: Names = new Map();
  #durableNames: Names = new Map();
  /** What happened to the names since the folder was synced. */
  #pendingNames: ((names: Names) => void)[] = [];
  #dead = false;
  /** Calls until the power goes; undefined: it stays. */
  fuse: number | undefined;
  /** How probable it is that a call fails. */
  failures = 0;
  /** Calls until one fails; undefined: none does. */
  failure: number | undefined;
  calls = 0;

  constructor(random: Chance) {
    this.#chance = random;
  }

  get dead(): boolean {
    return this.#dead;
  }

  get names(): string[] {
    return [...this.#names.keys()];
  }

  /** The disk as it is found when the power went and is back. This one stays as it is. */
  afterCrash(): FragileDisk {
    const disk = new FragileDisk(this.#chance);
    const names = new Map(this.#durableNames);
    for (const act of this.#someOf(this.#pendingNames)) act(names);
    for (const [name, inode] of names) {
      const content = this.#torn(inode);
      disk.#names.set(name, { current: content, durable: content, pending: [] });
    }
    disk.#durableNames = new Map(disk.#names);
    return disk;
  }

  /** The disk as another process would find it now. */
  copy(): FragileDisk {
    const disk = new FragileDisk(this.#chance);
    for (const [name, { current }] of this.#names) disk.#names.set(name, { current, durable: current, pending: [] });
    disk.#durableNames = new Map(disk.#names);
    return disk;
  }

  async makeFolder(): Promise<void> {
    await this.#call("mkdir");
  }

  async list(): Promise<string[]> {
    await this.#call();
    return this.names;
  }

  async read(path: string): Promise<Uint8Array> {
    await this.#call();
    return this.#inode(path).current.slice();
  }

  async open(path: string, how: "create" | "change" | "folder"): Promise<OpenFile> {
    await this.#call("open");
    if (how === "folder") return this.#folder();
    const name = basename(path);
    if (how === "create") {
      const inode: Inode = { current: new Uint8Array(), durable: new Uint8Array(), pending: [] };
      this.#rename((names) => names.set(name, inode));
    }
    const inode = this.#inode(path);
    const change = (act: Act) => {
      inode.current = applied(inode.current, act);
      inode.pending.push(act);
    };
    return {
      write: async (bytes, position) => {
        try {
          await this.#call("write");
        } catch (error) {
          change({ position, bytes: bytes.slice(0, Math.floor(this.#chance() * bytes.length)) });
          throw error;
        }
        change({ position, bytes: bytes.slice() });
      },
      truncate: async (length) => {
        await this.#call("truncate");
        change({ length });
      },
      sync: async () => {
        try {
          await this.#call("sync");
        } catch (error) {
          // As with a real disk, a later sync that succeeds says nothing about what this one should have written.
          if (!this.#dead) {
            inode.durable = this.#torn(inode);
            inode.pending = [];
          }
          throw error;
        }
        for (const act of inode.pending) inode.durable = applied(inode.durable, act);
        inode.pending = [];
      },
      close: () => this.#call(),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#call("rename");
    const inode = this.#inode(from);
    this.#rename((names) => names.delete(basename(from)) && names.set(basename(to), inode));
  }

  async remove(path: string): Promise<void> {
    await this.#call("remove");
    this.#inode(path);
    this.#rename((names) => names.delete(basename(path)));
  }

  #folder(): OpenFile {
    return {
      write: () => Promise.reject(new Error("EISDIR")),
      truncate: () => Promise.reject(new Error("EISDIR")),
      sync: async () => {
        await this.#call("sync");
        for (const act of this.#pendingNames) act(this.#durableNames);
        this.#pendingNames = [];
      },
      close: () => this.#call(),
    };
  }

  /** Calls that are named may fail. */
  async #call(may?: string): Promise<void> {
    await Promise.resolve();
    this.calls++;
    if (this.fuse !== undefined && this.fuse-- <= 0) this.#dead = true;
    if (this.#dead) throw new Error("no power");
    const chosen = this.failure !== undefined && this.failure-- === 0;
    if (chosen || (may !== undefined && this.#chance() < this.failures)) {
      throw Object.assign(new Error(`${may} failed`), { code: "EIO" });
    }
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(basename(path));
    if (inode === undefined) throw Object.assign(new Error(`no ${path} in ${dirname(path)}`), { code: "ENOENT" });
    return inode;
  }

  #rename(act: (names: Names) => void): void {
    act(this.#names);
    this.#pendingNames.push(act);
  }

  /** A journal keeps the order of what happened to names. */
  #someOf<T>(acts: readonly T[]): readonly T[] {
    return acts.slice(0, Math.floor(this.#chance() * (acts.length + 1)));
  }

  /** What may be left of an inode: each write in part, or with other bytes in its place. */
  #torn({ durable, pending }: Inode): Uint8Array {
    let content = durable;
    for (const act of pending) {
      const luck = this.#chance();
      if (luck < 0.3) continue;
      if ("length" in act || luck < 0.5) content = applied(content, act);
      else {
        const { position, bytes } = act;
        const kept = Math.floor(this.#chance() * bytes.length);
        const part = luck < 0.75 ? bytes.slice(0, kept) : bytes.map((byte, index) => index < kept ? byte : 0);
        content = applied(content, { position, bytes: part });
      }
    }
    return content;
  }
}

/**
 * A store in memory for the tests of this room, which can fail, or die, at each call.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers";
import { gunzipSync } from "node:zlib";
import { type Blob, type Blobs, type Entry, type ReadOptions, StoreError, type WriteOptions } from "./blobs.ts";

/** One call to a store. */
export interface Call {
  readonly method: "get" | "getIfChanged" | "create" | "replace" | "list" | "remove";
  readonly key: string;
  /** Bytes that are written. */
  readonly bytes: number;
}

/**
 * What becomes of a call: `fail` before anything happens, `lost` after it happened, so that nobody knows. A promise holds
 * the call up until it is there.
 */
export type Fate = "fail" | "lost" | undefined | void;
export type Fates = (call: Call, index: number) => Fate | Promise<Fate>;

interface Stored {
  readonly bytes: Uint8Array;
  readonly version: string;
  readonly modifiedMs: number;
}

/** What several connections share: the bucket. */
export class Memory {
  readonly keys = new Map<string, Stored>();
  #versions = 0;

  put(key: string, bytes: Uint8Array): string {
    const version = `v${++this.#versions}`;
    this.keys.set(key, { bytes: bytes.slice(), version, modifiedMs: this.#versions });
    return version;
  }

  /** Changes what is under a key behind everybody's back. */
  damage(key: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const stored = this.keys.get(key);
    if (stored === undefined) throw new Error(`there is no ${key}`);
    this.put(key, change(stored.bytes.slice()));
  }

  /** Keys that begin so, in order. */
  list(prefix = ""): string[] {
    return [...this.keys.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  text(key: string): string {
    return new TextDecoder().decode(this.keys.get(key)?.bytes);
  }
}

/** One connection to it. All calls take a turn of the event loop, before and after. */
export class MemoryBlobs implements Blobs {
  readonly url = "memory://test";
  readonly calls: Call[] = [];
  #now = 0;
  /** The most calls that were under way at once. */
  most = 0;

  constructor(readonly memory: Memory = new Memory(), private readonly fates: Fates = () => {}) {}

  get(key: string, { limit, signal }: ReadOptions): Promise<Blob | undefined> {
    return this.#call({ method: "get", key, bytes: 0 }, signal, () => {
      const stored = this.memory.keys.get(key);
      if (stored !== undefined && stored.bytes.length > limit) {
        throw new StoreError("too-large", `Cannot read "${key}": more than ${limit} bytes`);
      }
      return stored && { bytes: stored.bytes.slice(), version: stored.version };
    });
  }

  getIfChanged(key: string, version: string, options: ReadOptions): Promise<Blob | "same" | undefined> {
    return this.memory.keys.get(key)?.version === version
      ? this.#call({ method: "getIfChanged", key, bytes: 0 }, options.signal, () => "same" as const)
      : this.get(key, options);
  }

  create(
    key: string,
    bytes: Uint8Array,
    options: WriteOptions = {},
  ): Promise<{ readonly version: string } | undefined> {
    return this.#call({ method: "create", key, bytes: bytes.length }, options.signal, () => {
      return this.memory.keys.has(key) ? undefined : { version: this.memory.put(key, bytes) };
    });
  }

  replace(key: string, bytes: Uint8Array, version: string, options: WriteOptions = {}) {
    return this.#call({ method: "replace", key, bytes: bytes.length }, options.signal, () => {
      const same = this.memory.keys.get(key)?.version === version;
      return same ? { version: this.memory.put(key, bytes) } : undefined;
    });
  }

  async *list(prefix: string, options: WriteOptions = {}): AsyncIterable<Entry> {
    const entries = await this.#call({ method: "list", key: prefix, bytes: 0 }, options.signal, () => {
      return [...this.memory.keys].filter(([key]) => key.startsWith(prefix));
    });
    for (const [key, { bytes, modifiedMs }] of entries) yield { key, size: bytes.length, modifiedMs };
  }

  remove(key: string, options: WriteOptions = {}): Promise<void> {
    return this.#call({ method: "remove", key, bytes: 0 }, options.signal, () => void this.memory.keys.delete(key));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Writes that reached the store. */
  get writes(): readonly Call[] {
    return this.calls.filter(({ method }) => method === "create" || method === "replace" || method === "remove");
  }

  async #call<T>(call: Call, signal: AbortSignal | undefined, act: () => T): Promise<T> {
    const index = this.calls.push(call) - 1;
    this.most = Math.max(this.most, ++this.#now);
    try {
      const fate = await this.fates(call, index);
      await turn();
      if (signal?.aborted) throw new StoreError("aborted", `Cannot ${call.method} "${call.key}": aborted`);
      if (fate === "fail") throw unreachable(call);
      const done = act();
      await turn();
      if (fate === "lost") throw unreachable(call);
      return done;
    } finally {
      this.#now--;
    }
  }
}

function unreachable({ method, key }: Call): StoreError {
  return new StoreError("unreachable", `Cannot ${method} "${key}": no answer`);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Dies at one call: it, and every later one, has no answer. `after`: what that call asked for happens. */
export function dying(at: number, after: boolean): Fates {
  return (_, index) => index < at ? undefined : index === at && after ? "lost" : "fail";
}

/** Keys under which the bytes of a text are: as they are, in base64, compressed, or in the key itself. */
export function holding(memory: Memory, text: string): string[] {
  const forms = [text, Buffer.from(text).toString("base64").replace(/=+$/, "").slice(0, -1)];
  return [...memory.keys].filter(([key, { bytes }]) =>
    forms.some((form) => [Buffer.from(key), Buffer.from(bytes), unzipped(bytes)].some((each) => each.includes(form)))
  ).map(([key]) => key);
}

function unzipped(bytes: Uint8Array): Buffer {
  try {
    return gunzipSync(bytes);
  } catch {
    return Buffer.alloc(0);
  }
}

/**
 * Chunks one after the other, read somewhat before they are asked for.
 *
 * @module
 */
import type { Blobs } from "../blobs.ts";
import type { ChunkEntry } from "./format.ts";
import { readChunk, type ReadContentOptions } from "./read.ts";

export type ReadAheadOptions = Pick<ReadContentOptions, "identities" | "signal" | "onProgress">;

/** Chunks that are read at once. */
const AT_ONCE = 8;
/** Bytes of chunks, compressed and not, that are there before they are asked for; one that is larger is there alone. */
const AHEAD = 8 * 1024 * 1024;

/** A chunk that comes more than once, as those that groups have in common, stays in memory from its first to its last time. */
export class ReadAhead {
  readonly #blobs: Blobs;
  readonly #entries: readonly ChunkEntry[];
  readonly #options: ReadAheadOptions;
  readonly #stop = new AbortController();
  /** How often each chunk is still to come. */
  readonly #times = new Map<string, number>();
  readonly #read = new Map<string, Promise<Uint8Array>>();
  #underWay = 0;
  /** Bytes of those from `#given` to `#begun`. */
  #ahead = 0;
  #begun = 0;
  #given = 0;

  constructor(blobs: Blobs, entries: readonly ChunkEntry[], options: ReadAheadOptions) {
    this.#blobs = blobs;
    this.#entries = entries;
    const { signal } = options;
    const signals = signal === undefined ? [this.#stop.signal] : [this.#stop.signal, signal];
    this.#options = { ...options, signal: AbortSignal.any(signals) };
    for (const { sha256 } of entries) this.#times.set(sha256, (this.#times.get(sha256) ?? 0) + 1);
  }

  /** The next one. Rejects as `readChunk` does. */
  async next(): Promise<Uint8Array> {
    const entry = this.#entries[this.#given];
    if (entry === undefined) throw new Error("Cannot read a chunk: there are no more");
    this.#fill();
    const bytes = await this.#begin(entry);
    this.#given++;
    this.#ahead -= sizeOf(entry);
    const left = (this.#times.get(entry.sha256) ?? 1) - 1;
    this.#times.set(entry.sha256, left);
    if (left === 0) this.#read.delete(entry.sha256);
    this.#fill();
    this.#options.onProgress?.(this.#given, this.#entries.length);
    return bytes;
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#begun = this.#entries.length;
    this.#stop.abort();
    await Promise.allSettled(this.#read.values());
  }

  #fill(): void {
    for (let entry = this.#entries[this.#begun]; entry !== undefined; entry = this.#entries[this.#begun]) {
      const size = sizeOf(entry);
      const alone = this.#begun === this.#given;
      if (!alone && (this.#underWay >= AT_ONCE || this.#ahead + size > AHEAD)) return;
      this.#begun++;
      this.#ahead += size;
      // Whoever asks for it is told.
      this.#begin(entry).catch(() => {});
    }
  }

  #begin(entry: ChunkEntry): Promise<Uint8Array> {
    let reading = this.#read.get(entry.sha256);
    if (reading === undefined) {
      this.#underWay++;
      reading = readChunk(this.#blobs, entry, this.#options).finally(() => {
        this.#underWay--;
        this.#fill();
      });
      this.#read.set(entry.sha256, reading);
    }
    return reading;
  }
}

function sizeOf({ bytes, stored }: ChunkEntry): number {
  return bytes + stored;
}

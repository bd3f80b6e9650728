/**
 * Brings chunks into a store: each once, and known to be whole before a manifest names it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Blobs } from "../blobs.ts";
import { encrypt } from "./age.ts";
import { SnapshotError } from "./error.ts";
import { type ChunkEntry, chunkKey, LIMITS } from "./format.ts";
import { compress, sha256, unpack } from "./pack.ts";

/** A chunk as a manifest names it, but for what is in it. */
export type Sent = Pick<ChunkEntry, "sha256" | "bytes" | "stored">;

export interface SenderOptions {
  /** Chunks that are there for as long as this push can succeed: those of its parent, by SHA-256. */
  readonly known: ReadonlyMap<string, ChunkEntry>;
  /** Writes nothing, and counts what it would write. */
  readonly dryRun: boolean;
  readonly signal?: AbortSignal;
}

/** Writes that do not come back as they were written. */
const MOST_TRIES = 5;

/** The chunks of one push. */
export class Sender {
  readonly #blobs: Blobs;
  readonly #options: SenderOptions;
  readonly #signalled: { readonly signal?: AbortSignal };
  readonly #pending = new Map<string, Promise<Sent>>();
  readonly #found = new Map<string, number>();
  #chunks = 0;
  #bytes = 0;
  #reused = 0;

  constructor(blobs: Blobs, options: SenderOptions) {
    this.#blobs = blobs;
    this.#options = options;
    this.#signalled = options.signal === undefined ? {} : { signal: options.signal };
  }

  /** How many chunks were written, and their bytes as stored; how many were there. */
  get counts(): { readonly chunks: number; readonly bytes: number; readonly reused: number } {
    return { chunks: this.#chunks, bytes: this.#bytes, reused: this.#reused };
  }

  /** Chunks that were there and are not known: key, and bytes as stored. Nothing keeps others from removing them. */
  get found(): ReadonlyMap<string, number> {
    return this.#found;
  }

  /** A chunk in clear. */
  put(bytes: Uint8Array): Promise<Sent> {
    const hash = sha256(bytes);
    const known = this.#options.known.get(hash);
    if (known !== undefined && !known.encrypted) {
      this.#reused++;
      return Promise.resolve({ sha256: hash, bytes: bytes.length, stored: known.stored });
    }
    return this.#once(hash, async () => {
      const packed = await compress(bytes);
      return await this.#write({ sha256: hash, bytes: bytes.length, stored: packed.length }, packed);
    });
  }

  /** An encrypted chunk. The same content is encrypted once, for however many groups. */
  putEncrypted(bytes: Uint8Array, recipients: readonly string[]): Promise<Sent> {
    return this.#once(`encrypted ${sha256(bytes)}`, async () => {
      const file = await encrypt(await compress(bytes), recipients);
      return await this.#write({ sha256: sha256(file), bytes: bytes.length, stored: file.length }, file, true);
    });
  }

  #once(key: string, send: () => Promise<Sent>): Promise<Sent> {
    let pending = this.#pending.get(key);
    if (pending === undefined) this.#pending.set(key, pending = send());
    else this.#reused++;
    return pending;
  }

  async #write(sent: Sent, stored: Uint8Array, encrypted = false): Promise<Sent> {
    const key = chunkKey(sent.sha256);
    if (sent.bytes > LIMITS.chunk || stored.length > LIMITS.stored) {
      throw new SnapshotError("too-large", key, `it has ${sent.bytes} bytes`, { action: "Cannot write" });
    }
    if (this.#options.dryRun) return this.#count(sent);
    let written = false;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      written = await this.#blobs.create(key, stored, this.#signalled) !== undefined || written;
      const there = await this.#blobs.get(key, { limit: LIMITS.stored, ...this.#signalled });
      // Undefined: it was removed in between, by a prune that takes it for what a dead push left.
      if (there === undefined) continue;
      if (Buffer.compare(there.bytes, stored) === 0 || !encrypted && await isWhole(sent, there.bytes)) {
        if (written) return this.#count(sent);
        this.#reused++;
        this.#found.set(key, there.bytes.length);
        return { ...sent, stored: there.bytes.length };
      }
      // What a chunk must hold is known by its name: one that is damaged is made whole.
      written = await this.#blobs.replace(key, stored, there.version, this.#signalled) !== undefined;
    }
    throw new SnapshotError("damaged", key, "it does not come back as it was written", { action: "Cannot write" });
  }

  #count(sent: Sent): Sent {
    this.#chunks++;
    this.#bytes += sent.stored;
    return sent;
  }
}

async function isWhole(sent: Sent, stored: Uint8Array): Promise<boolean> {
  try {
    await unpack({ ...sent, resources: 0 }, stored);
    return true;
  } catch (error) {
    if (error instanceof SnapshotError) return false;
    throw error;
  }
}

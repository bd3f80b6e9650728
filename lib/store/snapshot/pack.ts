/**
 * From the bytes of a chunk to what is stored, and back: compression, and the checks of what comes back.
 *
 * @module
 */
import { hash } from "node:crypto";
import { gunzip, gzip } from "node:zlib";
import { SnapshotError } from "./error.ts";
import { type ChunkEntry, chunkKey, LIMITS } from "./format.ts";

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return hash("sha256", bytes, "hex");
}

/** Compresses, on a thread of the runtime. */
export function compress(bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gzip(bytes, { level: LEVEL }, (error, packed) => error ? reject(error) : resolve(packed));
  });
}

/** Half the time of the usual 6 for a few per cent more. */
const LEVEL = 4;

/** That the bytes as they are stored are those that the entry names, where that can be said before decompression. */
export function checkStored(entry: ChunkEntry, stored: Uint8Array): void {
  // Of what is not encrypted, only the content counts: another version of zlib packs it in another way.
  if (entry.encrypted && sha256(stored) !== entry.sha256) throw damaged(entry, "its SHA-256 differs");
}

/**
 * The bytes of a chunk, decompressed and checked. No more is made than the entry says that there is.
 *
 * @throws {SnapshotError} `damaged`, with the name of the chunk
 */
export async function unpack(entry: ChunkEntry, packed: Uint8Array): Promise<Uint8Array> {
  if (entry.bytes > LIMITS.chunk) throw damaged(entry, `it is more than ${LIMITS.chunk} bytes`);
  const bytes = await decompress(entry, packed);
  if (bytes.length !== entry.bytes) throw damaged(entry, `${bytes.length} bytes, and ${entry.bytes} were written`);
  if (!entry.encrypted && sha256(bytes) !== entry.sha256) throw damaged(entry, "its SHA-256 differs");
  return bytes;
}

function decompress(entry: ChunkEntry, packed: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    gunzip(packed, { maxOutputLength: entry.bytes }, (error, bytes) => {
      if (error) reject(damaged(entry, "it cannot be decompressed", error));
      else resolve(bytes);
    });
  });
}

export function damaged({ sha256 }: Pick<ChunkEntry, "sha256">, why: string, cause?: unknown): SnapshotError {
  return new SnapshotError("damaged", chunkKey(sha256), why, { cause });
}

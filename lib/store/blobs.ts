/**
 * A place for bytes under keys, in which a key can be created and replaced without losing what another writer put there:
 * all that snapshots ask of a folder or a bucket.
 *
 * @module
 */

/** Bytes as they were read. */
export interface Blob {
  readonly bytes: Uint8Array;
  /** Names this state of the key: an ETag, or its like. Equal states of different times may have different ones. */
  readonly version: string;
}

/** A key that is there. */
export interface Entry {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** When it was written, in milliseconds since the epoch, by the clock of the store. */
  readonly modifiedMs: number;
}

export interface ReadOptions {
  /** More bytes than this are not read but an error. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

export interface WriteOptions {
  readonly signal?: AbortSignal;
}

/**
 * Keys are `/`-separated words of `A-Z a-z 0-9 . _ -`, at most 200 characters. Every call has an end: it answers, or
 * rejects with a {@link StoreError} after the store's own time limit, or when its signal is aborted.
 *
 * A write that was answered is there after a crash of this machine (files), or for every later reader (S3). A write that
 * was not answered may have happened or not; then the caller is told `unreachable`, and what is there can be read back.
 */
export interface Blobs {
  /** As people name it, without credentials: `s3://bucket/prefix`, `file:///path`. */
  readonly url: string;
  /** What is there; undefined when the key is not, which is never said of a store that cannot be read. */
  get(key: string, options: ReadOptions): Promise<Blob | undefined>;
  /** The same, or `"same"` when it is still the state that `version` names. */
  getIfChanged(key: string, version: string, options: ReadOptions): Promise<Blob | "same" | undefined>;
  /**
   * Makes a key that is not there. Undefined when it is, whatever it holds. After a lost answer it is found out whether the
   * write happened: `bytes` of keys that are replaced later are unique, those of other keys may be equal.
   */
  create(key: string, bytes: Uint8Array, options?: WriteOptions): Promise<{ readonly version: string } | undefined>;
  /** Replaces the state that `version` names. Undefined when it is another by now, or gone. `bytes` are unique. */
  replace(
    key: string,
    bytes: Uint8Array,
    version: string,
    options?: WriteOptions,
  ): Promise<{ readonly version: string } | undefined>;
  /** All keys that begin with a prefix (`""` for all; otherwise ending in `/`), in any order. */
  list(prefix: string, options?: WriteOptions): AsyncIterable<Entry>;
  /** Removes a key; one that is not there is no error. */
  remove(key: string, options?: WriteOptions): Promise<void>;
  close(): Promise<void>;
}

/**
 * Why a store did not do what it was asked.
 *
 * - `url`: the URL is of no store, whatever there is.
 * - `missing`: the bucket, or the folder, is not there.
 * - `forbidden`: the credentials are wrong, or give no right to this.
 * - `unreachable`: no answer, none in time, or only that the server cannot now (5xx, throttling).
 * - `unable`: the server does not do what a store needs, such as conditional writes.
 * - `too-large`: more bytes than the limit.
 * - `full`: no space, or no right to more of it.
 * - `aborted`: the signal.
 * - `failed`: anything else the server or the operating system says.
 */
export type StoreFault =
  | "url"
  | "missing"
  | "forbidden"
  | "unreachable"
  | "unable"
  | "too-large"
  | "full"
  | "aborted"
  | "failed";

/** The message says the action, the key or store in quotes, and the state, and never holds credentials. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly fault: StoreFault;

  constructor(fault: StoreFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

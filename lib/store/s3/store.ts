/**
 * A bucket of an S3-compatible server as a store.
 *
 * @module
 */
import type { Blobs } from "../blobs.ts";
import { LIMITS, type S3Limits, until } from "./attempts.ts";
import { connect, type S3Credentials } from "./connection.ts";
import { formatS3Url, locationOf } from "./location.ts";
import { demand, type Honours, probe, PROBE_KEY } from "./probe.ts";
import { list, read } from "./read.ts";
import { fault, type Session } from "./session.ts";
import { remove, write } from "./write.ts";

export interface S3Options {
  /** Finds out at once whether the server honours conditional writes. Else the first write does. */
  readonly forWriting?: boolean;
  /** Instead of what the environment, the profiles or the instance give. */
  readonly credentials?: S3Credentials;
  /** Other limits than {@link LIMITS}. */
  readonly limits?: Partial<S3Limits>;
  /** For the pauses between attempts; from 0 to 1. */
  readonly random?: () => number;
}

export interface S3Store extends Blobs {
  /** What the server honours; found out once, with the key {@link PROBE_KEY}. Rejects when that cannot be found out. */
  probe(): Promise<Honours>;
}

/**
 * Opens `s3://bucket/prefix?endpoint=URL&region=R&path-style=true`. Credentials, and what the URL leaves open, come from
 * the environment and the credential chain of AWS.
 *
 * Nothing is asked of the server yet, but for {@link S3Options.forWriting}. Rejects with a {@link StoreError}: `url`
 * for a URL that is none, `unable` where conditional writes are not honoured.
 *
 * A write whose answer was lost, and that another writer replaced before it could be read back, counts as a conflict.
 */
export async function openS3Store(url: string, options: S3Options = {}): Promise<S3Store> {
  const location = locationOf(url);
  const limits = { ...LIMITS, ...options.limits };
  const closing = new AbortController();
  const session: Session = {
    connection: await connect(location, limits, options.credentials),
    url: formatS3Url(location),
    prefix: location.prefix === "" ? "" : `${location.prefix}/`,
    limits,
    closed: closing.signal,
    random: options.random ?? Math.random,
  };
  const store = new Bucket(session, closing);
  try {
    if (options.forWriting) await store.writable();
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}

class Bucket implements S3Store {
  readonly url: string;
  readonly #session: Session;
  readonly #closing: AbortController;
  #honours: Promise<Honours> | undefined;

  constructor(session: Session, closing: AbortController) {
    this.url = session.url;
    this.#session = session;
    this.#closing = closing;
  }

  async get(key: string, options: Parameters<Blobs["get"]>[1]): ReturnType<Blobs["get"]> {
    const blob = await read(this.#session, key, options);
    return blob === "same" ? undefined : blob;
  }

  async getIfChanged(
    key: string,
    version: string,
    options: Parameters<Blobs["getIfChanged"]>[2],
  ): ReturnType<Blobs["getIfChanged"]> {
    return await read(this.#session, key, options, version);
  }

  async create(
    key: string,
    bytes: Uint8Array,
    options: Parameters<Blobs["create"]>[2] = {},
  ): ReturnType<Blobs["create"]> {
    await this.writable(options.signal);
    return await write(this.#session, key, bytes, "absent", options.signal);
  }

  async replace(
    key: string,
    bytes: Uint8Array,
    version: string,
    options: Parameters<Blobs["replace"]>[3] = {},
  ): ReturnType<Blobs["replace"]> {
    await this.writable(options.signal);
    return await write(this.#session, key, bytes, { version }, options.signal);
  }

  list(prefix: string, options: Parameters<Blobs["list"]>[1] = {}): ReturnType<Blobs["list"]> {
    return list(this.#session, prefix, PROBE_KEY, options.signal);
  }

  async remove(key: string, options: Parameters<Blobs["remove"]>[1] = {}): Promise<void> {
    await remove(this.#session, key, options.signal);
  }

  async probe(): Promise<Honours> {
    // What failed is asked again.
    this.#honours ??= probe(this.#session).catch((error) => {
      this.#honours = undefined;
      throw error;
    });
    return await this.#honours;
  }

  /** Rejects as `unable` when writers would not be safe from each other. The signal ends the wait, not the trial. */
  async writable(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const honours = await until(signal, this.probe()).catch((error) => {
      throw signal.aborted ? fault(this.#session, { action: "write", subject: "" }, "aborted", "called off") : error;
    });
    demand(this.#session, honours);
  }

  close(): Promise<void> {
    this.#closing.abort();
    this.#session.connection.close();
    return Promise.resolve();
  }
}

/**
 * From the URL of a store to the store.
 *
 * @module
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Blobs, StoreError } from "./blobs.ts";

export interface OpenOptions {
  /** Finds out at once whether the store can be written safely. Else the first write does. */
  readonly forWriting?: boolean;
  /** Makes the folder of a store of files, for its owner alone, if it is not there. A bucket is never made. */
  readonly create?: boolean;
}

/** A store, and the snapshot in it that was named. */
export interface StoreWord {
  /** Without the reference. */
  readonly url: string;
  /** What stood behind the last `@`. */
  readonly ref: string | undefined;
}

/** Whether a word is the URL of a store, and not a path or another URL. */
export function isStoreUrl(word: string): boolean {
  return /^(s3|file):\/\//i.test(word);
}

/**
 * Splits `s3://bucket/prefix@REF?endpoint=URL`; behind the query the reference is understood too. A reference with a
 * character that stands for something in a URL is written as there: `release%2F7`.
 */
export function splitRef(word: string): StoreWord {
  const [, before = word, after = ""] = /^([^?]*)(\?.*)?$/s.exec(word) ?? [];
  for (const [text, rest] of [[after, ""], [before, after]] as const) {
    // A word with a slash is a part of the path, or credentials where none belong.
    const [, url, ref] = /^(.*)@([^@/?&=]+)$/s.exec(text) ?? [];
    if (url === undefined || ref === undefined || /^[a-z0-9]+:\/\/[^/]*:/i.test(url)) continue;
    return { url: text === after ? before + url : url + rest, ref: decoded(ref) };
  }
  return { url: word, ref: undefined };
}

function decoded(ref: string): string {
  try {
    return decodeURIComponent(ref);
  } catch {
    return ref;
  }
}

/**
 * Opens `s3://bucket/prefix?endpoint=URL&region=R&path-style=true` or `file:///path`. The SDK of S3 is loaded only for S3.
 *
 * @throws {StoreError}
 */
export async function openStore(url: string, options: OpenOptions = {}): Promise<Blobs> {
  const scheme = schemeOf(url);
  if (scheme === "s3") return await (await import("./s3/store.ts")).openS3Store(url, options);
  if (scheme === "file") {
    const blobs = await (await import("./file/store.ts")).openFileStore(url);
    if (options.create) await makeFolder(blobs);
    return blobs;
  }
  throw noStore(url);
}

/**
 * Looks at the form of a URL: nothing is opened, and what it names need not be there.
 *
 * @throws {StoreError} `url`
 */
export async function checkStoreUrl(url: string): Promise<void> {
  const scheme = schemeOf(url);
  if (scheme === "s3") (await import("./s3/location.ts")).locationOf(url);
  else if (scheme === "file") (await import("./file/location.ts")).folderOf(url);
  else throw noStore(url);
}

function schemeOf(url: string): string {
  return url.slice(0, url.indexOf(":")).toLowerCase();
}

function noStore(url: string): StoreError {
  return new StoreError("url", `Cannot open ${JSON.stringify(url)}: a store is s3://bucket/prefix or file:///path`);
}

/** What a push reads first is not there yet, and a folder that is not there is no empty one. */
async function makeFolder({ url }: Blobs): Promise<void> {
  try {
    await mkdir(fileURLToPath(url), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw (await import("./file/fault.ts")).storeError("make", url, error, false);
  }
}

/**
 * Stores as commands use them: opened, closed, and what they say when something is wrong.
 *
 * @module
 */
import { type Blobs, StoreError, type StoreFault } from "../lib/store/blobs.ts";
import { isStoreUrl, type OpenOptions, openStore, splitRef, type StoreWord } from "../lib/store/open.ts";
import { SnapshotError, type SnapshotFault } from "../lib/store/snapshot/error.ts";
import { PruneError } from "../lib/store/snapshot/prune.ts";
import { RefError } from "../lib/store/snapshot/refs.ts";
import { CommandError, type Failure, type FailureDetail, usageError } from "./exit.ts";

/** Opens a store, acts, and closes it. Errors of stores and snapshots come out as a `CommandError`. */
export async function withStore<T>(
  url: string,
  act: (blobs: Blobs) => Promise<T>,
  options: OpenOptions = {},
): Promise<T> {
  try {
    const blobs = await openStore(url, options);
    try {
      return await act(blobs);
    } finally {
      await blobs.close();
    }
  } catch (error) {
    throw storeFailure(error, url);
  }
}

/**
 * A word that must be a store, and may name a snapshot in it.
 *
 * @throws {CommandError} `usage`
 */
export function storeWord(word: string | undefined, usage: string): StoreWord {
  if (word !== undefined && isStoreUrl(word)) return splitRef(word);
  const state = word === undefined ? "no store was named" : `"${word}" is no store`;
  throw usageError(`Cannot run "xcp snapshot ${usage}": ${state}`, {
    hint: "A store is s3://bucket/prefix or file:///path",
  });
}

/**
 * The same for a command that is about the store as a whole.
 *
 * @throws {CommandError} `usage`
 */
export function wholeStore(word: string | undefined, usage: string): string {
  const { url, ref } = storeWord(word, usage);
  if (ref === undefined) return url;
  throw usageError(`Cannot take "@${ref}": "xcp snapshot ${usage}" is about all snapshots of a store`);
}

const OF_STORES: Readonly<Record<StoreFault, Failure>> = {
  url: "usage",
  missing: "unreadable",
  forbidden: "unreadable",
  unreachable: "unavailable",
  unable: "unavailable",
  "too-large": "invalid",
  full: "unwritable",
  aborted: "unavailable",
  failed: "unavailable",
};

const OF_SNAPSHOTS: Readonly<Record<SnapshotFault, Failure>> = {
  damaged: "invalid",
  absent: "invalid",
  "later-format": "invalid",
  "unknown-type": "invalid",
  identity: "unreadable",
  "too-large": "invalid",
};

/** What a person can do something about, as a `CommandError`; any other error as it is. `url`: of the store. */
export function storeFailure(error: unknown, url?: string): unknown {
  if (error instanceof StoreError) return failed(OF_STORES[error.fault], error, hintOf(error) ?? placeOf(error, url));
  if (error instanceof SnapshotError) {
    const hint = error.fault === "identity" ? IDENTITY_HINT : placeOf(error, url);
    return failed(OF_SNAPSHOTS[error.fault], error, hint);
  }
  if (error instanceof PruneError) return failed("invalid", error);
  if (error instanceof RefError) return failed(error.fault === "damaged" ? "invalid" : "unreadable", error, error.hint);
  return error;
}

const IDENTITY_HINT = '"xcp snapshot show STORE" names the public keys that secrets are encrypted to';

function hintOf({ fault, message }: StoreError): string | undefined {
  if (fault === "url") return "A store is s3://bucket/prefix?endpoint=URL&region=R&path-style=true or file:///path";
  if (!message.includes("no credentials")) return undefined;
  return "They are found as the AWS command line finds them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, " +
    "or the role of the machine";
}

/** Stores of files, and snapshots, name a key without its store. */
function placeOf({ message }: Error, url: string | undefined): string | undefined {
  const place = url?.replace(/\?.*$/s, "");
  return place === undefined || message.includes(place) ? undefined : `The store is ${place}`;
}

function failed(failure: Failure, error: Error, hint?: string): CommandError {
  const detail: FailureDetail = { cause: error, ...(hint === undefined ? {} : { hint }) };
  return new CommandError(failure, error.message, detail);
}

/**
 * Why a snapshot cannot be read or written, when the store itself did what it was asked.
 *
 * @module
 */

/**
 * - `damaged`: what is there is not what was written.
 * - `absent`: what a snapshot is made of is not there. In a bucket that is a replica it may come yet.
 * - `later-format`: a newer xcp wrote it.
 * - `unknown-type`: it is whole, and the API of this xcp lacks a type of it.
 * - `identity`: none of the identities that were given fits.
 * - `too-large`: it is more than a snapshot may have.
 */
export type SnapshotFault = "damaged" | "absent" | "later-format" | "unknown-type" | "identity" | "too-large";

/** The message names the key, and never holds what is under it. */
export class SnapshotError extends Error {
  override readonly name = "SnapshotError";
  readonly fault: SnapshotFault;
  /** Key in the store: `chunks/…`, `snapshots/7.json`, `latest.json`. */
  readonly key: string;
  /** The state: what follows the colon of the message. */
  readonly why: string;

  constructor(fault: SnapshotFault, key: string, why: string, options?: ErrorOptions & { readonly action?: string }) {
    super(`${options?.action ?? "Cannot read"} "${key}": ${why}`, options);
    this.fault = fault;
    this.key = key;
    this.why = why;
  }
}

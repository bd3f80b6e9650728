/**
 * The one error of the transport: it cannot start, and a person can do something about it.
 *
 * @module
 */

/**
 * `usage`: an address or a combination of flags is wrong; `unavailable`: an address is not to be had; `unreadable`: a
 * certificate file cannot be read; `invalid`: one says nothing usable.
 */
export type TransportFailure = "usage" | "unavailable" | "unreadable" | "invalid";

export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly failure: TransportFailure;
  /** What to do about it, where that is known. */
  readonly hint: string | undefined;

  constructor(failure: TransportFailure, message: string, detail: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: detail.cause });
    this.failure = failure;
    this.hint = detail.hint;
  }
}

/** The code of a system error, `EADDRINUSE`; undefined for every other error. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** What the operating system says, in the words that people know: `permission denied`. */
export function reason(error: unknown): string {
  const known = WORDS[systemCode(error) ?? ""];
  return known ?? (error instanceof Error ? error.message : String(error));
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  ENOTDIR: "not a directory",
  EISDIR: "is a directory",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "address not available on this machine",
  ENOTFOUND: "no such host",
  EMFILE: "too many open files",
};

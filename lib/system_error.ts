/**
 * Errors of the operating system: their codes, and the words that people know for them.
 *
 * @module
 */

/** The code of a system error, `EADDRINUSE`; undefined for every other error. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Why something failed, as it follows the colon of a message: `permission denied`; any other error's own message. */
export function reason(error: unknown): string {
  const known = WORDS.get(systemCode(error) ?? "");
  return known ?? (error instanceof Error ? error.message : String(error));
}

/** An error that nobody expected, for a log: where it came from, not only what it says. */
export function trace(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

// The messages of the runtimes differ, and repeat the call and the path: `ENOENT: no such file or directory, open 'a'`.
const WORDS: ReadonlyMap<string, string> = new Map([
  ["EACCES", "permission denied"],
  ["EADDRINUSE", "address already in use"],
  ["EADDRNOTAVAIL", "address not available on this machine"],
  ["ECONNREFUSED", "connection refused"],
  ["ECONNRESET", "connection reset"],
  ["EIO", "input or output error of the disk"],
  ["EISDIR", "is a directory"],
  ["ELOOP", "a symlink that leads to itself"],
  ["EMFILE", "too many open files"],
  ["ENAMETOOLONG", "the name is too long"],
  ["ENFILE", "too many open files"],
  ["ENOENT", "no such file or directory"],
  ["ENOSPC", "no space left, or no more inotify watches"],
  ["ENOTDIR", "not a directory"],
  ["ENOTFOUND", "no such host"],
  ["EPERM", "operation not permitted"],
  ["EROFS", "read-only file system"],
  ["ESTALE", "stale file handle"],
  ["ETIMEDOUT", "timed out"],
]);

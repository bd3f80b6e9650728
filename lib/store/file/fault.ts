/**
 * Errors of the operating system as faults of a store.
 *
 * @module
 */
import { reason, systemCode } from "../../system_error.ts";
import { StoreError, type StoreFault } from "../blobs.ts";

const FAULTS: ReadonlyMap<string, StoreFault> = new Map([
  ["EACCES", "forbidden"],
  ["EPERM", "forbidden"],
  ["EROFS", "forbidden"],
  ["EDQUOT", "full"],
  ["ENOSPC", "full"],
  // A network file system, or one of a process that is gone.
  ["EHOSTDOWN", "unreachable"],
  ["ENOTCONN", "unreachable"],
  ["ESTALE", "unreachable"],
  ["ETIMEDOUT", "unreachable"],
]);

const WORDS: ReadonlyMap<string, string> = new Map([
  ["EDQUOT", "no quota left"],
  ["ELOOP", "a symlink, and those are not followed"],
  ["ENOSPC", "no space left"],
  ["ENOTCONN", "its file system does not answer"],
]);

/** What a call that changes the names in a folder says when it has changed nothing for certain. */
const REFUSALS: ReadonlySet<string> = new Set([
  "EACCES",
  "EDQUOT",
  "EEXIST",
  "EISDIR",
  "EMLINK",
  "ENAMETOOLONG",
  "ENOENT",
  "ENOSPC",
  "ENOSYS",
  "ENOTDIR",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EPERM",
  "EROFS",
  "EXDEV",
]);

/** Whether the call that failed may have done what it was asked. */
export function leavesDoubt(error: unknown): boolean {
  return !REFUSALS.has(systemCode(error) ?? "");
}

/** `action` and `subject` are the words before the colon; `doubt`: it may have happened all the same. */
export function storeError(action: string, subject: string, error: unknown, doubt: boolean): StoreError {
  if (error instanceof StoreError) return error;
  const code = systemCode(error) ?? "";
  const why = WORDS.get(code) ?? reason(error);
  const message = `Cannot ${action} "${subject}": ${why}`;
  if (doubt) return new StoreError("unreachable", `${message}; it may have happened all the same`, { cause: error });
  return new StoreError(FAULTS.get(code) ?? "failed", message, { cause: error });
}

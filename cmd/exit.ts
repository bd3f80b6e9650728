/**
 * How a command ends: the exit codes, and the one error that a command throws when it cannot go on. The numbers are
 * those of `sysexits.h`.
 *
 * @module
 */

export const EXIT = {
  ok: 0,
  /** `status`: a client rejects something; `get`: a name is not there. */
  rejected: 1,
  /** The command was called wrongly. */
  usage: 64,
  /** What was given is not valid: a `--config` file. */
  invalid: 65,
  /** A file that was named cannot be read. */
  unreadable: 66,
  /** A server, or an address to listen on, is not to be had. */
  unavailable: 69,
  /** A bug of xcp. */
  software: 70,
  /** A file cannot be written. */
  unwritable: 73,
  /** A conflict with somebody else: try again. */
  conflict: 75,
} as const;

export type Failure = "usage" | "invalid" | "unreadable" | "unavailable" | "unwritable" | "conflict";

export interface FailureDetail {
  /** What to do about it, where that is known. */
  readonly hint?: string;
  /** A word that was not understood, with those that would have been. */
  readonly unknown?: { readonly given: string; readonly known: readonly string[] };
  readonly cause?: unknown;
}

/** A command cannot go on, and the person who typed it can do something about that. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly failure: Failure;
  readonly hint: string | undefined;
  readonly unknown: FailureDetail["unknown"];

  constructor(failure: Failure, message: string, detail: FailureDetail = {}) {
    super(message, { cause: detail.cause });
    this.failure = failure;
    this.hint = detail.hint;
    this.unknown = detail.unknown;
  }

  get exitCode(): number {
    return EXIT[this.failure];
  }
}

/** A call that is wrong: exit code 64. */
export function usageError(message: string, detail: FailureDetail = {}): CommandError {
  return new CommandError("usage", message, detail);
}

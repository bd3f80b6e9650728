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

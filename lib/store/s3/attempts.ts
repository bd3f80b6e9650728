/**
 * Time limits and repetition: every request ends, and one that may be answered another time is sent again.
 *
 * @module
 */
import { NoAnswer } from "./faults.ts";

/** Milliseconds, but for `attempts`. */
export interface S3Limits {
  /** Until the connection stands. */
  readonly connectMs: number;
  /** Until the answer begins, and between two pieces of it. A body that is sent has more, by its size. */
  readonly answerMs: number;
  /** A call of the store, with all its attempts. A body has more, as above. */
  readonly callMs: number;
  /** How often a request is sent at most. */
  readonly attempts: number;
  /** The longest pause before the second attempt; it doubles with each, and is cut by chance to any part of it. */
  readonly pauseMs: number;
}

export const LIMITS: S3Limits = { connectMs: 5_000, answerMs: 10_000, callMs: 45_000, attempts: 3, pauseMs: 200 };

/** Bytes in a millisecond that even a bad line takes: 50 KB/s. */
const SLOWEST = 50;

/** The limits for a request that carries a body. */
export function withBody(limits: S3Limits, bytes: number): S3Limits {
  const more = Math.ceil(bytes / SLOWEST);
  return { ...limits, answerMs: limits.answerMs + more, callMs: limits.callMs + more * limits.attempts };
}

/** By the caller, or because the store was closed. */
export class CalledOff extends Error {
  override readonly name = "CalledOff";
}

/** What one attempt is given. */
export interface Attempt {
  readonly signal: AbortSignal;
  /** For the SDK's own limit. */
  readonly answerMs: number;
  /** Something came: the time until the next piece begins anew. */
  heard(): void;
}

/** The time of a whole call; it is let go of when the call has ended. */
export interface Call {
  readonly limits: S3Limits;
  /** Runs one attempt. Rejects with {@link NoAnswer} at the end of the time, with {@link CalledOff} when it was called off. */
  attempt<T>(run: (attempt: Attempt) => Promise<T>): Promise<T>;
  /** Waits before attempt number `next` (2, 3, …); false when there is none left. */
  pause(next: number): Promise<boolean>;
  end(): void;
}

/** Begins a call. `signals` call it off. */
export function beginCall(
  limits: S3Limits,
  random: () => number,
  signals: readonly (AbortSignal | undefined)[],
): Call {
  const end = new AbortController();
  const timer = setTimeout(() => end.abort(new NoAnswer(`no answer within ${limits.callMs} ms`)), limits.callMs);
  const off = AbortSignal.any(signals.filter((signal) => signal !== undefined));
  const outer = AbortSignal.any([off, end.signal]);

  function reasonOf(signal: AbortSignal): unknown {
    return off.aborted ? new CalledOff("called off") : signal.reason;
  }

  async function attempt<T>(run: (attempt: Attempt) => Promise<T>): Promise<T> {
    if (outer.aborted) throw reasonOf(outer);
    const silence = new AbortController();
    let quiet: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(quiet);
      quiet = setTimeout(() => silence.abort(new NoAnswer(`no answer within ${limits.answerMs} ms`)), limits.answerMs);
    };
    heard();
    const signal = AbortSignal.any([outer, silence.signal]);
    try {
      return await until(signal, run({ signal, answerMs: limits.answerMs, heard }));
    } catch (error) {
      // What a request that is called off fails with has many names.
      throw signal.aborted ? reasonOf(signal) : error;
    } finally {
      clearTimeout(quiet);
    }
  }

  async function pause(next: number): Promise<boolean> {
    if (next > limits.attempts) return false;
    const most = limits.pauseMs * 2 ** (next - 2);
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await until(outer, new Promise<void>((resolve) => timer = setTimeout(resolve, most * random())));
      return true;
    } catch {
      if (off.aborted) throw reasonOf(off);
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  return { limits, attempt, pause, end: () => clearTimeout(timer) };
}

/** Waits for work that may ignore the signal, and not longer than that: rejects with the signal's reason. */
export async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
    aborted.catch(() => {});
    work.catch(() => {}); // what comes after the end interests nobody
  }
}

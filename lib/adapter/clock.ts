/**
 * The clock and the timers of an adapter's source, as tests can stand in for them.
 *
 * @module
 */
import { clearTimeout, setTimeout } from "node:timers";

export interface Clock {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Does something in so many milliseconds, never before it returns. Returns how to call it off. */
  after(ms: number, act: () => void): () => void;
}

/** By the clock of the machine. */
export const CLOCK: Clock = {
  now: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

/** How long to wait before something that failed is tried again. */
export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/**
 * Milliseconds before the next attempt: twice as long after each failure, and anything from half of that to the whole, so
 * that many that failed together do not come back together.
 *
 * @param failures How many there were, this one included
 * @param random From 0 to less than 1
 */
export function backoffMs({ firstMs, mostMs }: Backoff, failures: number, random: number): number {
  const whole = Math.min(firstMs * 2 ** Math.min(failures - 1, 30), mostMs);
  return Math.round(whole / 2 + whole / 2 * random);
}

/**
 * Waiting for a condition instead of a time.
 *
 * @module
 */

export interface EventuallyOptions {
  /** Milliseconds; generous, because a test that waits for a condition ends as soon as it holds. */
  readonly timeout?: number;
  /** What to say when it never held: the state that was found instead. */
  readonly describe?: string | (() => unknown);
  /** Milliseconds between two looks. */
  readonly interval?: number;
}

/**
 * Asks until `condition` answers something that is neither `undefined`, `null` nor `false`, and returns that. An
 * exception means "not yet". Throws with the description and the last exception at the end of the time.
 */
export async function eventually<T>(
  condition: () => T | Promise<T>,
  { timeout = 15_000, describe = "the condition holds", interval = 20 }: EventuallyOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + timeout;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await condition();
      if (isAnswer(answer)) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) break;
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
  const what = typeof describe === "string" ? describe : String(await describe());
  const last = cause === undefined ? "" : `; last: ${cause instanceof Error ? cause.message : cause}`;
  throw new Error(`Waited ${timeout} ms in vain: ${what}${last}`, { cause });
}

function isAnswer<T>(answer: T): answer is Exclude<T, undefined | null | false> {
  return answer !== undefined && answer !== null && answer !== false;
}

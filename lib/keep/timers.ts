/**
 * Something that is to be done later, as tests can stand in for it.
 *
 * @module
 */

/** Does something in so many milliseconds, never before it returns. Returns how to call it off. */
export type After = (ms: number, act: () => void) => () => void;

/** By the clock of the machine. */
export const after: After = (ms, act) => {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
};

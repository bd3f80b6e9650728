/**
 * Brings a change to many streams without holding the process up: in slices, with everything else in between.
 *
 * @module
 */

/** Longest slice in milliseconds. */
const SLICE = 10;

/** A set of things to be refreshed; adding one twice refreshes it once. */
export class FanOut<T> {
  readonly #waiting = new Set<T>();
  readonly #refresh: (one: T) => void;
  readonly #now: () => number;
  #running: ReturnType<typeof setImmediate> | undefined;

  constructor(refresh: (one: T) => void, now: () => number) {
    this.#refresh = refresh;
    this.#now = now;
  }

  add(some: Iterable<T>): void {
    for (const one of some) this.#waiting.add(one);
    if (this.#waiting.size > 0) this.#running ??= setImmediate(() => this.#run());
  }

  delete(one: T): void {
    this.#waiting.delete(one);
  }

  close(): void {
    this.#waiting.clear();
    clearImmediate(this.#running);
  }

  #run(): void {
    this.#running = undefined;
    const end = this.#now() + SLICE;
    for (const one of this.#waiting) {
      this.#waiting.delete(one);
      this.#refresh(one);
      if (this.#now() >= end) break;
    }
    if (this.#waiting.size > 0) this.#running = setImmediate(() => this.#run());
  }
}

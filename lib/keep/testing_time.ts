/**
 * Time that goes on when a test says so.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { After } from "./timers.ts";

export class FakeTime {
  #now = 0;
  readonly #waiting = new Set<{ readonly at: number; readonly act: () => void }>();

  readonly clock = (): number => this.#now;

  readonly after: After = (ms, act) => {
    const timer = { at: this.#now + ms, act };
    this.#waiting.add(timer);
    return () => this.#waiting.delete(timer);
  };

  /** What is to be done later. */
  get pending(): number {
    return this.#waiting.size;
  }

  /** Milliseconds until the first of it; undefined when there is none. */
  get next(): number | undefined {
    const first = this.#first();
    return first && first.at - this.#now;
  }

  /** Lets so many milliseconds pass. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (let first = this.#first(); first !== undefined && first.at <= end; first = this.#first()) {
      this.#waiting.delete(first);
      this.#now = first.at;
      first.act();
    }
    this.#now = end;
  }

  #first() {
    return [...this.#waiting].sort((a, b) => a.at - b.at)[0];
  }
}

/** Goes on with everything else until something is so. */
export async function until(condition: () => boolean, what = "it"): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns === 20_000) throw new Error(`${what} never came`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/**
 * The way down: what was opened is closed in the opposite order.
 *
 * @module
 */

/** What has to be closed, in the opposite order of its opening. */
export class Closing {
  readonly #abort = new AbortController();
  readonly #steps: (() => void | Promise<void>)[] = [];

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  add(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    for (const step of this.#steps.splice(0).reverse()) await step();
  }
}

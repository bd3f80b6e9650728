/**
 * How much may be in memory at once.
 *
 * @module
 */

/** A number of bytes that those who take from it wait for, in the order in which they came. */
export class Budget {
  readonly #all: number;
  #left: number;
  readonly #waiting: { readonly bytes: number; readonly go: () => void }[] = [];

  constructor(bytes: number) {
    this.#all = bytes;
    this.#left = bytes;
  }

  /** Runs `act` when the bytes are there. More than there are at all is as much as there is. */
  async use<T>(bytes: number, act: () => Promise<T>): Promise<T> {
    const taken = Math.min(bytes, this.#all);
    if (this.#waiting.length > 0 || taken > this.#left) {
      await new Promise<void>((go) => this.#waiting.push({ bytes: taken, go }));
    } else this.#left -= taken;
    try {
      return await act();
    } finally {
      this.#left += taken;
      for (let next = this.#waiting[0]; next !== undefined && next.bytes <= this.#left; next = this.#waiting[0]) {
        this.#waiting.shift();
        this.#left -= next.bytes;
        next.go();
      }
    }
  }
}

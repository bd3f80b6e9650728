/**
 * Work on many resources one at a time leaves some times their size behind. The engine lets that grow to the size of all
 * that is in use; so it is told to collect it now and then, which takes tens of milliseconds each time.
 *
 * @module
 */
import { collectGarbage } from "../serve/engine.ts";

/** Bytes of resources, of what they are printed as or read from, after which garbage is collected. */
const EVERY = 2 * 1024 * 1024;

export class Sweeper {
  #since = 0;

  /** So many bytes were worked on. */
  worked(bytes: number): void {
    this.#since += bytes;
    if (this.#since < EVERY) return;
    this.#since = 0;
    collectGarbage();
  }
}

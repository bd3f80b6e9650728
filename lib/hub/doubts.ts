/**
 * What is in doubt about a client from its earlier streams: after a NACK, or a response that it never answered, parts may
 * be applied, and on its next stream it reports the versions from before. Bounded: the longest untouched is dropped.
 *
 * @module
 */

/** Names kept over all nodes and types. */
const MOST_NAMES = 200_000;

/** Marks by node and type. */
export class Doubts {
  readonly #marks = new Map<string, ReadonlySet<string>>();
  #names = 0;
  readonly #most: number;

  constructor(most: number = MOST_NAMES) {
    this.#most = most;
  }

  /** Replaces the mark of a node and type; no names takes it away. */
  set(node: string, type: string, names: ReadonlySet<string>): void {
    const key = `${node}\n${type}`;
    this.#drop(key);
    if (names.size === 0 || names.size > this.#most) return;
    this.#marks.set(key, names);
    this.#names += names.size;
    for (const oldest of this.#marks.keys()) {
      if (this.#names <= this.#most) break;
      this.#drop(oldest);
    }
  }

  /** The names in doubt of a node and type. */
  get(node: string, type: string): Iterable<string> {
    return this.#marks.get(`${node}\n${type}`) ?? [];
  }

  #drop(key: string): void {
    this.#names -= this.#marks.get(key)?.size ?? 0;
    this.#marks.delete(key);
  }
}

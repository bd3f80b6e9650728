/**
 * What is in doubt about a client from its earlier streams: after a NACK, or a response that it never answered, parts may
 * be applied, and on its next stream it reports the versions from before. Bounded: the longest untouched is dropped.
 *
 * @module
 */

/** Names kept over all nodes and types. */
const MOST_NAMES = 200_000;
/** Characters of these names and of who they belong to: clients choose both. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

interface Mark {
  readonly names: ReadonlySet<string>;
  readonly characters: number;
}

/** Marks by node and type. */
export class Doubts {
  readonly #marks = new Map<string, Mark>();
  #names = 0;
  #characters = 0;
  readonly #mostNames: number;
  readonly #mostCharacters: number;

  constructor(mostNames: number = MOST_NAMES, mostCharacters: number = MOST_CHARACTERS) {
    this.#mostNames = mostNames;
    this.#mostCharacters = mostCharacters;
  }

  /** Replaces the mark of a node and type; no names takes it away. */
  set(node: string, type: string, names: ReadonlySet<string>): void {
    const key = `${node}\n${type}`;
    this.#drop(key);
    let characters = key.length;
    for (const name of names) characters += name.length;
    if (names.size === 0 || names.size > this.#mostNames || characters > this.#mostCharacters) return;
    this.#marks.set(key, { names, characters });
    this.#names += names.size;
    this.#characters += characters;
    for (const oldest of this.#marks.keys()) {
      if (this.#names <= this.#mostNames && this.#characters <= this.#mostCharacters) break;
      this.#drop(oldest);
    }
  }

  /** The names in doubt of a node and type. */
  get(node: string, type: string): Iterable<string> {
    return this.#marks.get(`${node}\n${type}`)?.names ?? [];
  }

  #drop(key: string): void {
    const mark = this.#marks.get(key);
    if (mark === undefined) return;
    this.#names -= mark.names.size;
    this.#characters -= mark.characters;
    this.#marks.delete(key);
  }
}

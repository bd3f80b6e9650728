/**
 * What changed in a group since it was last generated.
 *
 * @module
 */
import type { Changes } from "./protocol.ts";

/** Ids and their characters in one call; who knows of more is told that everything changed. */
const MOST_IDS = 10_000;
const MOST_CHARACTERS = 1 << 20;

/** Ids that come one by one or many at a time, each once; bounded. */
export class Gathered {
  #ids: Set<string> | undefined = new Set();
  #characters = 0;

  /** Without ids, or with none: everything. */
  add(ids: readonly string[] | undefined): void {
    if (ids === undefined || ids.length === 0) {
      this.#ids = undefined;
      return;
    }
    for (const id of ids) {
      if (this.#ids === undefined) return;
      if (this.#ids.has(id)) continue;
      this.#ids.add(id);
      this.#characters += id.length;
      if (this.#ids.size > MOST_IDS || this.#characters > MOST_CHARACTERS) this.#ids = undefined;
    }
  }

  /** All that another one has. */
  merge({ changes }: Gathered): void {
    this.add(changes === "all" ? undefined : changes.ids);
  }

  get changes(): Changes {
    return this.#ids === undefined ? "all" : { ids: [...this.#ids] };
  }
}

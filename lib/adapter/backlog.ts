/**
 * Changes that are kept until somebody takes them.
 *
 * @module
 */
import { Gathered } from "./gathered.ts";

type Take = (group: string, ids: readonly string[] | undefined) => void;

/** Groups of which changes are kept. */
const MOST_KEPT = 20_000;

/** Hands changes on, once it is opened, and first those from before. */
export class Backlog {
  readonly #take: Take;
  #kept: Map<string, Gathered> | undefined = new Map();

  constructor(take: Take) {
    this.#take = take;
  }

  add(group: string, ids: readonly string[] | undefined): void {
    if (this.#kept === undefined) return this.#take(group, ids);
    let gathered = this.#kept.get(group);
    if (gathered === undefined) {
      if (this.#kept.size >= MOST_KEPT) return;
      this.#kept.set(group, gathered = new Gathered());
    }
    gathered.add(ids);
  }

  open(): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const [group, { changes }] of kept) this.#take(group, changes === "all" ? undefined : changes.ids);
  }
}

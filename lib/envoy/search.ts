/**
 * Which of many pieces Envoy refuses. It stops at the first thing that it does not like and rarely says where that is,
 * so it is asked again with fewer, a bounded number of times.
 *
 * @module
 */
import type { Verdict } from "./verdict.ts";

/** What to look for, and how to ask. Pieces are numbers from 0, in an order in which the later of two is at fault. */
export interface Search {
  readonly count: number;
  /** Pieces that are known to be at fault: whether Envoy thinks so too is asked last. */
  readonly suspects: ReadonlySet<number>;
  /** Asks about some of the pieces; the others are replaced by what is valid. */
  readonly ask: (active: ReadonlySet<number>) => Promise<Verdict>;
  /** The piece that the words are about, if they tell. */
  readonly guess: (words: string, active: ReadonlySet<number>) => number | undefined;
  /** Most questions. */
  readonly most: number;
}

export interface Found {
  /** In the order in which they were found. */
  readonly rejected: readonly { readonly piece: number; readonly words: string }[];
  /** Suspects that Envoy takes. */
  readonly acquitted: readonly number[];
  /** Envoy refuses all together, and no piece of it alone: words that belong to nobody. */
  readonly unplaced: string | undefined;
  /** Why not everything was looked at. */
  readonly stopped: string | undefined;
}

class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Asks until Envoy takes what is left, or there were enough questions. */
export async function search({ count, suspects, ask, guess, most }: Search): Promise<Found> {
  const rejected: { piece: number; words: string }[] = [];
  const acquitted: number[] = [];
  let unplaced: string | undefined;
  let asked = 0;

  async function question(active: ReadonlySet<number>): Promise<Verdict & { kind: "accepted" | "rejected" }> {
    if (asked++ >= most) throw new Stopped(`it was asked ${most} times`);
    const verdict = await ask(active);
    if (verdict.kind === "none") throw new Stopped(verdict.why);
    return verdict;
  }

  /** Pieces up to `end` that nothing is known against. */
  const out = new Set(suspects);
  const upTo = (end: number) => new Set(Array.from({ length: end }, (_, i) => i).filter((i) => !out.has(i)));

  /** Finds the piece with which Envoy begins to refuse. `low` pieces are known to be accepted. */
  async function culprit(low: number, words: string) {
    const guessed = guess(words, upTo(count));
    if (guessed !== undefined && !out.has(guessed)) {
      const verdict = await question(new Set([guessed]));
      if (verdict.kind === "rejected") return { piece: guessed, words: verdict.words, low };
    }
    let high = count;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      const verdict = await question(upTo(middle));
      if (verdict.kind === "accepted") low = middle;
      else [high, words] = [middle, verdict.words];
    }
    return { piece: high - 1, words, low };
  }

  async function all(): Promise<void> {
    const first = await question(new Set(Array.from({ length: count }, (_, i) => i)));
    if (first.kind === "accepted") return void acquitted.push(...suspects);
    let verdict = suspects.size === 0 ? first : await question(upTo(count));
    if (verdict.kind === "rejected") {
      // What is around the pieces is nobody's fault, and would be taken for that of each.
      const empty = await question(new Set());
      if (empty.kind === "rejected") return void (unplaced = empty.words);
    }
    let low = 0;
    while (verdict.kind === "rejected") {
      const found = await culprit(low, verdict.words);
      if (out.has(found.piece)) return void (unplaced = found.words);
      low = found.low;
      out.add(found.piece);
      rejected.push({ piece: found.piece, words: found.words });
      verdict = await question(upTo(count));
    }
  }

  /** That nobody can be sure of a suspect is nothing to tell. */
  async function second(): Promise<void> {
    const fine = upTo(count);
    for (const suspect of suspects) {
      if (asked >= most || acquitted.includes(suspect)) return;
      const { kind } = await ask(new Set([...fine, suspect]));
      asked++;
      if (kind === "accepted") acquitted.push(suspect);
    }
  }

  try {
    await all();
    if (unplaced === undefined) await second();
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return { rejected, acquitted, unplaced, stopped: error.message };
  }
  return { rejected, acquitted, unplaced, stopped: undefined };
}

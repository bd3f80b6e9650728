/**
 * What stands in a text again and again, letter by letter: texts are written by programs, and a thousand clusters have
 * the same health check. Its bytes are copied instead of made again, and what was checked once is not checked again.
 *
 * @module
 */
import type { FieldPlan } from "./plan.ts";
import type { Run, Step, ValueCodec } from "./run.ts";
import type { MapNode } from "./tree.ts";

/** Letters of what is kept: below, making it again costs as little; above, it would cost memory. */
const SHORTEST = 16;
const LONGEST = 4096;

/** Values of one field that are kept at a time: the same field has others in other places. */
const MOST_KEPT = 4;

/** A field that was met that often without a repetition is not worth looking at. */
const MOST_MISSES = 16;

/** A message that was written, and of which there was nothing to say. */
interface Kept {
  readonly text: string;
  readonly steps: readonly Step[];
  readonly bootstrap: boolean;
  readonly bytes: Uint8Array;
}

interface Seen {
  readonly kept: Kept[];
  /** Since the last repetition. */
  misses: number;
  /** Which of the kept makes room next. */
  next: number;
}

/** The repetitions of one text. */
export class Repeats {
  readonly #text: string;
  readonly #fields = new Map<FieldPlan, Seen>();

  constructor(text: string) {
    this.#text = text;
  }

  /**
   * Writes the value of a field. It is a repetition if its text is the same and it is in the same place of its resource,
   * on which the checks depend, and only if the first time there was neither an issue nor a reference nor a claim.
   */
  write(run: Run, field: FieldPlan, node: MapNode, codec: ValueCodec): boolean {
    const length = node.end - node.offset;
    if (length < SHORTEST || length > LONGEST) return codec(run, node);
    const seen = this.#seen(field);
    if (seen.misses > MOST_MISSES) return codec(run, node);
    for (const { text, steps, bootstrap, bytes } of seen.kept) {
      if (text.length !== length || !this.#text.startsWith(text, node.offset)) continue;
      if (bootstrap !== run.bootstrap || !sameSteps(steps, run.steps)) continue;
      seen.misses = 0;
      run.writer.bytes(bytes);
      return true;
    }
    seen.misses++;
    const { findings, writer } = run;
    const mark = writer.length;
    const done = codec(run, node);
    if (done && run.findings === findings) {
      const text = this.#text.slice(node.offset, node.end);
      seen.kept[seen.next++ % MOST_KEPT] = {
        text,
        steps: [...run.steps],
        bootstrap: run.bootstrap,
        bytes: writer.copySince(mark),
      };
    }
    return done;
  }

  #seen(field: FieldPlan): Seen {
    let seen = this.#fields.get(field);
    if (seen === undefined) this.#fields.set(field, seen = { kept: [], misses: 0, next: 0 });
    return seen;
  }
}

function sameSteps(a: readonly Step[], b: readonly Step[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i] && !sameKey(a[i], b[i])) return false;
  return true;
}

function sameKey(a: Step | undefined, b: Step | undefined): boolean {
  return typeof a === "object" && "key" in a && typeof b === "object" && "key" in b && a.key === b.key;
}

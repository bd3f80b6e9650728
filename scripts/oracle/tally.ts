/**
 * What was right and what was wrong, and how it is told.
 *
 * @module
 */
import type { Said } from "./subject.ts";

/** A configuration with its label, and what the validator says of it. */
export interface Result {
  readonly name: string;
  readonly expect: "ok" | "bad";
  readonly kind: string;
  readonly field: string;
  /** Lines that are fair answers; empty where none is known. */
  readonly lines: readonly number[];
  /** Envoy's words. */
  readonly words: string;
  readonly said: readonly Said[];
}

/** A line that is one off is right: it is where people look. */
const SLOP = 1;

export class Tally {
  readonly results: Result[] = [];

  add(result: Result): void {
    this.results.push(result);
  }

  /** Envoy accepts, the validator does not. */
  get falseRejections(): Result[] {
    return this.results.filter(({ expect, said }) => expect === "ok" && said.length > 0);
  }

  /** Envoy rejects, the validator does not. */
  get missed(): Result[] {
    return this.results.filter(({ expect, said }) => expect === "bad" && said.length === 0);
  }

  get wrongLines(): Result[] {
    return this.results.filter((result) => result.said.length > 0 && hasLine(result) && !isLineRight(result));
  }

  count(expect: "ok" | "bad"): number {
    return this.results.filter((result) => result.expect === expect).length;
  }

  /** Share of what Envoy rejects and the validator does not. */
  get missedShare(): number {
    return this.count("bad") === 0 ? 0 : this.missed.length / this.count("bad");
  }

  /** For people: false rejections, misses by kind, and with `verbose` every case that is wrong. */
  report(verbose: boolean): string[] {
    const { falseRejections, missed, wrongLines } = this;
    const lines = [`false rejections: ${falseRejections.length} of ${this.count("ok")}`];
    lines.push(...falseRejections.slice(0, verbose ? undefined : 20).map((result) => `  ${describe(result)}`));
    lines.push(`missed rejections: ${missed.length} of ${this.count("bad")}`);
    lines.push(...this.#byKind());
    if (!verbose) return lines;
    lines.push("missed, one by one:", ...missed.map((result) => `  ${describe(result)}`));
    lines.push("wrong lines:", ...wrongLines.map((result) => `  ${describe(result)}`));
    return lines;
  }

  /** The result in one line, in the form of the corpus' own scorer. */
  summary(): string {
    const bad = this.results.filter(({ expect }) => expect === "bad");
    const withLine = bad.filter(hasLine);
    const ok = this.count("ok");
    const accepted = ok - this.falseRejections.length;
    const right = withLine.filter(isLineRight).length;
    return `validate: accepted ${accepted}/${ok} good, rejected ${
      bad.length - this.missed.length
    }/${bad.length} bad, ` +
      `line right ${right}/${withLine.length}`;
  }

  #byKind(): string[] {
    const kinds = Map.groupBy(this.results.filter(({ expect }) => expect === "bad"), ({ kind }) => kind);
    const rows = [...kinds].map(([kind, all]) => ({ kind, all, missed: all.filter(({ said }) => said.length === 0) }));
    rows.sort((a, b) => b.missed.length - a.missed.length || a.kind.localeCompare(b.kind));
    return rows.filter(({ missed }) => missed.length > 0).map(({ kind, all, missed }) => {
      const fields = [...new Set(missed.map(({ field }) => field.split(".").slice(-2).join(".")))].slice(0, 4);
      return `  ${kind}: ${missed.length} of ${all.length} (${fields.join(", ")})`;
    });
  }
}

function hasLine({ expect, lines }: Result): boolean {
  return expect === "bad" && lines.length > 0;
}

function isLineRight({ said, lines }: Result): boolean {
  return said.some(({ line }) => line !== undefined && lines.some((fair) => Math.abs(fair - line) <= SLOP));
}

function describe({ name, kind, field, lines, words, said }: Result): string {
  const spoken = said.slice(0, 3).map((each) => `${each.line ?? "?"}: ${each.message} [${each.rule}]`);
  const want = lines.length === 0 ? "" : ` lines ${lines.join(",")}`;
  const envoy = words === "" ? "" : ` | envoy: ${words.slice(0, 200)} ...${words.slice(200).slice(-160)}`;
  return `${name} ${kind} ${field}${want}${envoy}${spoken.length === 0 ? "" : ` | said: ${spoken.join("; ")}`}`;
}

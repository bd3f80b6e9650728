/**
 * Rounds as a table for people, or as JSON.
 *
 * @module
 */
import { median, type Phase, type Round } from "./measure.ts";
import type { Scenario } from "./scenarios.ts";

/** A scenario with the medians over its rounds. */
export interface Result extends Round {
  readonly scenario: Scenario;
  readonly rounds: number;
}

export function summarize(scenario: Scenario, rounds: readonly Round[]): Result {
  const middle = (of: (round: Round) => Phase): Phase => ({
    cpuMs: median(rounds.map((round) => of(round).cpuMs)),
    peakBytes: median(rounds.map((round) => of(round).peakBytes)),
    lastMs: median(rounds.map((round) => of(round).lastMs)),
    bytes: median(rounds.map((round) => of(round).bytes)),
  });
  return {
    scenario,
    rounds: rounds.length,
    start: middle(({ start }) => start),
    connect: middle(({ connect }) => connect),
    push: middle(({ push }) => push),
  };
}

const HEAD = ["", "", "CPU ms", "peak MB", "last stream ms", "MB to clients"];

/** Three lines for each scenario: start, connect, and one push. */
export function table(results: readonly Result[]): string {
  const rows = [HEAD];
  for (const { scenario, start, connect, push } of results) {
    const { name, streams, clusters, mode } = scenario;
    const title = `${name}  ${grouped(streams)} x ${grouped(clusters)} ${mode}`;
    for (const [what, { cpuMs, peakBytes, lastMs, bytes }] of Object.entries({ start, connect, push })) {
      const numbers = [cpuMs.toFixed(0), (peakBytes / 1e6).toFixed(0), lastMs.toFixed(0), (bytes / 1e6).toFixed(1)];
      rows.push([what === "start" ? title : "", what, ...numbers]);
    }
  }
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const pad = (cell: string, column: number) => {
    const width = widths[column] ?? 0;
    return column < 2 ? cell.padEnd(width) : cell.padStart(width);
  };
  return rows.map((row) => row.map(pad).join("  ").trimEnd()).join("\n");
}

function grouped(value: number): string {
  return value.toLocaleString("en");
}

/**
 * Clients against the core in thousands of orders of events. A seed makes a run; one that fails is cut down to the
 * choices that matter and printed whole. `XCP_INTERLEAVINGS` sets the number of runs, `XCP_SEED` plays a single one.
 *
 * @module
 */
import { play, type Plot, plotOf } from "./interleavings/play.ts";
import { World } from "./interleavings/world.ts";

const RUNS = Number(Deno.env.get("XCP_INTERLEAVINGS") ?? 20_000);

Deno.test(`the core keeps its rules in ${RUNS} interleavings`, () => {
  const world = new World();
  const only = Deno.env.get("XCP_SEED");
  const seeds = only === undefined ? Array.from({ length: RUNS }, (_, seed) => seed) : [Number(only)];
  for (const seed of seeds) {
    const plot = plotOf(seed);
    const { violation } = play(plot, world);
    if (violation !== undefined) throw new Error(report(seed, shrink(plot, world), world));
  }
});

/** Leaves out choices as long as the run still fails. */
function shrink(plot: Plot, world: World): Plot {
  let smallest = plot;
  for (let size = plot.choices.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.choices.length;) {
      const choices = smallest.choices.filter((_, i) => i < at || i >= at + size);
      const candidate = { ...smallest, choices };
      if (play(candidate, world).violation === undefined) at += size;
      else smallest = candidate;
    }
  }
  return smallest;
}

function report(seed: number, plot: Plot, world: World): string {
  const { violation, log } = play(plot, world);
  const { choices, ...rest } = plot;
  return `seed ${seed} (XCP_SEED=${seed}), cut down to ${choices.length} choices, ${JSON.stringify(rest)}
${log.join("\n")}
=> ${violation}`;
}

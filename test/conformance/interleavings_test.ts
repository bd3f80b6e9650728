/**
 * Clients against the core in hundreds of thousands of orders of events. A seed makes a run of two clients; one that
 * fails is cut down to the choices that matter and printed whole. `XCP_INTERLEAVINGS` sets the number of runs, `XCP_SEED`
 * plays a single one.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { play } from "./interleavings/play.ts";
import { type Plot, plotOf } from "./interleavings/plot.ts";
import { NONE, playStretch, type Stretch } from "./interleavings/stretch.ts";
import { World } from "./interleavings/world.ts";

const RUNS = Number(Deno.env.get("XCP_INTERLEAVINGS") ?? 200_000);
/** Runs that a worker plays before it is asked again: a fraction of a second. */
const STRETCH = 1_000;

Deno.test(`the core keeps its rules in ${RUNS} interleavings`, async () => {
  const only = Deno.env.get("XCP_SEED");
  const seed = only === undefined ? await firstBroken(RUNS) : Number(only);
  if (seed === undefined) return;
  const world = new World();
  const plot = plotOf(seed);
  const broken = play(plot, world) !== undefined;
  if (broken) throw new Error(report(`seed ${seed} (XCP_SEED=${seed})`, shrink(plot, world), world));
  if (only === undefined) throw new Error(`seed ${seed} broke a rule in its worker, and not when it was played again`);
});

Deno.test("a run comes out the same every time", () => {
  const played = (world: World) =>
    Array.from({ length: 20 }, (_, seed) => {
      const log: string[] = [];
      return [play(plotOf(seed), world, log), log];
    });
  const world = new World();
  // The second time everything is made already; what is remembered must not change what happens.
  assertEquals([played(world), played(new World())], Array.from({ length: 2 }, () => played(world)));
});

/** Plays this many runs on all cores. Returns a seed that breaks a rule, or undefined. */
async function firstBroken(runs: number): Promise<number | undefined> {
  let next = 0;
  let broken: number | undefined;
  function take(): Stretch | undefined {
    if (next >= runs || broken !== undefined) return undefined;
    const from = next;
    next = Math.min(from + STRETCH, runs);
    return { from, to: next };
  }
  if (runs <= STRETCH) return playStretch({ from: 0, to: runs }, new World());
  await Promise.all(Array.from({ length: Math.max(1, navigator.hardwareConcurrency) }, async () => {
    const worker = new Worker(import.meta.resolve("./interleavings/worker.ts"), { type: "module" });
    try {
      for (let stretch = take(); stretch !== undefined; stretch = take()) broken ??= await ask(worker, stretch);
    } finally {
      worker.terminate();
    }
  }));
  return broken;
}

function ask(worker: Worker, stretch: Stretch): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data === NONE ? undefined : data);
  worker.onerror = ({ message }) => reject(new Error(`A worker failed: ${message}`));
  worker.postMessage(stretch);
  return promise;
}

/** Leaves out choices as long as the run still fails. */
function shrink(plot: Plot, world: World): Plot {
  let smallest = plot;
  for (let size = plot.choices.length; size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < smallest.choices.length;) {
      const choices = smallest.choices.filter((_, i) => i < at || i >= at + size);
      const candidate = { ...smallest, choices };
      if (play(candidate, world) === undefined) at += size;
      else smallest = candidate;
    }
  }
  return smallest;
}

function report(which: string, plot: Plot, world: World): string {
  const log: string[] = [];
  const violation = play(plot, world, log);
  const { choices, ...rest } = plot;
  return `${which}, cut down to ${choices.length} choices, ${JSON.stringify(rest)}
${log.join("\n")}
=> ${violation}`;
}

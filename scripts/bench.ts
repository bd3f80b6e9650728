/**
 * `deno task bench [SCENARIO...] [--rounds N] [-o text|json]`: CPU and memory of the compiled server while many clients
 * follow a directory in which one cluster changes. `$XCP` measures another binary.
 *
 * Times hold the 100 ms of quiet that a directory waits for. CPU is what to compare, and only with what was measured on
 * the same machine in the same hour.
 *
 * @module
 */
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { xcpBinary } from "../test/e2e/harness/xcp.ts";
import { measure, type Round } from "./bench/measure.ts";
import { summarize, table } from "./bench/report.ts";
import { type Scenario, SCENARIOS } from "./bench/scenarios.ts";
import { BINARY, build } from "./build.ts";
import { PartError, script } from "./parts.ts";

interface Wanted {
  readonly scenarios: readonly Scenario[];
  readonly rounds: number;
  readonly json: boolean;
}

/** What was asked for on the command line. */
export function wanted(args: readonly string[]): Wanted {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "1" },
      output: { type: "string", short: "o", default: "text" },
    },
  });
  const names = positionals.flatMap((word) => word.split(/[\s,]+/)).filter((name) => name !== "");
  const scenarios = names.map((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name.toUpperCase());
    if (found === undefined) throw new PartError(`Cannot run scenario "${name}": there are ${known()}`);
    return found;
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new PartError(`Cannot run "${values.rounds}" rounds`);
  if (values.output !== "text" && values.output !== "json") {
    throw new PartError(`Cannot write "${values.output}": there are text and json`);
  }
  return { scenarios: scenarios.length === 0 ? SCENARIOS : scenarios, rounds, json: values.output === "json" };
}

function known(): string {
  return SCENARIOS.map((scenario) => scenario.name).join(", ");
}

async function main(): Promise<void> {
  const { scenarios, rounds, json } = wanted(Deno.args);
  if (xcpBinary() === BINARY) await build();
  const measured = new Map<Scenario, Round[]>(scenarios.map((scenario) => [scenario, []]));
  // Round by round and not scenario by scenario, so that a noisy minute spoils one round of each and no median.
  for (let round = 1; round <= rounds; round++) {
    for (const [scenario, done] of measured) {
      console.error(`Round ${round} of ${rounds}: scenario ${scenario.name}`);
      done.push(await measure(scenario));
    }
  }
  const results = [...measured].map(([scenario, done]) => summarize(scenario, done));
  const machine = { cores: availableParallelism(), load: loadavg()[0] };
  if (json) console.log(JSON.stringify({ machine, results }, undefined, 2));
  else console.log(`${table(results)}\n${machine.cores} cores, load ${machine.load?.toFixed(1)}, median of ${rounds}`);
}

if (import.meta.main) await script(main);

/**
 * `deno task ok`, `e2e` and `test`: runs the checks and the tests, and ends with one line of totals. Each check (format,
 * lint, types, build) counts as one beside the tests.
 *
 * @module
 */
import { findEnvoy } from "../test/tools/envoy.ts";
import { script } from "./parts.ts";

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  /** Of these, how many may be skipped anywhere: tests with Go, fish or zsh, where those are not. */
  excused: number;
}

interface Step {
  readonly args: readonly string[];
  /** Reports totals of its own; any other step counts as one. */
  readonly tests?: boolean;
  /** Without it the steps after it make no sense. */
  readonly needed?: boolean;
}

// On CI a lock file that does not hold everything is a failure; elsewhere it is brought up to date.
const ci = Boolean(Deno.env.get("CI"));
const frozen = ci ? ["--frozen"] : [];

const OK: readonly Step[] = [
  { args: ["fmt", "--check"] },
  { args: ["lint"] }, // holds the direction of imports too: scripts/imports.ts
  { args: ["check", ...frozen] },
  { args: ["test", "-A", "--no-check", "--parallel", ...frozen, "--ignore=test/e2e", "."], tests: true },
];
const E2E: readonly Step[] = [
  { args: ["task", "--quiet", "build"], needed: true },
  { args: ["test", "-A", "--no-check", ...frozen, "test/e2e"], tests: true },
];
const STEPS: Readonly<Record<string, readonly Step[]>> = { ok: OK, e2e: E2E, all: [...OK, ...E2E] };

/** The totals in the last line that `deno test` writes: `ok | 5 passed (2 steps) | 0 failed | 1 ignored (3ms)`. */
export function readTotals(output: string): Totals | undefined {
  const line = output.match(/^(?:ok|FAILED) \| \d+ passed.*$/gm)?.at(-1);
  if (line === undefined) return undefined;
  const number = (word: string) => Number(line.match(new RegExp(`(\\d+) ${word}`))?.[1] ?? 0);
  const excused = output.match(/^(?:\.\/\S+ => )?(?:Go|fish|zsh): .* \.\.\. ignored/gm)?.length ?? 0;
  return { passed: number("passed"), failed: number("failed"), skipped: number("ignored"), excused };
}

/** The one line at the end. */
export function formatTotals({ passed, failed, skipped }: Omit<Totals, "excused">): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

async function runStep({ args, tests }: Step): Promise<Totals> {
  console.log(`\n== deno ${args.join(" ")}`);
  const color: Record<string, string> = Deno.stdout.isTerminal() ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" };
  const child = new Deno.Command(Deno.execPath(), { args: [...args], env: color, stdin: "null", stdout: "piped" })
    .spawn();
  const chunks: string[] = [];
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    await Deno.stdout.write(chunk);
    chunks.push(decoder.decode(chunk, { stream: true }));
  }
  const { success } = await child.status;
  const plain = chunks.join("").replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g"), "");
  const totals = tests ? readTotals(plain) : undefined;
  if (totals === undefined) {
    return { passed: success && !tests ? 1 : 0, failed: success && !tests ? 0 : 1, skipped: 0, excused: 0 };
  }
  // A run can fail without a failed test (a leak, a coverage of nothing): never let that pass.
  return !success && totals.failed === 0 ? { ...totals, failed: 1 } : totals;
}

async function main(name: string): Promise<number> {
  const steps = STEPS[name];
  if (steps === undefined) throw new Error(`Cannot run "${name}": ${Object.keys(STEPS).join(", ")} are known`);
  if (steps.some((step) => step.args.includes("test/e2e"))) {
    const { reason } = { reason: undefined, ...await findEnvoy() };
    if (reason !== undefined) console.error(`Tests with Envoy will be skipped. ${reason}`);
  }
  const sum: Totals = { passed: 0, failed: 0, skipped: 0, excused: 0 };
  for (const step of steps) {
    const totals = await runStep(step);
    sum.passed += totals.passed;
    sum.failed += totals.failed;
    sum.skipped += totals.skipped;
    sum.excused += totals.excused;
    if (step.needed && totals.failed > 0) break;
  }
  const unexcused = ci && sum.skipped > sum.excused;
  if (unexcused) console.error(`\n${sum.skipped - sum.excused} tests were skipped; on CI that is a failure`);
  console.log(`\n${formatTotals(sum)}`);
  return sum.failed > 0 || unexcused ? 1 : 0;
}

if (import.meta.main) await script(() => main(Deno.args[0] ?? "all"));

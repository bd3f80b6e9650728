/**
 * What a program that runs to its end takes.
 *
 * @module
 */
import { spawn } from "../../test/e2e/harness/child.ts";
import { cpuMs, peakBytes } from "./usage.ts";

export interface Spent {
  readonly wallMs: number;
  /** User and system, on all threads. */
  readonly cpuMs: number;
  readonly peakBytes: number;
}

/** Milliseconds between two looks at a process, which takes its numbers along when it ends. */
const LOOK_MS = 5;

/** Throws unless it ends with 0. */
export async function spent(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Spent> {
  const begun = performance.now();
  await using child = spawn(program, args, { env });
  const last = { cpuMs: 0, peakBytes: 0 };
  while (child.running()) {
    try {
      const [cpu, peak] = [await cpuMs(child.pid), await peakBytes(child.pid)];
      // What ends has no memory any more.
      if (peak > 0) [last.cpuMs, last.peakBytes] = [cpu, peak];
    } catch {
      break;
    }
    await Promise.race([child.exit, new Promise((resolve) => setTimeout(resolve, LOOK_MS))]);
  }
  const { code } = await child.exit;
  const wallMs = performance.now() - begun;
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${child.stderr()}`);
  return { wallMs, ...last };
}

/**
 * One round of one scenario: a fresh server and fresh clients, connected and then sent some changes.
 *
 * @module
 */
import { eventually } from "../../test/e2e/harness/eventually.ts";
import { temporaryFolder } from "../../test/e2e/harness/files.ts";
import { startXcp } from "../../test/e2e/harness/xcp.ts";
import { changeOne, writeClusters } from "./clusters.ts";
import { startCrowd } from "./crowd.ts";
import type { Scenario } from "./scenarios.ts";
import { cpuMs, forgetPeak, peakBytes } from "./usage.ts";

/** Numbers of one phase. All CPU and memory is the server's. */
export interface Phase {
  readonly cpuMs: number;
  readonly peakBytes: number;
  /** Milliseconds until the last stream had it. */
  readonly lastMs: number;
  /** Bytes that all clients got, without the headers of HTTP/2. */
  readonly bytes: number;
}

export interface Round {
  /** From the start of the process to its ready line; `bytes` is 0. */
  readonly start: Phase;
  /** All clients connect and get their first state. */
  readonly connect: Phase;
  /** Of one push: the mean of CPU and bytes, the median of the times; the peak over all of them. */
  readonly push: Phase;
}

/**
 * The clusters name endpoints and secrets that the directory does not have, as the other servers do not have them in
 * this measurement; so the check of references is off.
 */
const ARGS = ["--validate", "off"];

/** Milliseconds without work after which a phase is over, acknowledgements and all. */
const CALM_MS = 300;

export async function measure(scenario: Scenario): Promise<Round> {
  const { mode, streams, clusters, pushes } = scenario;
  await using folder = await temporaryFolder();
  await writeClusters(folder.path, clusters);
  const begun = performance.now();
  await using xcp = await startXcp({ args: [folder.path, ...ARGS], timeout: 60_000 });
  const readyMs = performance.now() - begun;
  const { pid } = xcp.child;
  await calm(pid);
  const start = { cpuMs: await cpuMs(pid), peakBytes: await peakBytes(pid), lastMs: readyMs, bytes: 0 };

  const connecting = await phase(pid);
  const connectedAt = now();
  await using crowd = await startCrowd(xcp.xds, mode, streams);
  const opened = await crowd.opened;
  const connect = await connecting(opened.at - connectedAt, opened.bytes);

  const pushing = await phase(pid);
  const times: number[] = [];
  let bytes = 0;
  for (let revision = 1; revision <= pushes; revision++) {
    const { taken } = await crowd.arm();
    const changedAt = now();
    await changeOne(folder.path, revision);
    const last = await taken;
    times.push(last.at - changedAt);
    bytes += last.bytes;
  }
  const all = await pushing(median(times), bytes);
  return { start, connect, push: { ...all, cpuMs: all.cpuMs / pushes, bytes: bytes / pushes } };
}

/** The middle one; the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = NaN, high = NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return (low + high) / 2;
}

/** Milliseconds since the epoch, comparable with another process of this machine. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Begins to count; the answer ends it, when the server is calm again. */
async function phase(pid: number): Promise<(lastMs: number, bytes: number) => Promise<Phase>> {
  await forgetPeak(pid);
  const before = await cpuMs(pid);
  return async (lastMs, bytes) => {
    await calm(pid);
    return { cpuMs: await cpuMs(pid) - before, peakBytes: await peakBytes(pid), lastMs, bytes };
  };
}

/** Waits until the server does no more than look at its directory. */
async function calm(pid: number): Promise<void> {
  let before = -Infinity;
  await eventually(async () => {
    const after = await cpuMs(pid);
    const idle = after - before <= CALM_MS / 15;
    before = after;
    return idle;
  }, { interval: CALM_MS, timeout: 60_000, describe: "the server has nothing to do" });
}

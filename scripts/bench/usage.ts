/**
 * What a process has used, from `/proc` (Linux only).
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { PartError } from "../parts.ts";

/** The kernel counts CPU for user space in hundredths of a second, whatever its own clock. */
const TICK_MS = 10;

/** CPU time of a process so far, user and system, in milliseconds. */
export async function cpuMs(pid: number): Promise<number> {
  return parseCpu(await proc(pid, "stat"));
}

/** Most memory that a process had since {@link forgetPeak}, in bytes: `VmHWM`. */
export async function peakBytes(pid: number): Promise<number> {
  return parsePeak(await proc(pid, "status"));
}

/** Lets the peak begin at the memory of this moment. */
export async function forgetPeak(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, "5");
}

/** From the text of `/proc/PID/stat`. The name of the program comes first, in brackets, and may hold anything. */
export function parseCpu(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** From the text of `/proc/PID/status`. */
export function parsePeak(status: string): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

async function proc(pid: number, file: string): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, "utf8");
  } catch (cause) {
    if (Deno.build.os !== "linux") throw new PartError("Cannot measure: the numbers come from /proc, which is Linux'");
    throw cause;
  }
}

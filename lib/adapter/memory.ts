/**
 * How much memory a process and everything below it holds.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { promisify } from "node:util";

/** Processes of one adapter that are counted; who has more is over every limit of memory anyway. */
const PROCESSES = 1000;

/**
 * Resident bytes of a process and its descendants. Memory that they share is counted for each. 0 when it is gone,
 * undefined when this system does not tell.
 */
export async function residentBytes(pid: number): Promise<number | undefined> {
  return process.platform === "linux" ? await fromProc(pid) : await fromPs(pid);
}

async function fromProc(pid: number): Promise<number> {
  let bytes = 0;
  const pids = [pid];
  for (let i = 0; i < Math.min(pids.length, PROCESSES); i++) {
    // Kilobytes, whatever the size of a page is: `VmRSS:	   29416 kB`.
    const status = await text(`/proc/${pids[i]}/status`);
    bytes += 1024 * Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0);
    // Those that another thread than the first started are missing: few programs do that, and theirs is counted.
    const children = await text(`/proc/${pids[i]}/task/${pids[i]}/children`);
    pids.push(...children.split(" ").filter((word) => word.trim() !== "").map(Number));
  }
  return bytes;
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, "latin1");
  } catch {
    return ""; // It has ended.
  }
}

/** The processes of the group that `pid` leads. */
async function fromPs(pid: number): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pgid=,rss="], { timeout: 5000 });
    const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
    return rows.reduce((sum, [group, kilobytes = 0]) => group === pid ? sum + kilobytes * 1024 : sum, 0);
  } catch {
    return undefined;
  }
}

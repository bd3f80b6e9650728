/**
 * The process of an adapter, spoken to, watched and ended. It may throw, hang, spin, leak, flood or exit: what comes of
 * that is an error of one call, or the end of the process with a reason. Starting it again is for others.
 *
 * @module
 */
import type { Log } from "../log.ts";
import { boundedLog } from "./bounded_log.ts";
import { Calls, seconds } from "./calls.ts";
import { type Child, startChild } from "./child.ts";
import { Lines } from "./lines.ts";
import { residentBytes } from "./memory.ts";
import { CallError, type Heard, type Program } from "./protocol.ts";
import { callLine, LINE_BYTES, message, readSaid } from "./said.ts";

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Default: where xcp was started. */
  readonly cwd?: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** How people call it: `./adapter.ts`. */
  readonly name: string;
  readonly heard: Heard;
  /** Resident bytes, its children included, above which it is killed. */
  readonly memoryBytes: number | undefined;
  /** Milliseconds that it may leave a ping unanswered, when it says that it answers them; undefined: nobody asks. */
  readonly pingMs: number | undefined;
  /** Milliseconds from an origin that stays the same. */
  readonly clock: () => number;
  readonly log: Log;
}

/** Milliseconds between two looks at its memory. */
const MEMORY_MS = 1000;
/** Looks at an unanswered ping before it counts: a server that was busy or asleep itself does not blame the adapter. */
const PING_LOOKS = 5;
/** Bytes of one line on standard error. */
const STDERR_BYTES = 4096;
/** Lines that are no message, without one that is between them, that are let pass. */
const FAULTS = 10;
/** Bytes that may wait to be read by it. */
const UNREAD_BYTES = 2 * LINE_BYTES;

/** Starts an adapter. It is to be called with `init` next. */
export function startProgram(options: ProgramOptions): Program {
  const { name, heard, log, clock } = options;
  const calls = new Calls();
  const tell = boundedLog(heard.log, clock);
  const timers: ReturnType<typeof setInterval>[] = [];
  /** Why it was killed; else it ended by itself. */
  let verdict: string | undefined;
  let faults = 0;

  function condemn(why: string): void {
    verdict ??= why;
    child.kill("SIGKILL");
  }

  function every(ms: number, look: () => void): void {
    timers.push(setInterval(look, ms));
  }

  function hear(line: string): void {
    if (verdict !== undefined || line.trim() === "") return;
    const said = readSaid(line);
    if (said.kind === "fault") return misunderstood(said.fault, `: ${said.line}`);
    if ("id" in said && !calls.knows(said.id)) return misunderstood(`there is no call ${said.id}`);
    faults = 0;
    if (said.kind === "result") calls.settle(said.id, said.result);
    else if (said.kind === "items") calls.items(said.id, said.items);
    else if (said.kind === "error") calls.fail(said.id, new CallError("failed", said.message));
    else if (said.kind === "changed") heard.changed(said.group, said.ids);
    else tell(said.level, said.message);
  }

  /** What it wrote is for the log alone: why it was killed is told to everybody who asks whether xcp is ready. */
  function misunderstood(fault: string, line = ""): void {
    tell("warn", `Cannot understand what "${name}" wrote: ${fault}${line}`);
    if (++faults > FAULTS) condemn(`it writes what is no message of the protocol: ${fault}`);
  }

  const stdout = new Lines(LINE_BYTES, (line, cut) => {
    if (cut) condemn(`it wrote a line of more than ${LINE_BYTES / 1024 / 1024} MiB`);
    else hear(line);
  });
  const stderr = new Lines(STDERR_BYTES, (line, cut) => {
    if (line.trim() !== "") tell("info", cut ? `${line}…` : line);
  });

  const child: Child = startChild({
    ...options,
    stdout: (chunk) => verdict === undefined && stdout.push(chunk),
    stderr: (chunk) => stderr.push(chunk),
  });
  log.debug("Started an adapter", { adapter: name, pid: child.pid });

  let isGone = false;
  const ended = child.ended.then((why) => {
    isGone = true;
    for (const timer of timers) clearInterval(timer);
    if (verdict === undefined) stdout.end();
    stderr.end();
    verdict ??= why;
    calls.end(verdict);
    return verdict;
  });

  const call: Program["call"] = async (call, { timeoutMs, items }) => {
    if (isGone) throw new CallError("ended", await ended);
    const { id, answer } = calls.open(timeoutMs, items);
    const unread = child.write(callLine({ id, ...call }));
    if (unread > UNREAD_BYTES) calls.fail(id, new CallError("late", "it does not read what it is asked"));
    const result = await answer;
    if (call.call === "init" && answersPings(result) && options.pingMs !== undefined) watchPings(options.pingMs);
    return result;
  };

  let isPinged = false;
  function watchPings(pingMs: number): void {
    if (isPinged || isGone) return;
    isPinged = true;
    /** Looks since a ping that is not answered. */
    let looks: number | undefined;
    every(pingMs / PING_LOOKS, () => {
      if (looks !== undefined) {
        if (++looks > PING_LOOKS) condemn(`it did not answer for ${seconds(pingMs)}`);
        return;
      }
      looks = 0;
      // However it answers, it lives; how long it takes is for the looks to say.
      const answered = () => void (looks = undefined);
      call({ call: "ping" }, { timeoutMs: 2 * pingMs }).then(answered, answered);
    });
  }

  if (options.memoryBytes !== undefined && child.pid !== undefined) {
    watchMemory(child.pid, options.memoryBytes);
  }

  function watchMemory(pid: number, most: number): void {
    let isLooking = false;
    every(MEMORY_MS, async () => {
      if (isLooking) return;
      isLooking = true;
      const bytes = await residentBytes(pid);
      isLooking = false;
      if (bytes !== undefined && bytes > most && !isGone) {
        condemn(`it used more than ${Math.round(most / 1024 / 1024)} MiB`);
      }
    });
  }

  let stopping: Promise<void> | undefined;
  async function stopNow(graceMs: number): Promise<void> {
    const terminate = setTimeout(() => child.kill("SIGTERM"), graceMs / 2);
    const kill = setTimeout(() => child.kill("SIGKILL"), graceMs);
    call({ call: "close" }, { timeoutMs: graceMs }).catch((error: CallError) => {
      if (error.fault === "failed") tell("warn", `Cannot close "${name}": ${message(error.message)}`);
    });
    child.endInput();
    await ended;
    clearTimeout(terminate);
    clearTimeout(kill);
  }

  return { call, ended, stop: (graceMs) => stopping ??= stopNow(graceMs) };
}

function answersPings(result: unknown): boolean {
  return typeof result === "object" && result !== null && "ping" in result && result.ping === true;
}

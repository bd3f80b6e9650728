/**
 * A child process in a process group of its own, so that whatever it starts ends with it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import process from "node:process";
import { reason } from "../system_error.ts";

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Default: where xcp was started. */
  readonly cwd?: string | undefined;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Some of its standard output. */
  readonly stdout: (chunk: Uint8Array) => void;
  readonly stderr: (chunk: Uint8Array) => void;
}

export interface Child {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** Writes to its standard input. Returns how many bytes wait to be read by it. */
  write(text: string): number;
  /** Ends its standard input. */
  endInput(): void;
  /** Signals the whole group; nothing when it is gone. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
  /** Resolves when it is gone, all of its output was handed on, and its group was killed; with why: `it exited with 3`. */
  readonly ended: Promise<string>;
}

/** Milliseconds that output may still come after the end, when somebody who left the group holds the pipes open. */
const OUTPUT_MS = 1000;

/** Starts a program. One that cannot be started has ended. */
export function startChild({ command, args, cwd, env, stdout, stderr }: ChildOptions): Child {
  let child: ChildProcessWithoutNullStreams;
  try {
    child = spawn(command, args, { cwd, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    return notStarted(error);
  }
  const { pid } = child;
  let gone = false;
  let unread = 0;

  function kill(signal: "SIGTERM" | "SIGKILL"): void {
    if (pid === undefined || gone) return;
    try {
      process.kill(-pid, signal);
    } catch {
      child.kill(signal); // Some systems refuse to signal a group whose leader has just ended.
    }
  }

  // Whoever does not read any more is about to end, or hangs: the end and the ping tell.
  child.stdin.on("error", () => {});
  const outputs = Promise.all([
    drained(child.stdout, stdout, () => gone),
    drained(child.stderr, stderr, () => gone),
  ]);
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => {
      // A signal that could not be sent is an error too, and not the end of it.
      if (child.pid === undefined) resolve(`it cannot be run: ${reason(error)}`);
    });
    child.on("exit", async (code, signal) => {
      kill("SIGKILL");
      gone = true;
      let timer: ReturnType<typeof setTimeout> | undefined;
      await Promise.race([outputs, new Promise((resolve) => timer = setTimeout(resolve, OUTPUT_MS))]);
      clearTimeout(timer);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      resolve(signal === null ? `it exited with ${code}` : `it was killed by ${signal}`);
    });
  });
  return {
    pid,
    write(text) {
      if (gone || !child.stdin.writable) return 0;
      // Counted here: not every runtime's stream knows its length.
      const bytes = Buffer.byteLength(text);
      unread += bytes;
      child.stdin.write(text, () => void (unread -= bytes));
      return unread;
    },
    endInput: () => void child.stdin.end(),
    kill,
    ended,
  };
}

function notStarted(error: unknown): Child {
  return {
    pid: undefined,
    write: () => 0,
    endInput() {},
    kill() {},
    ended: Promise.resolve(`it cannot be run: ${reason(error)}`),
  };
}

/** Milliseconds of work with its output before everything else has a turn. */
const SLICE_MS = 5;
/** Milliseconds of that turn, at most. */
const TURN_MS = 50;

/**
 * Hands on what comes, and resolves at the end of it. Whoever writes without end has half of the time, and not all of it:
 * it waits, as for every slow reader. What is left behind by one that is gone is taken at once.
 */
function drained(
  stream: NodeJS.ReadableStream,
  take: (chunk: Uint8Array) => void,
  gone: () => boolean,
): Promise<void> {
  let spent = 0;
  let at = performance.now();
  return new Promise((resolve) => {
    stream.on("data", (chunk: Uint8Array) => {
      const begin = performance.now();
      // As much time as it took has been everybody else's.
      spent = Math.max(0, spent - (begin - at));
      take(chunk);
      at = performance.now();
      spent += at - begin;
      if (spent < SLICE_MS || gone()) return;
      stream.pause();
      setTimeout(() => stream.resume(), Math.min(spent, TURN_MS));
      spent = 0;
    });
    for (const event of ["end", "close", "error"]) stream.on(event, () => resolve());
  });
}

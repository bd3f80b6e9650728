/**
 * A program that a test starts: its output is kept, and it is ended and waited for when the test leaves the scope of
 * `await using`, however it leaves it.
 *
 * @module
 */
import { eventually } from "./eventually.ts";

export interface ChildOptions {
  readonly cwd?: string;
  /** The whole environment; nothing is inherited but PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds between SIGTERM and SIGKILL when the child is disposed of. */
  readonly grace?: number;
}

export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Everything written so far. */
  stdout(): string;
  stderr(): string;
  readonly exit: Promise<Deno.CommandStatus>;
  /** Whether it still runs. */
  running(): boolean;
  /** Waits until stderr matches; throws with the output when the child ends first. */
  waitFor(pattern: RegExp, timeout?: number): Promise<RegExpMatchArray>;
  /** Hands on what it writes to stderr from now on. */
  follow(take: (text: string) => void): void;
  kill(signal: Deno.Signal): void;
  /** Sends a signal (SIGTERM) and waits for the end. Throws when SIGKILL was needed. */
  stop(signal?: Deno.Signal): Promise<Deno.CommandStatus>;
}

/** Starts a program with its output kept. */
export function spawn(program: string, args: readonly string[], options: ChildOptions = {}): Child {
  const { cwd, env = {}, grace = 15_000 } = options;
  const process = new Deno.Command(program, {
    args: [...args],
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stdout = collect(process.stdout);
  const stderr = collect(process.stderr);
  let running = true;
  const exit = Promise.all([process.status, stdout.done, stderr.done]).then(([status]) => {
    running = false;
    return status;
  });

  function kill(signal: Deno.Signal): void {
    try {
      process.kill(signal);
    } catch {
      // It has ended by itself.
    }
  }

  async function stop(signal: Deno.Signal = "SIGTERM"): Promise<Deno.CommandStatus> {
    if (!running) return await exit;
    kill(signal);
    const timer = setTimeout(() => kill("SIGKILL"), grace);
    const status = await exit;
    clearTimeout(timer);
    if (status.signal === "SIGKILL" && signal !== "SIGKILL") {
      throw new Error(`${program} did not end within ${grace} ms of ${signal} and was killed:\n${stderr.text()}`);
    }
    return status;
  }

  return {
    pid: process.pid,
    stdout: stdout.text,
    stderr: stderr.text,
    exit,
    running: () => running,
    follow: stderr.follow,
    kill,
    stop,
    async waitFor(pattern, timeout) {
      const outcome = await eventually(() => stderr.text().match(pattern) ?? (running ? undefined : "ended"), {
        ...(timeout === undefined ? {} : { timeout }),
        describe: () => `${program} to write ${pattern}; it wrote:\n${stderr.text()}`,
      });
      if (outcome !== "ended") return outcome;
      throw new Error(`${program} ended with ${(await exit).code} before it wrote ${pattern}:\n${stderr.text()}`);
    },
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

/** Runs a program to its end. */
export async function runToEnd(
  program: string,
  args: readonly string[],
  options?: ChildOptions,
): Promise<{ code: number; stdout: string; stderr: string }> {
  await using child = spawn(program, args, options);
  const { code } = await child.exit;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

interface Collected {
  text(): string;
  follow(take: (text: string) => void): void;
  readonly done: Promise<void>;
}

function collect(stream: ReadableStream<Uint8Array>): Collected {
  let text = "";
  let take = (_text: string): void => {};
  async function read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      const piece = decoder.decode(bytes, { stream: true });
      text += piece;
      take(piece);
    }
  }
  return { text: () => text, follow: (taker) => void (take = taker), done: read() };
}

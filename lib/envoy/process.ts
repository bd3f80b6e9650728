/**
 * An Envoy binary on this machine, asked whether it would start with a configuration: one short process for each
 * question, in a folder that goes away afterwards.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { type Verdict, wordsOf } from "./verdict.ts";

export interface EnvoyOptions {
  /** Milliseconds that one run may take. */
  readonly timeout?: number;
  /** Ends the run that is under way, and makes it and all later ones throw. */
  readonly signal?: AbortSignal;
}

/** A file that can be executed. */
export async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The first `envoy` of a search path. */
export async function findEnvoy(searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter)) {
    const path = join(folder, "envoy");
    if (folder !== "" && await isProgram(path)) return path;
  }
  return undefined;
}

/** Why a program cannot be asked: the state only, as it follows the colon of a message. */
export class NoEnvoy extends Error {
  override readonly name = "NoEnvoy";
}

/** Enough for every release so far; a run of 1,000 listeners takes less than a second. */
const TIMEOUT_MS = 10_000;

/** A binary that says that it is Envoy, with its folder. */
export class Envoy implements AsyncDisposable {
  readonly path: string;
  /** `1.40.0`. */
  readonly version: string;
  /** A file of configuration that holds nothing, and a folder: for what a configuration names and this machine lacks. */
  readonly emptyFile: string;
  readonly emptyFolder: string;
  readonly #folder: string;
  readonly #options: EnvoyOptions;
  #runs = 0;

  private constructor(path: string, version: string, folder: string, options: EnvoyOptions) {
    this.path = path;
    this.version = version;
    this.#folder = folder;
    this.#options = options;
    this.emptyFile = join(folder, "empty.yaml");
    this.emptyFolder = join(folder, "empty");
  }

  /** Questions so far. */
  get runs(): number {
    return this.#runs;
  }

  /**
   * Asks the binary for its version and makes the folder, which only this user can read.
   *
   * @throws {NoEnvoy} If it cannot be run or is no Envoy.
   */
  static async open(path: string, options: EnvoyOptions = {}): Promise<Envoy> {
    const { code, stdout } = await execute(path, ["--version"], options);
    const version = /\bversion:\s*[^/\s]+\/([^/\s]+)\//.exec(stdout)?.[1];
    if (code !== 0 || version === undefined) throw new NoEnvoy('it is no Envoy: "--version" does not say so');
    const folder = await mkdtemp(join(tmpdir(), "xcp-validate-"));
    const envoy = new Envoy(path, version, folder, options);
    await mkdir(envoy.emptyFolder);
    await writeFile(envoy.emptyFile, "resources: []\n", { mode: 0o600 });
    return envoy;
  }

  /** Asks about a whole bootstrap. `form` says how the text is read. */
  async ask(text: string, form: "json" | "yaml"): Promise<Verdict> {
    this.#runs++;
    const file = join(this.#folder, `bootstrap.${form}`);
    await writeFile(file, text, { mode: 0o600 });
    const args = ["--mode", "validate", "-c", file, "--service-node", "xcp", "--service-cluster", "xcp"];
    const run = await execute(this.path, [...args, "--disable-hot-restart", "-l", "critical"], this.#options);
    return verdictOf(run, this.#options.timeout ?? TIMEOUT_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

interface Run {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly ended: string;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Only what says itself what it is counts as a verdict: Envoy also ends with 1 when it is called wrongly. */
export function verdictOf({ code, ended, timedOut, stdout, stderr }: Run, timeout: number): Verdict {
  if (timedOut) return { kind: "none", why: `it did not answer within ${timeout / 1000} s` };
  if (code === 0 && /^configuration .* OK$/m.test(stdout)) return { kind: "accepted" };
  const words = code === 1 ? wordsOf(stderr) : undefined;
  return words === undefined ? { kind: "none", why: `it ended with ${ended}` } : { kind: "rejected", words };
}

/** Characters that are kept of each end of what a program writes: the words are at one of them. */
const KEPT = 65_536;

function execute(path: string, args: readonly string[], { timeout = TIMEOUT_MS, signal }: EnvoyOptions): Promise<Run> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    // A group of its own, so that its children can be ended with it.
    const child = spawn(path, args, { detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const stdout = new Ends();
    const stderr = new Ends();
    child.stdout.setEncoding("utf8").on("data", (text: string) => stdout.add(text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.add(text));
    let timedOut = false;
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      } catch {
        child.kill("SIGKILL");
      }
      // Somebody else may hold the pipes open: nobody waits for them.
      child.stdout.destroy();
      child.stderr.destroy();
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, timeout);
    signal?.addEventListener("abort", end, { once: true });
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    };
    child.on("error", (error) => {
      settle();
      reject(new NoEnvoy("it cannot be run", { cause: error }));
    });
    child.on("close", (code, by) => {
      settle();
      if (signal?.aborted) return reject(signal.reason);
      const ended = by === null ? `exit code ${code}` : `${by}`;
      resolve({ code, ended, timedOut, stdout: stdout.text(), stderr: stderr.text() });
    });
  });
}

/** The first and the last part of a text of any length. */
class Ends {
  #first = "";
  #last = "";

  add(text: string): void {
    const room = KEPT - this.#first.length;
    this.#first += text.slice(0, room);
    if (text.length > room) this.#last = (this.#last + text.slice(room)).slice(-KEPT);
  }

  text(): string {
    return this.#first + this.#last;
  }
}

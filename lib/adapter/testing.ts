/**
 * The processes of adapters in tests: started in a folder of their own, with all that is heard of them kept, and ended
 * with the test.
 *
 * @module
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { SILENT } from "../log.ts";
import { environment } from "./environment.ts";
import { type ProgramOptions, startProgram } from "./program.ts";
import { type Call, CallError, type Definition, type Program, PROTOCOL } from "./protocol.ts";
import { hostCommand } from "./self.ts";

/** What a test sets itself. */
export type StartOptions = Partial<Pick<ProgramOptions, "memoryBytes" | "pingMs" | "env" | "cwd">>;

/** For what ends by itself: a machine may be busy. */
const LONG_MS = 60_000;

/** A process, and what it said that is no answer. */
export class Started implements AsyncDisposable {
  readonly program: Program;
  /** Where it lies, removed in the end. */
  readonly folder: string;
  /** `warn closing`. */
  readonly logged: string[] = [];
  readonly changed: { readonly group: string; readonly ids: readonly string[] | undefined }[] = [];

  constructor(folder: string, command: Pick<ProgramOptions, "name" | "command" | "args">, options: StartOptions) {
    this.folder = folder;
    this.program = startProgram({
      // Deno keeps what it compiled where these say.
      env: environment(["DENO_*"], process.env),
      memoryBytes: undefined,
      pingMs: LONG_MS,
      ...command,
      ...options,
      heard: {
        changed: (group, ids) => void this.changed.push({ group, ids }),
        log: (level, message) => void this.logged.push(`${level} ${message}`),
      },
      clock: () => performance.now(),
      log: SILENT,
    });
  }

  /** The result of a call, or `failed: …`, `late: …`, `ended: …`. */
  async ask(call: Call, timeoutMs = LONG_MS): Promise<unknown> {
    try {
      return await this.program.call(call, { timeoutMs });
    } catch (error) {
      if (error instanceof CallError) return `${error.fault}: ${error.message}`;
      throw error;
    }
  }

  init(): Promise<unknown> {
    return this.ask({ call: "init", protocol: PROTOCOL });
  }

  /** The definitions, or why there are none. */
  async list(): Promise<readonly Definition[] | string> {
    const all: Definition[] = [];
    try {
      await this.program.call({ call: "list" }, { timeoutMs: LONG_MS, items: (items) => all.push(...items) });
      return all;
    } catch (error) {
      if (error instanceof CallError) return error.message;
      throw error;
    }
  }

  /** Why it ended by itself; throws when it does not. */
  async ended(): Promise<string> {
    const { promise, reject } = Promise.withResolvers<never>();
    const late = () => reject(new Error(`it still runs, and said:\n${this.logged.slice(-20).join("\n")}`));
    const timer = setTimeout(late, LONG_MS);
    try {
      return await Promise.race([this.program.ended, promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program.stop(2000);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Starts an adapter in TypeScript, with files beside it. */
export async function startAdapter(
  source: string,
  options: StartOptions & { /** A compiled xcp. */ readonly binary?: string } = {},
  files: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries({ "adapter.ts": source, ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const name = "./adapter.ts";
  const { binary, ...rest } = options;
  const xcp = binary === undefined ? process : { argv: ["", "/$bunfs/root/xcp"], execPath: binary };
  return new Started(folder, { name, ...hostCommand(join(folder, "adapter.ts"), name, xcp) }, rest);
}

/** Starts a program. */
export async function startCommand(
  command: string,
  args: readonly string[],
  options: StartOptions = {},
): Promise<Started> {
  return new Started(await temporaryFolder(), { name: "exec:./program", command, args }, options);
}

/** Starts a script of the shell. */
export function startShell(script: string, options: StartOptions = {}): Promise<Started> {
  return startCommand("sh", ["-c", script], options);
}

function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "xcp-adapter-"));
}

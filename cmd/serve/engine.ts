/**
 * What is set of the JavaScript engine that a compiled binary brings along (decision 9). The only room, beside
 * `main.ts` and its kind, that knows that it is Bun's; on any other runtime nothing happens in here.
 *
 * @module
 */
import process from "node:process";

/**
 * Options of JavaScriptCore, which reads them from the environment before the first line of ours runs. A server pushes
 * bytes through sockets, and little of its code is ever hot enough for these defaults, which are made for browsers:
 *
 * - The last compiler (FTL) takes more time, on threads of its own, than its code saves.
 * - On machines with 16 GB and more the heap grows faster than it is swept.
 */
const OPTIONS: EngineOptions = {
  BUN_JSC_useFTLJIT: "0",
  BUN_JSC_heapGrowthFunctionThresholdInMB: "1000000",
};

/**
 * For work on many resources of which few are in use at a time. The heap grows as on a machine of 256 MB, which is no
 * limit: garbage is collected before it is several times what is in use. The last compiler does not pay here either.
 */
export const FRUGAL: EngineOptions = {
  BUN_JSC_useFTLJIT: "0",
  BUN_JSC_forceRAMSize: String(256 * 1024 * 1024),
};

type EngineOptions = Readonly<Record<string, string>>;

/** Where the code of a compiled binary is for itself. */
const COMPILED = "/$bunfs/";

/** The process, as far as it is looked at. */
export interface Executable {
  readonly argv: readonly string[];
  readonly argv0: string;
  readonly execPath: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Replaces the running program, and does not return; process id, standard streams and directory stay. */
  readonly execve?: (file: string, args: readonly string[], env: Readonly<Record<string, string>>) => void;
}

/**
 * Starts the program again in its own place, some 15 ms later, with the options that are not set yet. Comes back when
 * there are none, when the binary is not a compiled one, or when it cannot be done: then it runs as it is.
 */
export function tuneEngine(program: Executable = process, options: EngineOptions = OPTIONS): void {
  const { argv, argv0, execPath, env, execve } = program;
  const missing = Object.entries(options).filter(([name]) => env[name] === undefined);
  if (missing.length === 0 || execve === undefined || argv[1]?.startsWith(COMPILED) !== true) return;
  const kept = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]]
  );
  try {
    execve.call(program, execPath, [argv0, ...argv.slice(2)], Object.fromEntries([...kept, ...missing]));
  } catch {
    // A sandbox may forbid it; the price is processor time, and no reason not to serve.
  }
}

/**
 * Gives back what reading a large configuration left behind, some times the size of the files; by itself the engine
 * would keep it for what may come. Takes tens of milliseconds.
 */
export function collectGarbage(): void {
  const bun: unknown = Reflect.get(globalThis, "Bun");
  if (typeof bun !== "object" || bun === null || !("gc" in bun) || typeof bun.gc !== "function") return;
  bun.gc(true);
}

/** Bytes of a body that leaves enough behind to be collected for. */
const LARGE_BODY = 1 << 20;
/** Milliseconds without another such body. */
const QUIET_MS = 600;

/** Collects garbage once after each burst of large bodies. */
export class Collector {
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A body of this many bytes was read. */
  read(bytes: number): void {
    if (bytes < LARGE_BODY) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(collectGarbage, QUIET_MS);
    this.#timer.unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}

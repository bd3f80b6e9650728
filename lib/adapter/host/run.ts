/**
 * The inside of the process of an adapter in TypeScript or JavaScript: speaks the protocol for it.
 *
 * @module
 */
import process from "node:process";
import { format } from "node:util";
import { Lines } from "../lines.ts";
import type { Numbered } from "../protocol.ts";
import { LINE_BYTES } from "../said.ts";
import { definitions, resources } from "./answers.ts";
import { takeConsole } from "./console.ts";
import { failure, type Place } from "./failure.ts";
import { type AdapterContext, type AdapterModule, type BuiltIn, loadAdapter } from "./module.ts";
import { type Level, Wire } from "./wire.ts";

export interface HostOptions extends Place {
  readonly builtIn: BuiltIn;
}

/** Exit code after an error that nobody caught: a bug of the adapter. */
const UNCAUGHT = 70;
/** Milliseconds that `close` may take when nobody is left who would end it. */
const CLOSE_MS = 5000;

/** Milliseconds in which whoever closed the pipe by dying is seen to be gone. */
const ORPHAN_MS = 500;

/** Runs an adapter until xcp closes it, or is gone. Ends the process; never resolves. */
export async function runHost({ builtIn, ...place }: HostOptions): Promise<never> {
  const parent = process.ppid;
  const wire = new Wire();
  takeConsole((level, message) => wire.log(level, message), () => performance.now());
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      wire.log("error", `Uncaught: ${failure(error, place)}`);
      void wire.exit(UNCAUGHT);
    });
  }
  const host = new Host(wire, place, builtIn);
  const lines = new Lines(LINE_BYTES, (line) => host.take(line));
  process.stdin.on("data", (chunk: Uint8Array) => lines.push(chunk));
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  for (const event of ["end", "close", "error"]) process.stdin.on(event, () => leave());
  process.stdout.on("error", () => leave()); // Nobody reads any more.
  host.closed.then(leave);
  await left;
  await host.finish();
  if (!host.isAsked && await isOrphan(parent)) killGroup();
  return await wire.exit(0);
}

/** Whether the process that started this one is gone. */
async function isOrphan(parent: number): Promise<boolean> {
  const begin = performance.now();
  while (process.ppid === parent && performance.now() - begin < ORPHAN_MS) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.ppid !== parent;
}

/** What xcp does when an adapter ends: nothing that it started outlives it. Ends this process too. */
function killGroup(): void {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    // It has no group of its own: xcp did not start it.
  }
}

class Host {
  readonly #wire: Wire;
  readonly #place: Place;
  readonly #builtIn: BuiltIn;
  readonly #controller = new AbortController();
  readonly #closed = Promise.withResolvers<void>();
  /** What `init` made, and for which functions. */
  #running: { readonly adapter: AdapterModule; readonly state: unknown } | undefined;
  #closing: Promise<void> | undefined;
  #isAsked = false;

  constructor(wire: Wire, place: Place, builtIn: BuiltIn) {
    this.#wire = wire;
    this.#place = place;
    this.#builtIn = builtIn;
  }

  /** Resolves when `close` was called and answered. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Whether `close` was called. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** Takes a line of xcp's. */
  take(line: string): void {
    const call: Numbered = JSON.parse(line);
    this.#isAsked ||= call.call === "close";
    this.#answer(call).catch((error: unknown) => {
      this.#wire.send({ id: call.id, error: { message: failure(error, this.#place) } });
    }).finally(() => {
      if (call.call === "close") this.#closed.resolve();
    });
  }

  /** Closes the adapter, also when nobody asked for it. What it throws then has no reader. */
  async finish(): Promise<void> {
    await (this.#isAsked ? this.closed : this.#close().catch(() => {}));
  }

  /** Closes the adapter, once, in a time that is bounded. */
  #close(): Promise<void> {
    return this.#closing ??= this.#closeNow();
  }

  async #answer(call: Numbered): Promise<void> {
    this.#wire.send({ id: call.id, result: await this.#resultOf(call) });
  }

  async #resultOf(call: Numbered): Promise<unknown> {
    switch (call.call) {
      case "init":
        return await this.#init();
      case "ping":
        return null;
      case "close":
        await this.#close();
        return null;
      case "list": {
        const { adapter, state } = this.#initialized();
        for await (const items of definitions(adapter.list(state))) this.#wire.send({ id: call.id, items });
        return null;
      }
      case "generate": {
        const { adapter, state } = this.#initialized();
        return resources(await adapter.generate(state, call.group, call.changes));
      }
    }
  }

  async #init(): Promise<{ ping: true }> {
    const adapter = await loadAdapter(this.#place.adapter, this.#builtIn);
    const state = await adapter.init(this.#context());
    this.#running = { adapter, state };
    return { ping: true };
  }

  #initialized(): { readonly adapter: AdapterModule; readonly state: unknown } {
    if (this.#running === undefined) throw new Error("init comes first");
    return this.#running;
  }

  #context(): AdapterContext {
    const at = (level: Level) => (...words: unknown[]) => this.#wire.log(level, format(...words));
    return {
      changed: (group, ids) => this.#changed(group, ids),
      signal: this.#controller.signal,
      log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
    };
  }

  #changed(group: unknown, given: Iterable<unknown> | undefined): void {
    if (typeof group !== "string" || group === "") throw new TypeError("changed(group, ids?): group is a name");
    if (given !== undefined && (typeof given === "string" || typeof given?.[Symbol.iterator] !== "function")) {
      throw new TypeError("changed(group, ids?): ids is a list of names");
    }
    const ids = given === undefined ? undefined : [...given].map(String);
    this.#wire.send({ changed: { group, ids } });
  }

  async #closeNow(): Promise<void> {
    this.#controller.abort();
    if (this.#running?.adapter.close === undefined) return;
    const { adapter, state } = this.#running;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((resolve) => timer = setTimeout(resolve, CLOSE_MS));
    try {
      await Promise.race([adapter.close?.(state), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * The coloured backends: small HTTP servers that answer who they are, and can be made to misbehave.
 *
 * @module
 */
import { type HttpServer, startHttpServer } from "../http_server.ts";
import type { Colour } from "./palette.ts";
import { COLOUR_PATH } from "./resources.ts";

/**
 * How a backend does. `slow`: it takes its time. `failing`: it answers 503, but its health check well, so that only
 * outlier detection notices. `off`: connections are refused.
 */
export const MODES = ["on", "slow", "failing", "off"] as const;

export type Mode = typeof MODES[number];

/**
 * Milliseconds. A browser has six connections for a host: all tiles of a slow backend together must leave some to others.
 */
const SLOW_MS = 200;

export class Backend {
  readonly colour: Colour;
  /** From 1. */
  readonly number: number;
  #server: HttpServer | undefined;
  #mode: Mode = "on";
  #port = 0;
  #turn: Promise<void> = Promise.resolve();

  private constructor(number: number, colour: Colour) {
    this.number = number;
    this.colour = colour;
  }

  /** Starts one on a free port of 127.0.0.1. */
  static async start(number: number, colour: Colour): Promise<Backend> {
    const backend = new Backend(number, colour);
    await backend.#listen();
    return backend;
  }

  /** The port, which it has also when it is off. */
  get port(): number {
    return this.#port;
  }

  get mode(): Mode {
    return this.#mode;
  }

  /** Resolves when it does as it is told. Rejects when somebody took its port while it was off. */
  set(mode: Mode): Promise<void> {
    const turn = this.#turn.then(async () => {
      if (mode === "off") await this.#close();
      else if (this.#server === undefined) await this.#listen();
      this.#mode = mode;
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#close();
  }

  async #listen(): Promise<void> {
    this.#server = await startHttpServer({
      address: { kind: "tcp", host: "127.0.0.1", port: this.#port },
      fetch: (request) => this.#answer(new URL(request.url).pathname),
    });
    this.#port = Number(new URL(this.#server.url).port);
  }

  async #close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    await server?.close();
  }

  async #answer(path: string): Promise<Response> {
    if (path === "/healthz") return new Response("ok\n");
    if (path !== COLOUR_PATH) return new Response("not found\n", { status: 404 });
    if (this.#mode === "slow") await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    const status = this.#mode === "failing" ? 503 : 200;
    const { number, colour: { name } } = this;
    return Response.json({ colour: name, backend: number }, { status, headers: { "cache-control": "no-store" } });
  }
}

/** Starts a backend for each colour; all or none. */
export async function startBackends(colours: readonly Colour[]): Promise<readonly Backend[]> {
  const started = await Promise.allSettled(colours.map((colour, index) => Backend.start(index + 1, colour)));
  const backends = started.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
  const failed = started.find((each) => each.status === "rejected");
  if (failed === undefined) return backends;
  await Promise.all(backends.map((backend) => backend.close()));
  throw failed.reason;
}

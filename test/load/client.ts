/**
 * A crowd of clients in a process of its own, so that its CPU and memory are not the server's: each opens a connection
 * and a stream, as Envoy does, asks for all clusters, and acknowledges what it gets without decoding a resource.
 *
 *     bun test/load/client.ts 127.0.0.1:18000 sotw 1000
 *
 * It says one JSON object a line on stdout ({@link Said}): `taken` when every stream has its first state, and again for
 * each line on stdin, when every stream has got something since. It ends when stdin does.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { type ClientHttp2Session, connect } from "node:http2";
import process from "node:process";
import { createInterface } from "node:readline";
import { acknowledge, Deframer, type Mode, PATHS, readResponse, subscribe } from "./messages.ts";

/** A line of the client. Times are milliseconds since the epoch, with fractions. */
export type Said =
  /** It waits for the next response of every stream. */
  | { readonly kind: "armed" }
  /** Every stream has one: when the last one got it, and the bytes that all of them got since `armed`. */
  | { readonly kind: "taken"; readonly at: number; readonly bytes: number }
  /** A stream or connection ended; the client ends too. */
  | { readonly kind: "failed"; readonly message: string };

const TYPE = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
/** Envoy's own windows: of a stream, and of a connection. */
const STREAM_WINDOW = 16 * 1024 * 1024;
const CONNECTION_WINDOW = 24 * 1024 * 1024;
/** Connections that are opened at once. */
const ABREAST = 64;

class Crowd {
  readonly #address: string;
  readonly #mode: Mode;
  readonly #size: number;
  readonly #sessions: ClientHttp2Session[] = [];
  #waiting = new Set<number>();
  #bytes = 0;
  #done: () => void = () => {};

  constructor(address: string, mode: Mode, size: number) {
    this.#address = address;
    this.#mode = mode;
    this.#size = size;
  }

  /** Resolves when every stream has its first state. */
  async open(): Promise<void> {
    const taken = this.#all();
    let next = 0;
    const line = async () => {
      while (next < this.#size) await this.#join(next++);
    };
    await Promise.all(Array.from({ length: ABREAST }, line));
    await taken;
  }

  /** Resolves when every stream has got something after the call. */
  next(): Promise<void> {
    const taken = this.#all();
    say({ kind: "armed" });
    return taken;
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #all(): Promise<void> {
    this.#waiting = new Set(Array.from({ length: this.#size }, (_, id) => id));
    this.#bytes = 0;
    return new Promise((resolve) => this.#done = resolve);
  }

  /** Opens one connection and stream. Resolves when the connection is there. */
  #join(id: number): Promise<void> {
    const session = connect(`http://${this.#address}`, { settings: { initialWindowSize: STREAM_WINDOW } });
    this.#sessions.push(session);
    const stream = session.request({
      ":method": "POST",
      ":path": PATHS[this.#mode],
      "content-type": "application/grpc",
      te: "trailers",
    });
    const deframer = new Deframer();
    stream.on("data", (piece: Buffer) => {
      this.#bytes += piece.length;
      for (const body of deframer.take(piece)) {
        stream.write(acknowledge(this.#mode, TYPE, readResponse(body)));
        this.#took(id);
      }
    });
    for (const emitter of [session, stream]) {
      emitter.on("error", (error: Error) => fail(`stream ${id}: ${error.message}`));
      emitter.on("close", () => fail(`stream ${id} was closed`));
    }
    stream.write(subscribe(this.#mode, TYPE, `bench-${id}`));
    return new Promise((resolve) =>
      session.once("connect", () => {
        session.setLocalWindowSize(CONNECTION_WINDOW);
        resolve();
      })
    );
  }

  #took(id: number): void {
    if (!this.#waiting.delete(id) || this.#waiting.size > 0) return;
    say({ kind: "taken", at: performance.timeOrigin + performance.now(), bytes: this.#bytes });
    this.#done();
  }
}

function say(said: Said, then?: () => void): void {
  process.stdout.write(`${JSON.stringify(said)}\n`, then);
}

let closing = false;

/** A measurement with a part of the streams would be a wrong one. */
function fail(message: string): void {
  if (closing) return;
  closing = true;
  say({ kind: "failed", message }, () => process.exit(1));
}

async function main([address = "", mode = "", size = ""]: readonly string[]): Promise<void> {
  if (!/:\d+$/.test(address) || (mode !== "sotw" && mode !== "delta") || !(Number(size) > 0)) {
    process.stderr.write("usage: client.ts HOST:PORT sotw|delta STREAMS\n");
    process.exit(64);
  }
  const crowd = new Crowd(address, mode, Number(size));
  const lines = createInterface({ input: process.stdin });
  await crowd.open();
  for await (const _line of lines) await crowd.next();
  closing = true;
  crowd.close();
  process.exit(0);
}

await main(process.argv.slice(2));

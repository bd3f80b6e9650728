/**
 * One discovery stream, aggregated or of one type: the hub's outlet, driven by a grpc-js call. Whatever goes wrong in
 * here ends this stream and no other.
 *
 * @module
 */
import { status } from "@grpc/grpc-js";
import { type Ending, type Inlet, isEnding, type Mode, type Outlet, type Peer, type StreamHost } from "../hub/port.ts";
import type { Log } from "../log.ts";
import { type ByteCall, type FrameWriter, frameWriter } from "./frame.ts";
import { readMessages } from "./messages.ts";
import { trace } from "../system_error.ts";

/** A status travels in a header; proxies refuse large ones. */
const MAX_MESSAGE_LENGTH = 1024;

export interface DiscoveryStreamOptions {
  readonly mode: Mode;
  /** Type URL of a per-type service; undefined for an aggregated stream. */
  readonly type: string | undefined;
  readonly peer: Peer;
  readonly host: StreamHost;
  readonly log: Log;
  /** Whether frames may take the direct way. */
  readonly direct: boolean;
  /** Milliseconds that a client has to read what is left, and the status, after the server ended the stream. */
  readonly linger: number;
  /** The stream is gone. Called exactly once. */
  readonly onGone: (stream: DiscoveryStream) => void;
}

export class DiscoveryStream implements Outlet {
  readonly peer: Peer;
  readonly direct: boolean;
  readonly #call: ByteCall;
  readonly #writer: FrameWriter;
  readonly #options: DiscoveryStreamOptions;
  #inlet: Inlet | undefined;
  #ended = false;
  #gone = false;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(call: ByteCall, options: DiscoveryStreamOptions) {
    this.#call = call;
    this.#options = options;
    this.#writer = frameWriter(call, options.direct);
    this.direct = this.#writer.direct;
    this.peer = options.peer;
  }

  /** Asks the hub whether it wants the stream, and begins to read. */
  start(): void {
    const call = this.#call;
    // grpc-js says `cancelled` once for every call that is over, also for those that ended well.
    call.on("cancelled", () => this.#leave());
    const { host, mode, type } = this.#options;
    const answer = this.#contained("open", () => host.open(mode, this, type));
    if (answer === undefined) return;
    if (isEnding(answer)) return this.end(answer);
    this.#inlet = answer;
    // The client said its last word: it can neither acknowledge nor ask any more.
    call.on("end", () => this.end({ code: "OK", message: "the client ended its side" }));
    readMessages(call, this.direct, (body) => {
      if (!this.#ended) this.#contained("request", () => answer.receive(body));
    });
  }

  send(frame: Uint8Array): void {
    if (!this.#ended) this.#writer.write(frame);
  }

  drained(): boolean {
    return this.#writer.pending() === 0;
  }

  end({ code, message }: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#linger = setTimeout(() => {
      this.#writer.reset();
      this.#leave();
    }, this.#options.linger);
    // What the client sends from here on is thrown away, and must not fill the window of its connection.
    this.#call.resume();
    this.#writer.flushed(() => {
      if (code === "OK") this.#call.end();
      // The public way to end a call with a status; it closes the call and throws nothing.
      else this.#call.emit("error", { code: status[code], details: headerText(message) });
    });
  }

  /** Gives the stream up at once, without a status. */
  reset(): void {
    this.#ended = true;
    this.#writer.reset();
    this.#leave();
  }

  #leave(): void {
    if (this.#gone) return;
    this.#gone = this.#ended = true;
    clearTimeout(this.#linger);
    this.#options.onGone(this);
    const inlet = this.#inlet;
    if (inlet !== undefined) this.#contained("closing", () => inlet.closed());
  }

  /** Runs code of the hub. A bug there costs this stream, says so, and goes no further. */
  #contained<T>(what: string, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      const stack = trace(error);
      this.#options.log.error("A stream failed and was ended", { address: this.peer.address, at: what, error: stack });
      this.end({ code: "INTERNAL", message: "internal error of the server" });
      return undefined;
    }
  }
}

/** A message that survives percent-encoding: cut to size, without halves of surrogate pairs. */
export function headerText(message: string): string {
  return message.slice(0, MAX_MESSAGE_LENGTH).toWellFormed();
}

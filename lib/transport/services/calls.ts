/**
 * Calls of the services beside discovery: their methods, how many may be open, and how they end.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import {
  type MethodDefinition,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from "@grpc/grpc-js";
import type { Ending } from "../../hub/port.ts";
import type { Log } from "../../log.ts";
import { MalformedMessage } from "../../xds/wire/reader.ts";
import { headerText } from "../discovery_stream.ts";
import { trace } from "../../system_error.ts";

/** A call with an answer of one message. */
export type UnaryCall = ServerUnaryCall<Buffer, Buffer>;
/** A call that the client sends messages on. */
export type BidiCall = ServerDuplexStream<Buffer, Buffer>;
/** A call that the client sent one message on, and that is answered with many. */
export type WatchCall = ServerWritableStream<Buffer, Buffer>;
export type Done = sendUnaryData<Buffer>;

/** How a call ends with an error: what {@link Ending} has, and what a question about names needs. */
export interface Failure {
  readonly code: Ending["code"] | "NOT_FOUND" | "PERMISSION_DENIED";
  readonly message: string;
}

/** A method whose messages pass as bytes; both streams, or none, or that of the answers alone. */
export function method(
  path: string,
  kind: "unary" | "watch" | "bidi" = "unary",
): MethodDefinition<Buffer, Buffer> {
  return {
    path,
    requestStream: kind === "bidi",
    responseStream: kind !== "unary",
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

function same(bytes: Buffer): Buffer {
  return bytes;
}

/** Runs what answers a message; what goes wrong is that call's failure and no other's. */
export function contained<T>(log: Log, what: string, act: () => T): T | Failure {
  try {
    return act();
  } catch (error) {
    return failureOf(log, what, error);
  }
}

/** The same for an answer that takes its time. */
export async function containedLater<T>(log: Log, what: string, act: () => Promise<T>): Promise<T | Failure> {
  try {
    return await act();
  } catch (error) {
    return failureOf(log, what, error);
  }
}

function failureOf(log: Log, what: string, error: unknown): Failure {
  if (error instanceof MalformedMessage) {
    return { code: "INVALID_ARGUMENT", message: `Cannot read the request: ${error.message}` };
  }
  log.error(`${what} failed`, { error: trace(error) });
  return { code: "INTERNAL", message: "internal error of the server" };
}

/** Tells a {@link Failure} from an answer. */
export function isFailure<T>(answer: T | Failure): answer is Failure {
  return typeof answer === "object" && answer !== null && "code" in answer && "message" in answer;
}

/** Ends a unary call. */
export function finish(done: Done, answer: Buffer | Failure): void {
  if (isFailure(answer)) done({ code: status[answer.code], details: headerText(answer.message) });
  else done(null, answer);
}

/** One open stream. */
export interface OpenCall {
  readonly over: boolean;
  /** The client reads slowly, and what was sent waits for it. */
  readonly full: boolean;
  /** Sends a message. Does nothing when the call is over. */
  send(message: Buffer): void;
  /** Resolves when there is room again, or the client is gone. */
  drained(): Promise<void>;
  /** Ends the call. `OK` ends it well. */
  end(ending: Failure): void;
  /** Calls back once, when the call is over, whoever ended it. */
  onGone(listener: () => void): void;
}

/** The open streams of one service, over all addresses: bounded, and ended together. */
export class OpenCalls {
  readonly #max: number;
  readonly #what: string;
  readonly #open = new Set<OpenCall>();
  #draining = false;

  /** `what` is said to those who are one too many: `load reports`. */
  constructor(max: number, what: string) {
    this.#max = max;
    this.#what = what;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Takes a call, or ends it. */
  open(call: BidiCall | WatchCall): OpenCall | undefined {
    const taken = take(call);
    if (this.#draining) return refuse(taken, { code: "UNAVAILABLE", message: "the server is shutting down" });
    if (this.#open.size >= this.#max) {
      const message = `the server has ${this.#max} streams of ${this.#what} and takes no more`;
      return refuse(taken, { code: "RESOURCE_EXHAUSTED", message });
    }
    this.#open.add(taken);
    taken.onGone(() => this.#open.delete(taken));
    return taken;
  }

  /** Takes no more, and ends those that are open, each after a delay (milliseconds) of its own; returns the timers. */
  drain(delay: () => number): ReturnType<typeof setTimeout>[] {
    this.#draining = true;
    const ending: Failure = { code: "UNAVAILABLE", message: "the server is shutting down" };
    return [...this.#open].map((call) => setTimeout(() => call.end(ending), delay()));
  }
}

function refuse(call: OpenCall, ending: Failure): undefined {
  call.end(ending);
}

function take(call: BidiCall | WatchCall): OpenCall {
  let ended = false;
  let left = false;
  const listeners: (() => void)[] = [];
  const leave = () => {
    ended = left = true;
    for (const listener of listeners.splice(0)) listener();
  };
  // grpc-js says `cancelled` once for every call that is over, also for those that ended well.
  call.on("cancelled", leave);
  call.on("error", leave);
  return {
    get over() {
      return ended || call.cancelled;
    },
    get full() {
      return call.writableNeedDrain;
    },
    send(message) {
      if (!ended && !call.cancelled) call.write(message);
    },
    drained() {
      if (ended || !call.writableNeedDrain) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          call.off("drain", done);
          call.off("cancelled", done);
          resolve();
        };
        call.on("drain", done);
        call.on("cancelled", done);
      });
    },
    end({ code, message }) {
      if (ended) return;
      ended = true;
      if ("resume" in call) call.resume();
      if (code === "OK") call.end();
      // The public way to end a call with a status; it closes the call and throws nothing.
      else call.emit("error", { code: status[code], details: headerText(message) });
      leave();
    },
    onGone(listener) {
      if (left) listener();
      else listeners.push(listener);
    },
  };
}

/**
 * Answers the messages of a stream one after another: the next is read when the client took the answer before it. An
 * answer that is a {@link Failure} ends the stream.
 */
export function answerEach(
  call: BidiCall,
  open: OpenCall,
  answer: (message: Buffer) => Buffer | Failure | Promise<Buffer | Failure>,
): void {
  call.on("data", async (message: Buffer) => {
    if (open.over) return;
    call.pause();
    const answered = await answer(message);
    if (isFailure(answered)) return open.end(answered);
    open.send(answered);
    await open.drained();
    call.resume();
  });
  call.on("end", () => open.end({ code: "OK", message: "the client ended its side" }));
}

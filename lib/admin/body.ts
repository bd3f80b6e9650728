/**
 * The bodies of writes: read once, bounded one by one and all together.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { clearTimeout, setTimeout } from "node:timers";
import type { AdminContext } from "./answer.ts";
import { problem } from "./problem.ts";

/** A body in memory, until it is released; to do so twice is to do it once. */
export interface Body {
  readonly bytes: Uint8Array;
  readonly release: () => void;
}

export interface BodyLimits {
  /** Bytes of one body. */
  readonly body: number;
  /** Bytes of all bodies that are being read or worked on. */
  readonly total: number;
  /** Milliseconds in which a sender has to bring {@link LEAST_BYTES}, or the end. */
  readonly silenceMs: number;
}

/** A body of 64 MiB holds some 80,000 clusters. */
export const DEFAULT_BODY_LIMITS: BodyLimits = { body: 64 << 20, total: 256 << 20, silenceMs: 30_000 };

/** What the memory of a body begins with: a length is soon said, and would take the place of those who send something. */
const FIRST_BYTES = 64 << 10;
/** Who sends a byte now and then must not hold memory for ever. */
const LEAST_BYTES = 256 << 10;

/** Reads bodies. */
export class BodyReader {
  readonly #limits: BodyLimits;
  #held = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** The body of a request, or the problem with it: 400 cut off, 408 silent, 413 too large, 503 too many at once. */
  async read({ req, env }: AdminContext): Promise<Body | Response> {
    const length = req.header("content-length");
    if (Number(length ?? 0) > this.#limits.body) return this.#tooLarge();
    const filling = new Filling(Number(length ?? this.#limits.body), this.#limits.body, (more) => {
      if (this.#held + more > this.#limits.total) return false;
      this.#held += more;
      return true;
    });
    let held = true;
    const release = () => {
      if (held) this.#held -= filling.capacity;
      held = false;
    };
    const { silenceMs } = this.#limits;
    // The adapter's own way to the bytes goes through a web stream and takes twice the time for a large body.
    const end = env?.incoming === undefined
      ? await fromStream(req.raw.body, filling)
      : await fromNode(env.incoming, filling, silenceMs);
    if (end === "complete") return { bytes: filling.bytes, release };
    release();
    switch (end) {
      case "too-large":
        return this.#tooLarge();
      case "busy":
        return problem(503, "Cannot read the body: too many others are being written", { "retry-after": "1" });
      case "silent":
        return problem(408, `Cannot read the body: too little came of it in ${silenceMs / 1_000} seconds`);
      case "cut":
        return problem(400, "Cannot read the body: it ends before its end");
    }
  }

  #tooLarge(): Response {
    return problem(413, `Cannot read the body: it is larger than ${this.#limits.body} bytes`);
  }
}

type Refusal = "too-large" | "busy";
type End = "complete" | "cut" | "silent" | Refusal;

/** Memory that is filled: twice as large whenever it is not enough, and no larger than the sender says. */
class Filling {
  readonly #most: number;
  readonly #reserve: (more: number) => boolean;
  #buffer: Uint8Array = new Uint8Array();
  readonly #wanted: number;
  #length = 0;

  constructor(wanted: number, most: number, reserve: (more: number) => boolean) {
    this.#wanted = wanted;
    this.#most = most;
    this.#reserve = reserve;
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** What was reserved. */
  get capacity(): number {
    return this.#buffer.length;
  }

  add(chunk: Uint8Array): Refusal | undefined {
    const length = this.#length + chunk.length;
    if (length > this.#most) return "too-large";
    if (length > this.#buffer.length) {
      const grown = Math.min(Math.max(FIRST_BYTES, this.#buffer.length * 2), this.#wanted);
      const capacity = Math.min(Math.max(length, grown), this.#most);
      if (!this.#reserve(capacity - this.#buffer.length)) return "busy";
      const buffer = Buffer.allocUnsafeSlow(capacity);
      buffer.set(this.bytes);
      this.#buffer = buffer;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = length;
    return undefined;
  }
}

function fromNode(incoming: IncomingMessage, filling: Filling, silenceMs: number): Promise<End> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish("silent"), silenceMs);
    let received = 0;
    const onData = (chunk: Uint8Array) => {
      received += chunk.length;
      if (received >= LEAST_BYTES) {
        received = 0;
        timer.refresh();
      }
      const refusal = filling.add(chunk);
      if (refusal !== undefined) finish(refusal);
    };
    const onEnd = () => finish("complete");
    const onCut = () => finish("cut");
    // What is left unread is the adapter's to drain, for a moment and within bounds.
    const finish = (end: End) => {
      clearTimeout(timer);
      incoming.off("data", onData).off("end", onEnd).off("error", onCut).off("close", onCut);
      resolve(end);
    };
    incoming.on("data", onData).on("end", onEnd).on("error", onCut).on("close", onCut);
  });
}

async function fromStream(stream: ReadableStream<Uint8Array> | null, filling: Filling): Promise<End> {
  if (stream === null) return "complete";
  try {
    for await (const chunk of stream) {
      const refusal = filling.add(chunk);
      if (refusal !== undefined) return refusal;
    }
    return "complete";
  } catch {
    return "cut";
  }
}

/**
 * How a framed message gets to the socket. A message arrives here as gRPC puts it on the wire, five bytes of header and
 * the body, and is shared by many streams. grpc-js' public API wants the body alone, copies it and makes the header
 * anew for every stream; that copy is half of the cost of a large push. So the frame is written to the HTTP/2 stream
 * below, where grpc-js itself writes, if the pinned version still looks as it did when this was written. If not, it
 * takes the public way: slower, and the same bytes.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { ServerHttp2Stream } from "node:http2";
import type { ServerDuplexStream } from "@grpc/grpc-js";

/** A call of one of the pass-through methods: bytes in, bytes out. */
export type ByteCall = ServerDuplexStream<Buffer, Buffer>;

/** Bytes before the body of a message: a flag (1: compressed), and the length, big-endian. */
const FRAME_HEADER_BYTES = 5;

/** Puts frames on one stream. */
export interface FrameWriter {
  /** Whether frames go out as they are, without a copy. */
  readonly direct: boolean;
  write(frame: Uint8Array): void;
  /** Bytes (messages on the public way) that a slow reader or a full socket holds back. */
  pending(): number;
  /** Calls back, once, when nothing of what was written waits in here any more: what ends the stream comes after it. */
  flushed(then: () => void): void;
  /** Gives the stream up without waiting for a reader that does not read. Does nothing on the public way. */
  reset(): void;
}

/** What is used of grpc-js' `BaseServerInterceptingCall` (1.14.7), which a call keeps in its field `call`. */
interface BaseCall {
  readonly stream: ServerHttp2Stream;
  maybeSendMetadata(): void;
}

/** RFC 9113, section 7: the stream is no longer needed. */
const CANCEL = 8;

/** The writer of a call: the direct one where it is possible and wanted. */
export function frameWriter(call: ByteCall, wantDirect = true): FrameWriter {
  const base = wantDirect ? baseCall(call) : undefined;
  return base === undefined ? publicWriter(call) : new DirectWriter(base);
}

/**
 * What a socket does not take at once is copied, and of a large frame that is most of it, for every stream. So larger
 * frames go in parts, each when the one before has left; smaller ones, which fit a socket's buffer, go as they are.
 */
const PART_BYTES = 1024 * 1024;

class DirectWriter implements FrameWriter {
  readonly direct = true;
  readonly #base: BaseCall;
  /** Frames that wait behind a large one, which is the first of them until its last part is on its way. */
  readonly #queue: Uint8Array[] = [];
  #at = 0;
  #writing = false;
  #flushed: (() => void) | undefined;

  constructor(base: BaseCall) {
    this.#base = base;
    // grpc-js listens for one error of a stream; a write of ours may meet another on a stream that is going away.
    base.stream.on("error", () => {});
  }

  write(frame: Uint8Array): void {
    if (this.#over) return;
    this.#base.maybeSendMetadata();
    if (!this.#writing && frame.length <= PART_BYTES) {
      this.#base.stream.write(frame);
      return;
    }
    this.#queue.push(frame);
    if (!this.#writing) this.#writePart();
  }

  pending(): number {
    return this.#queue.reduce((sum, frame) => sum + frame.length, -this.#at) + this.#base.stream.writableLength;
  }

  flushed(then: () => void): void {
    if (this.#writing) this.#flushed = then;
    else then();
  }

  reset(): void {
    if (!this.#base.stream.destroyed) this.#base.stream.close(CANCEL);
  }

  get #over(): boolean {
    const { stream } = this.#base;
    return stream.destroyed || stream.closed || stream.writableEnded;
  }

  #writePart(): void {
    const [frame] = this.#queue;
    this.#writing = frame !== undefined && !this.#over;
    if (frame === undefined || !this.#writing) {
      this.#queue.length = this.#at = 0;
      this.#flushed?.();
      return;
    }
    const part = frame.subarray(this.#at, this.#at + PART_BYTES);
    this.#at += part.length;
    if (this.#at === frame.length) {
      this.#queue.shift();
      this.#at = 0;
    }
    this.#base.stream.write(part, () => this.#writePart());
  }
}

function publicWriter(call: ByteCall): FrameWriter {
  return {
    direct: false,
    write(frame) {
      if (call.destroyed || call.writableEnded) return;
      const body = frame.subarray(FRAME_HEADER_BYTES);
      call.write(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
    },
    pending: () => call.writableLength,
    flushed: (then) => then(),
    reset() {},
  };
}

/** The inside of a call, if every part of it is what the direct way relies on. */
function baseCall(call: object): BaseCall | undefined {
  const base: unknown = Reflect.get(call, "call");
  return isBaseCall(base) && framesAsWeDo(base) ? base : undefined;
}

function isBaseCall(base: unknown): base is BaseCall & { serializeMessage(body: Buffer): unknown } {
  if (typeof base !== "object" || base === null) return false;
  if (!("maybeSendMetadata" in base) || typeof base.maybeSendMetadata !== "function") return false;
  if (!("serializeMessage" in base) || typeof base.serializeMessage !== "function") return false;
  if (!("stream" in base) || typeof base.stream !== "object" || base.stream === null) return false;
  const { stream } = base;
  return "write" in stream && typeof stream.write === "function" &&
    "close" in stream && typeof stream.close === "function" &&
    "writableLength" in stream && typeof stream.writableLength === "number" &&
    "respond" in stream && typeof stream.respond === "function";
}

/** Lets grpc-js frame a message, and looks whether that gives what the hub makes: nothing may have come in between. */
function framesAsWeDo(base: { serializeMessage(body: Buffer): unknown }): boolean {
  try {
    const framed = base.serializeMessage(Buffer.from([7, 8]));
    return Buffer.isBuffer(framed) && framed.equals(Buffer.from([0, 0, 0, 0, 2, 7, 8]));
  } catch {
    return false;
  }
}

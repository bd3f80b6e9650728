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
  return base === undefined ? publicWriter(call) : directWriter(base);
}

function directWriter(base: BaseCall): FrameWriter {
  const { stream } = base;
  // grpc-js listens for one error of a stream; a write of ours may meet another on a stream that is going away.
  stream.on("error", () => {});
  return {
    direct: true,
    write(frame) {
      if (stream.destroyed || stream.closed || stream.writableEnded) return;
      base.maybeSendMetadata();
      stream.write(frame);
    },
    pending: () => stream.writableLength,
    reset() {
      if (!stream.destroyed) stream.close(CANCEL);
    },
  };
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

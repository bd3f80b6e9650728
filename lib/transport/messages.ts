/**
 * How a request gets from the socket to us. grpc-js takes each message through a queue, a promise and a second stream,
 * and stops and starts the HTTP/2 stream around it; that is a third of what an acknowledgement costs. An ACK is one
 * short uncompressed message, so such messages are taken from the HTTP/2 stream as they come. At the first message that
 * is anything else (compressed, large) grpc-js takes over, from that message on.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { ByteCall } from "./frame.ts";
import { FRAME_HEADER } from "../xds/wire/response.ts";

/** What is used of grpc-js' `BaseServerInterceptingCall` (1.14.7), which a call keeps in its field `call`. */
interface BaseCall {
  /** Called, as a method, with each piece of data of the HTTP/2 stream. */
  handleDataFrame(data: Buffer): void;
  /** Bytes; -1 for no limit. */
  readonly maxReceiveMessageSize: number;
}

/**
 * Bytes of a message that is put together here. One of many megabytes, which only a resuming client with very many
 * resources sends, is left to grpc-js.
 */
const LONGEST = 1024 * 1024;

/** Pieces that wait for the rest of their message; then they become one, as each costs more than a few bytes. */
const MOST_PIECES = 64;

/** Hands on the body of each message, in their order. `direct` asks for the short way, where it is possible. */
export function readMessages(call: ByteCall, direct: boolean, take: (body: Buffer) => void): void {
  const base = direct ? baseCall(call) : undefined;
  if (base === undefined) {
    call.on("data", take);
    return;
  }
  const handle = base.handleDataFrame;
  let pieces: Buffer[] = [];
  /** Bytes that are wanted before it is worth a look: the header, or the whole of a message. */
  let missing = FRAME_HEADER;
  base.handleDataFrame = (data) => {
    missing -= data.length;
    if (missing > 0) {
      pieces.push(data);
      if (pieces.length === MOST_PIECES) pieces = [Buffer.concat(pieces)];
      return;
    }
    const bytes = pieces.length === 0 ? data : Buffer.concat([...pieces, data]);
    let at = 0;
    missing = FRAME_HEADER;
    while (bytes.length - at >= FRAME_HEADER) {
      const length = bytes.readUInt32BE(at + 1);
      const end = at + FRAME_HEADER + length;
      const tooLarge = base.maxReceiveMessageSize !== -1 && length > base.maxReceiveMessageSize;
      if (bytes[at] !== 0 || length > LONGEST || tooLarge) {
        base.handleDataFrame = handle;
        call.on("data", take);
        base.handleDataFrame(bytes.subarray(at));
        return;
      }
      if (end > bytes.length) {
        missing = FRAME_HEADER + length;
        break;
      }
      take(bytes.subarray(at + FRAME_HEADER, end));
      at = end;
    }
    missing -= bytes.length - at;
    pieces = at === bytes.length ? [] : [bytes.subarray(at)];
  };
  // Lets the data flow; the end of the client's side still comes as an event of the call.
  call.resume();
}

function baseCall(call: object): BaseCall | undefined {
  const base: unknown = Reflect.get(call, "call");
  return isBaseCall(base) ? base : undefined;
}

function isBaseCall(base: unknown): base is BaseCall {
  return typeof base === "object" && base !== null &&
    "handleDataFrame" in base && typeof base.handleDataFrame === "function" &&
    "maxReceiveMessageSize" in base && typeof base.maxReceiveMessageSize === "number";
}

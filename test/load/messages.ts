/**
 * What a load client knows of xDS: it reads nonce and version of a response and skips the resources, as bytes, and it
 * writes the one request that opens a stream and the one that acknowledges.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md (Length-Prefixed-Message)
 * @module
 */
import { Buffer } from "node:buffer";
import { FieldReader } from "../../lib/xds/wire/reader.ts";

/** The two variants of the protocol. */
export type Mode = "sotw" | "delta";

/** Path of the method, by variant. */
export const PATHS: Readonly<Record<Mode, string>> = {
  sotw: "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources",
  delta: "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
};

/** What an acknowledgement repeats. */
export interface Answered {
  readonly version: string;
  readonly nonce: string;
}

const HEADER = 5;

/** Reads version and nonce of the body of a `DiscoveryResponse` or `DeltaDiscoveryResponse`. */
export function readResponse(body: Uint8Array): Answered {
  let version = "", nonce = "";
  const reader = new FieldReader(body);
  while (reader.next()) {
    if (reader.field === 1) version = reader.string();
    else if (reader.field === 5) nonce = reader.string();
  }
  return { version, nonce };
}

/** The first request of a stream: everything of a type, as a gRPC message. */
export function subscribe(mode: Mode, type: string, node: string): Buffer {
  const nodeBytes = Buffer.concat([field(1, node), field(2, "bench")]);
  return mode === "sotw" ? message(field(2, nodeBytes), field(4, type)) : message(field(1, nodeBytes), field(2, type));
}

/** An ACK as a gRPC message; in delta the version is not said. */
export function acknowledge(mode: Mode, type: string, { version, nonce }: Answered): Buffer {
  return mode === "sotw"
    ? message(field(1, version), field(4, type), field(5, nonce))
    : message(field(2, type), field(6, nonce));
}

/** Puts gRPC messages together from the pieces in which they arrive. */
export class Deframer {
  #pieces: Uint8Array[] = [];
  #length = 0;

  /** Takes a piece; gives the bodies of the messages that it completes. */
  *take(piece: Uint8Array): Iterable<Uint8Array> {
    this.#pieces.push(piece);
    this.#length += piece.length;
    for (let need = this.#need(); this.#length >= need; need = this.#need()) {
      const bytes = this.#join();
      yield bytes.subarray(HEADER, need);
      this.#length = bytes.length - need;
      this.#pieces = this.#length === 0 ? [] : [bytes.subarray(need)];
    }
  }

  /** Bytes of the message that is arriving, as far as its header is there. */
  #need(): number {
    if (this.#length < HEADER) return HEADER;
    if ((this.#pieces[0]?.length ?? 0) < HEADER) this.#join();
    const first = this.#pieces[0] ?? new Uint8Array();
    return HEADER + new DataView(first.buffer, first.byteOffset).getUint32(1);
  }

  #join(): Uint8Array {
    const [only, ...more] = this.#pieces;
    const bytes = only !== undefined && more.length === 0 ? only : Buffer.concat(this.#pieces);
    this.#pieces = [bytes];
    return bytes;
  }
}

function message(...fields: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(fields);
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(body.length, 1);
  return Buffer.concat([header, body]);
}

/** A length-delimited field. */
function field(number: number, value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = [];
  let rest = bytes.length;
  for (; rest >= 0x80; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length, rest]), bytes]);
}

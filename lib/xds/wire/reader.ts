/**
 * Reads protobuf fields straight from bytes. A request is a handful of strings; building a message object for each of
 * them would be most of the cost of an ACK.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 * @module
 */
import { Buffer } from "node:buffer";

/** The bytes are not a protobuf message of the expected shape. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

/** A cursor over the fields of one message: `while (reader.next()) switch (reader.field) …`. */
export class FieldReader {
  readonly #bytes: Uint8Array;
  readonly #buffer: Buffer;
  #at = 0;
  /** Number of the current field. */
  field = 0;
  #wireType = 0;
  #start = 0;
  #end = 0;
  #value = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    // What comes from a socket is one already; to ask for the memory below it costs more than reading an ACK.
    this.#buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves to the next field. False at the end. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    const tag = this.#varint();
    this.#wireType = tag % 8;
    this.field = (tag - this.#wireType) / 8;
    if (this.field === 0) throw new MalformedMessage("field number 0");
    switch (this.#wireType) {
      case 0:
        this.#value = this.#varint();
        return true;
      case 1:
        this.#skip(8);
        return true;
      case 2:
        this.#skip(this.#varint());
        return true;
      case 5:
        this.#skip(4);
        return true;
      default:
        throw new MalformedMessage(`wire type ${this.#wireType}`);
    }
  }

  /** The current field as a string. */
  string(): string {
    this.#expect(2);
    return this.#buffer.toString("utf8", this.#start, this.#end);
  }

  /** The current field as bytes (of an embedded message), not copied. */
  bytes(): Uint8Array {
    this.#expect(2);
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Where the bytes of the current field, an embedded message, begin. */
  get start(): number {
    this.#expect(2);
    return this.#start;
  }

  /** Where they end. */
  get end(): number {
    return this.#end;
  }

  /** The current field as an unsigned number; large values lose precision, as none is read here that needs it. */
  uint(): number {
    this.#expect(0);
    return this.#value;
  }

  /** The current field as a double. */
  double(): number {
    this.#expect(1);
    return this.#buffer.readDoubleLE(this.#start);
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) throw new MalformedMessage(`field ${this.field} has wire type ${this.#wireType}`);
  }

  #skip(length: number): void {
    this.#start = this.#at;
    this.#end = this.#at + length;
    if (this.#end > this.#bytes.length) throw new MalformedMessage("the message is cut off");
    this.#at = this.#end;
  }

  #varint(): number {
    const first = this.#bytes[this.#at];
    if (first !== undefined && first < 0x80) {
      this.#at++;
      return first;
    }
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 10; count++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new MalformedMessage("the message is cut off");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new MalformedMessage("a number has more than ten bytes");
  }
}

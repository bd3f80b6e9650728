/**
 * Writes a protobuf message. For answers to people's tools: small, and made one at a time.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 * @module
 */
import { Buffer } from "node:buffer";

/** Fields in the order of the calls; values that are the default are left out, as proto3 has it. */
export class MessageWriter {
  #buffer: Buffer = Buffer.allocUnsafe(1024);
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** What was written: a view, which a further write may change. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  string(field: number, text: string): void {
    if (text !== "") this.element(field, text);
  }

  /** An element of a repeated string, which may be empty. */
  element(field: number, text: string): void {
    const size = Buffer.byteLength(text);
    this.#header(field, size);
    this.#reserve(size);
    this.#length += this.#buffer.write(text, this.#length);
  }

  /** Bytes, or a message that is bytes already; empty ones are written too. */
  bytes(field: number, bytes: Uint8Array): void {
    this.#header(field, bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** A whole number from 0 to 2^53, a bool, or an enum. */
  uint(field: number, value: number | boolean): void {
    const number = Number(value);
    if (number === 0) return;
    this.#varint(field * 8);
    this.#varint(number);
  }

  /** Packed numbers. */
  packed(field: number, values: readonly number[]): void {
    if (values.length > 0) this.message(field, () => values.forEach((value) => this.#varint(value)));
  }

  /** An embedded message; it is there even when nothing is in it. */
  message(field: number, write: () => void): void {
    const start = this.begin(field);
    write();
    this.end(start);
  }

  /** Begins an embedded message, which {@link end} is to end with what this returns. */
  begin(field: number): number {
    this.#varint(field * 8 + 2);
    return this.#length;
  }

  /** Ends an embedded message: its length is known now, and it moves to make room for it. */
  end(start: number): void {
    const size = this.#length - start;
    const room = varintSize(size);
    this.#reserve(room);
    this.#buffer.copyWithin(start + room, start, start + size);
    this.#length = start;
    this.#varint(size);
    this.#length = start + room + size;
  }

  #header(field: number, length: number): void {
    this.#varint(field * 8 + 2);
    this.#varint(length);
  }

  #varint(value: number): void {
    this.#reserve(10);
    for (; value >= 0x80; value = Math.floor(value / 128)) this.#buffer[this.#length++] = (value % 128) | 0x80;
    this.#buffer[this.#length++] = value;
  }

  #reserve(size: number): void {
    if (this.#length + size <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#length + size));
    larger.set(this.finish());
    this.#buffer = larger;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (; value >= 0x80; value = Math.floor(value / 128)) size++;
  return size;
}

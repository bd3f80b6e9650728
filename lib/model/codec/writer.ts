/**
 * Protobuf's wire format, written from the end to the start: when the length of a message is to be written, the message
 * is there already, so nothing is measured first or moved afterwards.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** What is written last comes first in the result. */
export class BackwardWriter {
  #buffer: Buffer = Buffer.allocUnsafeSlow(16 * 1024);
  /** The same bytes, of which the engine makes copies fast. */
  #bytes: Uint8Array = plain(this.#buffer);
  /** Index of the first byte that is written. */
  #start = this.#buffer.length;

  /** Bytes so far; a mark for {@link since}, {@link rewind} and {@link isZeroSince}. */
  get length(): number {
    return this.#buffer.length - this.#start;
  }

  /** Bytes written since the mark. */
  since(mark: number): number {
    return this.#buffer.length - this.#start - mark;
  }

  /** Drops what was written since the mark. */
  rewind(mark: number): void {
    this.#start = this.#buffer.length - mark;
  }

  /** Whether all that was written since the mark are zero bytes: the default value of any scalar. */
  isZeroSince(mark: number): boolean {
    for (let i = this.#start; i < this.#buffer.length - mark; i++) if (this.#buffer[i] !== 0) return false;
    return true;
  }

  /** A copy of what was written since the mark. */
  copySince(mark: number): Uint8Array {
    return this.#bytes.slice(this.#start, this.#buffer.length - mark);
  }

  /** A copy of everything. */
  finish(): Uint8Array {
    return this.#bytes.slice(this.#start);
  }

  /** A varint of up to 32 bits, unsigned. */
  uint32(value: number): void {
    if (value < 0x80) {
      if (this.#start === 0) this.#grow(1);
      this.#buffer[--this.#start] = value;
      return;
    }
    let size = 2;
    for (let rest = value >>> 14; rest > 0; rest >>>= 7) size++;
    let at = this.#reserve(size);
    while (value > 0x7f) {
      this.#buffer[at++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    this.#buffer[at] = value;
  }

  /** A varint of 64 bits; a negative number takes its two's complement, ten bytes. */
  varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    const bytes: number[] = [];
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    let at = this.#reserve(bytes.length);
    for (const byte of bytes) this.#buffer[at++] = byte;
  }

  fixed32(value: number): void {
    this.#buffer.writeUInt32LE(value >>> 0, this.#reserve(4));
  }

  fixed64(value: bigint): void {
    this.#buffer.writeBigUInt64LE(BigInt.asUintN(64, value), this.#reserve(8));
  }

  float(value: number): void {
    this.#buffer.writeFloatLE(value, this.#reserve(4));
  }

  double(value: number): void {
    this.#buffer.writeDoubleLE(value, this.#reserve(8));
  }

  bytes(value: Uint8Array): void {
    this.#buffer.set(value, this.#reserve(value.length));
  }

  /** UTF-8, without a length. */
  string(value: string): void {
    const count = value.length;
    if (count < 64) {
      const at = this.#reserve(count);
      let i = 0;
      for (; i < count; i++) {
        const code = value.charCodeAt(i);
        if (code > 0x7f) break;
        this.#buffer[at + i] = code;
      }
      if (i === count) return;
      this.#start += count;
    }
    const size = Buffer.byteLength(value, "utf8");
    const at = this.#reserve(size);
    this.#buffer.write(value, at, size, "utf8");
  }

  /** Makes room and answers where it starts. */
  #reserve(size: number): number {
    if (this.#start < size) this.#grow(size);
    return this.#start -= size;
  }

  #grow(size: number): void {
    const used = this.length;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, used + size));
    larger.set(this.#buffer.subarray(this.#start), larger.length - used);
    this.#buffer = larger;
    this.#bytes = plain(larger);
    this.#start = larger.length - used;
  }
}

function plain({ buffer, byteOffset, byteLength }: Buffer): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

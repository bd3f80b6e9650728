/**
 * Bytes to lines, of which none takes more room than it may.
 *
 * @module
 */
import { Buffer } from "node:buffer";

const NEWLINE = 10;

/** Cuts what a process writes into lines. */
export class Lines {
  readonly #most: number;
  readonly #take: (line: string, cut: boolean) => void;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Inside of a line that was too long: the rest of it is thrown away. */
  #skipping = false;

  /**
   * @param most Bytes of a line. Of a longer one that many are handed on, as `cut`, as soon as they are there.
   * @param take Called with each line, without its newline.
   */
  constructor(most: number, take: (line: string, cut: boolean) => void) {
    this.#most = most;
    this.#take = take;
  }

  push(chunk: Uint8Array): void {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      this.#add(rest.subarray(0, end));
      if (!this.#skipping) this.#emit(false);
      this.#skipping = false;
      rest = rest.subarray(end + 1);
    }
    this.#add(rest);
  }

  /** No more comes: a last line may lack its newline. */
  end(): void {
    if (this.#bytes > 0) this.#emit(false);
  }

  #add(part: Buffer): void {
    if (this.#skipping || part.length === 0) return;
    const room = this.#most - this.#bytes;
    this.#parts.push(part.length > room ? part.subarray(0, room) : part);
    this.#bytes += Math.min(part.length, room);
    if (part.length <= room) return;
    this.#skipping = true;
    this.#emit(true);
  }

  #emit(cut: boolean): void {
    const line = Buffer.concat(this.#parts, this.#bytes).toString("utf8");
    this.#parts = [];
    this.#bytes = 0;
    this.#take(line, cut);
  }
}

/**
 * The form of a layer's file: one line that says the format, then records. The first holds a whole layer, each further
 * one a change. A record is
 *
 * ```
 * marker "xcpR" | sequence u32 | length u32 | CRC-32 u32 of sequence, length and payload | payload
 * ```
 *
 * with sequences that count from 0, and numbers with the least byte first. A payload is
 *
 * ```
 * id | label | types: count u32, text… | resources: count u32, (type u32, name, ttl f64, aliases: count u32, text…; bytes)…
 *    | removed: count u32, (type u32, name)…
 * ```
 *
 * where a text or bytes have a length (u32) before them, a type is its place among the types, an absent label has the
 * length 2^32-1 and an absent ttl is NaN. Bytes are the canonical encoding of a resource.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";
import type { Amendment, Key } from "../../model/written.ts";

/** The format that this version writes, and the newest that it reads. */
const FORMAT = 1;
const TITLE = "xcp written layer ";
const FIRST_LINE = Buffer.from(`${TITLE}${FORMAT}\n`);
const MARKER = Buffer.from("xcpR");
const HEAD_BYTES = 16;
const NONE = 0xffff_ffff;

/** A resource as it is kept: without what can be found out from its bytes. */
export interface Kept extends Key {
  readonly bytes: Uint8Array;
  readonly ttl: number | undefined;
  readonly aliases: readonly string[];
}

/** A whole layer, which removes nothing, or a change of the one before. */
export interface Entry extends Amendment<Kept> {
  /** Of the content that it leads to. */
  readonly id: string;
}

/** What a file says. */
export type FileContent =
  /** `whole` bytes are the whole layer at the beginning, `length` all that may be used; the `torn` bytes behind them are not whole. */
  | {
    readonly kind: "entries";
    readonly entries: readonly Entry[];
    readonly whole: number;
    readonly length: number;
    readonly torn: number;
  }
  /** Why nothing of it may be used: the state that follows the colon of a message. */
  | { readonly kind: "damaged"; readonly why: string };

/** The file of a whole layer. */
export function encodeFile(entry: Entry): Uint8Array {
  return encode(FIRST_LINE, 0, entry);
}

/** A record to be put behind those that there are. */
export function encodeRecord(sequence: number, entry: Entry): Uint8Array {
  return encode(Buffer.alloc(0), sequence, entry);
}

/** Reads a file. Bytes of resources are views of `bytes`. */
export function decodeFile(content: Uint8Array): FileContent {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const why = wrongFormat(bytes);
  if (why !== undefined) return { kind: "damaged", why };
  const entries: Entry[] = [];
  let position = FIRST_LINE.length;
  let whole = 0;
  while (position < bytes.length) {
    const end = recordAt(bytes, position, entries.length);
    if (end === undefined) break;
    const entry = decodeEntry(bytes.subarray(position + HEAD_BYTES, end));
    if (entry === undefined) return { kind: "damaged", why: `the change at byte ${position} cannot be understood` };
    entries.push(entry);
    position = end;
    if (entries.length === 1) whole = end;
  }
  // The first record was whole before the file got its name.
  if (entries.length === 0) return { kind: "damaged", why: "the layer in it is not whole, its checksum differs" };
  // Only the last record can have been under way when the power went.
  if (position < bytes.length && recordBehind(bytes, position, entries.length)) {
    return { kind: "damaged", why: `the change at byte ${position} is not whole, and others follow it` };
  }
  return { kind: "entries", entries, whole, length: position, torn: bytes.length - position };
}

function wrongFormat(bytes: Buffer): string | undefined {
  if (bytes.subarray(0, FIRST_LINE.length).equals(FIRST_LINE)) return undefined;
  const found = /^xcp written layer (\d{1,9})\n/.exec(bytes.toString("latin1", 0, TITLE.length + 10));
  if (found === null) return "it is not a layer that xcp wrote";
  return `it has format ${found[1]}, and this version reads only ${FORMAT}; a newer xcp wrote it`;
}

/** The end of the record at a position; undefined when it is not whole. */
function recordAt(bytes: Buffer, position: number, sequence?: number): number | undefined {
  if (position + HEAD_BYTES > bytes.length) return undefined;
  if (!bytes.subarray(position, position + MARKER.length).equals(MARKER)) return undefined;
  if (sequence !== undefined && bytes.readUInt32LE(position + 4) !== sequence) return undefined;
  const end = position + HEAD_BYTES + bytes.readUInt32LE(position + 8);
  if (end > bytes.length || bytes.readUInt32LE(position + 12) !== checksum(bytes.subarray(position, end))) {
    return undefined;
  }
  return end;
}

/** Whether a whole record stands anywhere behind a broken one, whose length cannot be trusted. */
function recordBehind(bytes: Buffer, position: number, sequence: number): boolean {
  for (;;) {
    position = bytes.indexOf(MARKER, position + 1);
    if (position < 0) return false;
    if (recordAt(bytes, position) !== undefined && bytes.readUInt32LE(position + 4) > sequence) return true;
  }
}

/** Of a record: all but the marker and the checksum itself. */
function checksum(record: Buffer): number {
  return crc32(record.subarray(HEAD_BYTES), crc32(record.subarray(4, 12)));
}

function encode(prefix: Buffer, sequence: number, entry: Entry): Uint8Array {
  // A text has at most three bytes for each of its code units, so no length needs to be known before it is written.
  const types = [...new Set([...entry.upsert, ...entry.remove].map(({ type }) => type))];
  let most = prefix.length + HEAD_BYTES + 5 * 4 + 3 * (entry.id.length + (entry.label?.length ?? 0));
  for (const type of types) most += 4 + 3 * type.length;
  for (const { name, bytes, aliases } of entry.upsert) {
    most += 4 + 4 + 3 * name.length + 8 + 4 + 4 + bytes.length;
    for (const alias of aliases) most += 4 + 3 * alias.length;
  }
  for (const { name } of entry.remove) most += 4 + 4 + 3 * name.length;

  const out = new Output(most);
  out.raw(prefix);
  const start = out.length;
  out.skip(HEAD_BYTES);
  out.text(entry.id);
  if (entry.label === undefined) out.number(NONE);
  else out.text(entry.label);
  out.number(types.length);
  for (const type of types) out.text(type);
  const places = new Map(types.map((type, place) => [type, place]));
  out.number(entry.upsert.length);
  for (const { type, name, bytes, ttl, aliases } of entry.upsert) {
    out.number(places.get(type) ?? NONE);
    out.text(name);
    out.float(ttl ?? NaN);
    out.number(aliases.length);
    for (const alias of aliases) out.text(alias);
    out.number(bytes.length);
    out.raw(bytes);
  }
  out.number(entry.remove.length);
  for (const { type, name } of entry.remove) {
    out.number(places.get(type) ?? NONE);
    out.text(name);
  }

  const written = out.written();
  const record = written.subarray(start);
  record.set(MARKER);
  record.writeUInt32LE(sequence, 4);
  record.writeUInt32LE(record.length - HEAD_BYTES, 8);
  record.writeUInt32LE(checksum(record), 12);
  return written;
}

function decodeEntry(payload: Buffer): Entry | undefined {
  try {
    const input = new Input(payload);
    const id = input.text();
    const label = input.optionalText();
    const types = input.list(() => input.text());
    const typeOf = () => {
      const type = types[input.number()];
      if (type === undefined) throw new RangeError("no such type");
      return type;
    };
    const upsert = input.list((): Kept => {
      const [type, name, ttl] = [typeOf(), input.text(), input.float()];
      const aliases = input.list(() => input.text());
      const { buffer, byteOffset, byteLength } = input.raw();
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      return { type, name, ttl: Number.isNaN(ttl) ? undefined : ttl, aliases, bytes };
    });
    const remove = input.list((): Key => ({ type: typeOf(), name: input.text() }));
    return input.atEnd ? { id, label, upsert, remove } : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

class Output {
  readonly #bytes: Buffer;
  #length = 0;

  constructor(most: number) {
    this.#bytes = Buffer.allocUnsafe(most);
  }

  get length(): number {
    return this.#length;
  }

  written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  skip(bytes: number): void {
    this.#length += bytes;
  }

  number(value: number): void {
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
  }

  float(value: number): void {
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  raw(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  text(text: string): void {
    const length = this.#bytes.write(text, this.#length + 4, "utf8");
    this.#bytes.writeUInt32LE(length, this.#length);
    this.#length += 4 + length;
  }
}

/** Throws a `RangeError` beyond the end. */
class Input {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#position === this.#bytes.length;
  }

  number(): number {
    const value = this.#bytes.readUInt32LE(this.#position);
    this.#position += 4;
    return value;
  }

  float(): number {
    const value = this.#bytes.readDoubleLE(this.#position);
    this.#position += 8;
    return value;
  }

  raw(length = this.number()): Buffer {
    const end = this.#position + length;
    if (end > this.#bytes.length) throw new RangeError("beyond the end");
    const bytes = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return bytes;
  }

  text(): string {
    return this.raw().toString("utf8");
  }

  optionalText(): string | undefined {
    const length = this.number();
    return length === NONE ? undefined : this.raw(length).toString("utf8");
  }

  list<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.number(); left > 0; left--) items.push(item());
    return items;
  }
}

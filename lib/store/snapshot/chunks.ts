/**
 * What is in a chunk of resources, before compression: a message that other programs can read too,
 *
 * ```
 * message Chunk { string type = 1; repeated Resource resources = 2; }
 * message Resource { string name = 1; bytes message = 2; optional double ttl_ms = 3; repeated string aliases = 4; }
 * ```
 *
 * with fields in order of number and resources in order of name, so that equal resources make equal bytes. Where they
 * were read from is not part of it (`origins.ts`): a line that is put in at the top of a file must not make chunks anew.
 *
 * @module
 */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Resource } from "../../model/resource.ts";

/** A resource as a chunk has it. */
export type Kept = Pick<Resource, "name" | "bytes" | "ttl" | "aliases">;

export interface Chunk {
  /** Type URL. */
  readonly type: string;
  readonly resources: readonly Kept[];
}

/** The bytes of a chunk. The resources are in order of name. */
export function encodeChunk({ type, resources }: Chunk): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).string(type);
  for (const { name, bytes, ttl, aliases } of resources) {
    writer.tag(2, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(name);
    writer.tag(2, WireType.LengthDelimited).bytes(bytes);
    if (ttl !== undefined) writer.tag(3, WireType.Bit64).double(ttl);
    for (const alias of aliases) writer.tag(4, WireType.LengthDelimited).string(alias);
    writer.join();
  }
  return writer.finish();
}

/**
 * Reads a chunk. Fields that are not known are passed over. `bytes` are copies: one resource that lives on does not hold
 * its whole chunk in memory.
 *
 * @throws {Error} With the state alone (`its names are not in order`), if it is no chunk.
 */
export function decodeChunk(bytes: Uint8Array): Chunk {
  const resources: Kept[] = [];
  const type = eachResource(bytes, (resource) => {
    const kept = decodeResource(resource);
    resources.push({ ...kept, bytes: kept.bytes.slice() });
  });
  checkOrder(resources);
  return { type, resources };
}

/** Where a resource is in the bytes of its chunk. */
export interface Place {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Looks through a chunk, and says what is where in it.
 *
 * @throws {Error} as {@link decodeChunk}
 */
export function indexChunk(bytes: Uint8Array): { readonly type: string; readonly places: readonly Place[] } {
  const places: Place[] = [];
  const type = eachResource(bytes, (resource, end) => {
    places.push({ name: decodeResource(resource).name, start: end - resource.length, end });
  });
  checkOrder(places);
  return { type, places };
}

function eachResource(bytes: Uint8Array, take: (resource: Uint8Array, end: number) => void): string {
  let type = "";
  eachField(bytes, CHUNK, (field, reader) => {
    if (field === 1) type = reader.string(true);
    else {
      const resource = reader.bytes();
      take(resource, reader.pos);
    }
  });
  if (type === "") throw new Error("it has no type");
  return type;
}

function checkOrder(resources: readonly { readonly name: string }[]): void {
  for (let place = 1; place < resources.length; place++) {
    if ((resources[place - 1]?.name ?? "") >= (resources[place]?.name ?? "")) {
      throw new Error("its names are not in order");
    }
  }
}

/** The resource at a place of its chunk. Its `bytes` are those of the chunk. */
export function keptAt(bytes: Uint8Array, { start, end }: Place): Kept {
  return decodeResource(bytes.subarray(start, end));
}

const { LengthDelimited, Bit64 } = WireType;
const CHUNK: Fields = { 1: LengthDelimited, 2: LengthDelimited };
const RESOURCE: Fields = { 1: LengthDelimited, 2: LengthDelimited, 3: Bit64, 4: LengthDelimited };

function decodeResource(from: Uint8Array): Kept {
  let name: string | undefined;
  let bytes: Uint8Array = new Uint8Array();
  let ttl: number | undefined;
  const aliases: string[] = [];
  eachField(from, RESOURCE, (field, reader) => {
    if (field === 1) name = reader.string(true);
    else if (field === 2) bytes = reader.bytes();
    else if (field === 3) ttl = reader.double();
    else aliases.push(reader.string(true));
  });
  if (name === undefined) throw new Error("a resource has no name");
  if (ttl !== undefined && !(ttl >= 0 && ttl < Infinity)) throw new Error("a time to live is no time");
  return { name, bytes, ttl, aliases };
}

/** Wire type of each field that is known. */
export type Fields = Readonly<Record<number, WireType>>;

/** Calls `take` for each known field of a message; it reads the value. All others are passed over. */
export function eachField(
  bytes: Uint8Array,
  fields: Fields,
  take: (field: number, reader: BinaryReader) => void,
): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    const known = fields[field];
    if (known === undefined) reader.skip(wire, field);
    else if (known === wire) take(field, reader);
    else throw new Error(`field ${field} has the wrong wire type`);
  }
}

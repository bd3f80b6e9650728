/**
 * Where the resources of one type were read from, in a chunk of its own, because it changes when no resource does:
 *
 * ```
 * message Origins { string type = 1; repeated string texts = 2; repeated Origin origins = 3; }
 * message Origin { string name = 1; uint32 layer = 2; uint32 file = 3; uint32 line = 4; uint32 column = 5; }
 * ```
 *
 * `layer` and `file` are places among the texts. Origins are in order of name, texts in the order of their first use.
 *
 * @module
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Origin, Resource } from "../../model/resource.ts";
import { eachField, type Fields } from "./chunks.ts";

export interface Origins {
  /** Type URL. */
  readonly type: string;
  /** By name of resource. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** The bytes. The resources are of the type, in order of name; those without an origin are passed over. */
export function encodeOrigins(type: string, resources: Iterable<Pick<Resource, "name" | "origin">>): Uint8Array {
  const texts = new Map<string, number>();
  const placeOf = (text: string): number => {
    const place = texts.get(text) ?? texts.size;
    texts.set(text, place);
    return place;
  };
  const list = new BinaryWriter();
  for (const { name, origin } of resources) {
    if (origin === undefined) continue;
    list.tag(3, LengthDelimited).fork();
    list.tag(1, LengthDelimited).string(name);
    list.tag(2, Varint).uint32(placeOf(origin.layer));
    list.tag(3, Varint).uint32(placeOf(origin.file));
    list.tag(4, Varint).uint32(origin.line);
    list.tag(5, Varint).uint32(origin.column);
    list.join();
  }
  const writer = new BinaryWriter();
  writer.tag(1, LengthDelimited).string(type);
  for (const text of texts.keys()) writer.tag(2, LengthDelimited).string(text);
  return writer.raw(list.finish()).finish();
}

const { LengthDelimited, Varint } = WireType;
const ORIGINS: Fields = { 1: LengthDelimited, 2: LengthDelimited, 3: LengthDelimited };
const ORIGIN: Fields = { 1: LengthDelimited, 2: Varint, 3: Varint, 4: Varint, 5: Varint };

/** @throws {Error} With the state alone, if it is none. */
export function decodeOrigins(bytes: Uint8Array): Origins {
  let type = "";
  const texts: string[] = [];
  const origins = new Map<string, Origin>();
  eachField(bytes, ORIGINS, (field, reader) => {
    if (field === 1) type = reader.string(true);
    else if (field === 2) texts.push(reader.string(true));
    else origins.set(...decodeOrigin(reader.bytes(), texts));
  });
  if (type === "") throw new Error("it has no type");
  return { type, origins };
}

function decodeOrigin(bytes: Uint8Array, texts: readonly string[]): [name: string, origin: Origin] {
  let name = "";
  const numbers = [0, 0, 0, 0];
  eachField(bytes, ORIGIN, (field, reader) => {
    if (field === 1) name = reader.string(true);
    else numbers[field - 2] = reader.uint32();
  });
  const [layer = 0, file = 0, line = 0, column = 0] = numbers;
  const [layerName, fileName] = [texts[layer], texts[file]];
  if (layerName === undefined || fileName === undefined) throw new Error("an origin names a text that is not there");
  return [name, { layer: layerName, file: fileName, line, column }];
}

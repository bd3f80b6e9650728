/**
 * Which resources hold secrets: those of the type Secret, and every one in which a field is set that the API marks with
 * `udpa.annotations.sensitive`, at any depth, in an `Any` and in a `TypedStruct` too. A field that only says where the
 * secret is to be read (a file, a variable of Envoy's environment) holds none.
 *
 * What cannot be known is what printing hides, too (`lib/model/codec/redact.ts`): the content of a `TypedStruct` of a
 * type that the API does not have counts as secret.
 *
 * @module
 */
import { type DescField, type DescMessage, fromBinary, toJson } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Api } from "../../model/api.ts";
import { TYPED_STRUCTS } from "../../model/codec/any.ts";
import { Sensitive } from "../../model/codec/redact.ts";
import type { Resource } from "../../model/resource.ts";
import { SECRET } from "../../model/types.ts";

type Looked = Pick<Resource, "type" | "bytes">;

/** Looks through the bytes of messages, and makes none of them. Remembers what it looked at as long as that lives. */
export class SecretFinder {
  readonly #api: Api;
  readonly #sensitive: Sensitive;
  readonly #fields = new Map<DescMessage, ReadonlyMap<number, DescField>>();
  readonly #known = new WeakMap<Looked, boolean>();

  constructor(api: Api) {
    this.#api = api;
    this.#sensitive = new Sensitive(api);
  }

  /** Whether it holds a secret. Of what cannot be read it cannot be said that it does not. */
  holds(resource: Looked): boolean {
    let known = this.#known.get(resource);
    if (known === undefined) this.#known.set(resource, known = this.looksSecret(resource));
    return known;
  }

  /** The same of what is looked at but once: nothing is remembered. */
  looksSecret({ type, bytes }: Looked): boolean {
    return type === SECRET.url || this.#any(type, bytes, true);
  }

  /** A message of a type URL; `unknown` is what to say of a type that nobody knows. */
  #any(url: string, bytes: Uint8Array, unknown: boolean): boolean {
    const desc = this.#api.message(url.slice(url.lastIndexOf("/") + 1));
    if (desc === undefined) return unknown;
    try {
      return this.#message(desc, bytes);
    } catch {
      return true;
    }
  }

  #message(desc: DescMessage, bytes: Uint8Array): boolean {
    if (desc.typeName === SECRET_TYPE) return true;
    if (TYPED_STRUCTS.has(desc.typeName)) return this.#typedStruct(desc, bytes);
    if (desc.typeName === ANY) {
      const [url = NO_BYTES, value = NO_BYTES] = lengthDelimited(bytes, 1, 2);
      return this.#any(new TextDecoder().decode(url), value, false);
    }
    const fields = this.#fieldsOf(desc);
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [number, wire] = reader.tag();
      const field = fields.get(number);
      if (field === undefined) pass(reader, wire, number);
      else if (wire !== WireType.LengthDelimited) {
        pass(reader, wire, number);
        if (this.#sensitive.field(field)) return true;
      } else if (this.#field(field, reader.bytes())) return true;
    }
    return false;
  }

  #field(field: DescField, bytes: Uint8Array): boolean {
    const sensitive = this.#sensitive.field(field);
    let value = bytes;
    if (field.fieldKind === "map") value = lengthDelimited(bytes, 2)[0] ?? NO_BYTES;
    if (!sensitive) return field.message !== undefined && this.#message(field.message, value);
    return value.length > 0 && !(field.message?.typeName === DATA_SOURCE && isElsewhere(value));
  }

  /** As it is printed: what is hidden there is secret here. */
  #typedStruct(desc: DescMessage, bytes: Uint8Array): boolean {
    const json = toJson(desc, fromBinary(desc, bytes));
    if (json === null || typeof json !== "object" || Array.isArray(json)) return true;
    return JSON.stringify(this.#sensitive.typedStruct(json)) !== JSON.stringify(json);
  }

  /** The fields that are worth a look: marked ones, and messages that may have one inside. */
  #fieldsOf(desc: DescMessage): ReadonlyMap<number, DescField> {
    let fields = this.#fields.get(desc);
    if (fields === undefined) {
      const worth = desc.fields.filter((field) => this.#isWorth(field));
      this.#fields.set(desc, fields = new Map(worth.map((field) => [field.number, field])));
    }
    return fields;
  }

  #isWorth(field: DescField): boolean {
    const met = new Set<DescMessage>();
    const open = [field];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (this.#sensitive.field(next)) return true;
      const { message } = next;
      if (message === undefined || met.has(message)) continue;
      if (message.typeName === ANY || message.typeName === SECRET_TYPE || TYPED_STRUCTS.has(message.typeName)) {
        return true;
      }
      met.add(message);
      open.push(...message.fields);
    }
    return false;
  }
}

const NO_BYTES = new Uint8Array();
const ANY = "google.protobuf.Any";
const SECRET_TYPE = SECRET.url.slice(SECRET.url.lastIndexOf("/") + 1);
const DATA_SOURCE = "envoy.config.core.v3.DataSource";
/** Of `DataSource`: `inline_bytes` and `inline_string`. */
const INLINE: readonly number[] = [2, 3];

/** Whether a `DataSource` only names a file or a variable. */
function isElsewhere(dataSource: Uint8Array): boolean {
  return lengthDelimited(dataSource, ...INLINE).every((value) => value === undefined);
}

/** The values of length-delimited fields of a message, the last of each. */
function lengthDelimited(bytes: Uint8Array, ...numbers: readonly number[]): (Uint8Array | undefined)[] {
  const found: (Uint8Array | undefined)[] = numbers.map(() => undefined);
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const place = wire === WireType.LengthDelimited ? numbers.indexOf(number) : -1;
    if (place < 0) pass(reader, wire, number);
    else found[place] = reader.bytes();
  }
  return found;
}

/** Passes over a value as `skip` does, which makes an array of each. */
function pass(reader: BinaryReader, wire: WireType, number: number): void {
  if (wire === WireType.Varint) reader.int32();
  else if (wire !== WireType.LengthDelimited) reader.skip(wire, number);
  else {
    const length = reader.uint32();
    reader.pos += length;
    if (reader.pos > reader.len) throw new RangeError("premature EOF");
  }
}

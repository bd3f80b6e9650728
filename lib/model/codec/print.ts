/**
 * From the bytes of a resource to JSON for people: `@type` first, names as in Envoy's documentation, every `Any`
 * expanded, and secrets left out.
 *
 * @module
 */
import {
  type DescField,
  type DescMessage,
  fromBinary,
  type JsonObject,
  type JsonValue,
  type Message,
  ScalarType,
  toJson as toStandardJson,
} from "@bufbuild/protobuf";
import { isScalarZeroValue, reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { Buffer } from "node:buffer";
import type { Api } from "../api.ts";
import type { Resource } from "../resource.ts";
import { TYPED_STRUCTS } from "./any.ts";
import { redactAll, REDACTED, Sensitive } from "./redact.ts";

/** How to print. */
export interface PrintOptions {
  /** Put `[redacted]` in the place of what Envoy itself does not show: private keys, passwords, tokens. Default: true. */
  readonly redact?: boolean;
  /** `proto`: snake_case, as in Envoy's documentation (default). `json`: lowerCamelCase, the canonical JSON of proto3. */
  readonly names?: "proto" | "json";
}

/**
 * A resource as proto-JSON, with `@type`. What was redacted is `[redacted]`, in a field of bytes the base64 of
 * it, as in Envoy's `config_dump`.
 *
 * @throws {Error} If the API does not have the type, or the bytes are not a message of it.
 */
export function toJson(api: Api, resource: Pick<Resource, "type" | "bytes">, options: PrintOptions = {}): JsonObject {
  const typeName = resource.type.slice(resource.type.lastIndexOf("/") + 1);
  const desc = api.message(typeName);
  if (desc === undefined) throw new Error(`Cannot print a resource: unknown type "${resource.type}"`);
  const json = new Printer(api, options.redact ?? true, options.names).print(desc, resource.bytes);
  return hasOwnForm(typeName)
    ? { "@type": resource.type, value: json }
    : { "@type": resource.type, ...json as JsonObject };
}

/** Well-known types with a JSON form of their own, which protobuf-es prints; `Any` is not one of them. */
const SPECIAL: ReadonlySet<string> = new Set(
  ["Duration", "Timestamp", "FieldMask", "Struct", "Value", "ListValue"].map((name) => `google.protobuf.${name}`),
);
/** Those of them that can hold a secret. */
const FREE_FORM: ReadonlySet<string> = new Set(
  ["Struct", "Value", "ListValue"].map((name) => `google.protobuf.${name}`),
);
const WRAPPER = /^google\.protobuf\.(Double|Float|U?Int64|U?Int32|Bool|String|Bytes)Value$/;

/** Whether the JSON of a message is no map of its fields: in an `Any` it is under `value`. */
function hasOwnForm(typeName: string): boolean {
  return typeName === "google.protobuf.Any" || SPECIAL.has(typeName) || WRAPPER.test(typeName);
}

/** One field as it is looked for in a message. */
interface PrintedField {
  readonly desc: DescField;
  /** Where its value is in the message; of a member of a oneof, the name of the oneof's own place. */
  readonly place: string;
  readonly oneof: boolean;
  /** The number that an enum without presence is not printed with. */
  readonly absent: unknown;
  readonly kind: "list" | "map" | "message" | "explicit" | "implicit";
}

/** Made from a descriptor when the first message of it is printed, and kept as long as that. */
const FIELDS = new WeakMap<DescMessage, readonly PrintedField[]>();

function printedFields(desc: DescMessage): readonly PrintedField[] {
  let fields = FIELDS.get(desc);
  if (fields === undefined) {
    fields = desc.fields.toSorted((a, b) => a.number - b.number).map(printedField);
    FIELDS.set(desc, fields);
  }
  return fields;
}

function printedField(desc: DescField): PrintedField {
  const single = desc.fieldKind !== "list" && desc.fieldKind !== "map";
  const oneof = single ? desc.oneof : undefined;
  return {
    desc,
    place: oneof?.localName ?? desc.localName,
    oneof: oneof !== undefined,
    absent: desc.fieldKind === "enum" ? desc.enum.values[0]?.number : undefined,
    kind: desc.fieldKind === "list" || desc.fieldKind === "map" || desc.fieldKind === "message"
      ? desc.fieldKind
      : desc.presence === IMPLICIT
      ? "implicit"
      : "explicit",
  };
}

/** Of `google.protobuf.FeatureSet.FieldPresence`. */
const IMPLICIT = 2;

/** A message as protobuf-es has it in memory. */
type Plain = Readonly<Record<string, unknown>>;

/** Prints messages of an API. */
export class Printer {
  readonly #api: Api;
  readonly #sensitive: Sensitive | undefined;
  readonly #key: "name" | "jsonName";

  constructor(api: Api, redact: boolean, names: PrintOptions["names"] = "proto") {
    this.#api = api;
    this.#key = names === "json" ? "jsonName" : "name";
    this.#sensitive = redact ? new Sensitive(api) : undefined;
  }

  /** A message as its JSON form, which for most is an object. */
  print(desc: DescMessage, bytes: Uint8Array): JsonValue {
    return this.#message(desc, plain(fromBinary(desc, bytes)), false) ?? null;
  }

  /** Fields that are set, by number. Under `hide`, everything is redacted. */
  #fields(desc: DescMessage, message: Plain, hide = false): JsonObject {
    const json: JsonObject = {};
    for (const field of printedFields(desc)) {
      const found = valueOf(message, field);
      if (found === undefined) continue;
      const value = this.#field(desc, message, field, found, hide || this.#sensitive?.field(field.desc) === true);
      if (value !== undefined) json[field.desc[this.#key]] = value;
    }
    const secret = this.#sensitive !== undefined && TYPED_STRUCTS.has(desc.typeName);
    return secret ? this.#sensitive.typedStruct(json) : json;
  }

  #field(
    parent: DescMessage,
    message: Plain,
    { desc, kind, oneof }: PrintedField,
    found: unknown,
    hide: boolean,
  ): JsonValue | undefined {
    // In a field, protobuf-es has JSON in the place of a Struct, and a value in the place of its wrapper.
    if (desc.message?.typeName === STRUCT) return this.#structs(parent, message, desc, hide);
    if (kind === "list") {
      const items: JsonValue[] = [];
      for (const item of found as readonly unknown[]) {
        const value = this.#value(desc, item, hide);
        if (value !== undefined) items.push(value);
      }
      return items;
    }
    if (kind === "map") {
      const entries: [string, JsonValue][] = [];
      for (const [key, item] of Object.entries(found as Plain)) {
        const value = this.#value(desc, item, hide);
        if (value !== undefined) entries.push([key, value]);
      }
      return Object.fromEntries(entries);
    }
    const wrapped = kind === "message" && !oneof ? wrappedField(desc.message) : undefined;
    return wrapped === undefined ? this.#value(desc, found, hide) : this.#value(wrapped, found, hide);
  }

  /** Undefined where Envoy would clear the value: a number or an enum that is sensitive. */
  #value(field: DescField, value: unknown, hide: boolean): JsonValue | undefined {
    if (field.message !== undefined) return this.#message(field.message, value as Plain, hide);
    if (field.enum !== undefined) return hide ? undefined : enumJson(field.enum, value as number);
    return scalarJson(field.scalar ?? ScalarType.STRING, value, hide);
  }

  #structs(parent: DescMessage, message: Plain, field: DescField, hide: boolean): JsonValue | undefined {
    const reflected = reflect(parent, message as Plain & Message);
    const value = reflected.get(field);
    const print = (item: unknown) => {
      const struct = item as ReflectMessage;
      return this.#message(struct.desc, plain(struct.message), hide) ?? null;
    };
    if (field.fieldKind === "list") return Array.from(value as Iterable<unknown>, print);
    if (field.fieldKind !== "map") return print(value);
    const entries = Array.from(value as Iterable<[unknown, unknown]>, ([key, item]) => [String(key), print(item)]);
    return Object.fromEntries(entries);
  }

  #message(desc: DescMessage, message: Plain, hide: boolean): JsonValue | undefined {
    switch (formOf(desc)) {
      case "fields":
        return this.#fields(desc, message, hide);
      case "any":
        return this.#any(message, hide);
      case "wrapper": {
        const [field] = desc.fields;
        return field && this.#value(field, message[field.localName], hide);
      }
    }
    const json = this.#special(desc, message);
    if (!hide) return json;
    return FREE_FORM.has(desc.typeName) ? redactAll(json) : undefined;
  }

  /** A duration or time out of range has no JSON form of its own: it is printed as a map of its fields. */
  #special(desc: DescMessage, message: Plain): JsonValue {
    try {
      return toStandardJson(desc, message as Plain & Message);
    } catch {
      return this.#fields(desc, message);
    }
  }

  #any(message: Plain, hide: boolean): JsonObject {
    const { typeUrl, value } = message as { readonly typeUrl: string; readonly value: Uint8Array };
    if (typeUrl === "" && value.length === 0) return {};
    const desc = this.#api.message(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
    const inner = desc && unpack(desc, value);
    if (desc === undefined || inner === undefined) {
      return { "@type": typeUrl, value: hide ? HIDDEN_BYTES : base64(value) };
    }
    if (hasOwnForm(desc.typeName)) {
      const json = this.#message(desc, inner, hide);
      return json === undefined ? { "@type": typeUrl } : { "@type": typeUrl, value: json };
    }
    return { "@type": typeUrl, ...this.#fields(desc, inner, hide) };
  }
}

const STRUCT = "google.protobuf.Struct";

type Form = "fields" | "any" | "wrapper" | "special";
const FORMS = new WeakMap<DescMessage, Form>();

function formOf(desc: DescMessage): Form {
  let form = FORMS.get(desc);
  if (form === undefined) {
    const { typeName } = desc;
    if (typeName === "google.protobuf.Any") form = "any";
    else if (WRAPPER.test(typeName)) form = "wrapper";
    else form = SPECIAL.has(typeName) ? "special" : "fields";
    FORMS.set(desc, form);
  }
  return form;
}

function wrappedField(desc: DescMessage | undefined): DescField | undefined {
  return desc !== undefined && formOf(desc) === "wrapper" ? desc.fields[0] : undefined;
}

function plain(message: Message): Plain {
  return message as Message & Plain;
}

/** Undefined where the field is not set. */
function valueOf(message: Plain, { desc, place, oneof, absent, kind }: PrintedField): unknown {
  const value = message[place];
  if (oneof) {
    const chosen = value as { readonly case?: string; readonly value?: unknown };
    return chosen.case === desc.localName ? chosen.value : undefined;
  }
  switch (kind) {
    case "list":
      return (value as readonly unknown[]).length > 0 ? value : undefined;
    case "map":
      return Object.keys(value as Plain).length > 0 ? value : undefined;
    case "message":
      return value;
    case "explicit":
      // Default values are properties of the prototype.
      return Object.hasOwn(message, place) ? value : undefined;
    case "implicit":
      return value === absent || desc.scalar !== undefined && isScalarZeroValue(desc.scalar, value) ? undefined : value;
  }
}

function unpack(desc: DescMessage, value: Uint8Array): Plain | undefined {
  try {
    return plain(fromBinary(desc, value));
  } catch {
    return undefined;
  }
}

const HIDDEN_BYTES = base64(new TextEncoder().encode(REDACTED));

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function enumJson(desc: NonNullable<DescField["enum"]>, value: number): JsonValue {
  if (desc.typeName === "google.protobuf.NullValue") return null;
  return desc.value[value]?.name ?? value;
}

function scalarJson(type: ScalarType, value: unknown, hide: boolean): JsonValue | undefined {
  if (type === ScalarType.BYTES) return hide ? HIDDEN_BYTES : base64(value as Uint8Array);
  if (type === ScalarType.STRING) return hide ? REDACTED : value as string;
  if (hide) return undefined;
  if (typeof value === "boolean") return value;
  if (typeof value !== "number") return String(value);
  if (!Number.isFinite(value)) return String(value);
  return type === ScalarType.FLOAT ? shortestFloat(value) : value;
}

/** 0.1 in 32 bits is 0.1, not 0.10000000149011612. */
function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}

/**
 * From the bytes of a resource to JSON and YAML for people: `@type` first, names as in Envoy's documentation, every `Any`
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
import { reflect, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import { dump } from "js-yaml";
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

/** The same as YAML, which reads back as the same resource where nothing is redacted. */
export function toYaml(api: Api, resource: Pick<Resource, "type" | "bytes">, options: PrintOptions = {}): string {
  return jsonToYaml(toJson(api, resource, options));
}

/** JSON as YAML in the block style; strings that a reader could take for something else are quoted. */
export function jsonToYaml(json: JsonValue): string {
  return dump(json, { lineWidth: -1, noRefs: true });
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
    return this.#message(reflect(desc, fromBinary(desc, bytes)), false) ?? null;
  }

  /** Fields that are set, by number. Under `hide`, everything is redacted. */
  #fields(message: ReflectMessage, hide = false): JsonObject {
    const json: JsonObject = {};
    for (const field of message.sortedFields) {
      if (!message.isSet(field)) continue;
      const value = this.#field(message, field, hide || this.#sensitive?.field(field) === true);
      if (value !== undefined) json[field[this.#key]] = value;
    }
    const secret = this.#sensitive !== undefined && TYPED_STRUCTS.has(message.desc.typeName);
    return secret ? this.#sensitive.typedStruct(json) : json;
  }

  #field(message: ReflectMessage, field: DescField, hide: boolean): JsonValue | undefined {
    switch (field.fieldKind) {
      case "list": {
        const items = [...message.get(field)].map((item) => this.#value(field, item, hide));
        return items.filter((item) => item !== undefined);
      }
      case "map": {
        const entries: [string, JsonValue][] = [];
        for (const [key, item] of message.get(field)) {
          const value = this.#value(field, item, hide);
          if (value !== undefined) entries.push([String(key), value]);
        }
        return Object.fromEntries(entries);
      }
      default:
        return this.#value(field, message.get(field), hide);
    }
  }

  /** Undefined where Envoy would clear the value: a number or an enum that is sensitive. */
  #value(field: DescField, value: unknown, hide: boolean): JsonValue | undefined {
    if (field.message !== undefined) return this.#message(value as ReflectMessage, hide);
    if (field.enum !== undefined) return hide ? undefined : enumJson(field.enum, value as number);
    return scalarJson(field.scalar ?? ScalarType.STRING, value, hide);
  }

  #message(message: ReflectMessage, hide: boolean): JsonValue | undefined {
    const { typeName } = message.desc;
    if (typeName === "google.protobuf.Any") return this.#any(message, hide);
    if (WRAPPER.test(typeName)) {
      const [field] = message.fields;
      return field && this.#value(field, message.get(field), hide);
    }
    if (!SPECIAL.has(typeName)) return this.#fields(message, hide);
    const json = this.#special(message);
    if (!hide) return json;
    return FREE_FORM.has(typeName) ? redactAll(json) : undefined;
  }

  /** A duration or time out of range has no JSON form of its own: it is printed as a map of its fields. */
  #special(message: ReflectMessage): JsonValue {
    try {
      return toStandardJson(message.desc, message.message);
    } catch {
      return this.#fields(message);
    }
  }

  #any(message: ReflectMessage, hide: boolean): JsonObject {
    const { typeUrl, value } = message.message as Message & { typeUrl: string; value: Uint8Array };
    if (typeUrl === "" && value.length === 0) return {};
    const inner = this.#unpack(typeUrl, value);
    if (inner === undefined) return { "@type": typeUrl, value: hide ? HIDDEN_BYTES : base64(value) };
    const { typeName } = inner.desc;
    if (hasOwnForm(typeName)) {
      const json = this.#message(inner, hide);
      return json === undefined ? { "@type": typeUrl } : { "@type": typeUrl, value: json };
    }
    return { "@type": typeUrl, ...this.#fields(inner, hide) };
  }

  #unpack(typeUrl: string, value: Uint8Array): ReflectMessage | undefined {
    const desc = this.#api.message(typeUrl.slice(typeUrl.lastIndexOf("/") + 1));
    if (desc === undefined) return undefined;
    try {
      return reflect(desc, fromBinary(desc, value));
    } catch {
      return undefined;
    }
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

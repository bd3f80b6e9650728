/**
 * What must not be shown: fields that the API marks with `udpa.annotations.sensitive`, and everything below them.
 *
 * @module
 */
import {
  type DescField,
  type DescMessage,
  getOption,
  hasOption,
  type JsonObject,
  type JsonValue,
} from "@bufbuild/protobuf";
import type { Api } from "../api.ts";
import { TYPED_STRUCTS } from "./any.ts";

/** What stands in the place of a hidden string, as in Envoy's `config_dump`. */
export const REDACTED = "[redacted]";

/** Knows the sensitive fields of an API. */
export class Sensitive {
  readonly #api: Api;
  readonly #known = new Map<DescField, boolean>();

  constructor(api: Api) {
    this.#api = api;
  }

  /** Whether the API marks the field. */
  field(field: DescField): boolean {
    let known = this.#known.get(field);
    if (known === undefined) {
      const option = this.#api.extension("udpa.annotations.sensitive");
      if (option === undefined) throw new Error("Cannot redact: the API has no udpa.annotations.sensitive");
      known = field.proto.options !== undefined && hasOption(field, option) && getOption(field, option) === true;
      this.#known.set(field, known);
    }
    return known;
  }

  /** Redacts the JSON form of a message, whichever spelling its fields have. */
  json(value: JsonValue, desc: DescMessage): JsonValue {
    if (Array.isArray(value)) return value.map((item) => this.json(item, desc));
    if (value === null || typeof value !== "object") return value;
    if (TYPED_STRUCTS.has(desc.typeName)) return this.typedStruct(value);
    const inner = desc.typeName === "google.protobuf.Any" ? this.#typeOf(value["@type"]) : desc;
    if (inner === undefined) return redactAll(value);
    const json: JsonObject = {};
    for (const [key, item] of Object.entries(value)) json[key] = this.#jsonField(inner, key, item);
    return json;
  }

  /** What a `TypedStruct` holds is a message in disguise. What no one knows the form of is hidden whole. */
  typedStruct(json: JsonObject): JsonObject {
    const held = json.value;
    if (held === undefined) return json;
    const desc = this.#typeOf(json.type_url ?? json.typeUrl);
    return { ...json, value: desc === undefined ? redactAll(held) : this.json(held, desc) };
  }

  #jsonField(desc: DescMessage, key: string, value: JsonValue): JsonValue {
    const field = desc.fields.find((each) => each.name === key || each.jsonName === key);
    if (field === undefined) return value;
    if (this.field(field)) return redactAll(value);
    if (field.message === undefined) return value;
    if (field.fieldKind !== "map" || value === null || typeof value !== "object" || Array.isArray(value)) {
      return this.json(value, field.message);
    }
    const { message } = field;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.json(item, message)]));
  }

  #typeOf(url: JsonValue | undefined): DescMessage | undefined {
    return typeof url === "string" ? this.#api.message(url.slice(url.lastIndexOf("/") + 1)) : undefined;
  }
}

/** Hides every string, and clears all other values. Keys stay. */
export function redactAll(json: JsonValue): JsonValue {
  if (typeof json === "string") return REDACTED;
  if (Array.isArray(json)) return json.map(redactAll);
  if (json === null || typeof json !== "object") return null;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, redactAll(value)]));
}

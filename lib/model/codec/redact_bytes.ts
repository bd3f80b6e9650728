/**
 * The binary form of a message without what must not be shown: the twin of the JSON form that `print.ts` makes. The
 * message is decoded, cleaned and encoded again; fields that the API does not know are dropped, for nobody knows what is
 * in them.
 *
 * @module
 */
import {
  type DescField,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonObject,
  type Message,
  ScalarType,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { reflect, type ReflectList, type ReflectMap, type ReflectMessage } from "@bufbuild/protobuf/reflect";
import type { Api } from "../api.ts";
import { TYPED_STRUCTS } from "./any.ts";
import { redactAll, REDACTED, Sensitive } from "./redact.ts";

const FREE_FORM: ReadonlySet<string> = new Set(
  ["Struct", "Value", "ListValue"].map((name) => `google.protobuf.${name}`),
);
const HIDDEN_BYTES: Uint8Array = new TextEncoder().encode(REDACTED);

/** Cleans messages of an API. */
export class Redactor {
  readonly #api: Api;
  readonly #sensitive: Sensitive;

  constructor(api: Api) {
    this.#api = api;
    this.#sensitive = new Sensitive(api);
  }

  /**
   * The message of a type URL with `[redacted]` in the place of every string that the API marks as sensitive, and
   * without the sensitive values of other kinds. undefined when the API does not have the type, or the bytes are none of
   * it: then nothing of it may be shown.
   */
  redact(type: string, bytes: Uint8Array): Uint8Array | undefined {
    const desc = this.#typeOf(type);
    if (desc === undefined) return undefined;
    try {
      return this.#bytes(desc, bytes, false);
    } catch {
      return undefined;
    }
  }

  #bytes(desc: DescMessage, bytes: Uint8Array, hide: boolean): Uint8Array {
    const message = reflect(desc, fromBinary(desc, bytes, { readUnknownFields: false }));
    return toBinary(desc, this.#clean(message, hide).message);
  }

  /** The message itself, changed, or one that takes its place. Under `hide`, everything in it is redacted. */
  #clean(message: ReflectMessage, hide: boolean): ReflectMessage {
    const { desc } = message;
    if (desc.typeName === "google.protobuf.Any") return this.#any(message, hide);
    if (TYPED_STRUCTS.has(desc.typeName)) {
      const json = toJson(desc, message.message) as JsonObject;
      const redacted = hide ? { ...json, value: redactAll(json.value ?? {}) } : this.#sensitive.typedStruct(json);
      return reflect(desc, fromJson(desc, redacted));
    }
    if (hide && FREE_FORM.has(desc.typeName)) {
      return reflect(desc, fromJson(desc, redactAll(toJson(desc, message.message))));
    }
    for (const field of message.fields) {
      if (message.isSet(field)) this.#field(message, field, hide || this.#sensitive.field(field));
    }
    return message;
  }

  #field(message: ReflectMessage, field: DescField, hide: boolean): void {
    if (field.fieldKind === "message") {
      message.set(field, this.#clean(message.get(field), hide));
    } else if (field.fieldKind === "list") {
      const list: ReflectList = message.get(field);
      if (field.message === undefined && !hide) return;
      const items = [...list].map((item) => this.#item(field, item, hide));
      list.clear();
      for (const item of items) if (item !== undefined) list.add(item);
    } else if (field.fieldKind === "map") {
      const map: ReflectMap = message.get(field);
      if (field.message === undefined && !hide) return;
      for (const [key, item] of [...map]) {
        const cleaned = this.#item(field, item, hide);
        if (cleaned === undefined) map.delete(key);
        else map.set(key, cleaned);
      }
    } else if (hide) {
      const cleaned = hiddenScalar(field);
      if (cleaned === undefined) message.clear(field);
      else message.set(field, cleaned);
    }
  }

  #item(field: DescField, item: unknown, hide: boolean): ReflectMessage | string | Uint8Array | undefined {
    return field.message === undefined ? hiddenScalar(field) : this.#clean(item as ReflectMessage, hide);
  }

  /** What is in an `Any` that nobody knows stays as it is, as it does in print, unless it is under a sensitive field. */
  #any(message: ReflectMessage, hide: boolean): ReflectMessage {
    const any = message.message as Message & { typeUrl: string; value: Uint8Array };
    const desc = this.#typeOf(any.typeUrl);
    if (desc !== undefined) any.value = this.#bytes(desc, any.value, hide);
    else if (hide) any.value = HIDDEN_BYTES;
    return message;
  }

  #typeOf(url: string): DescMessage | undefined {
    return this.#api.message(url.slice(url.lastIndexOf("/") + 1));
  }
}

/** undefined where Envoy clears the value: a number, a bool, an enum. */
function hiddenScalar(field: DescField): string | Uint8Array | undefined {
  if (field.scalar === ScalarType.STRING) return REDACTED;
  if (field.scalar === ScalarType.BYTES) return HIDDEN_BYTES;
  return undefined;
}

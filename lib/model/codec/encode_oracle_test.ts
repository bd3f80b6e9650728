/**
 * protobuf-es is the oracle: what it reads from random JSON of every message of the API, and what it decodes from our
 * bytes, must be the same.
 *
 * @module
 */
import {
  type DescField,
  type DescMessage,
  equals,
  fromBinary,
  fromJson,
  type JsonObject,
  type JsonValue,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";
import { assert, assertEquals } from "@std/assert";
import { type Api, loadApi } from "../api.ts";
import { Encoder } from "./encode.ts";
import { parseJson } from "./json.ts";
import { Printer } from "./print.ts";
import { Source } from "./source.ts";

/** Random JSON for a message, the same for the same seed. */
class Generator {
  readonly #api: Api;
  readonly #any: readonly DescMessage[];
  #state: number;

  constructor(api: Api, any: readonly DescMessage[], seed: number) {
    this.#api = api;
    this.#any = any;
    this.#state = seed;
  }

  /** Mulberry32: 0 <= x < 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  message(desc: DescMessage, depth: number): JsonValue {
    const special = this.#special(desc, depth);
    if (special !== undefined) return special;
    const json: JsonObject = {};
    const oneofs = new Set<unknown>();
    const share = depth <= 0 ? 0 : Math.min(1, 6 / Math.max(1, desc.fields.length));
    for (const field of this.#shuffled(desc.fields)) {
      if (this.next() > share) continue;
      const group = field.fieldKind === "list" || field.fieldKind === "map" ? undefined : field.oneof;
      if (group !== undefined && oneofs.has(group)) continue;
      oneofs.add(group);
      json[this.next() < 0.5 ? field.name : field.jsonName] = this.#field(field, depth - 1);
    }
    return json;
  }

  #shuffled<T>(items: readonly T[]): T[] {
    return items.map((item) => [this.next(), item] as const).sort(([a], [b]) => a - b).map(([, item]) => item);
  }

  #field(field: DescField, depth: number): JsonValue {
    const count = Math.floor(this.next() * 3);
    switch (field.fieldKind) {
      case "list":
        return Array.from({ length: count }, () => this.#value(field, depth));
      case "map":
        return Object.fromEntries(
          Array.from({ length: count }, () => [String(this.#key(field.mapKey)), this.#value(field, depth)]),
        );
      default:
        return this.#value(field, depth);
    }
  }

  #key(type: ScalarType): JsonValue {
    return type === ScalarType.STRING ? this.pick(["b", "a", "é", "\ufffd", "😀", "a.b"]) : this.#scalar(type);
  }

  #value(field: DescField, depth: number): JsonValue {
    if (field.message !== undefined) return this.message(field.message, depth);
    if (field.enum !== undefined) {
      if (field.enum.typeName === "google.protobuf.NullValue") return null;
      const value = this.pick(field.enum.values);
      return this.next() < 0.5 ? value.name : value.number;
    }
    return this.#scalar(field.scalar ?? ScalarType.STRING);
  }

  #scalar(type: ScalarType): JsonValue {
    switch (type) {
      case ScalarType.STRING:
        return this.pick(["", "a", "plain text", "ünïcödé 😀", "x".repeat(200), "true", "5"]);
      case ScalarType.BYTES:
        return this.pick(["", "AA==", "aGVsbG8=", "_-8=", "+/8="]);
      case ScalarType.BOOL:
        return this.next() < 0.5;
      case ScalarType.FLOAT:
      case ScalarType.DOUBLE:
        return this.pick<JsonValue>([0, 1, -2.5, 1e-7, "NaN", "Infinity", "3.25"]);
      case ScalarType.INT32:
      case ScalarType.SINT32:
      case ScalarType.SFIXED32:
        return this.pick<JsonValue>([0, 1, -1, 2147483647, -2147483648, "17", 1e3, 128, 16384]);
      case ScalarType.UINT32:
      case ScalarType.FIXED32:
        return this.pick<JsonValue>([0, 1, 127, 128, 16383, 16384, 2097152, 268435456, 4294967295, "300"]);
      case ScalarType.UINT64:
      case ScalarType.FIXED64:
        return this.pick<JsonValue>([0, 1, "18446744073709551615", 4294967296, "9007199254740993"]);
      default:
        return this.pick<JsonValue>([0, -1, "9223372036854775807", "-9223372036854775808", 4294967296]);
    }
  }

  #special(desc: DescMessage, depth: number): JsonValue | undefined {
    switch (desc.typeName) {
      case "google.protobuf.Any": {
        const inner = this.pick(this.#any);
        const value = this.message(inner, depth);
        const type = { "@type": `type.googleapis.com/${inner.typeName}` };
        const object = value !== null && typeof value === "object" && !Array.isArray(value);
        const own = inner.typeName.startsWith("google.protobuf.") && inner.typeName !== "google.protobuf.Empty";
        return own || !object ? { ...type, value } : { ...value, ...type };
      }
      case "google.protobuf.Duration":
        return this.pick(["0s", "1s", "1.5s", "0.000000001s", "315576s"]);
      case "google.protobuf.Timestamp":
        return this.pick(["1970-01-01T00:00:00Z", "2030-01-31T12:00:00.25Z", "1969-12-31T23:59:59+01:00"]);
      case "google.protobuf.FieldMask":
        return this.pick(["", "a", "aB,cD.eF"]);
      case "google.protobuf.Struct":
        return Object.fromEntries(["z", "a", "é"].map((key) => [key, this.#free(depth)]));
      case "google.protobuf.ListValue":
        return [this.#free(depth), this.#free(depth)];
      case "google.protobuf.Value":
        return this.#free(depth);
      default:
        return /^google\.protobuf\..*Value$/.test(desc.typeName) && desc.fields[0] !== undefined
          ? this.#value(desc.fields[0], depth)
          : undefined;
    }
  }

  #free(depth: number): JsonValue {
    const leaf = this.pick<JsonValue>([null, true, false, 0, 1.5, "", "text"]);
    if (depth <= 0) return leaf;
    return this.pick<JsonValue>([leaf, [leaf, null], { b: leaf, a: [] }]);
  }
}

/** All but the descriptors themselves, which have required fields and are in no configuration. */
function messagesOf(api: Api): DescMessage[] {
  return [...api.registry]
    .filter((type) => type.kind === "message" && type.file.proto.name !== "google/protobuf/descriptor.proto")
    .filter((type) => type.kind === "message")
    .sort((a, b) => a.typeName < b.typeName ? -1 : 1);
}

function encode(encoder: Encoder, desc: DescMessage, json: JsonValue): { bytes: Uint8Array | undefined; why: string } {
  const source = new Source("random.json", JSON.stringify(json));
  const node = parseJson(source);
  if (node === undefined) throw new Error(`no JSON: ${source.text}`);
  const { bytes } = encoder.encode(desc, node, source, false);
  return { bytes, why: source.issues().map((issue) => `${issue.path}: ${issue.message}`).join("\n") };
}

Deno.test("every message of the API encodes to what protobuf-es reads from the same JSON", () => {
  const api = loadApi();
  const messages = messagesOf(api);
  const any = messages.filter((desc) =>
    desc.typeName.startsWith("envoy.") || desc.typeName.startsWith("google.protobuf.")
  );
  const encoder = new Encoder(api);
  let compared = 0;
  let refused = 0;
  for (const [index, desc] of messages.entries()) {
    const generator = new Generator(api, any, index);
    const json = generator.message(desc, 4);
    let expected;
    try {
      expected = fromJson(desc, json, { registry: api.registry });
    } catch {
      refused++;
      continue;
    }
    const text = `${desc.typeName} ${JSON.stringify(json)}`;
    const { bytes, why } = encode(encoder, desc, json);
    if (bytes === undefined) throw new Error(`${text}\n${why}`);
    const actual = fromBinary(desc, bytes);
    if (!equals(desc, expected, actual, { registry: api.registry, unpackAny: true })) {
      // Says more than that they differ; NaN is not equal to itself.
      const options = { registry: api.registry, useProtoFieldName: true };
      assertEquals(toJson(desc, actual, options), toJson(desc, expected, options), text);
    }
    // What is printed reads back as the same bytes: the encoding is canonical, and printing loses nothing.
    const printed = new Printer(api, false).print(desc, bytes);
    assertEquals(encode(encoder, desc, printed).bytes, bytes, text);
    compared++;
  }
  assert(compared > 0.95 * messages.length, `${compared} of ${messages.length} compared, ${refused} refused`);
});

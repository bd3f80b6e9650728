/**
 * How a value of a field is written in TypeScript: the JSON form of Protobuf.
 *
 * @see https://protobuf.dev/programming-guides/json/
 * @module
 */
import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** Well-known types, which JSON writes in ways of their own: {@link WELL_KNOWN_TYPES} declares what is not plain. */
const WELL_KNOWN: Readonly<Record<string, string>> = {
  "google.protobuf.Any": "google.protobuf.Any",
  "google.protobuf.BoolValue": "boolean",
  "google.protobuf.BytesValue": "google.protobuf.Bytes",
  "google.protobuf.DoubleValue": "google.protobuf.Double",
  "google.protobuf.Duration": "google.protobuf.Duration",
  "google.protobuf.Empty": "google.protobuf.Empty",
  "google.protobuf.FieldMask": "google.protobuf.FieldMask",
  "google.protobuf.FloatValue": "google.protobuf.Double",
  "google.protobuf.Int32Value": "number",
  "google.protobuf.Int64Value": "google.protobuf.Int64",
  "google.protobuf.ListValue": "google.protobuf.Value[]",
  "google.protobuf.StringValue": "string",
  "google.protobuf.Struct": "google.protobuf.Struct",
  "google.protobuf.Timestamp": "google.protobuf.Timestamp",
  "google.protobuf.UInt32Value": "number",
  "google.protobuf.UInt64Value": "google.protobuf.Int64",
  "google.protobuf.Value": "google.protobuf.Value",
};

/** The declarations that {@link valueType} refers to, but for `google.protobuf.Any`. */
export const WELL_KNOWN_TYPES = `export namespace google.protobuf {
  /** Seconds with an \`s\`: \`"1.5s"\`. */
  type Duration = \`\${number}s\`;
  /** RFC 3339: \`"2030-01-31T12:00:00Z"\`. */
  type Timestamp = string;
  /** Base64. */
  type Bytes = string;
  /** 64 bits; a string beyond 2^53. */
  type Int64 = number | string;
  type Double = number | "NaN" | "Infinity" | "-Infinity";
  /** Names of fields with commas between them. */
  type FieldMask = string;
  type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
  type Struct = { [key: string]: Value };
  /** A message without fields: \`{}\`. */
  type Empty = { [key: string]: never };
}
`;

/** The type of a message that is no namespace member of its own; undefined for all others. */
export function wellKnownType(typeName: string): string | undefined {
  return WELL_KNOWN[typeName];
}

/** The type of a message or an enum: as a rule, its name in the written namespaces. */
export function typeReference(desc: DescMessage | DescEnum): string {
  const known = wellKnownType(desc.typeName);
  if (known !== undefined) return known;
  if (desc.typeName === "google.protobuf.NullValue") return "null";
  if (isDeclarable(desc.file.proto.package)) return desc.typeName;
  return desc.kind === "enum" ? "string" : "google.protobuf.Struct";
}

/** Words that no namespace can have in its name. */
const RESERVED: ReadonlySet<string> = new Set(
  ("break case catch class const continue debugger default delete do else enum export extends false finally for " +
    "function if implements import in instanceof interface let new null package private protected public return " +
    "static super switch this throw true try typeof var void while with yield").split(" "),
);

/** Inside of a namespace `acme.envoy`, the name `envoy.config` would be looked for in that. */
const ROOTS: ReadonlySet<string> = new Set(["envoy", "google", "udpa", "xds"]);

/** Whether a package can be a namespace. All of Envoy's can; who knows about those of an operator. */
export function isDeclarable(packageName: string): boolean {
  const [first = "", ...rest] = packageName.split(".");
  return [first, ...rest].every((segment) => segment !== "" && !RESERVED.has(segment)) &&
    (first === "envoy" || !rest.some((segment) => ROOTS.has(segment)));
}

/** The type of a field's value; `any` stands for `google.protobuf.Any` in it. */
export function valueType(field: DescField, any?: string): string {
  switch (field.fieldKind) {
    case "list":
      return list(element(field.listKind === "scalar" ? field.scalar : field.enum ?? field.message, any));
    case "map":
      return `{ [key: string]: ${
        element(field.mapKind === "scalar" ? field.scalar : field.enum ?? field.message, any)
      } }`;
    case "scalar":
      return scalarType(field.scalar);
    default:
      return element(field.enum ?? field.message, any);
  }
}

function element(type: ScalarType | DescEnum | DescMessage, any: string | undefined): string {
  if (typeof type === "number") return scalarType(type);
  return type.typeName === "google.protobuf.Any" && any !== undefined ? any : typeReference(type);
}

function list(type: string): string {
  return type.includes(" ") ? `(${type})[]` : `${type}[]`;
}

function scalarType(scalar: ScalarType): string {
  switch (scalar) {
    case ScalarType.STRING:
      return "string";
    case ScalarType.BOOL:
      return "boolean";
    case ScalarType.BYTES:
      return "google.protobuf.Bytes";
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return "google.protobuf.Double";
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return "google.protobuf.Int64";
    default:
      return "number";
  }
}

/**
 * Defects of single values: of the wrong type, out of the rules, or of no use for what the field is.
 *
 * @module
 */
import { ScalarType } from "@bufbuild/protobuf";
import { type Change, fieldName, put } from "./mutant.ts";
import { breaches, collectionBreaches, object, type RuleReader, type Rules } from "./rules.ts";
import { list, map, raw, text, type Value } from "./value.ts";
import type { FieldSite, ValueSite } from "./walk.ts";

type Named = readonly [kind: string, value: Value];

const WHOLE_NUMBERS: ReadonlySet<ScalarType> = new Set([
  ScalarType.INT32,
  ScalarType.INT64,
  ScalarType.UINT32,
  ScalarType.UINT64,
  ScalarType.SINT32,
  ScalarType.SINT64,
  ScalarType.FIXED32,
  ScalarType.FIXED64,
  ScalarType.SFIXED32,
  ScalarType.SFIXED64,
]);

/** Everything that can be done to one value. */
export function valueChanges(rules: RuleReader, site: ValueSite): Change[] {
  const all = rules.of(site.field);
  const own = site.inList ? object(object(all["repeated"])["items"]) : site.inMap ? valuesOf(all) : all;
  const name = fieldName(site.field);
  const prefix = site.inList ? "items_" : "";
  return [
    ...breaches(own, site.value).map(({ kind, value }) =>
      put(kind.replace("pgv_", `pgv_${prefix}`), name, site.path, value)
    ),
    ...typeDefects(site).map(([kind, value]) => put(kind, name, site.path, value, detail(value))),
    ...meaningDefects(site).map(([kind, value]) => put(kind, name, site.path, value, detail(value))),
  ];
}

/** Everything that can be done to a list or map as a whole. */
export function collectionChanges(rules: RuleReader, site: FieldSite): Change[] {
  const found = collectionBreaches(rules.of(site.field), site.value);
  return found.map(({ kind, value }) => put(kind, fieldName(site.field), site.path, value));
}

function detail(value: Value): string {
  return value.kind === "scalar" ? value.text.slice(0, 30) : "";
}

function valuesOf(rules: Rules): Rules {
  return object(object(rules["map"])["values"]);
}

function typeDefects({ type, value }: ValueSite): Named[] {
  if (type.kind === "enum") {
    return [["bad_enum", text("NO_SUCH_VALUE")], ["enum_out_of_range", raw("99")], [
      "type_map_for_enum",
      map({ a: raw("1") }),
    ]];
  }
  if (type.kind === "message") return messageDefects(type.desc.typeName, value);
  const other: Named[] = [["type_map_for_scalar", map({ a: raw("1") })], [
    "type_list_for_scalar",
    list([raw("1"), raw("2")]),
  ]];
  return [...scalarDefects(type.scalar), ...other];
}

function scalarDefects(scalar: ScalarType): Named[] {
  if (WHOLE_NUMBERS.has(scalar)) {
    const isSmall = /32/.test(ScalarType[scalar]);
    return [
      ["type_string_for_number", text("abc")],
      ["type_bool_for_number", raw("true")],
      ["type_fraction_for_number", raw("1.5")],
      ["type_number_overflow", raw(isSmall ? "4294967296" : "18446744073709551616")],
      ["type_negative_number", raw("-1")],
      ["number_zero", raw("0")],
      ["number_large", raw(isSmall ? "2147483647" : "9223372036854775807")],
      ["type_empty_for_number", text("")],
    ];
  }
  switch (scalar) {
    case ScalarType.BOOL:
      return [
        ["type_string_for_bool", text("maybe")],
        ["type_number_for_bool", raw("1")],
        ["bool_true", raw("true")],
        ["bool_false", raw("false")],
      ];
    case ScalarType.STRING:
      return [
        ["type_number_for_string", raw("5")],
        ["type_bool_for_string", raw("true")],
        ["string_empty", text("")],
        ["string_null", raw("null")],
        ["string_other", text("xcp-none")],
      ];
    case ScalarType.BYTES:
      return [["bad_bytes", text("!!!")], ["bytes_other", text("eGNw")]];
    default:
      return [["type_string_for_number", text("abc")], ["type_bool_for_number", raw("true")], [
        "number_negative",
        raw("-0.5"),
      ]];
  }
}

function messageDefects(typeName: string, value: Value): Named[] {
  const wrapper = /^google\.protobuf\.(\w+)Value$/.exec(typeName)?.[1];
  if (wrapper !== undefined && wrapper !== "List") {
    if (wrapper === "Bool") return scalarDefects(ScalarType.BOOL);
    if (wrapper === "String") return scalarDefects(ScalarType.STRING);
    if (wrapper === "Double" || wrapper === "Float") return scalarDefects(ScalarType.DOUBLE);
    return scalarDefects(wrapper.endsWith("32") ? ScalarType.UINT32 : ScalarType.UINT64);
  }
  switch (typeName) {
    case "google.protobuf.Duration":
      return ["1", "1ms", ".5s", "1.s", "", "1 s", "1e1s", "0.0000000001s", "400000000000s"]
        .map((each): Named => ["bad_duration", text(each)])
        .concat([["bad_duration", raw("5")], ["duration_zero", text("0s")], ["duration_negative", text("-1s")]])
        .concat([["duration_tiny", text("0.000001s")], ["duration_long", text("3155760000s")]]);
    case "google.protobuf.Timestamp":
      return [["bad_timestamp", text("yesterday")]];
    case "google.protobuf.Struct":
      return [["type_string_for_struct", text("abc")]];
    case "google.protobuf.Value":
      return [];
    default:
      return value.kind === "map"
        ? [
          ["type_string_for_message", text("abc")],
          ["type_list_for_message", list([raw("1")])],
          ["message_empty", map({})],
          ["message_null", raw("null")],
        ]
        : [];
  }
}

/** Values of the right type that mean nothing: by the message and the name of the field. */
const MEANING: readonly (readonly [field: RegExp, kind: string, values: readonly string[]])[] = [
  [/CidrRange\.address_prefix$/, "bad_cidr", ["300.1.2.3", "10.0.0.0/8", "fe80::g", "localhost"]],
  [/SocketAddress\.address$/, "bad_ip", ["300.1.2.3", "not an address", "::1::", "example.com"]],
  [/[Rr]egex(Matcher)?\.\w+$|regex$|pattern$/, "bad_regex", [
    "(",
    "a**",
    "[z-a]",
    "(?=a)",
    "a{150}",
    "a{1001}",
    "\\8",
    "(?P<n>a",
    "^^",
  ]],
  [/HeaderValue\.(value|raw_value)$/, "bad_header_format", ["%NOPE%", "%", "%REQ(%", "%REQ(a)", "%START_TIME(%E9%)%"]],
  [/format|\.text_format$|inline_string$/, "bad_format", ["%NOPE()%", "%", "%REQ(%", "%REQ(a?b?c)%"]],
  [/HeaderValue\.key$|header_name$|header$/, "bad_header_name", [":status", "a b", "host", "a\nb", ":nope"]],
  [/domains$/, "bad_domain", ["*", "a.*.b", "*a*", "A.B"]],
  [/(prefix|path|path_separated_prefix)$/, "bad_path", ["no-slash", "/a?b", "/a#b", "/a/"]],
  [/prefix_rewrite$|redirect$|rewrite$/, "bad_rewrite", ["a\nb", "no-slash"]],
  [/uri$|url$/, "bad_uri", ["not a uri", "ftp://x", "http://", "/x"]],
  [/(path_template|UriTemplate\w*\.\w+)$/, "bad_template", ["/{", "/{a}/{a}", "a", "/**/x"]],
  [/timezone|time_zone/, "bad_timezone", ["Mars/Olympus"]],
  [/\.server_names$|sni$/, "bad_sni", ["*", "a.*.b", "*.a.*"]],
  [/(cipher_suites|ecdh_curves|signature_algorithms)$/, "bad_tls_name", ["NOPE"]],
  [/verify_certificate_(hash|spki)$/, "bad_hash", ["abc", "AAAA"]],
  [/\.(metadata_namespace|stat_prefix|name)$/, "odd_name", ["a b", "*", "a.b"]],
];

function meaningDefects({ field, type, value }: ValueSite): Named[] {
  const isString = type.kind === "scalar" && type.scalar === ScalarType.STRING;
  const name = fieldName(field);
  const found: Named[] = [];
  if (isString) {
    for (const [pattern, kind, values] of MEANING) {
      if (pattern.test(name)) found.push(...values.map((each): Named => [kind, text(each)]));
    }
  }
  if (/port(_value)?$/.test(field.name) && value.kind === "scalar") found.push(["bad_port", raw("70000")]);
  if (type.kind === "enum") {
    found.push(...type.desc.values.map((each): Named => ["enum_other", text(each.name)]));
  }
  return found;
}

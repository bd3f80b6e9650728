import {
  create,
  type DescExtension,
  fromJson,
  type JsonObject,
  type MessageInitShape,
  setExtension,
  toBinary,
} from "@bufbuild/protobuf";
import {
  type DescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  type FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
  MessageOptionsSchema,
  OneofOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { assertEquals } from "@std/assert";
import { type Api, loadApi } from "../../model/api.ts";
import { Encoder } from "../../model/codec/encode.ts";
import { parseJson } from "../../model/codec/json.ts";
import { Source } from "../../model/codec/source.ts";
import { watchFields } from "./fields.ts";
import { asRules, type Rules } from "./options.ts";

const ENVOY = loadApi();
/** In the place of a value: the field is not there. */
const ABSENT = Symbol("absent");

/** A row: the type of the field `f`, its rules as JSON, values that are right, values that are wrong and what is said. */
type Row = readonly [
  type: string,
  rules: JsonObject,
  good: readonly unknown[],
  bad: readonly (readonly [unknown, string])[],
];

const A20 = "a".repeat(20);

const TABLE: readonly Row[] = [
  // Numbers.
  ["int32", { int32: { gt: 0 } }, [1], [[0, "must be greater than 0, found 0"], [
    ABSENT,
    "must be greater than 0: it is not set",
  ]]],
  ["int32", { int32: { gte: -3, lte: 3 } }, [-3, 3, ABSENT, "1e0"], [[4, "must be from -3 to 3, found 4"], [
    -4,
    "must be from -3 to 3, found -4",
  ]]],
  ["int32", { int32: { gt: 1, lt: 5 } }, [2, 4], [[1, "must be greater than 1 and less than 5, found 1"], [
    5,
    "must be greater than 1 and less than 5, found 5",
  ]]],
  ["int32", { int32: { gt: 5, lt: 1 } }, [0, 6, -9], [[1, "must be less than 1 or greater than 5, found 1"], [
    5,
    "must be less than 1 or greater than 5, found 5",
  ]]],
  ["int32", { int32: { gte: 5, lte: 1 } }, [1, 5], [[2, "must be at most 1 or at least 5, found 2"]]],
  ["int32", { int32: { gte: 5, lt: 5 } }, [4, 5], []],
  ["int32", { int32: { const: 7 } }, [7, "7"], [[8, "must be 7, found 8"], [ABSENT, "must be 7: it is not set"]]],
  ["uint32", { uint32: { in: [1, 2] } }, [1, 2], [[3, "must be 1 or 2, found 3"]]],
  ["uint32", { uint32: { notIn: [1, 2] } }, [0, 3], [[2, "must not be 1 or 2, found 2"]]],
  ["uint32", { uint32: { gte: 10, lt: 20, ignoreEmpty: true } }, [10, 0, ABSENT], [[
    20,
    "must be at least 10 and less than 20, found 20",
  ]]],
  ["uint32", { uint32: { lte: 4294967295, gt: 0 } }, [4294967295], [[
    0,
    "must be greater than 0 and at most 4294967295, found 0",
  ]]],
  ["int64", { int64: { gt: "9007199254740992" } }, ["9007199254740993"], [[
    "9007199254740992",
    "must be greater than 9007199254740992, found 9007199254740992",
  ]]],
  ["uint64", { uint64: { lte: "18446744073709551614" } }, ["18446744073709551614"], [[
    "18446744073709551615",
    "must be at most 18446744073709551614, found 18446744073709551615",
  ]]],
  ["uint64", { uint64: { lt: "5", gte: "1" } }, [4], [[5, "must be at least 1 and less than 5, found 5"]]],
  ["uint64", { uint64: { gt: "5" } }, [6], [[5, "must be greater than 5, found 5"]]],
  ["sint32", { sint32: { gte: -1 } }, [-1], [[-2, "must be at least -1, found -2"]]],
  ["sint64", { sint64: { gte: "-1" } }, [-1], [[-2, "must be at least -1, found -2"]]],
  ["fixed32", { fixed32: { gte: 1 } }, [1], [[0, "must be at least 1, found 0"]]],
  ["fixed64", { fixed64: { gte: "1" } }, [1], [[0, "must be at least 1, found 0"]]],
  ["sfixed32", { sfixed32: { gte: 1 } }, [1], [[-1, "must be at least 1, found -1"]]],
  ["sfixed64", { sfixed64: { gte: "1" } }, [1], [[-1, "must be at least 1, found -1"]]],
  ["float", { float: { gte: 0.1 } }, [0.1, "NaN", "Infinity"], [[
    0.09,
    `must be at least ${Math.fround(0.1)}, found ${Math.fround(0.09)}`,
  ]]],
  ["double", { double: { gte: 0, lte: 1 } }, [0, 1, "0.5", "nan"], [[1.5, "must be from 0 to 1, found 1.5"]]],
  ["double", { double: { gt: 0, lt: 1 } }, [0.5], [[1, "must be greater than 0 and less than 1, found 1"]]],
  ["bool", { bool: { const: true } }, [true, "yes"], [[false, "must be true, found false"], [
    ABSENT,
    "must be true: it is not set",
  ]]],
  // Wrappers: only when they are set.
  ["UInt32Value", { uint32: { gt: 0 } }, [1, { value: 1 }, ABSENT, null], [[0, "must be greater than 0, found 0"], [{
    value: 0,
  }, "must be greater than 0, found 0"], [{}, "must be greater than 0, found 0"]]],
  ["StringValue", { string: { in: ["a", "b"] } }, ["a", ABSENT], [["c", 'must be "a" or "b", found "c"']]],
  ["BoolValue", { bool: { const: true } }, [true, ABSENT], [[false, "must be true, found false"]]],
  ["UInt64Value", { uint64: { gte: "1" }, message: { required: true } }, [1], [[0, "must be at least 1, found 0"], [
    ABSENT,
    "must be set",
  ], [null, "must be set"]]],
  // Strings.
  ["string", { string: { minLen: "1" } }, ["a"], [["", "must not be empty"], [
    ABSENT,
    "must not be empty: it is not set",
  ], [null, "must not be empty: it is not set"]]],
  ["string", { string: { minLen: "2" } }, ["ab", "𝄞𝄞"], [["𝄞", "must have at least 2 characters, found 1 character"]]],
  ["string", { string: { maxLen: "2" } }, ["", "𝄞𝄞"], [["abc", "must have at most 2 characters, found 3 characters"]]],
  ["string", { string: { minLen: "1", maxLen: "3" } }, ["a", "äöü"], [[
    "abcd",
    "must have 1 to 3 characters, found 4 characters",
  ]]],
  ["string", { string: { len: "3" } }, ["𝄞bc"], [["ab", "must be 3 characters long, found 2 characters"]]],
  ["string", { string: { minBytes: "3" } }, ["äa"], [["ä", "must have at least 3 bytes, found 2 bytes"]]],
  ["string", { string: { maxBytes: "3" } }, ["äa", ""], [["ää", "must have at most 3 bytes, found 4 bytes"]]],
  ["string", { string: { lenBytes: "2" } }, ["ä"], [["a", "must be 2 bytes long, found 1 byte"]]],
  ["string", { string: { const: "a" } }, ["a"], [["b", 'must be "a", found "b"']]],
  ["string", { string: { in: ["a", ""] } }, ["a", "", ABSENT], [["b", 'must be "a" or "", found "b"']]],
  ["string", { string: { notIn: ["a"] } }, ["b", ABSENT], [["a", 'must not be "a", found "a"']]],
  ["string", { string: { prefix: "/" } }, ["/a"], [["a", 'must begin with "/", found "a"'], [
    ABSENT,
    'must begin with "/": it is not set',
  ]]],
  ["string", { string: { suffix: "%", ignoreEmpty: true } }, ["a%", "", ABSENT], [[
    "a",
    'must end with "%", found "a"',
  ]]],
  ["string", { string: { contains: "-" } }, ["a-b"], [["ab", 'must contain "-", found "ab"']]],
  ["string", { string: { notContains: "-" } }, ["ab"], [["a-b", 'must not contain "-", found "a-b"']]],
  ["string", { string: { pattern: "^[a-z]+$" } }, ["abc"], [["abc\n", 'must match ^[a-z]+$, found "abc "'], [
    "A",
    'must match ^[a-z]+$, found "A"',
  ]]],
  ["string", { string: { pattern: "a|bc" } }, ["a", "bc"], [["ac", 'must match a|bc, found "ac"']]],
  ["string", { string: { pattern: "(?i)a\\pL\\z" } }, ["Aé"], [["A1", 'must match (?i)a\\pL\\z, found "A1"']]],
  ["string", { string: { email: true } }, ["a.b@c.example"], [["a b@c", 'must be an email address, found "a b@c"'], [
    "@c",
    'must be an email address, found "@c"',
  ]]],
  ["string", { string: { hostname: true } }, ["a.b", "a-1.example."], [["-a.b", 'must be a host name, found "-a.b"'], [
    "a_b",
    'must be a host name, found "a_b"',
  ]]],
  ["string", { string: { ip: true } }, ["1.2.3.4", "::1"], [["1.2.3", 'must be an IP address, found "1.2.3"']]],
  ["string", { string: { ipv4: true } }, ["1.2.3.4"], [["::1", 'must be an IPv4 address, found "::1"'], [
    "1.2.3.04",
    'must be an IPv4 address, found "1.2.3.04"',
  ]]],
  ["string", { string: { ipv6: true } }, ["::", "1::2", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"], [
    ["1.2.3.4", 'must be an IPv6 address, found "1.2.3.4"'],
    ["1:2:3:4:5:6:7::8:9", 'must be an IPv6 address, found "1:2:3:4:5:6:7::8:9"'],
    [":::", 'must be an IPv6 address, found ":::"'],
    ["fe80::1%1", 'must be an IPv6 address, found "fe80::1%1"'],
  ]],
  ["string", { string: { uri: true } }, ["http://a/b?c#d"], [["/b", 'must be an absolute URI, found "/b"'], [
    "a:b c",
    'must be an absolute URI, found "a:b c"',
  ]]],
  ["string", { string: { uriRef: true } }, ["/b", "a%20b"], [[
    "a%2",
    'must be a URI or a relative reference, found "a%2"',
  ]]],
  ["string", { string: { address: true } }, ["a.b", "::1", "1.2.3.4"], [[
    "a b",
    'must be a host name or an IP address, found "a b"',
  ]]],
  ["string", { string: { uuid: true } }, ["01234567-89ab-cdef-0123-456789ABCDEF"], [[
    "0123",
    'must be a UUID, found "0123"',
  ]]],
  ["string", { string: { wellKnownRegex: "HTTP_HEADER_NAME" } }, ["x-a", ":path", "a,b"], [[
    "a b",
    'must be a header name (letters, digits and !#$%&\'*+-.^_|~`), found "a b"',
  ], ["", 'must be a header name (letters, digits and !#$%&\'*+-.^_|~`), found ""']]],
  ["string", { string: { wellKnownRegex: "HTTP_HEADER_NAME", strict: false } }, ["", "a b", ABSENT], [[
    "a\r",
    "must be a header name, found a carriage return in it",
  ]]],
  ["string", { string: { wellKnownRegex: "HTTP_HEADER_VALUE" } }, ["", "a\tb", "ü"], [[
    "a\u0001",
    "must be a header value, found a \\x01 in it",
  ], ["\u007f", "must be a header value, found a \\x7f in it"]]],
  ["string", { string: { wellKnownRegex: "HTTP_HEADER_VALUE", strict: false } }, ["a\u0001"], [[
    "a\nb",
    "must be a header value, found a line feed in it",
  ], ["\u0000", "must be a header value, found a NUL character in it"]]],
  // Bytes, as base64.
  ["bytes", { bytes: { minLen: "2" } }, ["YWI=", "YWI"], [["YQ==", "must have at least 2 bytes, found 1 byte"], [
    ABSENT,
    "must have at least 2 bytes: it is not set",
  ]]],
  ["bytes", { bytes: { maxLen: "1" } }, ["YQ==", ABSENT], [["YWI=", "must have at most 1 byte, found 2 bytes"]]],
  ["bytes", { bytes: { len: "2", ignoreEmpty: true } }, ["YWI=", "", ABSENT], [[
    "YQ==",
    "must be 2 bytes long, found 1 byte",
  ]]],
  ["bytes", { bytes: { prefix: "YQ==" } }, ["YWI="], [["YmE=", "must begin with the 1 bytes of its rule"]]],
  ["bytes", { bytes: { suffix: "YQ==" } }, ["YmE="], [["YWI=", "must end with the 1 bytes of its rule"]]],
  ["bytes", { bytes: { contains: "YQ==" } }, ["YmE="], [["YmI=", "must contain the 1 bytes of its rule"]]],
  ["bytes", { bytes: { pattern: "^a+$" } }, ["YWE="], [["YWI=", "must match ^a+$"]]],
  ["bytes", { bytes: { const: "YQ==" } }, ["YQ"], [["YWI=", "must be YQ=="]]],
  ["bytes", { bytes: { in: ["YQ==", "Yg=="] } }, ["Yg=="], [["YWI=", "must be YQ== or Yg=="]]],
  ["bytes", { bytes: { notIn: ["YQ=="] } }, ["Yg=="], [["YQ==", "must not be YQ=="]]],
  ["bytes", { bytes: { ip: true } }, ["AQIDBA=="], [[
    "YQ==",
    "must be the 4 or 16 bytes of an IP address, found 1 byte",
  ]]],
  ["bytes", { bytes: { ipv4: true } }, ["AQIDBA=="], [[
    "YQ==",
    "must be the 4 bytes of an IPv4 address, found 1 byte",
  ]]],
  ["bytes", { bytes: { ipv6: true } }, [], [["AQIDBA==", "must be the 16 bytes of an IPv6 address, found 4 bytes"]]],
  // Enums.
  ["Color", { enum: { definedOnly: true } }, ["RED", "red", 1, ABSENT], [[7, "must be NONE, RED or BLUE, found 7"]]],
  ["Color", { enum: { definedOnly: true, notIn: [0] } }, ["RED"], [["NONE", "must not be NONE, found NONE"], [
    7,
    "must be RED or BLUE, found 7",
  ], [ABSENT, "must not be NONE: it is not set"]]],
  ["Color", { enum: { in: [1, 2] } }, ["BLUE"], [["NONE", "must be RED or BLUE, found NONE"]]],
  ["Color", { enum: { const: 1 } }, ["RED"], [["BLUE", "must be RED, found BLUE"]]],
  // Messages.
  ["Inner", { message: { required: true } }, [{ a: 1 }], [[ABSENT, "must be set"], [null, "must be set"]]],
  ["Inner", { message: { skip: true } }, [{ a: 0 }, ABSENT], []],
  ["Any", { any: { required: true } }, [{ "@type": "t/google.protobuf.Empty" }], [[ABSENT, "must be set"]]],
  ["Any", { any: { in: ["t/google.protobuf.Empty"] } }, [{ "@type": "t/google.protobuf.Empty" }, ABSENT], [[{
    "@type": "u/google.protobuf.Empty",
  }, 'must be of type t/google.protobuf.Empty, found "u/google.protobuf.Empty"']]],
  ["Any", { any: { notIn: ["t/google.protobuf.Empty"] } }, [{ "@type": "u/google.protobuf.Empty" }], [[{
    "@type": "t/google.protobuf.Empty",
  }, 'must not be of type t/google.protobuf.Empty, found "t/google.protobuf.Empty"']]],
  ["Duration", { duration: { required: true, gte: "0.001s" } }, ["0.001s", { nanos: 1000000 }], [
    ["0.000999999s", "must be at least 0.001s, found 0.000999999s"],
    [ABSENT, "must be set"],
    [{ nanos: 1 }, "must be at least 0.001s, found 0.000000001s"],
  ]],
  ["Duration", { duration: { gt: "0s", lt: "4294967296s" } }, ["4294967295.999999999s", ABSENT], [[
    "4294967296s",
    "must be greater than 0s and less than 4294967296s, found 4294967296s",
  ]]],
  ["Duration", { duration: { lte: "1.500s" } }, ["1.5s", { seconds: "1" }], [[
    "1.500000001s",
    "must be at most 1.5s, found 1.500000001s",
  ]]],
  ["Duration", { duration: { const: "1s" } }, ["1.000s"], [["2s", "must be 1s, found 2s"]]],
  ["Duration", { duration: { in: ["1s", "2s"] } }, ["2s"], [["3s", "must be 1s or 2s, found 3s"]]],
  ["Duration", { duration: { notIn: ["1s"] } }, ["2s"], [["1s", "must not be 1s, found 1s"]]],
  ["Timestamp", { timestamp: { required: true, gt: "2000-01-01T00:00:00Z" } }, ["2000-01-01T00:00:00.5Z"], [[
    "2000-01-01T01:00:00+01:00",
    "must be greater than 2000-01-01T00:00:00Z, found 2000-01-01T00:00:00Z",
  ], [ABSENT, "must be set"]]],
  ["Timestamp", { timestamp: { gte: "2000-01-01T00:00:00Z", lte: "2001-01-01T00:00:00Z" } }, ["2000-06-01T00:00:00Z"], [
    [
      "1999-01-01T00:00:00.25Z",
      "must be from 2000-01-01T00:00:00Z to 2001-01-01T00:00:00Z, found 1999-01-01T00:00:00.25Z",
    ],
  ]],
  ["Timestamp", { timestamp: { lt: "2000-01-01T00:00:00Z" } }, ["1999-01-01T00:00:00Z"], [[
    { seconds: "946684800" },
    "must be less than 2000-01-01T00:00:00Z, found 2000-01-01T00:00:00Z",
  ]]],
  ["Timestamp", { timestamp: { const: "2000-01-01T00:00:00Z" } }, [{ seconds: "946684800" }], [[
    "2000-01-01T00:00:01Z",
    "must be 2000-01-01T00:00:00Z, found 2000-01-01T00:00:01Z",
  ]]],
  ["Timestamp", { timestamp: { ltNow: true, within: "1s" } }, ["2999-01-01T00:00:00Z"], []],
  ["Timestamp", { timestamp: { gtNow: true } }, ["1999-01-01T00:00:00Z"], []],
  // Lists.
  ["repeated string", { repeated: { minItems: "1" } }, [["a"], "a", [null]], [[[], "must have at least 1 element"], [
    ABSENT,
    "must have at least 1 element: it is not set",
  ], [[[]], "must have at least 1 element"]]],
  ["repeated string", { repeated: { maxItems: "2" } }, [["a", "b"], [], ABSENT], [[
    ["a", ["b", "c"]],
    "must have at most 2 elements, found 3 elements",
  ]]],
  ["repeated string", { repeated: { minItems: "2", maxItems: "2" } }, [["a", "b"]], [[
    ["a"],
    "must have 2 elements, found 1 element",
  ]]],
  ["repeated string", { repeated: { minItems: "2", maxItems: "3", ignoreEmpty: true } }, [[], ABSENT, ["a", "b"]], [[[
    "a",
  ], "must have 2 to 3 elements, found 1 element"]]],
  ["repeated string", { repeated: { unique: true } }, [["a", "b"]], [[
    ["a", "b", "a"],
    "[2] must be there only once, found a again",
  ]]],
  ["repeated uint32", { repeated: { unique: true } }, [[1, 2]], [[
    [1, "1e0"],
    "[1] must be there only once, found 1 again",
  ]]],
  ["repeated double", { repeated: { unique: true, items: { double: { gt: 0 } } } }, [[1, 2]], [[
    [1, 1.0],
    "[1] must be there only once, found 1 again",
  ], [[0], "[0] must be greater than 0, found 0"]]],
  ["repeated Color", { repeated: { unique: true } }, [["RED", "BLUE"]], [[
    ["RED", 1],
    "[1] must be there only once, found 1 again",
  ]]],
  ["repeated string", { repeated: { items: { string: { minLen: "1" } } } }, [["a"], [], ABSENT], [
    [["a", ""], "[1] must not be empty"],
    ["", " must not be empty"],
    [[null], "[0] must not be empty"],
  ]],
  ["repeated string", { repeated: { items: { string: { maxBytes: "3" } } } }, [["abc"]], [[
    ["abcd"],
    "[0] must have at most 3 bytes, found 4 bytes",
  ]]],
  ["repeated string", { repeated: { items: { string: { in: ["a"] } } } }, [["a"]], [[
    ["b"],
    '[0] must be "a", found "b"',
  ]]],
  ["repeated string", { repeated: { items: { string: { pattern: "^[^\\s,]+$" } } } }, [["a"]], [[
    ["a b"],
    '[0] must match ^[^\\s,]+$, found "a b"',
  ]]],
  ["repeated string", { repeated: { items: { string: { wellKnownRegex: "HTTP_HEADER_NAME", strict: false } } } }, [[
    "a",
  ]], [[["\n"], "[0] must be a header name, found a line feed in it"]]],
  ["repeated uint32", { repeated: { items: { uint32: { gte: 1, lte: 65535 } } } }, [[1]], [[
    [0],
    "[0] must be from 1 to 65535, found 0",
  ]]],
  ["repeated uint32", { repeated: { items: { uint32: { lt: 256 } } } }, [[255]], [[
    [256],
    "[0] must be less than 256, found 256",
  ]]],
  ["repeated Color", { repeated: { items: { enum: { definedOnly: true } } } }, [["RED"]], [[
    [9],
    "[0] must be NONE, RED or BLUE, found 9",
  ]]],
  ["repeated Duration", { repeated: { items: { duration: { gt: "0s" } } } }, [["1s"]], [[
    ["1s", "0s"],
    "[1] must be greater than 0s, found 0s",
  ]]],
  ["repeated Inner", { repeated: { items: { message: { skip: true } } } }, [[{ a: 0 }]], []],
  ["repeated Inner", { repeated: { minItems: "1" } }, [[{ a: 1 }]], [[[], "must have at least 1 element"]]],
  // Maps.
  ["map<string>", { map: { minPairs: "1" } }, [{ a: "b" }], [[{}, "must have at least 1 entry"], [
    ABSENT,
    "must have at least 1 entry: it is not set",
  ]]],
  ["map<string>", { map: { maxPairs: "1", minPairs: "1", ignoreEmpty: true } }, [{}, { a: "b" }], [[
    { a: "b", c: "d" },
    "must have 1 entry, found 2 entries",
  ]]],
  ["map<string>", { map: { keys: { string: { minLen: "1" } } } }, [{ a: "" }], [[
    { "": "a" },
    "a key of must not be empty",
  ]]],
  ["map<string>", { map: { keys: { string: { pattern: "^[a-z]*$" } } } }, [{ a: "" }], [[
    { A: "a" },
    'a key of must match ^[a-z]*$, found "A"',
  ]]],
  ["map<string>", { map: { values: { string: { minLen: "1" } } } }, [{ a: "a" }], [[
    { k: "" },
    '"k" in must not be empty',
  ]]],
  ["map<double>", { map: { values: { double: { gte: 0, lte: 1 } } } }, [{ a: 1 }], [[
    { k: 2 },
    '"k" in must be from 0 to 1, found 2',
  ]]],
  ["map<Inner>", { map: { noSparse: true } }, [{ a: { a: 1 } }], []],
  ["map<Inner>", { map: { values: { message: { skip: true } } } }, [{ a: { a: 0 } }], []],
  // Members of a oneof, and `optional`: only when they are chosen.
  ["oneof string", { string: { minLen: "1" } }, ["a", ABSENT], [["", "must not be empty"]]],
  ["oneof Inner", { message: { required: true } }, [{ a: 1 }, ABSENT], []],
  ["oneof bool", { bool: { const: true } }, [true, ABSENT], [[false, "must be true, found false"]]],
  ["optional string", { string: { minLen: "1" } }, ["a", ABSENT], [["", "must not be empty"]]],
  ["string", { string: { minLen: "0" } }, ["", A20, ABSENT], []],
];

/** Names of the rules in it, as `repeated.items.string.min_len`. */
export function* kindsOf(rules: Rules, path = ""): Iterable<string> {
  for (const [name, value] of Object.entries(rules)) {
    const inner = asRules(value);
    // A limit that is a Duration or a Timestamp is no more rules.
    if (inner !== undefined && !("seconds" in inner || "nanos" in inner || Object.keys(inner).length === 0)) {
      yield* kindsOf(inner, `${path}${name}.`);
    } else {
      yield path + name;
    }
  }
}

/** Kinds of rules that a row of the table holds. */
export const COVERED: ReadonlySet<string> = new Set(TABLE.flatMap(([, rules]) => [...kindsOfJson(rules)]));

function* kindsOfJson(json: JsonObject, path = ""): Iterable<string> {
  for (const [key, value] of Object.entries(json)) {
    const name = path + key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) yield* kindsOfJson(value, `${name}.`);
    else yield name;
  }
}

const SCALARS: Readonly<Record<string, Type>> = {
  double: Type.DOUBLE,
  float: Type.FLOAT,
  int64: Type.INT64,
  uint64: Type.UINT64,
  int32: Type.INT32,
  fixed64: Type.FIXED64,
  fixed32: Type.FIXED32,
  bool: Type.BOOL,
  string: Type.STRING,
  bytes: Type.BYTES,
  uint32: Type.UINT32,
  sfixed32: Type.SFIXED32,
  sfixed64: Type.SFIXED64,
  sint32: Type.SINT32,
  sint64: Type.SINT64,
};

type FieldShape = MessageInitShape<typeof FieldDescriptorProtoSchema>;
type MessageShape = MessageInitShape<typeof DescriptorProtoSchema>;

function typed(name: string, number: number, type: string): FieldShape {
  const scalar = SCALARS[type];
  if (scalar !== undefined) return { name, number, label: Label.OPTIONAL, type: scalar };
  if (type === "Color") return { name, number, label: Label.OPTIONAL, type: Type.ENUM, typeName: ".mine.Color" };
  const typeName = type === "Inner" ? ".mine.Inner" : type.includes(".") ? type : `.google.protobuf.${type}`;
  return { name, number, label: Label.OPTIONAL, type: Type.MESSAGE, typeName };
}

function extension(name: string): DescExtension {
  const found = ENVOY.extension(name);
  if (found === undefined) throw new Error(`No ${name}`);
  return found;
}

function optionsWith(rules: JsonObject) {
  const rulesType = ENVOY.message("validate.FieldRules");
  if (rulesType === undefined) throw new Error("No FieldRules");
  const options = create(FieldOptionsSchema);
  setExtension(options, extension("validate.rules"), fromJson(rulesType, rules));
  return options;
}

/** A message with one field `f` of the type, with the rules. */
function message(name: string, type: string, rules: JsonObject): MessageShape {
  const [modifier = "", rest = ""] = type.includes(" ") ? type.split(" ") : ["", type];
  const options = optionsWith(rules);
  const map = /^map<(.*)>$/.exec(type)?.[1];
  if (map !== undefined) {
    const entry: MessageShape = {
      name: "FEntry",
      field: [typed("key", 1, "string"), typed("value", 2, map)],
      options: { mapEntry: true },
    };
    const field = { ...typed("f", 1, `.mine.${name}.FEntry`), label: Label.REPEATED, options };
    return { name, field: [field], nestedType: [entry] };
  }
  const field: FieldShape = { ...typed("f", 1, rest), options };
  switch (modifier) {
    case "repeated":
      return { name, field: [{ ...field, label: Label.REPEATED }] };
    case "oneof":
      return {
        name,
        field: [{ ...field, oneofIndex: 0 }, { ...typed("g", 2, "bool"), oneofIndex: 0 }],
        oneofDecl: [{ name: "o" }],
      };
    case "optional":
      return { name, field: [{ ...field, oneofIndex: 0, proto3Optional: true }], oneofDecl: [{ name: "_f" }] };
    default:
      return { name, field: [field] };
  }
}

function disabled(name: string, option: string): MessageShape {
  const options = create(MessageOptionsSchema);
  setExtension(options, extension(option), true);
  return {
    name,
    field: [
      { ...typed("f", 1, "string"), options: optionsWith({ string: { minLen: "1" } }) },
      typed("inner", 2, "Inner"),
    ],
    options,
  };
}

function required(): MessageShape {
  const options = create(OneofOptionsSchema);
  setExtension(options, extension("validate.required"), true);
  const member = (name: string, number: number): FieldShape => ({ ...typed(name, number, "bool"), oneofIndex: 0 });
  return {
    name: "Required",
    field: [member("f", 1), member("g", 2), typed("h", 3, "bool")],
    oneofDecl: [{ name: "o", options }],
  };
}

function build(): Api {
  const file = create(FileDescriptorProtoSchema, {
    name: "mine.proto",
    package: "mine",
    syntax: "proto3",
    dependency: ["any", "duration", "timestamp", "wrappers"].map((name) => `google/protobuf/${name}.proto`)
      .concat("validate/validate.proto"),
    enumType: [{ name: "Color", value: ["NONE", "RED", "BLUE"].map((name, number) => ({ name, number })) }],
    messageType: [
      { name: "Inner", field: [{ ...typed("a", 1, "int32"), options: optionsWith({ int32: { gt: 0 } }) }] },
      ...TABLE.map(([type, rules], i) => message(`M${i}`, type, rules)),
      disabled("Disabled", "validate.disabled"),
      disabled("Ignored", "validate.ignored"),
      required(),
    ],
  });
  return loadApi([{
    name: "mine.binpb",
    bytes: toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [file] })),
  }]);
}

const MINE = build();
const ENCODER = new Encoder(MINE, watchFields(MINE));

/** The messages of all issues of a message as JSON, without the name of the field. */
function faults(type: string, value: Record<string, unknown>): string[] {
  const desc = MINE.message(`mine.${type}`);
  const source = new Source("a.json", JSON.stringify(value));
  const node = parseJson(source);
  if (desc === undefined || node === undefined) throw new Error(`No ${type}`);
  ENCODER.encode(desc, node, source);
  return source.issues().map(({ message }) =>
    message.replace(/^"f((?:\[\d+\])*)"( ?)/, (_, at) => at === "" ? "" : `${at} `).replace(/"f" /, "")
  );
}

const body = (value: unknown): Record<string, unknown> => value === ABSENT ? {} : { f: value };

Deno.test("every kind of rule takes what is right, and says what is wrong", () => {
  for (const [i, [type, rules, good, bad]] of TABLE.entries()) {
    const name = `${type} ${JSON.stringify(rules)}`;
    for (const value of good) assertEquals(faults(`M${i}`, body(value)), [], `${name}: ${JSON.stringify(value)}`);
    for (const [value, message] of bad) {
      assertEquals(faults(`M${i}`, body(value)), [message.trim()], `${name}: ${JSON.stringify(value)}`);
    }
  }
});

Deno.test("a message with rules that are disabled is not checked, nor is what is in it", () => {
  for (const type of ["Disabled", "Ignored"]) {
    assertEquals(faults(type, {}), []);
    assertEquals(faults(type, { inner: { a: 0 } }), []);
  }
  assertEquals(faults("Inner", { a: 0 }), ['"a" must be greater than 0, found 0']);
});

Deno.test("one of the members of a required oneof has to be set, be it to its default", () => {
  assertEquals(faults("Required", {}), ["one of f, g must be set"]);
  assertEquals(faults("Required", { h: true, f: null }), ["one of f, g must be set"]);
  assertEquals(faults("Required", { g: false }), []);
});

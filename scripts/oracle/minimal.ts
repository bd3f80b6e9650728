/**
 * The smallest message of a type that keeps to the rules of its descriptors: what is required, filled with what suits.
 *
 * @module
 */
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Api } from "../../lib/model/api.ts";
import { object, type RuleReader, type Rules } from "./rules.ts";
import { from, list, type MapValue, type Pair, raw, text, type Value } from "./value.ts";
import { valueType } from "./walk.ts";

/** The cluster that every bootstrap of these tools has. */
export const CLUSTER = "xcp_cluster";
const GRPC = { envoy_grpc: { cluster_name: CLUSTER } };
const TYPE = "type.googleapis.com/";

/** Messages that are better written by hand: the smallest one is not what Envoy takes. */
const KNOWN: Readonly<Record<string, unknown>> = {
  "envoy.config.core.v3.DataSource": { inline_string: "x" },
  "envoy.config.core.v3.AsyncDataSource": { local: { inline_string: "x" } },
  "envoy.config.core.v3.GrpcService": GRPC,
  "envoy.config.core.v3.ConfigSource": { ads: {}, resource_api_version: "V3" },
  "envoy.config.core.v3.HttpUri": { uri: "http://127.0.0.1/", cluster: CLUSTER, timeout: "1s" },
  "envoy.config.core.v3.HttpService": { http_uri: { uri: "http://127.0.0.1/", cluster: CLUSTER, timeout: "1s" } },
  "envoy.config.core.v3.Address": { socket_address: { address: "127.0.0.1", port_value: 0 } },
  "envoy.config.core.v3.SocketAddress": { address: "127.0.0.1", port_value: 0 },
  "envoy.config.core.v3.CidrRange": { address_prefix: "10.0.0.0", prefix_len: 8 },
  "envoy.config.core.v3.SubstitutionFormatString": { text_format_source: { inline_string: "x\n" } },
  "envoy.config.core.v3.RuntimeFractionalPercent": { default_value: { numerator: 1 } },
  "envoy.config.core.v3.HeaderValueOption": { header: { key: "x-a", value: "b" } },
  "envoy.config.core.v3.HeaderValue": { key: "x-a", value: "b" },
  "envoy.type.matcher.v3.RegexMatcher": { regex: "a+" },
  "xds.type.matcher.v3.RegexMatcher": { regex: "a+", google_re2: {} },
  "envoy.type.matcher.v3.StringMatcher": { exact: "x" },
  "xds.type.matcher.v3.StringMatcher": { exact: "x" },
  "envoy.type.matcher.v3.ListStringMatcher": { patterns: [{ exact: "x" }] },
  "envoy.type.v3.TokenBucket": { max_tokens: 1, fill_interval: "1s" },
  "envoy.type.v3.Int64Range": { start: 1, end: 2 },
  "envoy.type.v3.Int32Range": { start: 1, end: 2 },
  "envoy.type.v3.DoubleRange": { start: 1, end: 2 },
  "envoy.config.route.v3.RouteMatch": { prefix: "/" },
  "envoy.config.route.v3.Route": { match: { prefix: "/" }, direct_response: { status: 200 } },
  "envoy.config.route.v3.RouteAction": { cluster: CLUSTER },
  "envoy.config.route.v3.VirtualHost": { name: "v", domains: ["*"] },
  "envoy.config.endpoint.v3.LbEndpoint": {
    endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: 1 } } },
  },
  "google.protobuf.Struct": {},
  "google.protobuf.Value": "x",
  "google.protobuf.ListValue": [],
  "google.protobuf.Duration": "1s",
  "google.protobuf.Timestamp": "2030-01-01T00:00:00Z",
  "google.protobuf.FieldMask": "",
};

/** What stands in an `Any`, by the name of the field or by the message that has it. */
const TYPED: readonly (readonly [pattern: RegExp, type: string, fields: Readonly<Record<string, unknown>>])[] = [
  [/access_?log/i, "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog", {}],
  [/LoadBalancingPolicy|child_policy/, "envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin", {}],
  [/dns_resolver/, "envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig", {}],
  [/input/, "envoy.type.matcher.v3.HttpRequestHeaderMatchInput", { header_name: "x" }],
  [/action/, "google.protobuf.StringValue", { value: "x" }],
  [/transport_socket/, "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer", {}],
  [/http_filter|FilterConfig|filter_config/, "envoy.extensions.filters.http.buffer.v3.Buffer", {
    max_request_bytes: 1,
  }],
  [/filter/, "envoy.extensions.filters.network.echo.v3.Echo", {}],
  [/formatter/, "envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery", {}],
];

/** Deep enough for everything that is required; a message that needs itself ends here. */
const DEEPEST = 12;

/** Makes values of any type. */
export class Minimal {
  readonly #api: Api;
  readonly #rules: RuleReader;

  constructor(api: Api, rules: RuleReader) {
    this.#api = api;
    this.#rules = rules;
  }

  /** What is required of the message; with `@type` first if it is to stand in an `Any`. */
  message(desc: DescMessage, isTyped = false, depth = 0): Value {
    const known = KNOWN[desc.typeName];
    const type: Pair[] = isTyped ? [{ key: "@type", value: text(`${TYPE}${desc.typeName}`) }] : [];
    if (known !== undefined) {
      const value = from(known);
      return isTyped && value.kind === "map" ? { kind: "map", entries: [...type, ...value.entries] } : value;
    }
    if (/^google\.protobuf\.\w+Value$/.test(desc.typeName)) return this.#wrapper(desc);
    const entries: Pair[] = [...type];
    if (depth < DEEPEST) {
      for (const field of desc.fields) {
        if (this.#isNeeded(field)) entries.push({ key: field.name, value: this.field(field, depth + 1) });
      }
    }
    return { kind: "map", entries };
  }

  /** A value for a field: lists and maps have as many members as they must, and one at least. */
  field(field: DescField, depth = 0): Value {
    const rules = this.#rules.of(field);
    if (field.fieldKind === "list") {
      const of = object(rules["repeated"]);
      const count = Math.max(1, Number(of["minItems"] ?? 1));
      const item = this.#one(field, object(of["items"]), depth);
      return list(Array.from({ length: count }, () => item));
    }
    if (field.fieldKind === "map") {
      const value = this.#one(field, object(object(rules["map"])["values"]), depth);
      return { kind: "map", entries: [{ key: field.mapKey === ScalarType.STRING ? "x" : "1", value }] };
    }
    return this.#one(field, rules, depth);
  }

  #isNeeded(field: DescField): boolean {
    const rules = this.#rules.of(field);
    const oneof = "oneof" in field ? field.oneof : undefined;
    if (oneof !== undefined && oneof.fields.length > 1) {
      return this.#rules.isRequired(oneof) && pick(oneof.fields) === field;
    }
    if (oneof !== undefined && this.#rules.isRequired(oneof)) return true;
    const message = object(rules["message"])["required"] === true || object(rules["any"])["required"] === true ||
      object(rules["duration"])["required"] === true;
    const string = object(rules["string"]);
    const bytes = object(rules["bytes"]);
    return message || Number(string["minLen"] ?? string["minBytes"] ?? bytes["minLen"] ?? 0) > 0 ||
      Number(object(rules["repeated"])["minItems"] ?? object(rules["map"])["minPairs"] ?? 0) > 0 ||
      (field.fieldKind === "scalar" && needsNumber(rules));
  }

  #one(field: DescField, rules: Rules, depth: number): Value {
    const type = valueType(field);
    if (type.kind === "message") {
      if (type.desc.typeName === "google.protobuf.Any") return this.#typed(field);
      if (type.desc.typeName === "google.protobuf.Duration") return duration(rules);
      if (/^google\.protobuf\.U?Int(32|64)Value$/.test(type.desc.typeName)) return number(rules);
      return this.message(type.desc, false, depth);
    }
    if (type.kind === "enum") {
      const not = object(rules["enum"])["notIn"];
      const all = Array.isArray(not) ? not.map(Number) : [];
      return text(type.desc.values.find((value) => !all.includes(value.number))?.name ?? "0");
    }
    switch (type.scalar) {
      case ScalarType.BOOL:
        return raw("true");
      case ScalarType.STRING:
        return text(string(field, rules));
      case ScalarType.BYTES:
        return text("eA==");
      default:
        return number(rules);
    }
  }

  #typed(field: DescField): Value {
    const name = `${field.parent.typeName}.${field.name}`;
    const row = TYPED.find(([pattern]) => pattern.test(field.name)) ?? TYPED.find(([pattern]) => pattern.test(name));
    const desc = row === undefined ? undefined : this.#api.message(row[1]);
    if (row === undefined || desc === undefined) {
      return from({ "@type": `${TYPE}google.protobuf.Struct`, value: {} });
    }
    return from({ "@type": `${TYPE}${row[1]}`, ...row[2] });
  }

  #wrapper(desc: DescMessage): Value {
    if (desc.typeName.includes("Bool")) return raw("true");
    return /String|Bytes/.test(desc.typeName) ? text("eA==") : raw("1");
  }
}

/** The member of a oneof that needs the least, and is not on its way out. */
function pick(fields: readonly DescField[]): DescField | undefined {
  const likely = fields.filter((field) => field.proto.options?.deprecated !== true);
  return likely.find((field) => field.fieldKind !== "message") ?? likely[0] ?? fields[0];
}

function needsNumber(rules: Rules): boolean {
  return Object.values(rules).some((value) => {
    const of = object(value);
    return "gt" in of || Number(of["gte"] ?? 0) > 0;
  });
}

function number(rules: Rules): Value {
  for (const value of Object.values(rules)) {
    const of = object(value);
    if ("const" in of) return raw(String(of["const"]));
    if (Array.isArray(of["in"])) return raw(String(of["in"][0]));
    if ("gte" in of) return raw(String(of["gte"]));
    if ("gt" in of) return raw(String(Number(of["gt"]) + 1));
  }
  return raw("1");
}

function duration(rules: Rules): Value {
  const of = object(rules["duration"]);
  const least = Number(String(of["gte"] ?? of["gt"] ?? "0").replace("s", ""));
  return text(`${least + 1}s`);
}

function string(field: DescField, rules: Rules): string {
  const of = object(rules["string"]);
  if (typeof of["const"] === "string") return of["const"];
  if (Array.isArray(of["in"])) return String(of["in"][0]);
  if (typeof of["prefix"] === "string") return of["prefix"];
  if (/cluster/.test(field.name)) return CLUSTER;
  if (of["uri"] === true || /uri|url/.test(field.name)) return "http://127.0.0.1/";
  if (/address/.test(field.name)) return "127.0.0.1";
  if (/path|prefix/.test(field.name)) return "/";
  return "x".repeat(Math.max(1, Number(of["len"] ?? of["minLen"] ?? of["minBytes"] ?? 1)));
}

export type { MapValue };

import { assert, assertEquals } from "@std/assert";
import { loadApi } from "../api.ts";
import { formatIssue } from "../issue.ts";
import { Encoder } from "./encode.ts";
import { Source } from "./source.ts";
import { parseYaml } from "./yaml.ts";

const api = loadApi();
const CLUSTER = "envoy.config.cluster.v3.Cluster";

/** The bytes in hexadecimal, or the issues. */
function encode(typeName: string, yaml: string, encoder = new Encoder(api)): string | string[] {
  const desc = api.message(typeName);
  if (desc === undefined) throw new Error(`no ${typeName}`);
  const source = new Source("f", yaml);
  const [root] = parseYaml(source);
  if (root === undefined) throw new Error(source.issues().map(formatIssue).join("\n"));
  const { bytes } = encoder.encode(desc, root, source, false);
  const issues = source.issues();
  assertEquals(bytes === undefined, issues.some((issue) => issue.severity === "error"));
  return bytes === undefined ? issues.map((issue) => `${formatIssue(issue).slice(2)} ${issue.path}`) : hex(bytes);
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Text with the same meaning for a message, one spelling a line. */
function assertSame(typeName: string, ...texts: string[]): void {
  const [first, ...others] = texts.map((text) => encode(typeName, text));
  assert(typeof first === "string" && first !== "", `${texts[0]}: ${first}`);
  for (const [i, other] of others.entries()) assertEquals(other, first, `${texts[0]} and ${texts[i + 1]}`);
}

Deno.test("the bytes do not depend on the order or the spelling of keys", () => {
  assertSame(
    CLUSTER,
    "{name: c, connect_timeout: 1s, lb_policy: RANDOM, metadata: {filter_metadata: {b: {y: 1, x: 2}, a: {}}}}",
    "{metadata: {filterMetadata: {a: {}, b: {x: 2, y: 1}}}, lbPolicy: random, connectTimeout: 1.000s, name: c}",
    "{lb_policy: 3, name: c, metadata: {filter_metadata: {a: {}, b: {x: 0x2, y: 01}}}, connect_timeout: {seconds: 1}}",
  );
});

Deno.test("fields come by number, and defaults without presence are left out", () => {
  // connect_timeout is 4, name is 1, type is in a oneof (2): it has presence.
  assertEquals(
    encode(CLUSTER, "{connect_timeout: 1s, type: 0, name: c, alt_stat_name: ''}"),
    "0a01631000" + "22020801",
  );
  assertEquals(encode("envoy.config.core.v3.SocketOption", "{level: 0, int_value: 0, name: 0}"), "2000");
});

Deno.test("map entries come by the bytes of their keys, whatever UTF-16 says", () => {
  const keys = ["z", "a", "\ufffd", "😀", "é"];
  const bytes = encode("google.protobuf.Struct", `{${keys.map((key) => `"${key}": 1`).join(", ")}}`);
  const order = ["a", "z", "é", "\ufffd", "😀"].map((key) => hex(new TextEncoder().encode(key)));
  const places = order.map((key) => bytes.indexOf(key));
  assertEquals(places, [...places].sort((a, b) => a - b));
  assert(!places.includes(-1));
});

Deno.test("map entries with numbers as keys come by number, and one number is one entry", () => {
  const match = (entries: string) =>
    encode("envoy.extensions.filters.network.dubbo_proxy.v3.MethodMatch", `params_match: ${entries}`);
  assertEquals(match("{10: {}, 9: {}, 010: {}}"), match('{"9": {}, "10": {}}'));
  assertEquals(match("{10: {}, 9: {}}"), "12040809120012040" + "80a1200");
  assertEquals(match("{a: {}}"), [
    '1:16: error: expected a whole number (uint32), found "a" [bad-number] params_match["a"]',
  ]);
});

Deno.test("a number keeps its value or is refused", () => {
  const table: [string, string, string][] = [
    ["Int64Value", "9007199254740993", "088180808080808010"],
    ["Int64Value", '"9007199254740992.0"', "088080808080808010"],
    ["Int64Value", "1e17", "bad-number"],
    ["Int64Value", '"9223372036854775808"', "bad-number"],
    ["UInt64Value", '"18446744073709551615"', "08ffffffffffffffffff01"],
    ["UInt64Value", "-1", "bad-number"],
    ["Int32Value", "-1", "08ffffffffffffffffff01"],
    ["FloatValue", "3.5e38", "bad-number"],
    ["FloatValue", '"3.4028235e38"', "0dffff7f7f"],
    ["DoubleValue", "nan", "09000000000000f87f"],
    ["DoubleValue", "1.5.5", "bad-number"],
  ];
  for (const [type, value, expected] of table) {
    const result = encode(`google.protobuf.${type}`, value);
    const matches = typeof result === "string" ? result === expected : String(result).includes(`[${expected}]`);
    assert(matches, `${type} ${value}: ${result}`);
  }
});

Deno.test("a time is read as Envoy reads it, zone and all", () => {
  const seconds = (value: string) => `{seconds: ${value}}`;
  const table: [string, string][] = [
    ['"1970-01-01T01:00:00+01:00"', "{}"],
    ['"2030-01-31T12:00:00Z"', seconds("1896091200")],
    ['"2030-01-31T12:00:00.25-01:00"', "{seconds: 1896094800, nanos: 250000000}"],
    ['"2030-01-31T12:00:60Z"', seconds("1896091260")],
    ['"0030-01-31T12:00:00Z"', seconds("-61217812800")],
  ];
  for (const [text, same] of table) {
    assertEquals(encode("google.protobuf.Timestamp", text), encode("google.protobuf.Timestamp", same), text);
  }
  for (const text of ['"2030-01-31"', '"2030-13-31T12:00:00Z"', '"2030-01-31T12:00:00"', '"2030-01-31T12:00:00z"']) {
    assert(String(encode("google.protobuf.Timestamp", text)).includes("[bad-timestamp]"), text);
  }
});

Deno.test("what Envoy takes for one value is one value", () => {
  const buffer = (value: string) => `{per_connection_buffer_limit_bytes: ${value}}`;
  assertSame(
    CLUSTER,
    ...["16", '"16"', "0x10", "020", "1.6e1", "16.0", '"0x10"', "{value: 16}", "+16"].map(buffer),
  );
  const bool = (value: string) => `{respect_dns_ttl: ${value}}`;
  assertSame(CLUSTER, ...["true", "yes", "on", "y", "True", '"true"', '"1"', '"t"'].map(bool));
  const checks = (value: string) => `{outlier_detection: {}, health_checks: ${value}}`;
  assertSame(
    CLUSTER,
    ...[
      "[{always_log_health_check_failures: y}]",
      "{always_log_health_check_failures: y}",
      "[[{always_log_health_check_failures: y}]]",
    ].map(checks),
  );
  const timeout = (value: string) => `{connect_timeout: ${value}}`;
  assertSame(CLUSTER, ...["1.5s", '"1.500s"', "{seconds: 1, nanos: 500000000}", "01.5s"].map(timeout));
  const domains = (value: string) => `{domains: ${value}}`;
  assertSame("envoy.config.route.v3.VirtualHost", ...['["a", ""]', "[a, null]", "[a, [null]]"].map(domains));
  const binary = (value: string) => `{binary: ${value}}`;
  assertSame("envoy.config.core.v3.HealthCheck.Payload", ...["+/8=", "-_8=", "+/8", '"-_8"'].map(binary));
  assertSame(CLUSTER, "{name: c}", "{name: c, alt_stat_name: ~, health_checks: null, type: ~, circuit_breakers: }");
  assertSame(CLUSTER, "{alt_stat_name: 1.5}", '{alt_stat_name: "1.5"}');
});

Deno.test("what Envoy refuses is an issue with its place and its path", () => {
  const table: [string, string][] = [
    ["name: 5", "1:7: error: expected a string, found a number: put it in quotes [wrong-type] name"],
    ["name: {a: 1}", "1:7: error: expected a string, found a map [wrong-type] name"],
    [
      "nmae: c",
      '1:1: error: envoy.config.cluster.v3.Cluster has no field "nmae"; did you mean "name"? [unknown-field] nmae',
    ],
    ["zz: ~", '1:1: error: envoy.config.cluster.v3.Cluster has no field "zz" [unknown-field] zz'],
    ["<<: {}", `1:1: error: ${CLUSTER} has no field "<<": Envoy's YAML has no merge keys [unknown-field] <<`],
    [
      "connect_timeout: 1",
      '1:18: error: expected a duration, such as "1.5s", found a number [wrong-type] connect_timeout',
    ],
    ['connect_timeout: "5"', '1:18: error: "5" is not a duration: did you mean "5s"? [bad-duration] connect_timeout'],
    [
      "connect_timeout: 1ms",
      '1:18: error: "1ms" is not a duration: expected seconds with an "s", such as "1.5s" [bad-duration] connect_timeout',
    ],
    [
      "connect_timeout: -1s",
      '1:18: error: "-1s" is not a duration that Envoy takes: it is negative [bad-duration] connect_timeout',
    ],
    [
      "connect_timeout: {nanos: -1}",
      "1:18: error: a duration that Envoy does not take: it is negative [bad-duration] connect_timeout",
    ],
    ["lb_policy: RANDM", '1:12: error: LbPolicy has no value "RANDM"; did you mean RANDOM? [bad-enum] lb_policy'],
    ["lb_policy: 1e0x", "1:12"],
    ["respect_dns_ttl: 1", "1:18: error: expected true or false, found a number [wrong-type] respect_dns_ttl"],
    [
      "per_connection_buffer_limit_bytes: 1.5",
      '1:36: error: expected a whole number (uint32), found "1.5" [bad-number] per_connection_buffer_limit_bytes',
    ],
    [
      "per_connection_buffer_limit_bytes: -1",
      "1:36: error: -1 does not fit uint32: 0 to 4294967295 [bad-number] per_connection_buffer_limit_bytes",
    ],
    [
      "health_checks: [{}, 5]",
      "1:21: error: expected a map with the fields of envoy.config.core.v3.HealthCheck, found a number [wrong-type] health_checks[1]",
    ],
    [
      "circuit_breakers: []",
      "1:19: error: expected a map with the fields of envoy.config.cluster.v3.CircuitBreakers, found a list [wrong-type] circuit_breakers",
    ],
    [
      "metadata: {filter_metadata: [a]}",
      "1:29: error: expected a map, found a list [wrong-type] metadata.filter_metadata",
    ],
    [
      "metadata: {filter_metadata: {a.b: 5}}",
      '1:35: error: expected a map, found a number [wrong-type] metadata.filter_metadata["a.b"]',
    ],
    ['name: "\\ud800"', "1:7: error: a lone surrogate in a string has no UTF-8 form [bad-string] name"],
    [
      "{type: EDS, cluster_type: {name: a}}",
      '1:13: error: "cluster_type" and "type" exclude each other: only one of "cluster_discovery_type" can be set [oneof-conflict] cluster_type',
    ],
  ];
  for (const [yaml, expected] of table) {
    const [issue, ...more] = encode(CLUSTER, yaml);
    assertEquals(String(issue).slice(0, expected.length), expected, yaml);
    assertEquals(more, [], yaml);
  }
});

Deno.test("all issues of a message are collected, in the order of the text", () => {
  const issues = encode(
    CLUSTER,
    "name: 5\nfoo: 1\nconnect_timeout: 1\ncircuit_breakers:\n  thresholds:\n  - max_request: 1\n",
  );
  assertEquals([...issues].map((issue) => issue.slice(0, 3)), ["1:7", "2:1", "3:1", "6:5"]);
});

Deno.test("both spellings of a field are joined with a warning, and twice a oneof is a conflict", () => {
  const source = new Source("f", "{health_checks: [{}], healthChecks: [{}], altStatName: a, alt_stat_name: b}");
  const [root] = parseYaml(source);
  const desc = api.message(CLUSTER);
  if (root === undefined || desc === undefined) throw new Error("no cluster");
  const { bytes } = new Encoder(api).encode(desc, root, source);
  assertEquals(bytes && hex(bytes), encode(CLUSTER, "{health_checks: [{}, {}], alt_stat_name: b}"));
  assertEquals(source.issues().map((issue) => issue.severity), ["warning", "warning"]);
  const [conflict] = encode("envoy.config.core.v3.HealthCheck", "{tcp_health_check: {}, tcpHealthCheck: {}}");
  assertEquals(
    conflict,
    '1:24: error: "tcp_health_check" is set twice, and it is a member of the oneof "health_checker" [oneof-conflict] tcp_health_check',
  );
});

Deno.test("what both spellings of a message say is joined, and nothing in it conflicts: the last one counts", () => {
  const write = (text: string) => {
    const source = new Source("f", text);
    const [root] = parseYaml(source);
    const desc = api.message(CLUSTER);
    if (root === undefined || desc === undefined) throw new Error("no cluster");
    const { bytes } = new Encoder(api).encode(desc, root, source);
    return [bytes && hex(bytes), ...source.issues().map(({ severity }) => severity)];
  };
  const pipe = "endpoints: [{lb_endpoints: [{endpoint_name: a}]}]";
  assertEquals(
    write(`{load_assignment: {cluster_name: a, ${pipe}}, loadAssignment: {clusterName: b, policy: {}, ${pipe}}}`),
    [String(encode(CLUSTER, `{load_assignment: {cluster_name: b, policy: {}, ${pipe}}}`)), "warning"],
  );
  const config = (field: string, source: string) => `${field}: {service_name: s, eds_config: {${source}}}`;
  assertEquals(
    write(`{${config("eds_cluster_config", "path: /a")}, ${config("edsClusterConfig", "ads: {}")}}`),
    [String(encode(CLUSTER, `{${config("eds_cluster_config", "ads: {}")}}`)), "warning"],
  );
});

const ANY = "google.protobuf.Any";

Deno.test("an Any holds the canonical bytes of any message of the API, under one spelling of its type", () => {
  assertSame(
    ANY,
    '{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router, dynamic_stats: true, start_child_span: y}',
    '{startChildSpan: true, dynamicStats: {value: on}, "@type": example.com/x/envoy.extensions.filters.http.router.v3.Router}',
  );
  assertSame(
    ANY,
    '{"@type": type.googleapis.com/google.protobuf.Duration, value: 1s}',
    '{"@type": a/google.protobuf.Duration, value: {seconds: 1}}',
  );
  const url = "type.googleapis.com/google.protobuf.Empty";
  assertEquals(encode(ANY, `"@type": ${url}`), `0a${url.length.toString(16)}${hex(new TextEncoder().encode(url))}`);
});

Deno.test("an Any may be of no type: what a route's FilterConfig says with `config: {}`", () => {
  assertEquals(encode(ANY, "{}"), "");
  assertEquals(encode(ANY, "~"), "");
  assertSame("envoy.config.route.v3.FilterConfig", "{config: {}}", "{config: { }}");
});

Deno.test("an Any whose type says nothing is an issue at its type", () => {
  const table: [string, string][] = [
    ["{a: 1}", "1:1: error: @type is missing [missing-type] "],
    ["a", "1:1: error: expected a map with @type, found a string [wrong-type] "],
    ["{type: a/b}", '1:1: error: @type is missing; did you mean it by "type"? [missing-type] '],
    ['{"@type": 5}', "1:11: error: @type must be a string, not a number [wrong-type] "],
    [
      '{"@type": a/envoy.Nope}',
      `1:11: error: unknown type "envoy.Nope" in the API of Envoy ${api.version} [unknown-type] `,
    ],
    [
      '{"@type": a/envoy.config.filter.http.fault.v2.HTTPFault}',
      `1:11: error: unknown type "envoy.config.filter.http.fault.v2.HTTPFault": Envoy ${api.version} has no v2 types any more [unknown-type] `,
    ],
    [
      '{"@type": google.protobuf.Empty}',
      '1:11: error: @type "google.protobuf.Empty" has nothing with a slash before the name of the message: write "type.googleapis.com/google.protobuf.Empty" [unknown-type] ',
    ],
    [
      '{"@type": a/google.protobuf.Duration, value: 1s, seconds: 1}',
      '1:50: error: an Any with google.protobuf.Duration has no field "seconds": only @type and value [unknown-field] ',
    ],
    [
      '{"@type": a/envoy.config.core.v3.Node, ib: x}',
      '1:40: error: envoy.config.core.v3.Node has no field "ib"; did you mean "id"? [unknown-field] ib',
    ],
  ];
  for (const [yaml, expected] of table) assertEquals(encode(ANY, yaml), [expected], yaml);
});

Deno.test("a TypedStruct is checked as the message it stands for, if that is known", () => {
  const typed = (type: string, value: string) =>
    `{"@type": a/xds.type.v3.TypedStruct, type_url: a/${type}, value: ${value}}`;
  const router = "envoy.extensions.filters.http.router.v3.Router";
  assertEquals(encode(ANY, typed(router, "{dynamic_stat: 1}")), [
    `1:106: error: ${router} has no field "dynamic_stat"; did you mean "dynamic_stats"? [unknown-field] value.dynamic_stat`,
  ]);
  assertEquals(typeof encode(ANY, typed(router, "{dynamic_stats: yes}")), "string");
  assertEquals(typeof encode(ANY, typed("my.own.Type", "{x: 1}")), "string");
});

Deno.test("a watcher sees every message of its type, with the values that the text gives", () => {
  const seen: unknown[] = [];
  const encoder = new Encoder(api, (desc) => {
    if (desc.typeName !== "envoy.config.core.v3.Address") return undefined;
    return (message, run) => {
      const socket = message.message("socket_address");
      const host = socket?.string("address");
      seen.push(run.path(), host?.value, host?.offset, host?.path, socket?.enum("protocol"), message.has("pipe"));
    };
  });
  const text = "lb_endpoints: {endpoint: {address: {socketAddress: {address: h, protocol: udp}}}}";
  encode("envoy.config.endpoint.v3.LocalityLbEndpoints", text, encoder);
  const path = "lb_endpoints.endpoint.address";
  assertEquals(seen, [path, "h", 61, `${path}.socket_address.address`, 1, false]);
});

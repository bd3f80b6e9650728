import { assertEquals } from "@std/assert";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { loadApi } from "../../model/api.ts";
import { readFile } from "../../model/codec/read.ts";
import type { Issue } from "../../model/issue.ts";
import { FIELD_RULES, watchFields } from "./fields.ts";
import { Options } from "./options.ts";
import { COVERED, kindsOf } from "./kinds_test.ts";

const API = loadApi();
const CHECKS = { watch: watchFields(API), severity: "error" as const };

function read(text: string): Issue[] {
  return readFile(API, new TextEncoder().encode(text), "a.yaml", "a", CHECKS).issues.filter(({ rule }) =>
    rule !== "dangling-reference"
  );
}

const lines = (text: string) =>
  read(text).map(({ at, rule, message }) => `${at?.line}:${at?.column} ${rule}: ${message}`);
const TYPE = "type.googleapis.com/envoy";

/** A cluster of which more is in the lines behind its name, from line 3 on. */
const cluster = (more: string) => `"@type": ${TYPE}.config.cluster.v3.Cluster\nname: c\n${more}`;
const any = (type: string, more = "") => `{"@type": ${TYPE}.${type}${more === "" ? "" : `, ${more}`}}`;

Deno.test("each page has a file that breaks its rule and no other, and one that does not", () => {
  for (const { name, bad, good } of FIELD_RULES) {
    assertEquals([read(bad ?? "").map(({ rule }) => rule), read(good ?? "")], [[name], []], name);
  }
  assertEquals(new Set(FIELD_RULES.map(({ name }) => name)).size, 12);
});

Deno.test("issues of Envoy's messages say the field, the limit and what was found, where it is", () => {
  const table: [string, string[]][] = [
    ["connect_timeout: 0s", ['3:18 duration-range: "connect_timeout" must be greater than 0s, found 0s']],
    ["connect_timeout: {seconds: 0, nanos: 0}", [
      '3:18 duration-range: "connect_timeout" must be greater than 0s, found 0s',
    ]],
    ["max_requests_per_connection: 0\nlb_policy: 4", [
      '4:12 enum-value: "lb_policy" must be ROUND_ROBIN, LEAST_REQUEST, RING_HASH, RANDOM, MAGLEV, CLUSTER_PROVIDED or ' +
      "LOAD_BALANCING_POLICY_CONFIG, found 4",
    ]],
    ["outlier_detection: {max_ejection_percent: {value: 101}}", [
      '3:43 value-range: "max_ejection_percent" must be at most 100, found 101',
    ]],
    ["least_request_lb_config: {choice_count: 1}", ['3:41 value-range: "choice_count" must be at least 2, found 1']],
    ["ring_hash_lb_config: {minimum_ring_size: 9999999999999999999}", [
      '3:42 value-range: "minimum_ring_size" must be at most 8388608, found 9999999999999999999',
    ]],
    ["common_lb_config: {healthy_panic_threshold: {value: -0.5}}", [
      '3:53 value-range: "value" must be from 0 to 100, found -0.5',
    ]],
    ["common_lb_config: {healthy_panic_threshold: {value: NaN}}", []],
    ["metadata: {filter_metadata: {'': {}}}", [
      '3:30 string-length: a key of "filter_metadata" must not be empty',
    ]],
    ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, tcp_health_check: {}}]", [
      '3:17 required-field: "healthy_threshold" must be set',
    ]],
    ["load_assignment: {policy: {drop_overloads: [{category: a}, {}]}, cluster_name: c}", [
      '3:60 string-length: "category" must not be empty: it is not set',
    ]],
    ["transport_socket: {name: null}", ['3:19 string-length: "name" must not be empty: it is not set']],
    ["eds_cluster_config: {eds_config: {}}", [
      "3:34 required-oneof: one of path, path_config_source, api_config_source, ads, self must be set",
    ]],
    ["eds_cluster_config: {eds_config: {path: ''}}", []],
    [
      "eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, grpc_services: [{google_grpc: {target_uri: '', stat_prefix: a}}]}}}",
      [
        '3:114 string-length: "target_uri" must not be empty',
      ],
    ],
  ];
  for (const [more, expected] of table) assertEquals(lines(cluster(more)), expected, more);
});

Deno.test("a path leads to the value, the element, the entry, or to what is missing", () => {
  const paths = (text: string) => read(text).map(({ path }) => path);
  const host = (more: string) =>
    `"@type": ${TYPE}.config.route.v3.RouteConfiguration\nname: r\nvirtual_hosts: [{name: v, ${more}}]`;
  assertEquals(paths(host("domains: [a], request_headers_to_remove: [b, '']")), [
    "virtual_hosts[0].request_headers_to_remove[1]",
  ]);
  assertEquals(paths(host("domains: [a], request_headers_to_remove: ''")), [
    "virtual_hosts[0].request_headers_to_remove",
  ]);
  assertEquals(paths(host("domains: [a], request_headers_to_remove: [[b, [c, '']]]")), [
    "virtual_hosts[0].request_headers_to_remove[0][1][1]",
  ]);
  assertEquals(paths(host("routes: []")), ["virtual_hosts[0].domains"]);
  assertEquals(paths(host("domains: [a], routes: [{route: {cluster: c}}]")), ["virtual_hosts[0].routes[0].match"]);
  assertEquals(paths(host("domains: [a], routes: [{match: {}, route: {cluster: c}}]")), [
    "virtual_hosts[0].routes[0].match",
  ]);
  assertEquals(paths(cluster("metadata: {filter_metadata: {'': {}}}")), ['metadata.filter_metadata[""]']);
});

Deno.test("null in a list or a map is an empty message, and an empty TypedStruct too", () => {
  assertEquals(lines(cluster("load_assignment: {cluster_name: c, policy: {drop_overloads: [null]}}")), [
    '3:62 string-length: "category" must not be empty: it is not set',
  ]);
  assertEquals(lines(cluster("load_assignment: {cluster_name: c, endpoints: [null], named_endpoints: {a: null}}")), []);
  const struct = `{"@type": type.googleapis.com/xds.type.v3.TypedStruct, type_url: ${TYPE}`;
  const listener = (config: string) =>
    `"@type": ${TYPE}.config.listener.v3.Listener\nname: l\nfilter_chains: [{filters: [{name: f, typed_config: ${config}}]}]`;
  const tcp = `${struct}.extensions.filters.network.tcp_proxy.v3.TcpProxy`;
  assertEquals(read(listener(`${tcp}}`)).map(({ rule, path }) => `${rule} ${path}`), [
    "string-length filter_chains[0].filters[0].typed_config.value.stat_prefix",
    "required-oneof filter_chains[0].filters[0].typed_config.value",
  ]);
  assertEquals(read(listener(`${tcp}, value: {stat_prefix: a, cluster: b}}`)), []);
});

Deno.test("nothing is said of what Envoy does not check", () => {
  const policy = (...types: string[]) =>
    `load_balancing_policy: {policies: [${
      types.map((type) => `{typed_extension_config: {name: a, typed_config: ${type}}}`).join(", ")
    }]}`;
  const lb = "extensions.load_balancing_policies";
  const override = any(`${lb}.override_host.v3.OverrideHost`);
  const random = any(`${lb}.random.v3.Random`);
  const least = any(
    `${lb}.least_request.v3.LeastRequest`,
    "choice_count: 1, slow_start_config: {min_weight_percent: {value: 200}}",
  );
  const dns = any("extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig", "query_timeout_seconds: 0");
  const proxy = any("config.core.v3.Address");
  assertEquals(read(cluster(policy(least))), []);
  assertEquals(read(cluster(policy(random, override))), []);
  assertEquals(read(cluster(policy(override))).map(({ rule }) => rule), ["list-size", "required-field"]);
  assertEquals(read(cluster(`typed_dns_resolver_config: {name: a, typed_config: ${dns}}`)), []);
  assertEquals(read(cluster(`typed_dns_resolver_config: {name: '', typed_config: ${dns}}`)).length, 1);
  assertEquals(read(cluster(`metadata: {typed_filter_metadata: {a: ${proxy}}}`)), []);
  assertEquals(read(cluster(`metadata: {typed_filter_metadata: {'': ${proxy}}}`)).length, 1);
  const retry = (field: string) =>
    read(
      `"@type": ${TYPE}.config.route.v3.RouteConfiguration\nname: r\nvirtual_hosts: [{name: v, domains: [a], ${field}}]`,
    );
  assertEquals(retry("retry_policy: {retry_back_off: {}}").map(({ rule }) => rule), ["required-field"]);
  assertEquals(retry(`retry_policy_typed_config: ${any("config.route.v3.RetryPolicy", "retry_back_off: {}")}`), []);
});

Deno.test("a field with skip is not looked into", () => {
  const mutation = (append: string) =>
    `"@type": ${TYPE}.config.route.v3.VirtualHost\nname: r/v\ndomains: [a]\ntyped_per_filter_config: {f: {"@type": ` +
    `${TYPE}.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute, mutations: ` +
    `{query_parameter_mutations: [{append: {${append}}}]}}}`;
  assertEquals(read(mutation("entry: {key: ''}")), []);
  assertEquals(read(mutation("record: {key: ''}")).map(({ rule }) => rule), ["string-length"]);
  assertEquals(read(mutation("action: 9")).map(({ rule }) => rule), ["enum-value"]);
});

Deno.test("what cannot be read is reported once, by the codec", () => {
  const table: [string, string][] = [
    ["connect_timeout: -1s", "bad-duration"],
    ["outlier_detection: {max_ejection_percent: -1}", "bad-number"],
    ["least_request_lb_config: {choice_count: -1}", "bad-number"],
    ["common_lb_config: {healthy_panic_threshold: {value: x}}", "bad-number"],
    ["lb_policy: NONE", "bad-enum"],
    ["transport_socket: {name: [a]}", "wrong-type"],
    ["metadata: {filter_metadata: 5}", "wrong-type"],
  ];
  for (const [more, rule] of table) assertEquals(read(cluster(more)).map((issue) => issue.rule), [rule], more);
});

Deno.test("a value of a field that is marked as sensitive is not shown", () => {
  const secret = (name: string) => `"@type": ${TYPE}.extensions.transport_sockets.tls.v3.Secret\nname: s\n${name}`;
  const [issue] = read(secret("tls_certificate: {private_key: {filename: ''}}"));
  assertEquals(issue?.message, '"filename" must not be empty');
  const header = (value: string) =>
    lines(
      `"@type": ${TYPE}.config.route.v3.RouteConfiguration\nname: r\n` +
        `request_headers_to_add: [{header: {key: authorization, value: "${value}"}}]`,
    );
  assertEquals(header("Bearer 123"), []);
  assertEquals(header("Bearer\\n123"), [
    '3:63 string-format: "value" must be a header value, found a line feed in it',
  ]);
});

Deno.test("every kind of rule in Envoy's API is known, and has a row in the table of kinds", () => {
  const options = new Options(API);
  const counts = new Map<string, number>();
  let oneofs = 0;
  for (const path of API.paths) {
    const file = API.file(path);
    for (const type of file === undefined ? [] : nestedTypes(file)) {
      if (type.kind !== "message") continue;
      oneofs += type.oneofs.filter((oneof) => options.isRequired(oneof)).length;
      for (const field of type.fields) {
        for (const kind of kindsOf(options.rules(field) ?? {})) counts.set(kind, (counts.get(kind) ?? 0) + 1);
      }
    }
  }
  assertEquals([...counts.keys()].filter((kind) => !COVERED.has(kind)), []);
  assertEquals([counts.size > 55, oneofs > 100, (counts.get("string.min_len") ?? 0) > 200], [true, true, true]);
});

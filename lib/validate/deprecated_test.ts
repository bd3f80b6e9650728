import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { assert, assertEquals } from "@std/assert";
import { loadApi } from "../model/api.ts";
import { readFile } from "../model/codec/read.ts";
import { watchDeprecated } from "./deprecated.ts";
import { REPLACEMENTS } from "./replacements.ts";

const api = loadApi();

/** `line:column severity rule path`. */
function found(yaml: string): string[] {
  const { issues } = readFile(api, yaml, "f.yaml", "l", { watch: watchDeprecated(api), severity: "error" });
  return issues.map(({ at, severity, rule, path }) => `${at?.line}:${at?.column} ${severity} ${rule} ${path}`);
}

function messages(yaml: string): string[] {
  const { issues } = readFile(api, yaml, "f.yaml", "l", { watch: watchDeprecated(api), severity: "error" });
  return issues.map((issue) => issue.message);
}

const T = "type.googleapis.com/envoy";
const cluster = (fields: string) => `"@type": ${T}.config.cluster.v3.Cluster\nname: c\n${fields}\n`;
const bootstrap = (fields: string) => `node: {id: one, cluster: c}\n${fields}\n`;
const HCM = `"@type": ${T}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
const listener = (manager: string) =>
  `"@type": ${T}.config.listener.v3.Listener
name: l
filter_chains:
- filters:
  - name: h
    typed_config:
      ${HCM}
      ${manager.replaceAll("\n", "\n      ")}
`;
const MANAGER = "filter_chains[0].filters[0].typed_config";

Deno.test("a deprecated field is a warning at its key, with what to use instead", () => {
  assertEquals(found(cluster("http2ProtocolOptions: {}")), ["3:1 warning deprecated-field http2_protocol_options"]);
  assertEquals(messages(cluster("track_timeout_budgets: true")), [
    'field "track_timeout_budgets" is deprecated: use track_cluster_stats',
  ]);
});

Deno.test("a field at its default is not set, unless it has presence", () => {
  for (
    const unset of ["track_timeout_budgets: false", "dns_resolvers: []", "protocol_selection: 0", "dns_jitter: null"]
  ) {
    assertEquals(found(cluster(unset)), [], unset);
  }
  for (
    const set of ["dns_resolvers: [{}]", "protocol_selection: 1", "dns_jitter: 0s", "max_requests_per_connection: 0"]
  ) {
    assertEquals(found(cluster(set)).length, 1, set);
  }
  const header = `route_config: {virtual_hosts: [{routes: [{match: {headers: [{name: x, exact_match: ""}]}}]}]}`;
  assertEquals(found(listener(header)).length, 1, "a member of a oneof has presence");
});

Deno.test("a field that is not allowed is an error, for which a bootstrap can make an exception", () => {
  const routes = "{virtual_hosts: [{rate_limits: [{actions: [{dynamic_metadata: {descriptor_key: k}}]}]}]}";
  const path = "virtual_hosts[0].rate_limits[0].actions[0].dynamic_metadata";
  assertEquals(found(listener(`route_config: ${routes}`)), [
    `8:65 error disallowed-field ${MANAGER}.route_config.${path}`,
  ]);

  const inBootstrap = (layers: string) => {
    const manager = `{${HCM}, route_config: ${routes}}`;
    return found(bootstrap(`layered_runtime: {layers: ${layers}}
static_resources: {listeners: [{name: l, filter_chains: [{filters: [{name: h, typed_config: ${manager}}]}]}]}`))
      .map((issue) => issue.split(" ")[2] ?? "");
  };
  const one = "envoy.deprecated_features:envoy.config.route.v3.RateLimit.Action.dynamic_metadata";
  const all = "envoy.features.enable_all_deprecated_features";
  const table: [string, string][] = [
    [`[]`, "disallowed-field"],
    [`[{name: a, static_layer: {${all}: true}}]`, "deprecated-field"],
    [`[{name: a, static_layer: {envoy: {features: {enable_all_deprecated_features: true}}}}]`, "deprecated-field"],
    [`[{name: a, static_layer: {"${one}": true}}]`, "deprecated-field"],
    [`[{name: a, static_layer: {${all}: true, "${one}": false}}]`, "disallowed-field"],
    [`[{name: a, static_layer: {${all}: "true"}}]`, "disallowed-field"],
    [`[{name: a, static_layer: {${all}: false}}, {name: b, static_layer: {${all}: true}}]`, "deprecated-field"],
    [`[{name: a, static_layer: {${all}: true}}, {name: b, static_layer: {${all}: false}}]`, "disallowed-field"],
  ];
  for (const [layers, rule] of table) assertEquals(inBootstrap(layers), [rule], layers);
});

Deno.test("a value that is not allowed is an error, be it the default of a field that is not there", () => {
  const source = (fields: string) =>
    found(cluster(`eds_cluster_config:\n  eds_config:\n    api_config_source:\n      {${fields}}`));
  const at = "eds_cluster_config.eds_config.api_config_source";
  assertEquals(source("transport_api_version: V3"), [`6:7 error disallowed-value ${at}.api_type`]);
  assertEquals(source("api_type: 0"), [`6:18 error disallowed-value ${at}.api_type`]);
  assertEquals(source("api_type: deprecated_and_unavailable_do_not_use").length, 1);
  assertEquals(source("api_type: GRPC, transport_api_version: V2"), [
    `6:47 error disallowed-value ${at}.transport_api_version`,
  ]);
  assertEquals(source("api_type: REST, transport_api_version: AUTO"), []);
  const zipkin = (fields: string) =>
    found(
      listener(`tracing: {provider: {name: z, typed_config: {"@type": ${T}.config.trace.v3.ZipkinConfig, ${fields}}}}`),
    );
  assertEquals(zipkin("collector_endpoint: /").length, 1);
  assertEquals(zipkin("collector_endpoint: /, collector_endpoint_version: HTTP_JSON"), []);
});

Deno.test("where Envoy makes nothing of a value, and for the version of resources, it is a warning", () => {
  const source = "{api_config_source: {}}";
  const zipkin = `{"@type": ${T}.config.trace.v3.ZipkinConfig}`;
  const warnings = [
    cluster(`metadata: {typed_filter_metadata: {any: ${zipkin}}}`),
    bootstrap(`dynamic_resources: {lds_config: ${source}}`),
    bootstrap("hds_config: {}"),
    cluster(`lrs_server: ${source}`),
    cluster("eds_cluster_config: {eds_config: {ads: {}, resource_api_version: V2}}"),
    cluster("eds_cluster_config: {eds_config: {self: {transport_api_version: V2}}}"),
  ];
  for (const yaml of warnings) {
    assertEquals(found(yaml).map((issue) => issue.split(" ").slice(1, 3)), [["warning", "deprecated-value"]], yaml);
  }
  assertEquals(found(bootstrap(`tracing: {http: {name: z, typed_config: ${zipkin}}}`)).map((it) => it.split(" ")[1]), [
    "warning",
    "warning",
  ]);
  const error = bootstrap(`dynamic_resources: {cds_config: ${source}}`);
  assertEquals(found(error).map((issue) => issue.split(" ")[1]), ["error"]);
});

Deno.test("work in progress is reported once in a file, and for a message that no other speaks for", () => {
  const key = `"@type": ${T}.extensions.filters.http.api_key_auth.v3.ApiKeyAuth, credentials: [{key: a, client: b}]`;
  const filter = `{name: a, typed_config: {${key}}}`;
  const manager = `http_protocol_options: {allow_custom_methods: true}\nhttp_filters: [${filter}, ${filter}]`;
  const expected = [
    "field http_protocol_options.allow_custom_methods",
    "message http_filters.typed_config",
  ];
  const reported = (yaml: string) =>
    found(yaml).map((issue) => {
      const [, severity, rule, path = ""] = issue.split(" ");
      assertEquals([severity, rule], ["warning", "work-in-progress"]);
      const short = path.replaceAll(/\[\d\]/g, "").replace("filter_chains.filters.typed_config.", "");
      return `${short.endsWith("allow_custom_methods") ? "field" : "message"} ${short}`;
    });
  assertEquals(reported(listener(manager)), expected);
  assertEquals(reported(`${listener(manager)}---\n${listener(manager)}`), expected, "once in a file");
  assertEquals(reported(listener("http_protocol_options: {allow_custom_methods: false}")), []);
});

Deno.test("messages with nothing to look at are not watched", () => {
  const watch = watchDeprecated(api);
  const typeNames = ["envoy.config.core.v3.SocketAddress", "envoy.config.endpoint.v3.ClusterLoadAssignment"];
  for (const typeName of typeNames) {
    const desc = api.message(typeName);
    assert(desc !== undefined, typeName);
    assertEquals(watch(desc), undefined, typeName);
  }
});

Deno.test("every replacement is for a deprecated field, and if it is one word, a field beside it that is not", () => {
  for (const [typeName, fields] of Object.entries(REPLACEMENTS)) {
    const desc = api.message(typeName);
    assert(desc !== undefined, typeName);
    for (const [name, instead] of Object.entries(fields)) {
      const field = (wanted: string) => desc.fields.find((each) => each.name === wanted);
      assertEquals(field(name)?.deprecated, true, `${typeName}.${name}`);
      const [word = ""] = instead.split(" with ");
      if (!word.includes(" ")) assertEquals(field(word)?.deprecated, false, `${typeName}.${name}: ${instead}`);
    }
  }
});

Deno.test("what the API does not allow is what was tried with Envoy: a new one must be tried too", () => {
  const marked: string[] = [];
  for (const path of api.paths) {
    const file = api.file(path);
    for (const type of file === undefined ? [] : nestedTypes(file)) {
      if (type.kind !== "enum") continue;
      for (const value of type.values) if (value.deprecated) marked.push(`${type.typeName}.${value.name}`);
    }
  }
  assertEquals(marked.sort(), [
    "envoy.config.core.v3.ApiConfigSource.ApiType.DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE",
    "envoy.config.core.v3.ApiVersion.V2",
    "envoy.config.trace.v3.ZipkinConfig.CollectorEndpointVersion.DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE",
    "envoy.extensions.filters.network.thrift_proxy.v3.ProtocolType.TWITTER",
  ]);
});

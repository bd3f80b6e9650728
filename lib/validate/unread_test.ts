import { assertEquals } from "@std/assert";
import { loadApi } from "../model/api.ts";
import { readFile } from "../model/codec/read.ts";
import { checksOf } from "./checks.ts";
import { checkConfiguration } from "./configuration.ts";

const API = loadApi();
const CHECKS = checksOf(API);

/** The rules of errors of a bootstrap; `<a.b.C>` is the `@type` of `envoy.a.b.C`. */
function rules(text: string): string[] {
  const yaml = text.replace(/<([\w.]+)>/g, '"@type": type.googleapis.com/envoy.$1');
  const content = readFile(API, new TextEncoder().encode(yaml), "a.yaml", "a.yaml", CHECKS);
  return checkConfiguration([[{ file: "a.yaml", content }]]).filter(({ severity }) => severity === "error")
    .map(({ rule }) => rule);
}

const CLUSTERS = "static_resources: {clusters: [{name: c}]}";
const GOOGLE = "google_grpc: {target_uri: 'a:1', stat_prefix: x, credentials_factory_name: " +
  "envoy.grpc_credentials.file_based_metadata, call_credentials: [{from_plugin: {name: " +
  "envoy.grpc_credentials.file_based_metadata, typed_config: {<config.grpc_credential.v3.FileBasedMetadataConfig>, " +
  "secret_data: {}}}}]}";
const SOURCE = `{api_type: GRPC, transport_api_version: V3, grpc_services: [{${GOOGLE}}]}`;

function cluster(fields: string): string {
  return `static_resources: {clusters: [{name: c, ${fields}}]}`;
}

function profile(duration: string): string {
  const type = "extensions.watchdog.profile_action.v3.ProfileActionConfig";
  return `${CLUSTERS}\nwatchdogs: {main_thread_watchdog: {actions: [{event: MISS, config: {name: x, typed_config: ` +
    `{<${type}>, profile_path: /, profile_duration: ${duration}}}}]}}`;
}

function validator(more: string): string {
  const custom = "custom_validator_config: {name: x, typed_config: {<config.core.v3.Node>}}";
  return cluster(
    `transport_socket: {name: t, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>, ` +
      `common_tls_context: {${more}validation_context: {${custom}}}}}`,
  );
}

const NODE = "{name: x, typed_config: {<config.core.v3.Node>}}";
const ALPN = "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, " +
  "http_health_check: {path: /, use_alpn_protocol: true}}]";

/** A listener of QUIC with more options, and more of its transport socket. */
function quic(options: string, socket: string): string {
  const manager = "<extensions.filters.network.http_connection_manager.v3.HttpConnectionManager>";
  const router = "{name: r, typed_config: {<extensions.filters.http.router.v3.Router>}}";
  const secrets =
    "tls_certificate_sds_secret_configs: [{name: s, sds_config: {path_config_source: {path: /dev/null}}}]";
  return "static_resources: {listeners: [{name: l, " +
    "address: {socket_address: {protocol: UDP, address: 127.0.0.1, port_value: 0}}, " +
    `udp_listener_config: {quic_options: {${options}}}, filter_chains: [{filters: [{name: h, typed_config: {${manager}, ` +
    `stat_prefix: s, codec_type: HTTP3, route_config: {}, http_filters: [${router}]}}], transport_socket: {name: q, ` +
    "typed_config: {<extensions.transport_sockets.quic.v3.QuicDownstreamTransport>, " +
    `downstream_tls_context: {common_tls_context: {${secrets}}}${socket}}}}]}]}`;
}

function preferred(address: string): string {
  const type = "extensions.quic.server_preferred_address.v3.DataSourceServerPreferredAddressConfig";
  return "server_preferred_address_config: {name: a, typed_config: " +
    `{<${type}>, ipv4_config: {address: {inline_string: "${address}"}}}}`;
}

const TRACER = "{http: {name: z, typed_config: {<config.trace.v3.ZipkinConfig>, collector_cluster: none, " +
  "collector_endpoint: /x, collector_endpoint_version: HTTP_JSON}}}";

/** As Envoy 1.40 answers them. */
const CASES: readonly (readonly [text: string, ...rules: string[]])[] = [
  // Nobody reads these durations; the same are refused elsewhere.
  [profile("-1s")],
  [profile("-0.5s")],
  [profile("{seconds: -1}")],
  [profile("9223372036s")],
  [profile("315576000001s"), "bad-duration"],
  [cluster("cleanup_interval: -1s"), "bad-duration"],
  [cluster("cleanup_interval: -0.5s"), "bad-duration"],
  [cluster(
    'metadata: {typed_filter_metadata: {x: {"@type": type.googleapis.com/google.protobuf.Duration, value: -1s}}}',
  )],
  // Sources of what is asked for once Envoy runs.
  [`${CLUSTERS}\ncluster_manager: {load_stats_config: {}}`],
  [`${CLUSTERS}\ncluster_manager: {load_stats_config: ${SOURCE}}`],
  [`${CLUSTERS}\nhds_config: ${SOURCE}`],
  [`${CLUSTERS}\ndynamic_resources: {lds_config: {resource_api_version: V3, api_config_source: ${SOURCE}}}`],
  [
    `${CLUSTERS}\ndynamic_resources: {cds_config: {resource_api_version: V3, api_config_source: ${SOURCE}}}`,
    "required-oneof",
  ],
  // A tracer that nobody names.
  [`${CLUSTERS}\ntracing: ${TRACER}`],
  [`${CLUSTERS}\ntracing: {http: {name: z, typed_config: {<config.trace.v3.OpenTelemetryConfig>}}}`],
  [`${CLUSTERS}\ntracing: {http: {name: z, typed_config: {<config.core.v3.Node>}}}`, "wrong-extension"],
  // Pools of connections are made for the first request.
  [cluster("upstream_config: {name: x, typed_config: {<extensions.filters.http.buffer.v3.Buffer>}}")],
  [cluster("upstream_config: {name: x}"), "required-field"],
  // Metadata are not looked into, but for the types of their fields.
  [cluster("metadata: {typed_filter_metadata: {x: {<config.core.v3.PerHostConfig>, added_tlvs: [{}]}}}")],
  // Extensions in their places.
  [cluster(`upstream_bind_config: {local_address_selector: ${NODE}}`), "wrong-extension"],
  [cluster(`transport_socket_matcher: {on_no_match: {action: ${NODE}}}`), "wrong-extension"],
  [`${CLUSTERS}\nxds_delegate_extension: ${NODE}`, "wrong-extension"],
  [`${CLUSTERS}\nxds_config_tracker_extension: ${NODE}`, "wrong-extension"],
  ...["proof_source", "connection_id_generator", "server_preferred_address", "connection_debug_visitor"]
    .map((field) => [quic(`${field}_config: ${NODE}`, ""), "wrong-extension"] as const),
  [quic("", "")],
  [quic("", ", enable_resumption: false"), "conflicting-fields"],
  [quic("", ", enable_resumption: false, enable_early_data: false")],
  [quic(preferred("1.2.3.4"), "")],
  [quic(preferred("x"), ""), "bad-address"],
  [quic(preferred("::1"), ""), "bad-address"],
  // Who is to ask for the negotiated protocol has one to ask for.
  [
    cluster(`type: EDS, eds_cluster_config: {eds_config: {path_config_source: {path: /dev/null}}}, ${ALPN}`),
    "upstream-protocol",
  ],
  [
    cluster(
      `type: EDS, eds_cluster_config: {eds_config: {path_config_source: {path: /dev/null}}}, ${ALPN}, ` +
        "transport_socket: {name: t, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>}}",
    ),
  ],
  // A validator is made with its context.
  [validator(""), "unknown-name"],
  [validator("tls_certificate_sds_secret_configs: [{name: s, sds_config: {path_config_source: {path: /dev/null}}}], ")],
];

Deno.test("what Envoy does not read while it loads a configuration is not refused", () => {
  for (const [text, ...expected] of CASES) assertEquals(rules(text), expected, text);
});

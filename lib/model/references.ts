/**
 * Where resources name other resources. A reference is a fact; whether a dangling one is an error is decided in
 * `lib/validate`.
 *
 * @module
 */
import type { MessageView, StringAt, Watch, Watcher } from "./codec/view.ts";
import type { Run } from "./codec/run.ts";
import { canonicalName, isGlob } from "./names.ts";
import type { Reference } from "./resource.ts";
import {
  CLUSTER,
  ENDPOINTS,
  EXTENSION_CONFIG,
  LOCALITY_ENDPOINTS,
  ROUTES,
  SCOPED_ROUTES,
  SECRET,
  VIRTUAL_HOST,
} from "./types.ts";

/** Finds the references of all messages, inside an `Any` at any depth as well: for the encoder. */
export const watchReferences: Watch = (desc) => TABLE.get(desc.typeName);

/** How a `ConfigSource` is reached. */
type Reach = "xds" | "other" | "file";

/**
 * `ads` and `self`: through this server. Nothing set is not accepted by Envoy, and counts as this server because that is
 * what will be written there. Another management server may be this one under another address.
 */
function reach(source: MessageView | undefined): Reach {
  if (source === undefined) return "xds";
  if (source.has("path_config_source") || source.has("path")) return "file";
  return source.has("api_config_source") ? "other" : "xds";
}

/** Names are recorded in their canonical form, as resources have them. */
function refer(
  run: Run,
  { url: type }: { readonly url: string },
  name: StringAt | undefined,
  required: boolean,
  more: Pick<Reference, "bootstrap" | "strict"> = {},
): void {
  if (name === undefined) return;
  const { source } = run;
  const { value, path, offset } = name;
  run.references.push({
    type,
    name: source.keep(canonicalName(value)),
    path: source.keep(path),
    required,
    ...more,
    at: run.position(offset),
  });
}

/** A string, or a list of them, that names clusters. */
function clusters(field: string, required: boolean, more: Pick<Reference, "strict"> = {}): Watcher {
  return (message, run) => {
    for (const name of message.strings(field)) refer(run, CLUSTER, name, required, isSpare(run) ? {} : more);
  };
}

/**
 * Makes references to clusters inside of a message strict: Envoy refuses the message without them. They are the last
 * ones so far, since a message is watched when all in it were.
 */
function insist(
  message: MessageView | undefined,
  run: Run,
  which: (reference: Reference) => boolean,
  more: Pick<Reference, "primary"> = {},
): void {
  if (message === undefined) return;
  const path = message.path();
  const { references } = run;
  for (let i = references.length - 1; i >= 0; i--) {
    const reference = references[i];
    if (reference === undefined || path !== "" && !isBelow(reference.path, path)) return;
    if (reference.type === CLUSTER.url && which(reference)) {
      references[i] = { ...reference, required: true, strict: true, ...more };
    }
  }
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(above) && /[.[]/.test(path.charAt(above.length));
}

const ofRoutes = ({ required }: Reference) => required;
const all = () => true;

/**
 * Clusters of routes must be there when the route configuration says so. If it says nothing, those that come over xDS are
 * not looked at, and those that stand in their filter are.
 */
const routes: Watcher = (message, run) => {
  virtualHosts(message, run);
  if (message.bool("validate_clusters")) insist(message, run, ofRoutes);
};

const ownRoutes: Watcher = (message, run) => {
  const config = message.message("route_config");
  if (config !== undefined && (!config.has("validate_clusters") || config.bool("validate_clusters"))) {
    insist(config, run, ofRoutes);
  }
};

const DISCOVERY_TYPE_EDS = 3;

const cluster: Watcher = (message, run) => {
  const eds = message.message("eds_cluster_config");
  const isEds = message.enum("type") === DISCOVERY_TYPE_EDS || eds !== undefined && !message.has("type");
  if (!isEds) return;
  const from = reach(eds?.message("eds_config"));
  if (from === "file") return;
  refer(run, ENDPOINTS, eds?.string("service_name") ?? message.string("name"), from === "xds");
};

/** Names that are asked for where a `ConfigSource` beside them says. Required only if the client waits for them. */
function sourced(field: string, type: { readonly url: string }, source: string, required: boolean): Watcher {
  return (message, run) => {
    const from = reach(message.message(source));
    if (from === "file") return;
    for (const name of message.strings(field)) refer(run, type, name, required && from === "xds");
  };
}

/** The name of a filter is that of its configuration, which the client waits for if it has none to begin with. */
const discoveredFilter: Watcher = (message, run) => {
  const discovery = message.message("config_discovery");
  if (discovery === undefined) return;
  const from = reach(discovery.message("config_source"));
  const required = from === "xds" && !discovery.has("default_config");
  if (from !== "file") refer(run, EXTENSION_CONFIG, message.string("name"), required);
};

/** A list collection is one resource; a glob collection is its members. */
const localityEndpoints: Watcher = (message, run) => {
  const name = message.string("leds_collection_name");
  const from = reach(message.message("leds_config"));
  if (name === undefined || from === "file") return;
  const type = isGlob(canonicalName(name.value)) ? LOCALITY_ENDPOINTS : ENDPOINT_COLLECTION;
  refer(run, type, name, from === "xds");
};

/** Without a locator the client asks for every scope there is, and names none. */
const scopedRds: Watcher = (message, run) => {
  const from = reach(message.message("scoped_rds_config_source"));
  if (from !== "file") refer(run, SCOPED_ROUTES, message.string("srds_resources_locator"), from === "xds");
};

/** Its routes come from where the connection manager says, which is not known here: this server as a rule. */
const scopedRoute: Watcher = (message, run) => {
  refer(run, ROUTES, message.string("route_configuration_name"), true);
};

/** Without a config source the secret is one of the client's own bootstrap. */
const sdsSecret: Watcher = (message, run) => {
  const source = message.message("sds_config");
  if (source === undefined) {
    const more = run.bootstrap ? { bootstrap: true, strict: true } as const : { bootstrap: true } as const;
    return refer(run, SECRET, message.string("name"), false, more);
  }
  const from = reach(source);
  if (from !== "file") refer(run, SECRET, message.string("name"), from === "xds");
};

/**
 * In a bootstrap, the cluster behind a management server must be there from the beginning; Envoy does not look when it
 * is the one for listeners or secrets, nor when it is asked for changes only.
 */
const configSource: Watcher = (message, run) => {
  if (!run.bootstrap || /^dynamic_resources\.lds_config$|\.sds_config$/.test(message.path())) return;
  const source = message.message("api_config_source");
  if (source?.enum("api_type") !== DELTA_GRPC) insist(source, run, all, { primary: true });
};

/** Of `envoy.config.core.v3.ApiConfigSource.ApiType`. */
const DELTA_GRPC = 3;

const dynamicResources: Watcher = (message, run) => insist(message.message("ads_config"), run, all, { primary: true });

/** Its collector, in the old way or the new. */
const zipkin: Watcher = (message, run) => {
  if (isSpare(run)) return;
  insist(message.message("collector_service"), run, all);
  // In the old way alone: beside a service nobody looks at it.
  if (!message.has("collector_service")) {
    refer(run, CLUSTER, message.string("collector_cluster"), true, { strict: true });
  }
};

/** Of the tracer in a bootstrap, for whom names none: Envoy does not look at it while nobody does. */
function isSpare(run: Run): boolean {
  return run.bootstrap && /^tracing\b/.test(run.path());
}

const metricsService: Watcher = (message, run) => insist(message.message("grpc_service"), run, all);

/** What a route needs to be of any use: Envoy may be told to refuse it without. */
const REQUIRED_CLUSTERS: readonly [message: string, field: string][] = [
  ["envoy.config.route.v3.RouteAction", "cluster"],
  ["envoy.config.route.v3.RouteAction.RequestMirrorPolicy", "cluster"],
  ["envoy.config.route.v3.WeightedCluster.ClusterWeight", "name"],
  ["envoy.extensions.router.cluster_specifiers.priority_group.v3.ClusterWeight", "cluster_name"],
  ["envoy.extensions.filters.network.thrift_proxy.v3.RouteAction", "cluster"],
  ["envoy.extensions.filters.network.thrift_proxy.v3.RouteAction.RequestMirrorPolicy", "cluster"],
  ["envoy.extensions.filters.network.thrift_proxy.v3.WeightedCluster.ClusterWeight", "name"],
];

/** Envoy refuses what names a cluster that it does not know. */
const STRICT_CLUSTERS: readonly [message: string, field: string][] = [
  ["envoy.config.bootstrap.v3.ClusterManager", "local_cluster_name"],
  ["envoy.config.metrics.v3.StatsdSink", "tcp_cluster_name"],
  ["envoy.config.trace.v3.DatadogConfig", "collector_cluster"],
  ["envoy.extensions.access_loggers.fluentd.v3.FluentdAccessLogConfig", "cluster"],
];

/** Envoy takes these without their clusters, and fails when they are used. */
const OTHER_CLUSTERS: readonly [message: string, field: string][] = [
  ["envoy.config.core.v3.ApiConfigSource", "cluster_names"],
  ["envoy.config.core.v3.GrpcService.EnvoyGrpc", "cluster_name"],
  ["envoy.config.core.v3.HttpUri", "cluster"],
  ["envoy.data.dns.v3.DnsTable.DnsEndpoint", "cluster_name"],
  ["envoy.data.dns.v3.DnsTable.DnsServiceTarget", "cluster_name"],
  ["envoy.extensions.clusters.aggregate.v3.ClusterConfig", "clusters"],
  ["envoy.extensions.clusters.composite.v3.ClusterConfig.ClusterEntry", "name"],
  ["envoy.extensions.clusters.mcp_multicluster.v3.ClusterConfig.McpCluster", "cluster"],
  ["envoy.extensions.filters.http.cache_v2.v3.CacheV2Config", "override_upstream_cluster"],
  ["envoy.extensions.filters.http.gcp_authn.v3.GcpAuthnFilterConfig", "cluster"],
  ["envoy.extensions.filters.http.mcp_router.v3.McpRouter.McpCluster", "cluster"],
  ["envoy.extensions.filters.network.dubbo_proxy.v3.RouteAction", "cluster"],
  ["envoy.extensions.filters.network.generic_proxy.action.v3.RouteAction", "cluster"],
  ["envoy.extensions.filters.network.redis_proxy.v3.RedisProxy.PrefixRoutes.Route", "cluster"],
  ["envoy.extensions.filters.network.redis_proxy.v3.RedisProxy.PrefixRoutes.Route.ReadCommandPolicy", "cluster"],
  ["envoy.extensions.filters.network.redis_proxy.v3.RedisProxy.PrefixRoutes.Route.RequestMirrorPolicy", "cluster"],
  ["envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy", "cluster"],
  ["envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight", "name"],
  ["envoy.extensions.filters.udp.udp_proxy.v3.Route", "cluster"],
  ["envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig", "cluster"],
  ["envoy.extensions.router.cluster_specifiers.lua.v3.LuaConfig", "default_cluster"],
  ["envoy.extensions.router.cluster_specifiers.matcher.v3.ClusterAction", "cluster"],
  ["envoy.extensions.tracers.fluentd.v3.FluentdConfig", "cluster"],
];

const FILTERS = "envoy.extensions.filters";
const TLS = "envoy.extensions.transport_sockets.tls";

/** Types that a client asks for by name and that are no row of the table of types: they follow the generic rules. */
const ENDPOINT_COLLECTION = { url: url("envoy.config.endpoint.v3.LbEndpointCollection") };
const THRIFT_ROUTES = { url: url(`${FILTERS}.network.thrift_proxy.v3.RouteConfiguration`) };
const DUBBO_ROUTES = { url: url(`${FILTERS}.network.dubbo_proxy.v3.MultipleRouteConfiguration`) };
const GENERIC_ROUTES = { url: url(`${FILTERS}.network.generic_proxy.v3.RouteConfiguration`) };
const AGGREGATE = { url: url("envoy.extensions.clusters.aggregate.v3.ClusterConfig") };
const TOKEN_BUCKET = { url: url("envoy.type.v3.TokenBucket") };
const FILTER_CHAIN = { url: url("envoy.config.listener.v3.FilterChain") };

function url(message: string): string {
  return `type.googleapis.com/${message}`;
}

/** URLs of the types beside the table of types that a client may ask for by name. */
export const OTHER_TYPES: ReadonlySet<string> = new Set(
  [ENDPOINT_COLLECTION, THRIFT_ROUTES, DUBBO_ROUTES, GENERIC_ROUTES, AGGREGATE, TOKEN_BUCKET, FILTER_CHAIN]
    .map((type) => type.url),
);

/** Messages that name a resource beside where it is to be had. */
const SOURCED: readonly [
  message: string,
  field: string,
  type: { readonly url: string },
  source: string,
  required: boolean,
][] = [
  [`${FILTERS}.network.http_connection_manager.v3.Rds`, "route_config_name", ROUTES, "config_source", true],
  [`${FILTERS}.network.thrift_proxy.v3.Trds`, "route_config_name", THRIFT_ROUTES, "config_source", true],
  [`${FILTERS}.network.dubbo_proxy.v3.Drds`, "route_config_name", DUBBO_ROUTES, "config_source", true],
  [`${FILTERS}.network.generic_proxy.v3.GenericRds`, "route_config_name", GENERIC_ROUTES, "config_source", true],
  // Fetched ahead, and waited for by the connections that need it.
  [`${TLS}.cert_selectors.on_demand_secret.v3.Config`, "prefetch_secret_names", SECRET, "config_source", false],
  [
    "envoy.extensions.clusters.aggregate.v3.AggregateClusterResource",
    "resource_name",
    AGGREGATE,
    "config_source",
    false,
  ],
  [
    "envoy.extensions.access_loggers.filters.process_ratelimit.v3.DynamicTokenBucket",
    "resource_name",
    TOKEN_BUCKET,
    "config_source",
    false,
  ],
];

/** Messages of filters whose configuration may be discovered (ECDS). */
const DISCOVERED_FILTERS: readonly string[] = [
  "envoy.config.cluster.v3.Filter",
  "envoy.config.listener.v3.Filter",
  "envoy.config.listener.v3.ListenerFilter",
  `${FILTERS}.http.composite.v3.DynamicConfig`,
  `${FILTERS}.network.http_connection_manager.v3.HttpFilter`,
  `${FILTERS}.udp.udp_proxy.v3.UdpProxyConfig.SessionFilter`,
];

/** Hosts are asked for on demand, so what is named is where they are: `<route configuration>/`. */
const virtualHosts: Watcher = (message, run) => {
  const from = reach(message.message("vhds")?.message("config_source"));
  const name = message.string("name");
  if (!message.has("vhds") || name === undefined || from !== "xds") return;
  const { offset, path } = name;
  refer(run, VIRTUAL_HOST, { value: `${name.value}/`, offset, path }, false);
};

/** What to do with a message, by its proto name. */
const TABLE: ReadonlyMap<string, Watcher> = new Map<string, Watcher>([
  ["envoy.config.cluster.v3.Cluster", cluster],
  ["envoy.config.bootstrap.v3.Bootstrap.DynamicResources", dynamicResources],
  ["envoy.config.core.v3.ConfigSource", configSource],
  ["envoy.config.metrics.v3.MetricsServiceConfig", metricsService],
  ["envoy.config.route.v3.RouteConfiguration", routes],
  ["envoy.config.route.v3.ScopedRouteConfiguration", scopedRoute],
  ["envoy.config.endpoint.v3.LedsClusterLocalityConfig", localityEndpoints],
  ["envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig", metricsService],
  [`${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager`, ownRoutes],
  [`${FILTERS}.network.http_connection_manager.v3.ScopedRds`, scopedRds],
  ["envoy.config.trace.v3.ZipkinConfig", zipkin],
  [`${FILTERS}.network.thrift_proxy.v3.RouteConfiguration`, routes],
  [`${FILTERS}.network.thrift_proxy.v3.ThriftProxy`, ownRoutes],
  [`${TLS}.v3.SdsSecretConfig`, sdsSecret],
  ...SOURCED.map(([message, ...row]) => [message, sourced(...row)] as const),
  ...DISCOVERED_FILTERS.map((message) => [message, discoveredFilter] as const),
  ...REQUIRED_CLUSTERS.map(([message, field]) => [message, clusters(field, true)] as const),
  ...STRICT_CLUSTERS.map(([message, field]) => [message, clusters(field, true, { strict: true })] as const),
  ...OTHER_CLUSTERS.map(([message, field]) => [message, clusters(field, false)] as const),
]);

/** `message.field` of everything in the table that names resources, for a test that each exists. */
export const NAMING_FIELDS: readonly (readonly [message: string, field: string])[] = [
  ...REQUIRED_CLUSTERS,
  ...STRICT_CLUSTERS,
  ...OTHER_CLUSTERS,
  ...SOURCED.map(([message, field]) => [message, field] as const),
  ...DISCOVERED_FILTERS.map((message) => [message, "name"] as const),
];

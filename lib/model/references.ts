/**
 * Where resources name other resources. A reference is a fact; whether a dangling one is an error is decided in
 * `lib/validate`.
 *
 * @module
 */
import type { MessageView, StringAt, Watch, Watcher } from "./codec/view.ts";
import type { Run } from "./codec/run.ts";
import type { Reference } from "./resource.ts";
import { CLUSTER, ENDPOINTS, type ResourceType, ROUTES, SECRET } from "./types.ts";

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

function refer(
  run: Run,
  type: ResourceType,
  name: StringAt | undefined,
  required: boolean,
  more: Pick<Reference, "bootstrap"> = {},
): void {
  if (name === undefined) return;
  const { source } = run;
  const { value, path, offset } = name;
  run.references.push({
    type: type.url,
    name: source.keep(value),
    path: source.keep(path),
    required,
    ...more,
    at: run.position(offset),
  });
}

/** A string, or a list of them, that names clusters. */
function clusters(field: string, required: boolean): Watcher {
  return (message, run) => {
    for (const name of message.strings(field)) refer(run, CLUSTER, name, required);
  };
}

const DISCOVERY_TYPE_EDS = 3;

const cluster: Watcher = (message, run) => {
  const eds = message.message("eds_cluster_config");
  const isEds = message.enum("type") === DISCOVERY_TYPE_EDS || eds !== undefined && !message.has("type");
  if (!isEds) return;
  const from = reach(eds?.message("eds_config"));
  if (from === "file") return;
  refer(run, ENDPOINTS, eds?.string("service_name") ?? message.string("name"), from === "xds");
};

const rds: Watcher = (message, run) => {
  const from = reach(message.message("config_source"));
  if (from !== "file") refer(run, ROUTES, message.string("route_config_name"), from === "xds");
};

/** Its routes come from where the connection manager says, which is not known here: this server as a rule. */
const scopedRoute: Watcher = (message, run) => {
  refer(run, ROUTES, message.string("route_configuration_name"), true);
};

/** Without a config source the secret is one of the client's own bootstrap. */
const sdsSecret: Watcher = (message, run) => {
  const source = message.message("sds_config");
  if (source === undefined) return refer(run, SECRET, message.string("name"), false, { bootstrap: true });
  const from = reach(source);
  if (from !== "file") refer(run, SECRET, message.string("name"), from === "xds");
};

/** Envoy refuses a configuration whose routes name an unknown cluster; the rest it takes, and fails when used. */
const REQUIRED_CLUSTERS: readonly [message: string, field: string][] = [
  ["envoy.config.route.v3.RouteAction", "cluster"],
  ["envoy.config.route.v3.RouteAction.RequestMirrorPolicy", "cluster"],
  ["envoy.config.route.v3.WeightedCluster.ClusterWeight", "name"],
  ["envoy.extensions.filters.network.thrift_proxy.v3.RouteAction", "cluster"],
  ["envoy.extensions.filters.network.thrift_proxy.v3.RouteAction.RequestMirrorPolicy", "cluster"],
  ["envoy.extensions.filters.network.thrift_proxy.v3.WeightedCluster.ClusterWeight", "name"],
];

const OTHER_CLUSTERS: readonly [message: string, field: string][] = [
  ["envoy.config.core.v3.ApiConfigSource", "cluster_names"],
  ["envoy.config.core.v3.GrpcService.EnvoyGrpc", "cluster_name"],
  ["envoy.config.core.v3.HttpUri", "cluster"],
  ["envoy.config.metrics.v3.StatsdSink", "tcp_cluster_name"],
  ["envoy.config.trace.v3.DatadogConfig", "collector_cluster"],
  ["envoy.config.trace.v3.ZipkinConfig", "collector_cluster"],
  ["envoy.data.dns.v3.DnsTable.DnsEndpoint", "cluster_name"],
  ["envoy.data.dns.v3.DnsTable.DnsServiceTarget", "cluster_name"],
  ["envoy.extensions.access_loggers.fluentd.v3.FluentdAccessLogConfig", "cluster"],
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
  ["envoy.extensions.router.cluster_specifiers.priority_group.v3.ClusterWeight", "cluster_name"],
  ["envoy.extensions.tracers.fluentd.v3.FluentdConfig", "cluster"],
];

/** What to do with a message, by its proto name. */
const TABLE: ReadonlyMap<string, Watcher> = new Map<string, Watcher>([
  ["envoy.config.cluster.v3.Cluster", cluster],
  ["envoy.config.route.v3.ScopedRouteConfiguration", scopedRoute],
  ["envoy.extensions.filters.network.http_connection_manager.v3.Rds", rds],
  ["envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig", sdsSecret],
  ...REQUIRED_CLUSTERS.map(([message, field]) => [message, clusters(field, true)] as const),
  ...OTHER_CLUSTERS.map(([message, field]) => [message, clusters(field, false)] as const),
]);

/** `message.field` of everything in the table that names clusters, for a test that each exists. */
export const CLUSTER_FIELDS: readonly (readonly [message: string, field: string])[] = [
  ...REQUIRED_CLUSTERS,
  ...OTHER_CLUSTERS,
];

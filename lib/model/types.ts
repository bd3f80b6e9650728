/**
 * The table of resource types: everything that differs from type to type and is not order (`lib/xds/order.ts`). A type
 * that is not in the table follows the generic rules; a new type is one row.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#resource-types
 * @module
 */

const PREFIX = "type.googleapis.com/";

/** The ways to ask for one type alone, beside the aggregated stream. */
export interface Discovery {
  /** Full name of the gRPC service. */
  readonly service: string;
  /** Its methods: state-of-the-world, delta, one answer. VHDS and LEDS are delta only. */
  readonly stream?: string;
  readonly delta: string;
  readonly fetch?: string;
  /** The path of REST-JSON: `/v3/discovery:clusters`. */
  readonly rest?: string;
}

/** One row of the table. */
export interface ResourceType {
  /** Type URL, with the `type.googleapis.com/` prefix. */
  readonly url: string;
  /** What people write on a command line and in a `remove`: singular. */
  readonly short: string;
  /** Plural of {@link short}. */
  readonly plural: string;
  /** The name of the discovery service in the documentation: `CDS`. */
  readonly service: string;
  /** Proto name of the field that holds a resource's name; undefined where the message has none (LEDS). */
  readonly nameField: string | undefined;
  /** State-of-the-world responses are complete: what is absent is removed. The same types have the legacy wildcard. */
  readonly fullState: boolean;
  /**
   * VHDS: clients ask for `<route configuration>/<host>`, which is the name or an alias of a resource, and are told of a
   * host that nobody knows by a resource without a body. The first, empty request is answered.
   */
  readonly onDemand: boolean;
  readonly discovery: Discovery;
}

type Row = Pick<ResourceType, "short" | "plural" | "service" | "discovery"> & Partial<ResourceType>;

function row(message: string, columns: Row): ResourceType {
  return { url: PREFIX + message, nameField: "name", fullState: false, onDemand: false, ...columns };
}

/** The usual names of the methods of a service: `Stream…`, `Delta…`, `Fetch…`. */
function methods(service: string, what: string, rest?: string): Discovery {
  const common = { service: `envoy.service.${service}`, stream: `Stream${what}`, delta: `Delta${what}` };
  return { ...common, fetch: `Fetch${what}`, ...(rest === undefined ? {} : { rest: `/v3/discovery:${rest}` }) };
}

export const CLUSTER: ResourceType = row("envoy.config.cluster.v3.Cluster", {
  short: "cluster",
  plural: "clusters",
  service: "CDS",
  fullState: true,
  discovery: methods("cluster.v3.ClusterDiscoveryService", "Clusters", "clusters"),
});
export const ENDPOINTS: ResourceType = row("envoy.config.endpoint.v3.ClusterLoadAssignment", {
  short: "endpoint",
  plural: "endpoints",
  service: "EDS",
  nameField: "cluster_name",
  discovery: methods("endpoint.v3.EndpointDiscoveryService", "Endpoints", "endpoints"),
});
/** Endpoints of one locality; the collection is named in a `ClusterLoadAssignment`, each endpoint by its wrapper. */
export const LOCALITY_ENDPOINTS: ResourceType = row("envoy.config.endpoint.v3.LbEndpoint", {
  short: "locality-endpoint",
  plural: "locality-endpoints",
  service: "LEDS",
  nameField: undefined,
  discovery: {
    service: "envoy.service.endpoint.v3.LocalityEndpointDiscoveryService",
    delta: "DeltaLocalityEndpoints",
  },
});
export const LISTENER: ResourceType = row("envoy.config.listener.v3.Listener", {
  short: "listener",
  plural: "listeners",
  service: "LDS",
  fullState: true,
  discovery: methods("listener.v3.ListenerDiscoveryService", "Listeners", "listeners"),
});
export const ROUTES: ResourceType = row("envoy.config.route.v3.RouteConfiguration", {
  short: "route",
  plural: "routes",
  service: "RDS",
  discovery: methods("route.v3.RouteDiscoveryService", "Routes", "routes"),
});
export const SCOPED_ROUTES: ResourceType = row("envoy.config.route.v3.ScopedRouteConfiguration", {
  short: "scoped-route",
  plural: "scoped-routes",
  service: "SRDS",
  fullState: true,
  discovery: methods("route.v3.ScopedRoutesDiscoveryService", "ScopedRoutes", "scoped-routes"),
});
export const VIRTUAL_HOST: ResourceType = row("envoy.config.route.v3.VirtualHost", {
  short: "virtual-host",
  plural: "virtual-hosts",
  service: "VHDS",
  onDemand: true,
  discovery: { service: "envoy.service.route.v3.VirtualHostDiscoveryService", delta: "DeltaVirtualHosts" },
});
export const SECRET: ResourceType = row("envoy.extensions.transport_sockets.tls.v3.Secret", {
  short: "secret",
  plural: "secrets",
  service: "SDS",
  discovery: methods("secret.v3.SecretDiscoveryService", "Secrets", "secrets"),
});
export const RUNTIME: ResourceType = row("envoy.service.runtime.v3.Runtime", {
  short: "runtime",
  plural: "runtimes",
  service: "RTDS",
  discovery: methods("runtime.v3.RuntimeDiscoveryService", "Runtime", "runtime"),
});
export const EXTENSION_CONFIG: ResourceType = row("envoy.config.core.v3.TypedExtensionConfig", {
  short: "extension-config",
  plural: "extension-configs",
  service: "ECDS",
  discovery: methods("extension.v3.ExtensionConfigDiscoveryService", "ExtensionConfigs", "extension_configs"),
});

/** All types that xcp knows by name. */
export const RESOURCE_TYPES: readonly ResourceType[] = [
  CLUSTER,
  ENDPOINTS,
  LOCALITY_ENDPOINTS,
  LISTENER,
  ROUTES,
  SCOPED_ROUTES,
  VIRTUAL_HOST,
  SECRET,
  RUNTIME,
  EXTENSION_CONFIG,
];

const BY_URL: ReadonlyMap<string, ResourceType> = new Map(RESOURCE_TYPES.map((type) => [type.url, type]));

/** The row of a type URL, or undefined for a type that follows the generic rules. */
export function typeByUrl(url: string): ResourceType | undefined {
  return BY_URL.get(url);
}

/** The row of a short name, singular or plural, a service name (`cds`), or a type URL. */
export function typeByName(name: string): ResourceType | undefined {
  const lower = name.toLowerCase();
  return BY_URL.get(name) ??
    RESOURCE_TYPES.find((t) => t.short === lower || t.plural === lower || t.service.toLowerCase() === lower);
}

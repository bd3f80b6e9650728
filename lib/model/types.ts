/**
 * The table of resource types: everything that differs from type to type and is not order. A type that is not in the
 * table follows the generic rules.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#resource-types
 * @module
 */

const PREFIX = "type.googleapis.com/";

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
  /** Proto name of the field that holds a resource's name. */
  readonly nameField: string;
  /** State-of-the-world responses are complete: what is absent is removed. The same types have the legacy wildcard. */
  readonly fullState: boolean;
}

function row(message: string, short: string, plural: string, service: string, more: Partial<ResourceType> = {}) {
  return { url: PREFIX + message, short, plural, service, nameField: "name", fullState: false, ...more };
}

export const CLUSTER: ResourceType = row("envoy.config.cluster.v3.Cluster", "cluster", "clusters", "CDS", {
  fullState: true,
});
export const ENDPOINTS: ResourceType = row(
  "envoy.config.endpoint.v3.ClusterLoadAssignment",
  "endpoint",
  "endpoints",
  "EDS",
  { nameField: "cluster_name" },
);
export const LISTENER: ResourceType = row("envoy.config.listener.v3.Listener", "listener", "listeners", "LDS", {
  fullState: true,
});
export const ROUTES: ResourceType = row("envoy.config.route.v3.RouteConfiguration", "route", "routes", "RDS");
export const SCOPED_ROUTES: ResourceType = row(
  "envoy.config.route.v3.ScopedRouteConfiguration",
  "scoped-route",
  "scoped-routes",
  "SRDS",
  { fullState: true },
);
export const SECRET: ResourceType = row(
  "envoy.extensions.transport_sockets.tls.v3.Secret",
  "secret",
  "secrets",
  "SDS",
);

/** All types that xcp knows by name. */
export const RESOURCE_TYPES: readonly ResourceType[] = [CLUSTER, ENDPOINTS, LISTENER, ROUTES, SCOPED_ROUTES, SECRET];

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

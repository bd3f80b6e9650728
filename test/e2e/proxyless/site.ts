/**
 * A service for gRPC programs as YAML: `xds:///colours` is a listener without an address, its routes, clusters and
 * endpoints. Each function makes one resource, as a YAML document that can be joined with others.
 *
 * @see https://github.com/grpc/proposal/blob/master/A27-xds-global-load-balancing.md
 * @module
 */

const ADS = "{ ads: {}, resource_api_version: V3 }";

/** What programs call. */
export const TARGET = "xds:///colours";

export interface ApiListenerOptions {
  /** HTTP filters as lines of YAML; by default the router alone. */
  readonly filters?: string;
  /** Means nothing to gRPC, and makes another content. */
  readonly statPrefix?: string;
}

/** The listener that the target names. */
export function apiListener({ filters = ROUTER, statPrefix = "colours" }: ApiListenerOptions = {}): string {
  return `"@type": type.googleapis.com/envoy.config.listener.v3.Listener
name: colours
api_listener:
  api_listener:
    "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
    stat_prefix: ${statPrefix}
    rds: { route_config_name: colours, config_source: ${ADS} }
    http_filters:
${filters}`;
}

const ROUTER = `      - name: router
        typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
`;

/** Routes that divide the calls among clusters, by weight. */
export function weightedRoute(weights: Readonly<Record<string, number>>): string {
  const clusters = Object.entries(weights).map(([name, weight]) => `{ name: ${name}, weight: ${weight} }`);
  return `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
name: colours
virtual_hosts:
  - name: colours
    domains: ["*"]
    routes:
      - match: { prefix: "" }
        route: { weighted_clusters: { clusters: [${clusters.join(", ")}] } }
`;
}

/** The endpoints of a cluster: gRPC takes localities with a name and a weight only. */
export function localityEndpoints(cluster: string, ...ports: readonly number[]): string {
  const hosts = ports.map((port) =>
    `      - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } }\n`
  );
  return `"@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
cluster_name: ${cluster}
endpoints:
  - locality: { region: here }
    load_balancing_weight: 1
    lb_endpoints:
${hosts.join("")}`;
}

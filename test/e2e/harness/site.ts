/**
 * A small web site as Envoy YAML: one listener, its routes by RDS, clusters whose endpoints come by EDS, certificates by
 * SDS. Each function makes one resource, as a YAML document that can be joined with others.
 *
 * @module
 */

/** A `ConfigSource`: the aggregated stream of the bootstrap. */
export const ADS = "{ ads: {}, resource_api_version: V3 }";

export interface ListenerOptions {
  readonly port: number;
  /** Name of the listener and of its route configuration. */
  readonly name?: string;
  /** Value of the header `x-filter` that the listener's filter puts on every answer; without it there is no such filter. */
  readonly filter?: string;
  /** Name of the secret with the server's certificate; TLS when it is given. */
  readonly secret?: string;
  /** HTTP filters before the router, each in one line of YAML. */
  readonly filters?: readonly string[];
  /** Where the routes come from, in one line of YAML; by default RDS, with the name of the listener. */
  readonly routes?: string;
}

/** A listener on 127.0.0.1. What Envoy answers by itself says why: its response flags and details are the body. */
export function listener({ port, name = "web", filter, secret, filters = [], routes }: ListenerOptions): string {
  return `"@type": type.googleapis.com/envoy.config.listener.v3.Listener
name: ${name}
address: { socket_address: { address: 127.0.0.1, port_value: ${port} } }
filter_chains:
  - filters:
      - name: manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: ${name}
          ${routes ?? `rds: { route_config_name: ${name}, config_source: ${ADS} }`}
          local_reply_config:
            body_format:
              text_format_source: { inline_string: "%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %LOCAL_REPLY_BODY%" }
          http_filters:${filter === undefined ? "" : mutation(filter)}${
    filters.map((filter) => `\n            - ${filter}`).join("")
  }
            - name: router
              typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
${secret === undefined ? "" : tls(secret)}`;
}

function mutation(value: string): string {
  return `
            - name: mark
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation
                mutations:
                  response_mutations:
                    - append: { header: { key: x-filter, value: "${value}" } }`;
}

function tls(secret: string): string {
  return `    transport_socket:
      name: tls
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
        common_tls_context:
          tls_certificate_sds_secret_configs:
            - { name: ${secret}, sds_config: ${ADS} }
`;
}

/** A route configuration that sends everything to one cluster. */
export function route(cluster: string, name = "web"): string {
  return `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
name: ${name}
virtual_hosts:
  - name: all
    domains: ["*"]
    routes:
      - match: { prefix: / }
        route: { cluster: ${cluster} }
`;
}

/** A cluster that asks for its endpoints; `more` are further fields, as lines of YAML. */
export function cluster(name: string, more = ""): string {
  return `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: ${name}
type: EDS
eds_cluster_config: { eds_config: ${ADS} }
connect_timeout: 2s
${more}${more === "" || more.endsWith("\n") ? "" : "\n"}`;
}

/** The endpoints of a cluster: ports of 127.0.0.1. */
export function endpoints(cluster: string, ...ports: readonly number[]): string {
  const hosts = ports.map((port) =>
    `      - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } }\n`
  );
  return `"@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
cluster_name: ${cluster}
endpoints:
  - lb_endpoints:
${hosts.join("")}`;
}

/** A server's certificate and key, inline. */
export function secret(name: string, pair: { readonly cert: string; readonly key: string }): string {
  const inline = (pem: string) => `{ inline_string: ${JSON.stringify(pem)} }`;
  return `"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
name: ${name}
tls_certificate:
  certificate_chain: ${inline(pair.cert)}
  private_key: ${inline(pair.key)}
`;
}

/** Several resources in one file. */
export function documents(...resources: readonly string[]): string {
  return resources.join("---\n");
}

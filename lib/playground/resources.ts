/**
 * From a policy to Envoy's configuration: what the playground's adapter generates.
 *
 * Everything that a browser sees comes through one listener: `/color` goes to the backends, the rest to the page. The
 * listener and the page stay as they are whatever is wished for, so that no connection of a browser is drained.
 *
 * @module
 */
import type { Policy } from "./policy.ts";

/** What the configuration follows from. */
export interface Definition {
  readonly policy: Policy;
  /** Ports of the backends on 127.0.0.1. */
  readonly backends: readonly number[];
  /** Port of the page on 127.0.0.1. */
  readonly page: number;
  /** Where Envoy listens. */
  readonly listen: { readonly host: string; readonly port: number };
}

/** A resource as Envoy documents it, with its `@type`. */
export type Resource = Readonly<{ "@type": string }> & Readonly<Record<string, unknown>>;

/** The cluster of the backends. */
export const COLOURS = "colours";
/** Each tile's own number, which ring hash looks at. */
export const TILE_HEADER = "x-tile";
/** The header of sticky sessions. */
export const SESSION_HEADER = "x-session";
/** The cookie of sticky sessions, which only requests for {@link COLOUR_PATH} carry. */
export const SESSION_COOKIE = "xcp-playground";
/** What tiles ask for. */
export const COLOUR_PATH = "/color";
/** A file that no machine has. */
export const MISSING_FILE = "/nonexistent/xcp-playground/ca.pem";

const TYPE = "type.googleapis.com/";
const HTTP = `${TYPE}envoy.extensions.filters.http`;
const ADS = { ads: {}, resource_api_version: "V3" };
const SESSION_FILTER = "envoy.filters.http.stateful_session";

/** All resources of the playground's group. */
export function resources(definition: Definition): Resource[] {
  const { policy, page } = definition;
  return [
    listener(definition),
    routes(policy),
    colours(policy),
    assignment(definition),
    {
      "@type": `${TYPE}envoy.config.cluster.v3.Cluster`,
      name: "page",
      type: "STATIC",
      connect_timeout: "1s",
      load_assignment: { cluster_name: "page", endpoints: [{ lb_endpoints: [endpoint(page)] }] },
    },
  ];
}

function listener({ listen }: Definition): Resource {
  return {
    "@type": `${TYPE}envoy.config.listener.v3.Listener`,
    name: "playground",
    address: { socket_address: { address: listen.host, port_value: listen.port } },
    filter_chains: [{
      filters: [{
        name: "envoy.filters.network.http_connection_manager",
        typed_config: {
          "@type": `${TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
          stat_prefix: "playground",
          rds: { route_config_name: "playground", config_source: ADS },
          http_filters: [
            // Without a session here; the route of the tiles may bring one.
            {
              name: SESSION_FILTER,
              typed_config: { "@type": `${HTTP}.stateful_session.v3.StatefulSession` },
            },
            { name: "envoy.filters.http.router", typed_config: { "@type": `${HTTP}.router.v3.Router` } },
          ],
        },
      }],
    }],
  };
}

function routes(policy: Policy): Resource {
  const session = sessionState(policy);
  return {
    "@type": `${TYPE}envoy.config.route.v3.RouteConfiguration`,
    name: "playground",
    virtual_hosts: [{
      name: "playground",
      domains: ["*"],
      routes: [
        {
          match: { path: COLOUR_PATH },
          route: {
            cluster: COLOURS,
            timeout: "5s",
            ...(policy.kind === "ring_hash" ? { hash_policy: [{ header: { header_name: TILE_HEADER } }] } : {}),
          },
          ...(session === undefined ? {} : {
            typed_per_filter_config: {
              [SESSION_FILTER]: {
                "@type": `${HTTP}.stateful_session.v3.StatefulSessionPerRoute`,
                stateful_session: { session_state: session },
              },
            },
          }),
        },
        { match: { prefix: "/" }, route: { cluster: "page", timeout: "30s" } },
      ],
    }],
  };
}

function sessionState({ kind }: Policy): unknown {
  if (kind === "sticky_cookie") {
    return {
      name: "envoy.http.stateful_session.cookie",
      typed_config: {
        "@type": `${TYPE}envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState`,
        cookie: { name: SESSION_COOKIE, path: COLOUR_PATH },
      },
    };
  }
  if (kind !== "sticky_header") return undefined;
  return {
    name: "envoy.http.stateful_session.header",
    typed_config: {
      "@type": `${TYPE}envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState`,
      name: SESSION_HEADER,
    },
  };
}

function colours(policy: Policy): Resource {
  return {
    "@type": `${TYPE}envoy.config.cluster.v3.Cluster`,
    name: COLOURS,
    type: "EDS",
    eds_cluster_config: { eds_config: ADS },
    connect_timeout: "1s",
    ...balance(policy),
    // A backend that gets weight 0 goes at once, although its health check succeeds.
    ignore_health_on_host_removal: true,
    // However many backends are down, those that are not get everything: Envoy would else spread over all in a panic.
    common_lb_config: { healthy_panic_threshold: { value: 0 } },
    health_checks: [{
      timeout: "1s",
      interval: "1s",
      no_traffic_interval: "1s",
      unhealthy_threshold: 2,
      healthy_threshold: 1,
      http_health_check: { path: "/healthz" },
    }],
    outlier_detection: {
      consecutive_5xx: 3,
      interval: "1s",
      base_ejection_time: "10s",
      max_ejection_time: "30s",
      max_ejection_percent: 100,
      // A backend whose health check succeeds while its answers fail stays out.
      successful_active_health_check_uneject_host: false,
    },
    ...(policy.flaw === "missing_file" ? { transport_socket: tlsWithoutAuthority() } : {}),
  };
}

function balance({ kind, flaw }: Policy): Readonly<Record<string, unknown>> {
  if (flaw === "typo") return { lb_policy: "ROUND_ROBBIN" };
  switch (kind) {
    case "random":
      return { lb_policy: "RANDOM" };
    case "least_request":
      return { lb_policy: "LEAST_REQUEST" };
    case "ring_hash":
      return { lb_policy: "RING_HASH", ring_hash_lb_config: { minimum_ring_size: 1024 } };
    default:
      return { lb_policy: "ROUND_ROBIN" };
  }
}

function tlsWithoutAuthority(): unknown {
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: {
      "@type": `${TYPE}envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext`,
      common_tls_context: { validation_context: { trusted_ca: { filename: MISSING_FILE } } },
    },
  };
}

/** A backend of weight 0 is not in it: Envoy knows no such weight. */
function assignment({ policy: { kind, weights }, backends }: Definition): Resource {
  const weighted = backends.map((port, index) => ({ port, weight: kind === "weights" ? weights[index] ?? 0 : 1 }));
  return {
    "@type": `${TYPE}envoy.config.endpoint.v3.ClusterLoadAssignment`,
    cluster_name: COLOURS,
    endpoints: [{
      lb_endpoints: weighted.filter(({ weight }) => weight > 0).map(({ port, weight }) =>
        kind === "weights" ? { ...endpoint(port), load_balancing_weight: weight } : endpoint(port)
      ),
    }],
  };
}

function endpoint(port: number) {
  return { endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: port } } } };
}

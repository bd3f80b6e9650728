/**
 * The bootstrap of an Envoy that takes everything from xcp over one aggregated stream.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/overview/xds_api#aggregated-discovery-service
 * @module
 */
import { isIP } from "node:net";
import type { Address } from "../../lib/address.ts";
import { type Locality, localityJson } from "../values.ts";
import { type SecretFile, type TlsOptions, transportSocket } from "./tls.ts";

const CLUSTER = "xcp";

/** What a bootstrap says. */
export interface BootstrapOptions {
  readonly nodeId: string;
  readonly cluster: string;
  readonly locality: Locality | undefined;
  /** Servers in order of preference; at least one. Sockets and host names do not mix. */
  readonly xds: readonly Address[];
  readonly delta: boolean;
  readonly tls: TlsOptions | undefined;
  readonly adminPort: number | undefined;
}

/** The bootstrap, and the files that it refers to, which somebody has to write. */
export interface Bootstrap {
  readonly bootstrap: unknown;
  readonly files: readonly SecretFile[];
}

export function envoyBootstrap(options: BootstrapOptions): Bootstrap {
  const { nodeId, cluster, locality, xds, delta, tls, adminPort } = options;
  const socket = tls === undefined ? undefined : transportSocket(tls, xds);
  const source = { ads: {}, resource_api_version: "V3" };
  return {
    files: socket?.files ?? [],
    bootstrap: {
      node: { id: nodeId, cluster, ...(locality === undefined ? {} : { locality: localityJson(locality) }) },
      ...(adminPort === undefined ? {} : { admin: { address: socketAddress("127.0.0.1", adminPort) } }),
      dynamic_resources: {
        ads_config: {
          api_type: delta ? "DELTA_GRPC" : "GRPC",
          transport_api_version: "V3",
          // The node message of a stock Envoy is 61 KB.
          set_node_on_first_message_only: true,
          grpc_services: [{ envoy_grpc: { cluster_name: CLUSTER } }],
        },
        cds_config: source,
        lds_config: source,
      },
      static_resources: { clusters: [xdsCluster(xds, socket?.socket)] },
    },
  };
}

function xdsCluster(xds: readonly Address[], transport: unknown): unknown {
  const named = xds.some((address) => address.kind === "tcp" && isIP(address.host) === 0);
  return {
    name: CLUSTER,
    type: named ? "STRICT_DNS" : "STATIC",
    connect_timeout: "5s",
    // Without this protocol nothing is logged and Envoy never becomes ready.
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        explicit_http_config: {
          // Notices a server that is gone without a word. More often than every 30 s is rude to a server of thousands.
          http2_protocol_options: { connection_keepalive: { interval: "30s", timeout: "10s" } },
        },
      },
    },
    ...(xds.length > 1 ? FAILOVER : {}),
    load_assignment: {
      cluster_name: CLUSTER,
      endpoints: xds.map((address, priority) => ({
        ...(priority === 0 ? {} : { priority }),
        lb_endpoints: [{ endpoint: { address: endpointAddress(address) } }],
      })),
    },
    ...(transport === undefined ? {} : { transport_socket: transport }),
  };
}

/**
 * Envoy goes to the next priority only when it knows that the servers of this one are down: one connection that cannot
 * be made, or a stream that ends at once, says so for ten seconds and then longer and longer.
 */
const FAILOVER = {
  outlier_detection: {
    split_external_local_origin_errors: true,
    consecutive_local_origin_failure: 1,
    enforcing_consecutive_local_origin_failure: 100,
    consecutive_5xx: 2,
    interval: "1s",
    base_ejection_time: "10s",
    max_ejection_time: "60s",
    max_ejection_percent: 100,
  },
};

function endpointAddress(address: Address): unknown {
  return address.kind === "unix" ? { pipe: { path: address.path } } : socketAddress(address.host, address.port);
}

function socketAddress(address: string, port: number): unknown {
  return { socket_address: { address, port_value: port } };
}

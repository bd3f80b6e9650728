/**
 * The bootstrap of a gRPC client or server that takes its configuration from xcp itself, without a proxy.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/grpc_xds_bootstrap_format.md
 * @module
 */
import { type Address, formatAddress } from "../../lib/address.ts";
import { type Locality, localityJson } from "../values.ts";

/** What a bootstrap of gRPC says. */
export interface GrpcBootstrapOptions {
  readonly nodeId: string;
  readonly cluster: string;
  readonly locality: Locality | undefined;
  /** Servers in order of preference (gRFC A71); at least one. */
  readonly xds: readonly Address[];
  readonly tls: GrpcTls | undefined;
}

/** Absolute paths, as the program sees them. One of the two is there. */
export interface GrpcTls {
  /** Undefined: the authorities that the machine trusts. */
  readonly ca: string | undefined;
  readonly pair: { readonly cert: string; readonly key: string } | undefined;
}

/**
 * What xcp is and does.
 * - `xds_v3` (gRFC A30): older clients speak v2 without it, which xcp does not.
 * - `resource_timer_is_transient_error` (A88): xcp says itself that a resource is not there, so silence means that it is
 *   slow, not that there is nothing.
 *
 * Left to whoever owns the program, because they change what it does, not what the server is: `ignore_resource_deletion`
 * (A53), `fail_on_data_errors` (A88), and `trusted_xds_server` (A81), by which a server may choose the authority of
 * requests.
 */
const FEATURES = ["xds_v3", "resource_timer_is_transient_error"];

/** The name of the listener that a gRPC server asks for; `%s` is its address. The form that gRFC A36 uses. */
export const LISTENER_TEMPLATE = "grpc/server?xds.resource.listening_address=%s";

/** The name by which resources refer to the certificates: `certificate_provider_instance: { instance_name: default }`. */
export const PROVIDER = "default";

/** The bootstrap, as JSON: gRPC reads nothing else. */
export function grpcBootstrap({ nodeId, cluster, locality, xds, tls }: GrpcBootstrapOptions): unknown {
  const files = tls === undefined ? undefined : certificateFiles(tls);
  // A65 for the connection to xcp, A29 for those among the programs: both read the files again every ten minutes.
  const credentials = files === undefined ? { type: "insecure" } : { type: "tls", config: files };
  return {
    xds_servers: xds.map((address) => ({
      server_uri: serverUri(address),
      channel_creds: [credentials],
      server_features: FEATURES,
    })),
    // grpc-js refuses a node without a locality; an empty one says as little.
    node: { id: nodeId, cluster, locality: locality === undefined ? {} : localityJson(locality) },
    ...(files === undefined
      ? {}
      : { certificate_providers: { [PROVIDER]: { plugin_name: "file_watcher", config: files } } }),
    server_listener_resource_name_template: LISTENER_TEMPLATE,
  };
}

function certificateFiles({ ca, pair }: GrpcTls) {
  return {
    ...(pair === undefined ? {} : { certificate_file: pair.cert, private_key_file: pair.key }),
    ...(ca === undefined ? {} : { ca_certificate_file: ca }),
  };
}

/** `unix:///run/x` is the form of a socket that every implementation reads. */
function serverUri(address: Address): string {
  return address.kind === "unix" ? `unix://${address.path}` : formatAddress(address);
}

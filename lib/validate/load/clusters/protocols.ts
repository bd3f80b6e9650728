/**
 * The protocols that a cluster speaks, and what they need of its transport socket.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";
import { checkRetries } from "../routes/retry.ts";
import type { Discovery } from "./discovery.ts";

/** The key under which Envoy looks for them; it takes no other for this. */
export const HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** What a cluster speaks. */
export interface Protocols {
  /** Its `HttpProtocolOptions`, if it has them: then its older fields do not count. */
  readonly options?: MessageView;
  readonly http2: boolean;
  readonly http3: boolean;
  /** By ALPN, with the transport socket's help. */
  readonly negotiated: boolean;
}

/** Undefined where its options cannot be read. */
export function protocolsOf(cluster: MessageView): Protocols | undefined {
  const entry = cluster.entries("typed_extension_protocol_options").find((each) => each.key === HTTP_OPTIONS);
  if (entry === undefined) {
    return { http2: cluster.has("http2_protocol_options"), http3: false, negotiated: false };
  }
  const options = entry.message();
  if (options?.desc.typeName !== HTTP_OPTIONS) return undefined;
  const chosen = options.message("explicit_http_config") ?? options.message("use_downstream_protocol_config");
  const auto = options.message("auto_config");
  return {
    options,
    http2: auto !== undefined || chosen?.has("http2_protocol_options") === true,
    http3: (auto ?? chosen)?.has("http3_protocol_options") === true,
    negotiated: auto !== undefined,
  };
}

const USE_CONFIGURED_PROTOCOL = 0;

export function checkProtocols(cluster: MessageView, discovery: Discovery): void {
  const protocols = protocolsOf(cluster);
  if (protocols === undefined) return;
  const { options } = protocols;
  if (options === undefined) {
    const both = cluster.has("http_protocol_options") && cluster.has("http2_protocol_options");
    if (both && cluster.enum("protocol_selection") === USE_CONFIGURED_PROTOCOL) {
      const message = "http_protocol_options and http2_protocol_options are set: a cluster speaks one of the two";
      cluster.reject("conflicting-fields", message, "http2_protocol_options");
    }
  }
  const field = "max_requests_per_connection";
  if (cluster.has(field) && (options ?? cluster).message("common_http_protocol_options")?.has(field)) {
    const message = "max_requests_per_connection is set here and in common_http_protocol_options";
    cluster.reject("conflicting-fields", message, field);
  }
  if (protocols.negotiated) checkAlpn(cluster, options);
  if (protocols.http3) checkHttp3(cluster, options);
  if (discovery.kind === "dynamic_forward_proxy") checkForwardProxy(cluster, discovery, options);
}

/** What holds for the options alone. */
export function checkOptions(options: MessageView): void {
  checkRetries(options.message("retry_policy"));
  const auto = options.message("auto_config");
  if (auto?.has("http3_protocol_options") && !auto.has("alternate_protocols_cache_options")) {
    const message = "HTTP/3 needs alternate_protocols_cache_options where the protocol is negotiated";
    auto.reject("missing-field", message, "http3_protocol_options");
  }
}

const SOCKETS = "envoy.extensions.transport_sockets";
const TLS = `${SOCKETS}.tls.v3.UpstreamTlsContext`;
const QUIC = `${SOCKETS}.quic.v3.QuicUpstreamTransport`;

/** Transport sockets that cannot say which protocol was negotiated. */
const WITHOUT_ALPN: readonly string[] = [
  `${SOCKETS}.alts.v3.Alts`,
  `${SOCKETS}.raw_buffer.v3.RawBuffer`,
  `${SOCKETS}.starttls.v3.UpstreamStartTlsConfig`,
];

/** Those that ask the one inside of them. */
const WRAPPERS: readonly string[] = [
  `${SOCKETS}.http_11_proxy.v3.Http11ProxyUpstreamTransport`,
  `${SOCKETS}.internal_upstream.v3.InternalUpstreamTransport`,
  `${SOCKETS}.proxy_protocol.v3.ProxyProtocolUpstreamTransport`,
  `${SOCKETS}.tap.v3.Tap`,
  `${SOCKETS}.tcp_stats.v3.Config`,
];

/** Whether the socket is known to be without ALPN. */
export function lacksAlpn(holder: MessageView): boolean {
  if (!holder.has("transport_socket")) return true;
  const config = holder.message("transport_socket")?.typed("typed_config");
  const type = config?.desc.typeName ?? "";
  if (type === TLS || type === QUIC || config === undefined) return false;
  return WRAPPERS.includes(type) ? lacksAlpn(config) : WITHOUT_ALPN.includes(type);
}

function checkAlpn(cluster: MessageView, options: MessageView | undefined): void {
  const auto = options?.message("auto_config");
  const at = auto === undefined ? "" : { offset: auto.offset(), path: auto.path() };
  const rule = "upstream-protocol";
  if (lacksAlpn(cluster)) {
    const message = "auto_config negotiates the protocol, which needs a transport socket with ALPN, such as TLS";
    return cluster.reject(rule, message, cluster.has("transport_socket") ? "transport_socket" : at);
  }
  const match = cluster.messages("transport_socket_matches").find(lacksAlpn);
  const message = "auto_config negotiates the protocol, which needs ALPN in every one of transport_socket_matches";
  match?.reject(rule, message, "transport_socket");
}

const QUIC_NAME = "envoy.transport_sockets.quic";

/** Here, of all places, the name counts and not the type. */
function checkHttp3(cluster: MessageView, options: MessageView | undefined): void {
  const socket = cluster.message("transport_socket");
  const name = socket?.string("name")?.value;
  if (name === QUIC_NAME) return;
  if (name === "envoy.transport_sockets.http_11_proxy") {
    const inner = socket?.typed("typed_config")?.message("transport_socket");
    if (inner === undefined || inner.string("name")?.value === QUIC_NAME) return;
  }
  const message = `HTTP/3 needs a transport socket with the name "${QUIC_NAME}"`;
  if (cluster.has("transport_socket")) cluster.reject("upstream-protocol", message, "transport_socket");
  else options?.reject("upstream-protocol", message);
}

/** Who takes hosts from requests must check that the certificate is of the host. */
function checkForwardProxy(cluster: MessageView, { config }: Discovery, options: MessageView | undefined): void {
  if (config?.bool("allow_insecure_cluster_options")) return;
  const holder = options ?? cluster;
  const upstream = holder.message("upstream_http_protocol_options");
  // Envoy sets both itself where it has nothing to go by.
  if (options === undefined && !cluster.has("upstream_http_protocol_options")) return;
  if (upstream?.bool("auto_sni") && upstream.bool("auto_san_validation")) return;
  const message = "A dynamic forward proxy needs auto_sni and auto_san_validation, or allow_insecure_cluster_options";
  if (upstream === undefined) holder.reject("missing-field", message);
  else holder.reject("missing-field", message, "upstream_http_protocol_options");
}

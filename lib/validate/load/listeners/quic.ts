/**
 * Filter chains of QUIC: a transport socket of its own, and HTTP at the end.
 *
 * Source: `ListenerFilterChainFactoryBuilder::buildFilterChainInternal` in `listener_manager_impl.cc` of Envoy.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";
import { fits } from "../http_filters/extensions.ts";

const QUIC_SOCKET = "envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport";
const HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

export function checkQuicChains(listener: MessageView): void {
  for (const chain of [...listener.messages("filter_chains"), ...listener.messages("default_filter_chain")]) {
    checkSocket(chain);
    const last = chain.messages("filters").at(-1);
    const manager = last?.typed("typed_config");
    if (last === undefined || last.has("config_discovery") || manager !== undefined && manager.desc.typeName !== HCM) {
      const message = "A filter chain of QUIC ends with an http_connection_manager";
      if (last === undefined) chain.reject("terminal-filter", message);
      else last.reject("terminal-filter", message);
    }
  }
}

function checkSocket(chain: MessageView): void {
  const socket = chain.message("transport_socket");
  if (socket === undefined) {
    return chain.reject(
      "missing-field",
      "transport_socket is missing: a filter chain of QUIC needs QuicDownstreamTransport",
    );
  }
  const type = socket.typed("typed_config")?.desc.typeName;
  if (type === undefined || type === QUIC_SOCKET || !fits(type, ["envoy.transport_sockets.downstream"])) return;
  socket.reject("wrong-extension", `Cannot use "${type}" for QUIC: it needs QuicDownstreamTransport`, "typed_config");
}

/**
 * Filter chains of QUIC: a transport socket of its own, and HTTP at the end.
 *
 * Source: `ListenerFilterChainFactoryBuilder::buildFilterChainInternal` in `listener_manager_impl.cc` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { parseIp } from "../address.ts";
import { fits } from "../http_filters/extensions.ts";
import { BAD_ADDRESS, checkSocketAddress } from "./sockets.ts";

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

/** The address that a client of QUIC is asked to go on with: one for each version of IP. */
const preferredAddress: Watcher = (config) => {
  for (const version of [4, 6] as const) {
    const family = config.message(`ipv${version}_config`);
    if (family !== undefined) checkFamily(family, version);
    else checkPlain(config, version);
  }
};

function checkPlain(config: MessageView, version: 4 | 6): void {
  const text = config.string(`ipv${version}_address`);
  // An address of the other version passes.
  if (text === undefined || parseIp(text.value)?.scope === "") return;
  config.reject(BAD_ADDRESS, `${JSON.stringify(text.value)} is not an IP address`, text);
}

function checkFamily(family: MessageView, version: 4 | 6): void {
  const address = family.message("address");
  const translated = family.message("dnat_address");
  for (const each of [address, translated]) {
    if (each === undefined) continue;
    checkSocketAddress(each);
    const ip = parseIp(each.string("address")?.value ?? "");
    if (ip !== undefined && ip.version !== version) {
      each.reject(BAD_ADDRESS, `Not an address of IPv${version}`, "address");
    }
  }
  if (translated !== undefined && address === undefined) {
    family.reject("missing-field", "address is missing: dnat_address is what it becomes", "dnat_address");
  }
  for (const each of translated === undefined ? [address] : [translated]) {
    if ((each?.number("port_value") ?? 0) === 0) continue;
    const field = each === translated ? "dnat_address" : "an address without dnat_address";
    each?.reject("bad-port", `The port of ${field} is that of the listener: 0 here`, "port_value");
  }
}

/** The same, read from files or from text in place. */
const preferredSource: Watcher = (config) => {
  for (const version of [4, 6] as const) {
    const family = config.message(`ipv${version}_config`);
    for (const field of ["address", "dnat_address"]) {
      const text = family?.message(field)?.string("inline_string");
      if (text === undefined || parseIp(text.value.trim())?.version === version) continue;
      family?.reject(BAD_ADDRESS, `${JSON.stringify(text.value)} is not an IPv${version} address`, text);
    }
  }
};

/** Data before the handshake ends needs a session that is resumed. Both are so if nothing is said. */
const quicSocket: Watcher = (socket) => {
  const early = !socket.has("enable_early_data") || socket.bool("enable_early_data");
  if (!early || !socket.has("enable_resumption") || socket.bool("enable_resumption")) return;
  const message = "enable_resumption is false, and early data, which needs it, is on: set enable_early_data to false";
  socket.reject("conflicting-fields", message, "enable_resumption");
};

export const QUIC_CHECKS: CheckTable = [
  [QUIC_SOCKET, quicSocket],
  ["envoy.extensions.quic.server_preferred_address.v3.DataSourceServerPreferredAddressConfig", preferredSource],
  ["envoy.extensions.quic.server_preferred_address.v3.FixedServerPreferredAddressConfig", preferredAddress],
];

/**
 * A listener: what its kind (TCP, UDP, QUIC, internal) asks for and leaves out.
 *
 * Source: `ListenerImpl` in `listener_impl.cc` and `ListenerManagerImpl` in `listener_manager_impl.cc` of Envoy.
 *
 * @module
 */
import type { Run } from "../../../model/codec/run.ts";
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { parseIp } from "../address.ts";
import { fits } from "../http_filters/extensions.ts";
import { claimAddresses } from "./claims.ts";
import { checkFilterChains } from "./filter_chains.ts";
import { countOf } from "./lists.ts";
import { checkMatcher, FILTER_CHAIN } from "./matchers.ts";
import { checkQuicChains } from "./quic.ts";
import { checkAddress } from "./sockets.ts";

const UDP = 1;

const listener: Watcher = (view, run) => {
  if (view.has("api_listener")) {
    // Clients of gRPC live on these; of Envoy, only the mobile one, and only in its bootstrap.
    if (view.has("internal_listener")) exclude(view, "api_listener", "internal_listener");
    else if (run.bootstrap) view.reject("unsupported", "Envoy is built without API listeners", "api_listener");
    return;
  }
  const udp = isUdp(view);
  const quic = udp && view.message("udp_listener_config")?.has("quic_options") === true;
  if (view.has("internal_listener")) checkInternal(view, run);
  else checkAddresses(view, udp);
  checkMptcp(view, udp);
  checkChains(view, udp, quic);
  checkFilterChains(view);
  checkMatcher(view.message("filter_chain_matcher"), FILTER_CHAIN);
  if (quic) checkQuic(view);
  else if (udp) checkUdp(view);
  if (!view.has("internal_listener")) claimAddresses(view, udp);
};

function exclude(view: MessageView, one: string, other: string): void {
  view.reject("conflicting-fields", `"${one}" and "${other}" exclude each other`, other);
}

function isUdp(view: MessageView): boolean {
  return !view.has("internal_listener") && protocolOf(view) === UDP;
}

function protocolOf(holder: MessageView): number {
  return holder.message("address")?.message("socket_address")?.enum("protocol") ?? 0;
}

function checkAddresses(view: MessageView, udp: boolean): void {
  if (!view.has("address")) {
    return view.reject("missing-field", "address is missing: only an internal listener has none");
  }
  const more = view.messages("additional_addresses");
  for (const holder of [view, ...more]) {
    const address = holder.message("address");
    checkAddress(holder);
    if (address?.has("envoy_internal_address")) {
      address.reject("unsupported", "An internal listener is one with internal_listener", "envoy_internal_address");
    }
    checkCompat(view, holder);
  }
  for (const holder of more) {
    if (!holder.has("address") || (protocolOf(holder) === UDP) === udp) continue;
    const message = `The addresses of a listener are all of one protocol, and the first is of ${udp ? "UDP" : "TCP"}`;
    holder.reject("conflicting-fields", message, "address");
  }
}

/** Whatever address asks for it, it is the listener's first that Envoy looks at. */
function checkCompat(view: MessageView, holder: MessageView): void {
  const socket = holder.message("address")?.message("socket_address");
  const first = view.message("address")?.message("socket_address");
  const ip = parseIp(first?.string("address")?.value ?? "");
  if (!socket?.bool("ipv4_compat") || first === undefined || ip === undefined) return;
  if (ip.version === 6 && ip.bytes.every((byte) => byte === 0)) return;
  const mapped = ip.version === 6 && [...ip.bytes.slice(0, 12)].join() === "0,0,0,0,0,0,0,0,0,0,255,255";
  if (mapped && first.bool("ipv4_compat")) return;
  socket.reject("conflicting-fields", `ipv4_compat is for "::" and IPv4 addresses inside IPv6 ones`, "ipv4_compat");
}

function checkMptcp(view: MessageView, udp: boolean): void {
  if (!view.bool("enable_mptcp")) return;
  const pipe = [view, ...view.messages("additional_addresses")].some((each) => each.message("address")?.has("pipe"));
  if (udp || pipe) view.reject("unsupported", "MPTCP is for TCP over IP only", "enable_mptcp");
}

/** A listener of plain UDP has listener filters instead of filter chains. All others need chains. */
function checkChains(view: MessageView, udp: boolean, quic: boolean): void {
  const chains = countOf(view, "filter_chains") > 0;
  const other = view.has("default_filter_chain");
  if (view.has("fcds_config") && !view.has("filter_chain_matcher")) {
    view.reject(
      "missing-field",
      "filter_chain_matcher is missing: discovered filter chains are found by it",
      "fcds_config",
    );
  } else if (udp && !quic) {
    const field = chains ? "filter_chains" : "default_filter_chain";
    if (chains || other) view.reject("unsupported", "A listener of UDP without QUIC has no filter chains", field);
  } else if (!chains && !other && !view.has("fcds_config")) {
    view.reject("missing-filter-chain", "The listener has no filter chain");
  }
}

const INTERNAL_LISTENER = "envoy.extensions.bootstrap.internal_listener.v3.InternalListener";

/** Fields about sockets, which an internal listener does not have. */
const SOCKET_FIELDS = ["enable_reuse_port", "tcp_backlog_size", "tcp_fast_open_queue_length"];
const SOCKET_FLAGS = ["enable_mptcp", "freebind", "transparent"];

function checkInternal(view: MessageView, run: Run): void {
  // Where in a bootstrap the extension stands is not known here; that it is nowhere, is.
  if (run.bootstrap && !run.source.text.includes(INTERNAL_LISTENER)) {
    const message = `bootstrap_extensions is without ${INTERNAL_LISTENER}, which internal listeners need`;
    view.reject("missing-field", message, "internal_listener");
  }
  const fields = [
    ...["address", "additional_addresses"].filter((field) => view.has(field)),
    ...SOCKET_FIELDS.filter((field) => view.has(field)),
    ...SOCKET_FLAGS.filter((field) => view.bool(field)),
    ...view.messages("socket_options").length > 0 ? ["socket_options"] : [],
  ];
  for (const field of fields) {
    if (field === "additional_addresses" && view.messages(field).length === 0) continue;
    view.reject("conflicting-fields", `An internal listener has no socket, and no "${field}"`, field);
  }
  const balance = view.message("connection_balance_config");
  if (balance?.has("exact_balance")) {
    balance.reject("conflicting-fields", `An internal listener has no socket, and no "exact_balance"`, "exact_balance");
  }
}

function checkUdp(view: MessageView): void {
  for (const filter of view.messages("listener_filters")) {
    if (!filter.has("config_discovery")) continue;
    filter.reject("unsupported", "Filters of a UDP listener cannot be discovered", "config_discovery");
  }
  checkReusePort(view);
}

function checkQuic(view: MessageView): void {
  if (view.has("connection_balance_config")) {
    view.reject("unsupported", "Connections of QUIC cannot be balanced", "connection_balance_config");
  }
  for (const filter of view.messages("listener_filters")) {
    const type = filter.typed("typed_config")?.desc.typeName;
    if (type !== undefined && isOther(type)) filter.reject("wrong-extension", notForQuic(type), "typed_config");
    const discovery = filter.message("config_discovery");
    for (const url of discovery?.strings("type_urls") ?? []) {
      const type = url.value.slice(url.value.lastIndexOf("/") + 1);
      if (isOther(type)) discovery?.reject("wrong-extension", notForQuic(type), url);
    }
  }
  checkReusePort(view);
  checkQuicChains(view);
}

/** Envoy's own filters are for TCP or for plain UDP. */
function isOther(type: string): boolean {
  return fits(type, ["envoy.filters.listener", "envoy.filters.udp_listener"]);
}

function notForQuic(type: string): string {
  return `Cannot use "${type}" in a listener of QUIC`;
}

/** With one worker thread it would do. */
function checkReusePort(view: MessageView): void {
  if (!view.has("enable_reuse_port") || view.bool("enable_reuse_port")) return;
  const message = "Envoy refuses a UDP listener without reuse of its port, unless it runs with --concurrency 1";
  view.warn("udp-reuse-port", message, "enable_reuse_port");
}

export const LISTENER_CHECKS: CheckTable = [["envoy.config.listener.v3.Listener", listener]];

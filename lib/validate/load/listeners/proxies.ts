/**
 * `tcp_proxy` and `udp_proxy`, and what both have in common with other filters: tunnels and pauses between attempts.
 *
 * Source: `source/common/tcp_proxy/tcp_proxy.cc` and `extensions/filters/udp/udp_proxy/config.cc` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { formatFault } from "../format.ts";
import { checkHeaderOption } from "../header.ts";

const TCP = "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy";
const UDP = "envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig";

const MAX_PORT = 65535;

/** Fields that `access_log_options` replaces. The first may be false. */
function checkAccessLogOptions(proxy: MessageView): void {
  if (!proxy.has("access_log_options")) return;
  if (proxy.bool("flush_access_log_on_connected")) {
    exclude(proxy, "access_log_options", "flush_access_log_on_connected");
  }
  if (proxy.has("access_log_flush_interval")) exclude(proxy, "access_log_options", "access_log_flush_interval");
}

function exclude(view: MessageView, one: string, other: string): void {
  view.reject("conflicting-fields", `"${one}" and "${other}" exclude each other`, other);
}

/** A `core.v3.BackoffStrategy`, compared in whole milliseconds. */
function checkBackoff(backoff: MessageView | undefined): void {
  const base = backoff?.duration("base_interval");
  const max = backoff?.duration("max_interval");
  if (backoff === undefined || base === undefined || max === undefined || Math.floor(max) >= Math.floor(base)) return;
  backoff.reject("conflicting-fields", "max_interval is shorter than base_interval", "max_interval");
}

/** A string that is a format. */
export function checkFormat(view: MessageView, field: string): void {
  const text = view.string(field);
  const fault = text === undefined ? undefined : formatFault(text.value);
  if (fault !== undefined) view.reject("bad-format", fault, field);
}

function checkPostPath(tunnel: MessageView): void {
  if (tunnel.string("post_path") === undefined || tunnel.bool("use_post")) return;
  tunnel.reject("conflicting-fields", "post_path is for POST only: use_post is not set", "post_path");
}

const IMMEDIATE = 0;

const tcpProxy: Watcher = (proxy) => {
  checkAccessLogOptions(proxy);
  checkBackoff(proxy.message("backoff_options"));
  if (proxy.enum("upstream_connect_mode") !== IMMEDIATE && !proxy.has("max_early_data_bytes")) {
    const message = "max_early_data_bytes is missing: data may come before there is a connection";
    proxy.reject("missing-field", message, "upstream_connect_mode");
  }
  for (const entry of proxy.messages("proxy_protocol_tlvs")) checkTlv(entry);
};

function checkTlv(entry: MessageView): void {
  const value = entry.string("value") !== undefined;
  const format = entry.has("format_string");
  if (value && format) exclude(entry, "value", "format_string");
  else if (!value && !format) entry.reject("missing-field", "Neither value nor format_string is set");
}

const tcpTunnel: Watcher = (tunnel) => {
  checkPostPath(tunnel);
  checkFormat(tunnel, "hostname");
  for (const option of tunnel.messages("headers_to_add")) checkHeaderOption(option);
};

const udpProxy: Watcher = (proxy) => {
  if (!proxy.bool("use_per_packet_load_balancing")) return;
  if (proxy.has("tunneling_config")) exclude(proxy, "use_per_packet_load_balancing", "tunneling_config");
  if (proxy.messages("session_filters").length > 0) exclude(proxy, "use_per_packet_load_balancing", "session_filters");
};

const udpTunnel: Watcher = (tunnel) => {
  checkPostPath(tunnel);
  const path = tunnel.string("post_path")?.value;
  if (path !== undefined && tunnel.bool("use_post") && !path.startsWith("/")) {
    tunnel.reject("bad-value", `A path begins with "/"`, "post_path");
  }
  const port = tunnel.number("proxy_port");
  if (tunnel.has("proxy_port") && (port === undefined || port < 1 || port > MAX_PORT)) {
    tunnel.reject("bad-port", `A port is a number from 1 to ${MAX_PORT}`, "proxy_port");
  }
  checkFormat(tunnel, "proxy_host");
  checkFormat(tunnel, "target_host");
  for (const option of tunnel.messages("headers_to_add")) checkHeaderOption(option);
  checkBackoff(tunnel.message("retry_options")?.message("backoff_options"));
};

export const PROXY_CHECKS: CheckTable = [
  [TCP, tcpProxy],
  [`${TCP}.TunnelingConfig`, tcpTunnel],
  [UDP, udpProxy],
  [`${UDP}.UdpTunnelingConfig`, udpTunnel],
];

/**
 * The addresses that a listener takes for itself, as `lib/validate/addresses.ts` compares them with those of others.
 *
 * Source: `ListenerImpl::hasDuplicatedAddress` in `listener_impl.cc` of Envoy.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";
import { ipKey, parseIp } from "../address.ts";

/** What an address is to Envoy, whether it is reused (`enable_reuse_port`) or not: `127.0.0.1:80 (TCP)`. */
function keyOf(address: MessageView | undefined, udp: boolean, bound: boolean): string | undefined {
  const path = address?.message("pipe")?.string("path")?.value;
  if (path !== undefined) return `${path} (socket)`;
  const socket = address?.message("socket_address");
  const ip = parseIp(socket?.string("address")?.value ?? "");
  if (socket === undefined || ip === undefined || socket.string("resolver_name") !== undefined) return undefined;
  const port = socket.number("port_value") ?? 0;
  // Of port 0 the system gives each listener one of its own, unless nothing is bound.
  if (port === 0 && bound || socket.has("named_port")) return undefined;
  const host = ip.version === 4 ? ipKey(ip) : `[${ipKey(ip)}]`;
  const namespace = socket.string("network_namespace_filepath");
  return `${host}:${port} (${udp ? "UDP" : "TCP"}${namespace === undefined ? "" : ` in ${namespace.value}`})`;
}

/** Claims the addresses of a listener. One listener may have an address twice. */
export function claimAddresses(listener: MessageView, udp: boolean): void {
  const legacy = listener.message("deprecated_v1");
  const bound = isTrue(listener, "bind_to_port") && (legacy === undefined || isTrue(legacy, "bind_to_port"));
  const claimed = new Set<string>();
  for (const holder of [listener, ...listener.messages("additional_addresses")]) {
    const key = keyOf(holder.message("address"), udp, bound);
    if (key === undefined || claimed.has(key)) continue;
    claimed.add(key);
    const at = { offset: holder.offset("address"), path: holder.path("address") };
    listener.claim("address", key, at);
  }
}

/** Whether a `BoolValue` is true, as it is when it is not set. */
function isTrue(view: MessageView, field: string): boolean {
  return !view.has(field) || view.bool(field);
}

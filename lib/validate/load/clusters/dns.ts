/**
 * Resolvers of names that a cluster brings.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";
import { BAD_ADDRESS, checkSocketAddress } from "../listeners/sockets.ts";

const CARES = "envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig";

/** The resolver of a cluster, or of the message that has its settings: the first of the three that is set counts. */
export function checkResolver(view: MessageView): void {
  if (view.message("typed_dns_resolver_config")?.has("typed_config")) {
    const typed = view.message("typed_dns_resolver_config")?.typed("typed_config");
    if (typed?.desc.typeName === CARES) checkServers(typed.messages("resolvers"));
    return;
  }
  const servers = view.message("dns_resolution_config")?.messages("resolvers") ?? [];
  checkServers(servers.length > 0 ? servers : view.messages("dns_resolvers"));
}

function checkServers(servers: readonly MessageView[]): void {
  for (const address of servers) {
    const socket = address.message("socket_address");
    if (socket !== undefined) checkSocketAddress(socket);
    else if (address.has("pipe")) address.reject(BAD_ADDRESS, "A DNS resolver must be an IP address", "pipe");
  }
}

/** Hosts that are resolved ahead must have their place in the cache. */
export function checkCache(cache: MessageView): void {
  const hosts = cache.messages("preresolve_hostnames");
  const room = cache.number("max_hosts") ?? DEFAULT_HOSTS;
  const surplus = hosts[room];
  if (surplus === undefined) return;
  const message = `preresolve_hostnames has ${hosts.length} hosts, and max_hosts is ${room}`;
  surplus.reject("conflicting-fields", message);
}

/** What Envoy takes for `max_hosts` that is not set. */
const DEFAULT_HOSTS = 1024;

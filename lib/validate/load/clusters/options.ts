/**
 * What else a cluster says of itself.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import { RULES } from "../../../model/codec/rules.ts";
import { hasName } from "../http_filters/extensions.ts";
import { HTTP_OPTIONS } from "./protocols.ts";

/** What a threshold for one host cannot have. */
const NOT_PER_HOST = ["max_pending_requests", "max_requests", "max_retries", "retry_budget", "max_connection_pools"];

/** Envoy takes the first thresholds of each priority. */
export function checkThresholds(cluster: MessageView): void {
  const seen = new Set<number>();
  for (const threshold of cluster.message("circuit_breakers")?.messages("per_host_thresholds") ?? []) {
    const priority = threshold.enum("priority");
    if (seen.has(priority)) continue;
    seen.add(priority);
    const field = threshold.which(...NOT_PER_HOST);
    if (field === undefined) continue;
    threshold.reject("unsupported", `${field} cannot be set for each host: max_connections can`, field);
  }
}

/** Transport sockets to choose from. Where a matcher chooses, it does so by their names. */
export function checkSockets(cluster: MessageView): void {
  for (const match of cluster.messages("transport_socket_matches")) {
    if (!match.has("transport_socket")) match.reject("missing-field", "transport_socket is not set");
  }
  if (!cluster.has("transport_socket_matcher")) return;
  const names = new Set<string>();
  for (const match of cluster.messages("transport_socket_matches")) {
    const name = match.string("name")?.value;
    if (name === undefined) continue;
    if (names.has(name)) {
      match.reject("duplicate-name", `There is a transport socket "${name}" already in this cluster`, "name");
    }
    names.add(name);
  }
}

/** Filters that read options of a cluster, by all their names. The others of Envoy's refuse them. */
const READERS: readonly string[] = [
  "envoy.filters.network.redis_proxy",
  "envoy.filters.network.thrift_proxy",
  "envoy.redis_proxy",
];

/** Messages of the keys that have one of their own; Envoy reads what is there as it, whatever its type says. */
const TYPES: ReadonlyMap<string, string> = new Map([
  [HTTP_OPTIONS, HTTP_OPTIONS],
  ["envoy.upstreams.http.http_protocol_options", HTTP_OPTIONS],
]);

/** Who reads the options is found by the key, and not by the type. */
export function checkOptionKeys(cluster: MessageView): void {
  for (const entry of cluster.entries("typed_extension_protocol_options")) {
    const { key, node } = entry;
    const type = TYPES.get(key);
    if (!READERS.includes(key) && !hasName("envoy.upstream_options", key)) {
      const message = `Nothing with the name "${key}" reads options of a cluster`;
      cluster.reject("wrong-extension", message, entry);
    } else if (type !== undefined && node.kind === "map" && node.entries.length === 0) {
      cluster.reject(RULES.missingType, "@type is missing", { offset: node.offset, path: entry.path });
    } else if (type !== undefined && (entry.message()?.desc.typeName ?? type) !== type) {
      const message = `The options of this key are of type "${type}"`;
      cluster.reject("wrong-extension", message, { offset: node.offset, path: entry.path });
    }
  }
}

/** A network filter of a cluster. */
export const checkFilter: Watcher = (filter) => {
  if (!filter.has("typed_config") || !filter.has("config_discovery")) return;
  const message = "config_discovery is set, and typed_config too: the filter takes one of them";
  filter.reject("conflicting-fields", message, "config_discovery");
};

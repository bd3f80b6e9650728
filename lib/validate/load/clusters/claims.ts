/**
 * What clusters and filters say that is compared with what others say: see `lib/validate/agreement.ts`.
 *
 * @module
 */
import type { Node } from "../../../model/codec/tree.ts";
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import { readDuration } from "../../../model/codec/well_known.ts";
import type { CheckTable } from "../../rule.ts";

/** A cache with its settings, as far as they are not at their defaults. */
const cache: Watcher = (view) => {
  const name = view.string("name")?.value ?? "";
  const settings: Record<string, [string, [number, number]]> = {};
  for (const { field, node } of view.found) {
    if (field.name === "name") continue;
    const value = field.desc.enum !== undefined && field.desc.fieldKind === "enum"
      ? String(view.enum(field.name))
      : field.desc.message?.typeName === "google.protobuf.Duration"
      ? String(readDuration(node))
      : plain(node);
    if (field.desc.fieldKind !== "message" && ["0", "false", "", "[]"].includes(value)) continue;
    const { line, column } = view.run.position(node.offset);
    settings[field.name] = [value, [line, column]];
  }
  view.claim("dns-cache", JSON.stringify([name, settings]));
};

/** A node as text: equal for what is written in another order, in the other spelling, or in other quotes. */
function plain(node: Node): string {
  switch (node.kind) {
    case "map":
      return JSON.stringify(
        node.entries.filter(({ value }) => value.kind !== "null" && plain(value) !== "false")
          .map(({ key, value }) => [snake(key), plain(value)]).sort(),
      );
    case "list":
      return JSON.stringify(node.items.map(plain));
    case "null":
      return "";
    default:
      return normal(node.text);
  }
}

function snake(key: string): string {
  return key.startsWith("@") ? key : key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `1.0s` is `1s`. */
function normal(text: string): string {
  return /^\d+\.\d*?0+s$/.test(text) ? `${Number(text.slice(0, -1))}s` : text;
}

const cluster: Watcher = (view) => {
  for (const locality of view.message("load_assignment")?.messages("endpoints") ?? []) {
    if ((locality.number("priority") ?? 0) > 0) view.claim("priority", "", place(locality, "priority"));
  }
  const statistics = view.message("track_cluster_stats");
  if (statistics?.bool("per_endpoint_stats")) {
    view.claim("endpoint-statistics", "", place(statistics, "per_endpoint_stats"));
  }
};

function place(view: MessageView, field: string) {
  return { offset: view.offset(field), path: view.path(field) };
}

const manager: Watcher = (view) => {
  const local = view.string("local_cluster_name");
  if (local !== undefined) view.claim("local-cluster", local.value, local);
  if (view.has("load_stats_config")) view.claim("load-reports", "", "load_stats_config");
};

const limit: Watcher = (view) => {
  const field = "local_cluster_rate_limit";
  if (view.has(field)) view.claim("local-cluster-limit", "", field);
};

export const CLAIM_CHECKS: CheckTable = [
  ["envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig", cache],
  ["envoy.config.cluster.v3.Cluster", cluster],
  ["envoy.config.bootstrap.v3.ClusterManager", manager],
  ["envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit", limit],
];

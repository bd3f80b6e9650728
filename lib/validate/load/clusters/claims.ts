/**
 * What clusters and filters say that is compared with what others say: see `lib/validate/agreement.ts`.
 *
 * @module
 */
import type { Found } from "../../../model/codec/collect.ts";
import type { Node } from "../../../model/codec/tree.ts";
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import { readDuration } from "../../../model/codec/well_known.ts";
import type { CheckTable } from "../../rule.ts";

/** A cache with its settings, as far as they are not at their defaults. */
const cache: Watcher = (view) => {
  const name = view.string("name")?.value ?? "";
  const settings: Record<string, [string, [number, number]]> = {};
  for (const each of view.found) {
    if (each.field.name === "name") continue;
    const value = valueOfField(view, each);
    if (isDefault(value)) continue;
    const { line, column } = view.run.position(each.node.offset);
    settings[each.field.name] = [value, [line, column]];
  }
  view.claim("dns-cache", JSON.stringify([name, settings]));
};

/** Envoy compares what is set to more than a default: an empty message is like none. */
function isDefault(value: string): boolean {
  return ["", "0", "false", "[]"].includes(value);
}

/** A message as text: equal for what is written in another order, in another spelling, or in other quotes. */
function content(view: MessageView): string {
  const fields = view.found.map((each) => [each.field.name, valueOfField(view, each)] as const);
  return JSON.stringify(fields.filter(([, value]) => !isDefault(value)));
}

function valueOfField(view: MessageView, { field: { name, desc }, node }: Found): string {
  if (desc.fieldKind === "enum") return String(view.enum(name));
  if (desc.fieldKind === "list" && desc.message !== undefined) return JSON.stringify(view.messages(name).map(content));
  if (desc.fieldKind !== "message") return plain(node);
  switch (desc.message.typeName) {
    case "google.protobuf.Any": {
      const typed = view.typed(name);
      return typed === undefined ? plain(node) : JSON.stringify([typed.desc.typeName, content(typed)]);
    }
    case "google.protobuf.Duration":
      return String(readDuration(node));
    default:
      if (desc.message.typeName.startsWith("google.protobuf.")) return plain(node.kind === "map" ? inner(node) : node);
      return contentOf(view.message(name), node);
  }
}

function contentOf(message: MessageView | undefined, node: Node): string {
  return message === undefined ? plain(node) : content(message);
}

/** `{value: 1}` is a way to write a wrapper. */
function inner(node: Node & { kind: "map" }): Node {
  const [only, more] = node.entries;
  return only?.key === "value" && more === undefined ? only.value : node;
}

/** A value without a message of its own, whose keys have two spellings. */
function plain(node: Node): string {
  switch (node.kind) {
    case "map":
      return JSON.stringify(node.entries.map(({ key, value }) => [key, plain(value)]).sort());
    case "list":
      return JSON.stringify(node.items.map(plain));
    case "null":
      return "";
    default:
      return node.text;
  }
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

/**
 * Proxies of protocols for calls: Redis, Thrift, Dubbo and the generic proxy, with their routes and filters.
 *
 * Source: `config.cc`, and what it makes routes of, under `source/extensions/filters/network/` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { hasName } from "../http_filters/extensions.ts";
import { textsAt } from "./lists.ts";

const NETWORK = "envoy.extensions.filters.network";
const THRIFT = `${NETWORK}.thrift_proxy`;
const DUBBO = `${NETWORK}.dubbo_proxy.v3`;
const GENERIC = `${NETWORK}.generic_proxy`;

function exclude(view: MessageView, one: string, other: string): void {
  view.reject("conflicting-fields", `"${one}" and "${other}" exclude each other`, other);
}

/** ASCII letters only, as Envoy does. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

const redis: Watcher = (proxy) => {
  const routes = proxy.message("prefix_routes");
  const prefixes = routes?.messages("routes") ?? [];
  if (prefixes.length === 0 && !routes?.has("catch_all_route")) {
    proxy.reject(
      "missing-field",
      "There is no route: prefix_routes has neither routes nor catch_all_route",
      "prefix_routes",
    );
  }
  const seen = new Set<string>();
  for (const route of prefixes) {
    const prefix = route.string("prefix")?.value ?? "";
    const key = routes?.bool("case_insensitive") ? lower(prefix) : prefix;
    if (seen.has(key)) route.reject("duplicate-name", `Prefix ${JSON.stringify(prefix)} is there twice`, "prefix");
    seen.add(key);
  }
};

/** Routes of these proxies are discovered over ADS, or come from a file. */
function checkDiscovery(discovery: MessageView | undefined): void {
  const source = discovery?.message("config_source");
  if (!source?.has("api_config_source")) return;
  source.reject(
    "unsupported",
    "These routes are discovered by ads only, not by an api_config_source",
    "api_config_source",
  );
}

const thrift: Watcher = (proxy) => {
  if (proxy.has("trds") && proxy.has("route_config")) exclude(proxy, "trds", "route_config");
  checkDiscovery(proxy.message("trds"));
};

const thriftMatch: Watcher = (match) => {
  const field = match.which("method_name", "service_name");
  if (field === undefined || !match.bool("invert") || match.string(field) !== undefined) return;
  match.reject("conflicting-fields", `invert needs a ${field} that is not empty`, "invert");
};

/** Actions of rate limits that Thrift has. */
const THRIFT_ACTIONS = [
  "source_cluster",
  "destination_cluster",
  "request_headers",
  "remote_address",
  "generic_key",
  "header_value_match",
];

const thriftRoute: Watcher = (route) => {
  for (const limit of route.messages("rate_limits")) {
    for (const action of limit.messages("actions")) {
      const [field] = action.found;
      if (field === undefined || THRIFT_ACTIONS.includes(field.field.name)) continue;
      action.reject("unsupported", `Thrift has no rate limit by ${field.field.name}`, field.field.name);
    }
  }
};

const weight: Watcher = (cluster) => {
  if (!cluster.has("weight")) cluster.reject("missing-field", "weight is missing");
};

/** What a filter writes into the metadata. Of what is not there, only a fixed value can be written. */
const metadataRule: Watcher = (rule) => {
  if (!rule.has("on_present") && !rule.has("on_missing")) {
    rule.reject("missing-field", "Neither on_present nor on_missing is set");
  }
  const missing = rule.message("on_missing");
  if (missing !== undefined && missing.string("value") === undefined) {
    missing.reject("missing-field", "value is missing: there is nothing else to write");
  }
};

const dubbo: Watcher = (proxy) => {
  const routes = proxy.messages("route_config").length > 0;
  const other = proxy.which("drds", "multiple_route_config");
  if (routes && other !== undefined) exclude(proxy, other, "route_config");
  checkDiscovery(proxy.message("drds"));
};

/** Dubbo's filters are found by their names. */
const dubboFilter: Watcher = (filter) => {
  const name = filter.string("name");
  if (name === undefined || hasName("envoy.dubbo_proxy.filters", name.value)) return;
  filter.reject("wrong-extension", `Envoy has no filter ${JSON.stringify(name.value)} for Dubbo`, "name");
};

const dubboRoute: Watcher = (route, run) => {
  for (const cluster of route.message("weighted_clusters")?.messages("clusters") ?? []) weight(cluster, run);
};

const GENERIC_ROUTER = `${GENERIC}.router.v3.Router`;

const generic: Watcher = (proxy) => {
  const filters = proxy.messages("filters");
  const end = filters.findIndex((filter) => filter.typed("typed_config")?.desc.typeName === GENERIC_ROUTER);
  const next = filters[end + 1];
  // Somebody's own filter may be an end too.
  const known = filters.every((filter) => filter.typed("typed_config")?.desc.typeName === GENERIC_ROUTER);
  if (end < 0 && known) {
    proxy.reject("terminal-filter", "Filters of a generic proxy end with its router", "filters");
  } else if (end >= 0 && next !== undefined) {
    filters[end]?.reject("terminal-filter", "The router ends the filters of a generic proxy, and others follow it");
  }
  checkDiscovery(proxy.message("generic_rds"));
};

/** Hosts of a generic proxy: compared as they are, `*.a` and `a.*` by themselves. */
const genericRoutes: Watcher = (routes) => {
  const seen = new Set<string>();
  for (const host of routes.messages("virtual_hosts")) {
    for (const name of textsAt(host, "hosts")) {
      if (name.text === "") {
        host.reject("bad-domain", "A host of a generic proxy has a name", name);
      } else if (seen.has(name.text)) {
        host.reject("duplicate-domain", `Host ${JSON.stringify(name.text)} is there twice`, name);
      } else if (name.text === "*" && routes.has("routes")) {
        host.reject("conflicting-fields", `"routes" is for all hosts that are left, and so is "*"`, name);
      }
      seen.add(name.text);
    }
  }
};

export const RPC_CHECKS: CheckTable = [
  [`${NETWORK}.redis_proxy.v3.RedisProxy`, redis],
  [`${THRIFT}.v3.ThriftProxy`, thrift],
  [`${THRIFT}.v3.RouteMatch`, thriftMatch],
  [`${THRIFT}.v3.RouteAction`, thriftRoute],
  [`${THRIFT}.v3.WeightedCluster.ClusterWeight`, weight],
  [`${THRIFT}.filters.header_to_metadata.v3.HeaderToMetadata.Rule`, metadataRule],
  [`${THRIFT}.filters.payload_to_metadata.v3.PayloadToMetadata.Rule`, metadataRule],
  [`${DUBBO}.DubboProxy`, dubbo],
  [`${DUBBO}.DubboFilter`, dubboFilter],
  [`${DUBBO}.RouteAction`, dubboRoute],
  [`${GENERIC}.v3.GenericProxy`, generic],
  [`${GENERIC}.v3.RouteConfiguration`, genericRoutes],
];

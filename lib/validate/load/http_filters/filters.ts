/**
 * Places of extensions that follow a rule of their own: what fits depends on where the message is, or on more than its
 * type.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { fits, hasName, hasSibling, HTTP_FILTER, HTTP_ROUTE, isKnown, UPSTREAM_HTTP_FILTER } from "./extensions.ts";
import { hasInnerRules, hasRules } from "./metadata.ts";
import { accepts, checkHolder, isEmptyAny, typeAt, wrong, WRONG_EXTENSION } from "./typed_config.ts";
import { RULES } from "../../../model/codec/rules.ts";
import { type Node, valueOf } from "../../../model/codec/tree.ts";

const FILTERS = "envoy.extensions.filters";
const HCM = `${FILTERS}.network.http_connection_manager.v3`;

/** Filters of one category in a list. Of an optional one, Envoy takes what it does not know for nothing. */
function httpFilters(field: string, category: string): Watcher {
  return (view) => {
    for (const filter of view.messages(field)) {
      if (!filter.bool("is_optional") || filter.has("config_discovery")) checkHolder(filter, [category]);
    }
  };
}

const UDP = 1;

/** A listener of UDP has filters of its own. */
const listener: Watcher = (view) => {
  const udp = view.message("address")?.message("socket_address")?.enum("protocol") === UDP;
  const category = udp ? "envoy.filters.udp_listener" : "envoy.filters.listener";
  // QUIC has a third kind, which the binary does not list.
  if (view.message("udp_listener_config")?.has("quic_options")) return;
  for (const filter of view.messages("listener_filters")) checkHolder(filter, [category]);
};

/** What a configuration needs for a route, and not for the filter. */
const ROUTE_NEEDS: Readonly<Record<string, (config: MessageView) => string | undefined>> = {
  [`${FILTERS}.http.bandwidth_limit.v3.BandwidthLimit`]: (config) =>
    config.has("limit_kbps") ? undefined : "limit_kbps is missing: a route has no other limit",
  [`${FILTERS}.http.local_ratelimit.v3.LocalRateLimit`]: (config) =>
    config.has("token_bucket") ? undefined : "token_bucket is missing: a route has no other limit",
  [`${FILTERS}.http.header_to_metadata.v3.Config`]: (config) => hasRules(config) ? undefined : NO_RULES,
  [`${FILTERS}.http.json_to_metadata.v3.JsonToMetadata`]: (config) => hasInnerRules(config) ? undefined : NO_RULES,
};

const NO_RULES = "Neither request_rules nor response_rules are set: a route has no others";

/** What routes say of filters, by the filter's name, which may be any. */
const perFilterConfig: Watcher = (view) => {
  for (const entry of view.entries("typed_per_filter_config")) {
    if (isEmptyAny(entry.node)) {
      view.reject(RULES.missingType, "@type is missing", { offset: entry.node.offset, path: entry.path });
      continue;
    }
    const config = entry.message();
    if (config?.desc.typeName !== "envoy.config.route.v3.FilterConfig") {
      const at = { offset: typeOffset(entry.node), path: entry.path };
      if (config !== undefined) checkRouteConfig(view, config, at, false);
      continue;
    }
    if (config.bool("disabled")) continue;
    const inner = config.node("config");
    if (inner === undefined) {
      view.reject("missing-field", `Neither "config" nor "disabled" is set for filter "${entry.key}"`, {
        offset: config.offset(),
        path: entry.path,
      });
      continue;
    }
    const typed = config.typed("config");
    if (typed === undefined || isEmptyAny(inner)) continue;
    checkRouteConfig(view, typed, typeAt(config, "config", inner), config.bool("is_optional"));
  }
};

function checkRouteConfig(
  view: MessageView,
  config: MessageView,
  at: { readonly offset: number; readonly path: string },
  optional: boolean,
): void {
  const type = config.desc.typeName;
  if (!isKnown(type)) return;
  if (fits(type, [HTTP_ROUTE])) {
    const lack = ROUTE_NEEDS[type]?.(config);
    if (lack !== undefined) config.reject("missing-field", lack);
    return;
  }
  const isFilter = fits(type, [HTTP_FILTER]);
  if (isFilter && !hasSibling(type, HTTP_FILTER, HTTP_ROUTE)) {
    if (optional) return;
    view.reject(WRONG_EXTENSION, `Cannot use "${type}" here: this filter has no configuration for routes`, at);
  } else if (isFilter) {
    if (!accepts(config, [HTTP_ROUTE])) view.reject(WRONG_EXTENSION, wrong(type, [HTTP_ROUTE]), at);
  } else if (!optional) {
    view.reject(WRONG_EXTENSION, wrong(type, [HTTP_ROUTE]), at);
  }
}

function typeOffset(node: Node): number {
  return (node.kind === "map" ? valueOf(node, "@type") : undefined)?.offset ?? node.offset;
}

/** Of these policies Envoy takes the first that it knows. */
const loadBalancingPolicy: Watcher = (view) => {
  const policies = view.messages("policies").flatMap((policy) => policy.message("typed_extension_config") ?? []);
  const types = policies.map((policy) => policy.typed("typed_config")?.desc.typeName);
  const [first] = policies;
  if (first === undefined) return view.reject("missing-field", "There is no policy to balance load with", "policies");
  const category = ["envoy.load_balancing_policies"];
  const known = types.some((type, i) => {
    const node = policies[i]?.node("typed_config");
    return node === undefined || !isEmptyAny(node) && (type === undefined || !isKnown(type) || fits(type, category));
  });
  if (known) return;
  const [type] = types;
  const at = typeAt(first, "typed_config", first.node("typed_config"));
  if (type === undefined) view.reject(RULES.missingType, "@type is missing", at);
  else view.reject(WRONG_EXTENSION, wrong(type, category), at);
};

/** Without a type, and with a Struct as well, a cluster is found by the name of its type. */
const clusterType: Watcher = (view) => {
  const typed = view.typed("typed_config")?.desc.typeName;
  if (view.has("typed_config") && typed !== "google.protobuf.Struct") return checkHolder(view, ["envoy.clusters"]);
  checkName(view, "envoy.clusters", "a type of cluster");
};

/** An extension that Envoy finds by its name only. */
export function checkName(view: MessageView | undefined, category: string, what: string): void {
  const name = view?.string("name");
  if (view === undefined || name === undefined || hasName(category, name.value)) return;
  view.reject("unknown-name", `Cannot find ${what} "${name.value}": here it is the name that Envoy looks for`, name);
}

const STRICT_DNS = 1;
const LOGICAL_DNS = 2;

/** A resolver that only clusters of DNS ask for, and that may be of no type. */
const dnsResolver: Watcher = (view) => {
  const resolver = view.message("typed_dns_resolver_config");
  const type = view.has("cluster_type") ? undefined : view.enum("type");
  const node = resolver?.node("typed_config");
  if (resolver === undefined || node === undefined || isEmptyAny(node)) return;
  if (type === STRICT_DNS || type === LOGICAL_DNS) checkHolder(resolver, ["envoy.network.dns_resolver"]);
};

/** Part of the API, and not of the binary. That of the HTTP connection manager is looked at with the manager. */
const headerValidator: Watcher = (view) => {
  const field = "header_validation_config";
  if (view.has(field)) view.reject("unsupported", "Envoy is built without header validators", field);
};

const statefulSession: Watcher = (view) => {
  checkName(view.message("session_state"), "envoy.http.stateful_session", "a session state");
};

const clusterSpecifier: Watcher = (view) => {
  const extension = view.message("extension");
  if (extension === undefined || view.bool("is_optional")) return;
  checkHolder(extension, ["envoy.router.cluster_specifier_plugin"]);
};

/** A cache that is turned off needs no type. */
function cache(category: string): Watcher {
  return (view) => {
    if (!view.bool("disabled")) checkHolder(view, [category]);
  };
}

const ROUTES = "envoy.config.route.v3";

export const FILTER_CHECKS: CheckTable = [
  [`${HCM}.HttpConnectionManager`, httpFilters("http_filters", HTTP_FILTER)],
  [`${HCM}.HttpConnectionManager.UpgradeConfig`, httpFilters("filters", HTTP_FILTER)],
  [`${FILTERS}.http.router.v3.Router`, httpFilters("upstream_http_filters", UPSTREAM_HTTP_FILTER)],
  ["envoy.extensions.upstreams.http.v3.HttpProtocolOptions", httpFilters("http_filters", UPSTREAM_HTTP_FILTER)],
  ["envoy.extensions.upstreams.http.v3.HttpProtocolOptions", headerValidator],
  ["envoy.config.cluster.v3.Cluster", dnsResolver],
  ["envoy.config.listener.v3.Listener", listener],
  ...["Route", "VirtualHost", "RouteConfiguration", "WeightedCluster.ClusterWeight"]
    .map((message) => [`${ROUTES}.${message}`, perFilterConfig] as const),
  ["envoy.config.cluster.v3.LoadBalancingPolicy", loadBalancingPolicy],
  ["envoy.config.cluster.v3.Cluster.CustomClusterType", clusterType],
  [`${FILTERS}.http.stateful_session.v3.StatefulSession`, statefulSession],
  [`${ROUTES}.ClusterSpecifierPlugin`, clusterSpecifier],
  [`${FILTERS}.http.cache.v3.CacheConfig`, cache("envoy.http.cache")],
  [`${FILTERS}.http.cache_v2.v3.CacheV2Config`, cache("envoy.http.cache_v2")],
];

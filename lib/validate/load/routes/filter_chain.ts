/**
 * Where an HTTP filter stands in its chain: the last one ends it (the router as a rule), and only the last one does.
 *
 * Source: `FilterChainHelper` and `Config::Utility::validateTerminalFilters`.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { fits, HTTP_FILTER } from "../http_filters/extensions.ts";

const FILTERS = "envoy.extensions.filters";
const HCM = `${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager`;
const UPSTREAM_CODEC = `${FILTERS}.http.upstream_codec.v3.UpstreamCodec`;

const TERMINAL: ReadonlySet<string> = new Set([
  `${FILTERS}.http.router.v3.Router`,
  `${FILTERS}.http.mcp_router.v3.McpRouter`,
]);

function checkChain(filters: readonly MessageView[]): void {
  filters.forEach((filter, i) => checkFilter(filter, i === filters.length - 1));
}

function checkFilter(filter: MessageView, last: boolean): void {
  const name = filter.string("name")?.value ?? "";
  if (last && filter.bool("disabled")) {
    return filter.reject(
      "terminal-filter",
      `Cannot disable filter "${name}": it is the last one of its chain`,
      "disabled",
    );
  }
  const discovery = filter.message("config_discovery");
  if (discovery !== undefined) checkDiscovery(name, discovery);
  const holder = discovery ?? filter;
  const field = discovery === undefined ? "typed_config" : "default_config";
  const config = holder.typed(field);
  if (config === undefined || !fits(config.desc.typeName, [HTTP_FILTER])) return;
  const terminal = isTerminal(config);
  if (terminal && !last) {
    filter.reject("terminal-filter", `Filter "${name}" ends its chain, and others follow it`);
  } else if (!terminal && last) {
    filter.reject(
      "terminal-filter",
      `Filter "${name}" is the last one of its chain, and does not end it: the router is missing behind it`,
    );
  }
}

function isTerminal(config: MessageView): boolean {
  const type = config.desc.typeName;
  return TERMINAL.has(type) ||
    type === `${FILTERS}.http.dynamic_modules.v3.DynamicModuleFilter` && config.bool("terminal_filter");
}

function checkDiscovery(name: string, discovery: MessageView): void {
  if (!discovery.bool("apply_default_config_without_warming") || discovery.has("default_config")) return;
  discovery.reject(
    "missing-field",
    `default_config is missing: filter "${name}" is to begin with it (apply_default_config_without_warming)`,
    "apply_default_config_without_warming",
  );
}

const connectionManager: Watcher = (hcm) => {
  checkChain(hcm.messages("http_filters"));
  for (const upgrade of hcm.messages("upgrade_configs")) checkChain(upgrade.messages("filters"));
};

/** A chain of filters on the way to the upstream ends with its codec. */
function upstreamChain(field: string): Watcher {
  return (view) => {
    const filters = view.messages(field);
    filters.forEach((filter, i) => {
      const last = i === filters.length - 1;
      const name = filter.string("name")?.value ?? "";
      const type = filter.typed("typed_config")?.desc.typeName;
      if (last && type !== UPSTREAM_CODEC && (type !== undefined || !filter.has("typed_config"))) {
        filter.reject(
          "terminal-filter",
          `Filter "${name}" is the last one on the way to an upstream: only the codec can be it`,
        );
      } else if (last && filter.bool("disabled")) {
        filter.reject(
          "terminal-filter",
          `Cannot disable filter "${name}": it is the last one of its chain`,
          "disabled",
        );
      } else if (!last && type === UPSTREAM_CODEC) {
        filter.reject("terminal-filter", `Filter "${name}" ends its chain, and others follow it`);
      }
    });
  };
}

export const CHAIN_CHECKS: CheckTable = [
  [HCM, connectionManager],
  [`${FILTERS}.http.router.v3.Router`, upstreamChain("upstream_http_filters")],
  ["envoy.extensions.upstreams.http.v3.HttpProtocolOptions", upstreamChain("http_filters")],
];

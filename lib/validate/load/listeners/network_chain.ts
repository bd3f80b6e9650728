/**
 * Where a network filter stands in its chain: the last one ends it, and only the last one does.
 *
 * Source: `createNetworkFilterFactoryListImpl` in `listener_manager_impl.cc` and `validateTerminalFilters` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { fits } from "../http_filters/extensions.ts";

const NETWORK = "envoy.extensions.filters.network";

/** Filters that answer or pass on what comes in. All others of Envoy leave that to the next one. */
const TERMINAL: ReadonlySet<string> = new Set([
  `${NETWORK}.direct_response.v3.Config`,
  `${NETWORK}.dubbo_proxy.v3.DubboProxy`,
  `${NETWORK}.echo.v3.Echo`,
  `${NETWORK}.generic_proxy.v3.GenericProxy`,
  `${NETWORK}.http_connection_manager.v3.HttpConnectionManager`,
  `${NETWORK}.redis_proxy.v3.RedisProxy`,
  `${NETWORK}.reverse_tunnel.v3.ReverseTunnel`,
  `${NETWORK}.tcp_proxy.v3.TcpProxy`,
  `${NETWORK}.thrift_proxy.v3.ThriftProxy`,
]);

/** It says of itself what it is. */
const DYNAMIC_MODULE = `${NETWORK}.dynamic_modules.v3.DynamicModuleNetworkFilter`;

const filterChain: Watcher = (chain) => {
  const filters = chain.messages("filters");
  filters.forEach((filter, i) => {
    const config = filter.message("config_discovery")?.typed("default_config") ?? filter.typed("typed_config");
    // Of what is not in Envoy's own binary it is not known.
    if (config === undefined || !fits(config.desc.typeName, ["envoy.filters.network"])) return;
    const last = i === filters.length - 1;
    const terminal = isTerminal(config);
    if (terminal === last) return;
    const name = JSON.stringify(filter.string("name")?.value ?? "");
    const short = config.desc.typeName.slice(NETWORK.length + 1);
    filter.reject(
      "terminal-filter",
      terminal
        ? `Filter ${name} (${short}) ends its chain, and others follow it`
        : `Filter ${name} (${short}) is the last one of its chain, and does not end it: tcp_proxy, for one, would`,
    );
  });
};

function isTerminal(config: MessageView): boolean {
  const type = config.desc.typeName;
  return TERMINAL.has(type) || type === DYNAMIC_MODULE && config.bool("terminal_filter");
}

export const CHAIN_CHECKS: CheckTable = [["envoy.config.listener.v3.FilterChain", filterChain]];

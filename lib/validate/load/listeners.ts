/**
 * Listeners, their filter chains and network filters, and addresses wherever they stand.
 *
 * @module
 */
import type { Area } from "../rule.ts";
import { LISTENER_CHECKS } from "./listeners/listener.ts";
import { MATCHER_CHECKS } from "./listeners/matchers.ts";
import { CHAIN_CHECKS } from "./listeners/network_chain.ts";
import { PROXY_CHECKS } from "./listeners/proxies.ts";
import { QUIC_CHECKS } from "./listeners/quic.ts";
import { RANGE_CHECKS } from "./listeners/ranges.ts";
import { RBAC_CHECKS } from "./listeners/rbac.ts";
import { RPC_CHECKS } from "./listeners/rpc.ts";
import { LISTENER_RULES } from "./listeners/rules.ts";
import { SMALL_FILTER_CHECKS } from "./listeners/small_filters.ts";
import { ADDRESS_CHECKS } from "./listeners/sockets.ts";

export const LISTENER_AREA: Area = {
  checks: [
    ...LISTENER_CHECKS,
    ...CHAIN_CHECKS,
    ...MATCHER_CHECKS,
    ...QUIC_CHECKS,
    ...RANGE_CHECKS,
    ...ADDRESS_CHECKS,
    ...PROXY_CHECKS,
    ...RBAC_CHECKS,
    ...RPC_CHECKS,
    ...SMALL_FILTER_CHECKS,
  ],
  rules: LISTENER_RULES,
};

/**
 * HTTP connection managers, route configurations, and the matchers and headers of all other places.
 *
 * @module
 */
import type { Area } from "../rule.ts";
import { CLUSTER_CHECKS } from "./routes/clusters.ts";
import { MANAGER_CHECKS } from "./routes/connection_manager.ts";
import { CODEC_CHECKS } from "./routes/codec.ts";
import { DOMAIN_CHECKS } from "./routes/domains.ts";
import { CHAIN_CHECKS } from "./routes/filter_chain.ts";
import { HEADER_CHECKS } from "./routes/headers.ts";
import { HTTP2_CHECKS } from "./routes/http2.ts";
import { TREE_CHECKS } from "./routes/match_tree.ts";
import { MATCHER_CHECKS } from "./routes/matchers.ts";
import { ROUTE_CHECKS } from "./routes/route.ts";
import { ROUTE_RULES } from "./routes/rules.ts";

export const ROUTE_AREA: Area = {
  checks: [
    ...MANAGER_CHECKS,
    ...CHAIN_CHECKS,
    ...CODEC_CHECKS,
    ...HTTP2_CHECKS,
    ...DOMAIN_CHECKS,
    ...ROUTE_CHECKS,
    ...CLUSTER_CHECKS,
    ...HEADER_CHECKS,
    ...MATCHER_CHECKS,
    ...TREE_CHECKS,
  ],
  rules: ROUTE_RULES,
};

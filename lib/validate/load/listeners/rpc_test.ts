import { assertEquals } from "@std/assert";
import {
  type Case,
  differing,
  generic,
  GENERIC_ROUTER,
  last,
  NETWORK,
  redis,
  thrift,
  THRIFT_ROUTES,
  typed,
} from "./testing.ts";

export const CASES: readonly Case[] = [
  ["Redis without a route", "missing-field", redis("")],
  ["Redis with a route", undefined, redis("catch_all_route: {cluster: c}")],
  ["a prefix twice", "duplicate-name", redis("routes: [{prefix: a, cluster: c}, {prefix: a, cluster: c}]")],
  [
    "a prefix twice, case aside",
    "duplicate-name",
    redis("case_insensitive: true, routes: [{prefix: a, cluster: c}, {prefix: A, cluster: c}]"),
  ],
  ["prefixes in two cases", undefined, redis("routes: [{prefix: a, cluster: c}, {prefix: A, cluster: c}]")],
  [
    "two sources of Thrift routes",
    "conflicting-fields",
    thrift(`${THRIFT_ROUTES}, trds: {config_source: {ads: {}}, route_config_name: x}`),
  ],
  [
    "Thrift routes from elsewhere",
    "unsupported",
    thrift(
      "trds: {config_source: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: {envoy_grpc: {cluster_name: c}}}}, route_config_name: x}",
    ),
  ],
  [
    "an inverted empty method",
    "conflicting-fields",
    thrift(THRIFT_ROUTES.replace("method_name: a", `method_name: "", invert: true`)),
  ],
  ["an inverted method", undefined, thrift(THRIFT_ROUTES.replace("method_name: a", "method_name: a, invert: true"))],
  [
    "a Thrift cluster without weight",
    "missing-field",
    thrift(THRIFT_ROUTES.replace("cluster: c", "weighted_clusters: {clusters: [{name: c}]}")),
  ],
  [
    "a rate limit that Thrift does not have",
    "unsupported",
    thrift(
      THRIFT_ROUTES.replace(
        "cluster: c",
        "cluster: c, rate_limits: [{actions: [{query_parameters: {query_parameter_name: a, descriptor_key: b}}]}]",
      ),
    ),
  ],
  [
    "a Thrift rule without effect",
    "missing-field",
    thrift(
      `${THRIFT_ROUTES}, thrift_filters: [${
        typed(`${NETWORK}.thrift_proxy.filters.header_to_metadata.v3.HeaderToMetadata`, "request_rules: [{header: x}]")
      }, ${typed(`${NETWORK}.thrift_proxy.router.v3.Router`)}]`,
    ),
  ],
  [
    "Dubbo routes twice",
    "conflicting-fields",
    last(
      "dubbo_proxy.v3.DubboProxy",
      "stat_prefix: x, route_config: [{name: r, interface: i}], multiple_route_config: {name: x}",
    ),
  ],
  [
    "a Dubbo filter of an unknown name",
    "wrong-extension",
    last("dubbo_proxy.v3.DubboProxy", "stat_prefix: x, dubbo_filters: [{name: x}]"),
  ],
  [
    "a Dubbo filter",
    undefined,
    last("dubbo_proxy.v3.DubboProxy", "stat_prefix: x, dubbo_filters: [{name: envoy.filters.dubbo.router}]"),
  ],
  ["a generic proxy", undefined, generic(GENERIC_ROUTER)],
  ["a generic proxy without a router", "terminal-filter", generic("")],
  ["a generic proxy with two routers", "terminal-filter", generic(`${GENERIC_ROUTER}, ${GENERIC_ROUTER}`)],
  [
    "a host twice",
    "duplicate-domain",
    generic(GENERIC_ROUTER, ", virtual_hosts: [{name: a, hosts: [a], routes: {}}, {name: b, hosts: [a], routes: {}}]"),
  ],
  [
    "a host in two cases",
    undefined,
    generic(GENERIC_ROUTER, ", virtual_hosts: [{name: a, hosts: [a], routes: {}}, {name: b, hosts: [A], routes: {}}]"),
  ],
  [
    "a host without a name",
    "bad-domain",
    generic(GENERIC_ROUTER, `, virtual_hosts: [{name: a, hosts: [""], routes: {}}]`),
  ],
  [
    "routes for the rest twice",
    "conflicting-fields",
    generic(GENERIC_ROUTER, `, routes: {}, virtual_hosts: [{name: a, hosts: ["*"], routes: {}}]`),
  ],
];

Deno.test("proxies of calls have routes that tell calls apart", () => assertEquals(differing(CASES), []));

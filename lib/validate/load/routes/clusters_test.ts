import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { ROUTE_AREA } from "../routes.ts";
import { bootstrap, broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  [
    "route",
    "$match, route: {weighted_clusters: {clusters: [{name: c, weight: 0}]}}",
    "bad-weights",
  ],
  [
    "route",
    "$match, route: {weighted_clusters: {clusters: [{name: c}]}}",
    "missing-field",
  ],
  [
    "route",
    "$match, route: {weighted_clusters: {clusters: [{name: c, weight: 4294967295}, {name: c, weight: 1}]}}",
    "bad-weights",
  ],
  [
    "route",
    "$match, route: {weighted_clusters: {clusters: [{name: c, weight: 4294967295}, {name: c, weight: 0}]}}",
  ],
  [
    "route",
    "$match, route: {weighted_clusters: {clusters: [{name: c, cluster_header: a, weight: 1}]}}",
    "conflicting-fields",
  ],
  [
    "route",
    "$match, route: {weighted_clusters: {clusters: [{weight: 1}]}}",
    "missing-field",
  ],
  [
    "route",
    '$match, route: {weighted_clusters: {clusters: [{cluster_header: "a b", weight: 1}]}}',
  ],
  [
    "route",
    "$match, route: {weighted_clusters: {clusters: [{name: c, weight: 1}], total_weight: 5}}",
  ],
  [
    "route",
    "$match, route: {weighted_clusters: {clusters: [{name: c, weight: 1}], total_weight: 0}}",
  ],
  [
    "route",
    '$match, route: {weighted_clusters: {clusters: [{name: c, weight: 1}], header_name: ""}}',
  ],
  [
    "route",
    "$match, route: {cluster: c, request_mirror_policies: [{}]}",
    "missing-field",
  ],
  [
    "route",
    "$match, route: {cluster: c, request_mirror_policies: [{cluster: c, cluster_header: a}]}",
    "conflicting-fields",
  ],
  [
    "route",
    "$match, route: {cluster: c, request_mirror_policies: [{cluster_header: a}]}",
  ],
  [
    "route",
    "$match, route: {cluster: c, request_mirror_policies: [{cluster: c, runtime_fraction: {default_value: {numerator: 200}}}]}",
  ],
  [
    "routes",
    "request_mirror_policies: [{}]",
    "missing-field",
  ],
  [
    "virtual host",
    "request_mirror_policies: [{cluster: nope}]",
  ],
];

Deno.test("clusters have weights, and each a name or a header", () => {
  const api = loadApi();
  for (const each of CASES) {
    const [, fields, rule] = each;
    const rules = new Set(broken(api, bootstrap(each), ROUTE_AREA.checks));
    assertEquals([...rules], rule === undefined ? [] : [rule], fields);
  }
});

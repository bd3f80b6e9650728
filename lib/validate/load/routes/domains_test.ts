import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { ROUTE_AREA } from "../routes.ts";
import { bootstrap, broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  [
    "routes",
    'virtual_hosts: [{name: v, domains: ["*", "*"]}]',
    "duplicate-domain",
  ],
  [
    "routes",
    "virtual_hosts: [{name: v, domains: [a]}, {name: w, domains: [A]}]",
    "duplicate-domain",
  ],
  [
    "routes",
    'virtual_hosts: [{name: v, domains: ["*.a"]}, {name: w, domains: ["*.A"]}]',
    "duplicate-domain",
  ],
  [
    "routes",
    'virtual_hosts: [{name: v, domains: ["*"]}, {name: w, domains: ["*"]}]',
    "duplicate-domain",
  ],
  [
    "routes",
    'virtual_hosts: [{name: v, domains: ["*.*"]}, {name: w, domains: ["*.*"]}]',
    "duplicate-domain",
  ],
  [
    "routes",
    'virtual_hosts: [{name: v, domains: [""]}]',
  ],
  [
    "routes",
    'virtual_hosts: [{name: v, domains: ["a.*", "a.**", "*a*", "a*b"]}, {name: v, domains: ["a b", "é"]}]',
  ],
  [
    "routes",
    'virtual_hosts: [{name: v, domains: ["É"]}, {name: v, domains: ["é"]}]',
  ],
  [
    "routes",
    "cluster_specifier_plugins: [{extension: {name: x, typed_config: {<extensions.router.cluster_specifiers.lua.v3.LuaConfig>, source_code: {inline_string: \"function envoy_on_route(h) return 'c' end\"}}}}], virtual_hosts: [{name: v, domains: [a], routes: [{$match, route: {cluster_specifier_plugin: x}}]}]",
  ],
  [
    "routes",
    "cluster_specifier_plugins: [{extension: {name: x, typed_config: {<extensions.router.cluster_specifiers.lua.v3.LuaConfig>, source_code: {inline_string: \"function envoy_on_route(h) return 'c' end\"}}}}, {extension: {name: x, typed_config: {<extensions.router.cluster_specifiers.lua.v3.LuaConfig>, source_code: {inline_string: \"function envoy_on_route(h) return 'c' end\"}}}}]",
  ],
  [
    "routes",
    "cluster_specifier_plugins: [{is_optional: true, extension: {name: x, typed_config: {<extensions.filters.http.cors.v3.Cors>}}}], virtual_hosts: [{name: v, domains: [a], routes: [{$match, route: {cluster_specifier_plugin: x}}]}]",
  ],
  [
    "routes",
    "max_direct_response_body_size_bytes: 2, virtual_hosts: [{name: v, domains: [a], routes: [{$match, direct_response: {status: 200, body: {inline_string: abc}}}]}]",
    "body-too-large",
  ],
  [
    "routes",
    "max_direct_response_body_size_bytes: 3, virtual_hosts: [{name: v, domains: [a], routes: [{$match, direct_response: {status: 200, body: {inline_string: abc}}}]}]",
  ],
  [
    "routes",
    "max_direct_response_body_size_bytes: 2, virtual_hosts: [{name: v, domains: [a], routes: [{$match, direct_response: {status: 200, body: {inline_bytes: YWJj}}}]}]",
    "body-too-large",
  ],
  [
    "routes",
    "max_direct_response_body_size_bytes: 0, virtual_hosts: [{name: v, domains: [a], routes: [{$match, direct_response: {status: 200, body: {inline_string: abc}}}]}]",
  ],
  [
    "routes",
    'virtual_hosts: [{name: v, domains: ["*"]}, {name: v, domains: ["a"]}]',
  ],
  [
    "routes",
    'virtual_hosts: [{name: v, domains: ["a:80", "a"]}], ignore_port_in_host_matching: true',
  ],
  [
    "routes",
    "validate_clusters: true, virtual_hosts: [{name: v, domains: [a], routes: [{$match, route: {cluster_header: a}}]}]",
  ],
];

Deno.test("domains are different and what routes refer to is there", () => {
  const api = loadApi();
  for (const each of CASES) {
    const [, fields, rule] = each;
    const rules = new Set(broken(api, bootstrap(each), ROUTE_AREA.checks));
    assertEquals([...rules], rule === undefined ? [] : [rule], fields);
  }
});

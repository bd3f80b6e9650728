/**
 * Whole bootstraps of a few fields, for the tables of the tests. The same tables are given to Envoy.
 *
 * @module
 */
import type { Api } from "../../../model/api.ts";
import { readFile } from "../../../model/codec/read.ts";
import type { CheckTable } from "../../rule.ts";

/** What the fields of a case belong to. */
export type Level = "route" | "virtual host" | "routes" | "manager" | "listener" | "bootstrap";

/** Fields in YAML's flow style, and the rule that they break; without a rule, Envoy takes them. */
export type Case = readonly [level: Level, fields: string, rule?: string];

const HCM = "<extensions.filters.network.http_connection_manager.v3.HttpConnectionManager>";
const ROUTER = "{name: router, typed_config: {<extensions.filters.http.router.v3.Router>}}";

/**
 * The bootstrap of a case. `<a.b.C>` stands for the `@type` of `envoy.a.b.C`, `<xds:a.B>` for that of `xds.a.B`, and
 * `$match`, `$direct` and `$router` for what every route and chain needs.
 */
export function bootstrap([level, fields]: Case): string {
  return expand(wrap(level, fields));
}

function wrap(level: Level, fields: string): string {
  switch (level) {
    case "bootstrap":
      return `{${fields}}`;
    case "listener":
      return wrap(
        "bootstrap",
        `static_resources: {listeners: [{name: l, address: {socket_address: {address: 127.0.0.1, port_value: 0}}, ${fields}}], clusters: [{name: c, type: STATIC}]}`,
      );
    case "manager": {
      const routes = /route_config:|rds:|scoped_routes:/.test(fields) ? "" : ", route_config: {name: rc}";
      const filters = fields.includes("http_filters:") ? "" : ", http_filters: [$router]";
      return wrap(
        "listener",
        `filter_chains: [{filters: [{name: h, typed_config: {${HCM}, stat_prefix: s, ${fields}${routes}${filters}}}]}]`,
      );
    }
    case "routes":
      return wrap("manager", `route_config: {${fields}}`);
    case "virtual host":
      return wrap(
        "routes",
        `virtual_hosts: [{name: v, ${fields.startsWith("domains:") ? "" : "domains: [v], "}${fields}}]`,
      );
    case "route":
      return wrap("virtual host", `routes: [{${fields}}]`);
  }
}

function expand(text: string): string {
  return text
    .replaceAll("$router", ROUTER)
    .replaceAll("$match", "match: {prefix: /}")
    .replaceAll("$direct", "direct_response: {status: 200}")
    .replace(/<(\w+):([\w.]+)>/g, '"@type": type.googleapis.com/$1.$2')
    .replace(/<([\w.]+)>/g, '"@type": type.googleapis.com/envoy.$1');
}

/** The rules that a bootstrap breaks by these checks, or that keep it from being read. */
export function broken(api: Api, text: string, checks: CheckTable): string[] {
  const watchers = Map.groupBy(checks, ([message]) => message);
  const { issues } = readFile(api, new TextEncoder().encode(text), "envoy.yaml", "x", {
    severity: "error",
    watch: ({ typeName }) => {
      const rows = watchers.get(typeName);
      return rows === undefined ? undefined : (view, run) => rows.forEach(([, watcher]) => watcher(view, run));
    },
  });
  return issues.filter(({ severity }) => severity === "error").map(({ rule }) => rule);
}

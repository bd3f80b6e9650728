/**
 * Whole bootstraps around the configuration of one HTTP filter, for the tables of the tests. The same tables were given
 * to Envoy 1.40.
 *
 * @module
 */
import { loadApi } from "../../../model/api.ts";
import { HTTP_FILTER_AREA } from "../http_filters.ts";
import { bootstrap as bootstrapOf, broken } from "../routes/testing.ts";

/**
 * Where the configuration stands, its type (`cors.v3.Cors`, with a slash before a type that is no HTTP filter's:
 * `/extensions.filters.network.echo.v3.Echo`), its fields in YAML's flow style, and the rule that they break; without a
 * rule, Envoy takes them.
 */
export type Case = readonly [place: "filter" | "route", type: string, fields: string, rule?: string];

/** The bootstrap of a case. */
export function bootstrap([place, type, fields]: Case): string {
  const url = type.startsWith("/") ? type.slice(1) : `extensions.filters.http.${type}`;
  const config = `{<${url}>${fields === "" ? "" : `, ${fields}`}}`;
  return place === "route"
    ? bootstrapOf(["route", `$match, $direct, typed_per_filter_config: {f: ${config}}`])
    : bootstrapOf(["manager", `http_filters: [{name: f, typed_config: ${config}}, $router]`]);
}

/** Each of the cases breaks the rule that it names, and no other. */
export function assertCases(cases: readonly Case[]): void {
  const api = loadApi();
  for (const each of cases) {
    const [, type, fields, rule = "none"] = each;
    const found = [...new Set(broken(api, bootstrap(each), HTTP_FILTER_AREA.checks))].join(", ") || "none";
    if (found !== rule) throw new Error(`${type} {${fields}}: breaks ${found}, not ${rule}`);
  }
}

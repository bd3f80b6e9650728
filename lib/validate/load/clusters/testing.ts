/**
 * Whole bootstraps of a few fields, for the tables of the tests. The same tables were given to Envoy 1.40.
 *
 * @module
 */
import { loadApi } from "../../../model/api.ts";
import { CLUSTER_AREA } from "../clusters.ts";
import { broken } from "../routes/testing.ts";

/** Fields in YAML's flow style, and the rule that they break; without a rule, Envoy takes them. */
export type Case = readonly [fields: string, rule?: string];

/**
 * The bootstrap of a case: fields of a cluster, or all of it where the fields are those of a bootstrap. `<a.b.C>` stands
 * for the `@type` of `envoy.a.b.C`, `<xds:a.B>` for that of `xds.a.B`.
 */
export function bootstrap(fields: string): string {
  const whole =
    /^(static_resources|dynamic_resources|cluster_manager|config_sources|default_config_source|stats_sinks):/;
  const named = /(^|, )name: /.test(fields.replace(/\{.*/, ""));
  const text = whole.test(fields)
    ? `{${fields}}`
    : `{static_resources: {clusters: [{${named ? "" : "name: c, "}${fields}}]}}`;
  return text
    .replace(/<(\w+):([\w.]+)>/g, '"@type": type.googleapis.com/$1.$2')
    .replace(/<([\w.]+)>/g, '"@type": type.googleapis.com/envoy.$1');
}

/** The cases that break another rule than the one that they name, with what they break: none, if all is well. */
export function misjudged(cases: readonly Case[]): { readonly fields: string; readonly found: readonly string[] }[] {
  const api = loadApi();
  return cases.flatMap(([fields, rule]) => {
    const found = [...new Set(broken(api, bootstrap(fields), CLUSTER_AREA.checks))];
    const expected = rule === undefined ? [] : [rule];
    return found.join() === expected.join() ? [] : [{ fields, found }];
  });
}

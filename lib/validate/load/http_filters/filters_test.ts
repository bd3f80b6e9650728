import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { HTTP_FILTER_AREA } from "../http_filters.ts";
import { broken } from "../routes/testing.ts";
import { categoriesOf } from "./extensions.ts";
import { PLACES } from "./places.ts";
import { assertCases } from "./testing.ts";
import { EXTENSIONS } from "../../../gen/extensions.ts";

const api = loadApi();

Deno.test("types of extensions stand where Envoy has something for them", () => {
  assertCases([
    ["route", "buffer.v3.Buffer", "max_request_bytes: 5", "wrong-extension"],
    ["route", "buffer.v3.BufferPerRoute", "disabled: true"],
    ["route", "cors.v3.Cors", ""],
    ["route", "router.v3.Router", "", "wrong-extension"],
    ["route", "router.v3.Router", "start_child_span: true", "wrong-extension"],
    ["route", "/extensions.filters.network.echo.v3.Echo", "", "wrong-extension"],
    ["route", "/config.route.v3.FilterConfig", "config: {}"],
    ["route", "/config.route.v3.FilterConfig", "", "missing-field"],
    ["route", "/config.route.v3.FilterConfig", "disabled: true"],
    ["route", "/config.route.v3.FilterConfig", "disabled: true, config: {<config.core.v3.Locality>}"],
    ["route", "/config.route.v3.FilterConfig", "is_optional: true, config: {<config.core.v3.Locality>}"],
    ["route", "/config.route.v3.FilterConfig", "config: {<config.core.v3.Locality>}", "wrong-extension"],
    [
      "route",
      "/config.route.v3.FilterConfig",
      "is_optional: true, config: {<extensions.filters.http.router.v3.Router>}",
    ],
    ["filter", "cors.v3.CorsPolicy", "allow_methods: a", "wrong-extension"],
    ["filter", "cors.v3.CorsPolicy", ""],
    ["filter", "/extensions.filters.network.echo.v3.Echo", "", "wrong-extension"],
    ["filter", "upstream_codec.v3.UpstreamCodec", "", "wrong-extension"],
    ["filter", "cache.v3.CacheConfig", "disabled: true"],
    ["filter", "cache.v3.CacheConfig", "", "missing-field"],
    [
      "filter",
      "cache.v3.CacheConfig",
      'typed_config: {"@type": a/xds.type.v3.TypedStruct, type_url: a/envoy.extensions.http.cache.simple_http_cache.v3.SimpleHttpCacheConfig}',
      "wrong-extension",
    ],
    [
      "filter",
      "cache.v3.CacheConfig",
      "typed_config: {<extensions.http.cache.simple_http_cache.v3.SimpleHttpCacheConfig>}",
    ],
    [
      "filter",
      "stateful_session.v3.StatefulSession",
      "session_state: {name: envoy.http.stateful_session.cookie, typed_config: {<extensions.http.stateful_session.cookie.v3.CookieBasedSessionState>, cookie: {name: a}}}",
    ],
    [
      "filter",
      "stateful_session.v3.StatefulSession",
      "session_state: {name: cookie, typed_config: {<extensions.http.stateful_session.cookie.v3.CookieBasedSessionState>, cookie: {name: a}}}",
      "unknown-name",
    ],
  ]);
});

Deno.test("what a matcher does is something that the filter can do", () => {
  const input = "{name: i, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}";
  const action = (type: string, more = "") => `{action: {name: a, typed_config: {<${type}>${more}}}}`;
  const list = (end: string) =>
    `{matcher_list: {matchers: [{predicate: {single_predicate: {input: ${input}, value_match: {exact: a}}}, on_match: ${end}}]}}`;
  const tree = (end: string) => `{matcher_tree: {input: ${input}, prefix_match_map: {map: {a: ${end}}}}}`;
  const last = (end: string) => `{on_no_match: ${end}}`;
  const nested = (end: string) => list(`{matcher: ${tree(end)}}`);
  const rbac = action("config.rbac.v3.Action", ", name: a");
  const skip = action("extensions.filters.common.matcher.action.v3.SkipFilter");
  for (const matcher of [list, tree, last, nested]) {
    assertCases([
      ["filter", "rbac.v3.RBAC", `matcher: ${matcher(rbac)}`],
      ["filter", "rbac.v3.RBAC", `matcher: ${matcher(skip)}`, "wrong-extension"],
      ["filter", "rbac.v3.RBAC", `matcher: ${matcher("{action: {name: a, typed_config: {}}}")}`, "missing-type"],
    ]);
  }
});

/** The rules that one message breaks: it stands where nobody looks at its type. */
function ofMessage(message: string, fields: string): string[] {
  const url = "type.googleapis.com";
  const metadata = `{typed_filter_metadata: {a: {"@type": ${url}/${message}, ${fields}}}}`;
  const text = `{"@type": ${url}/envoy.config.cluster.v3.Cluster, name: c, metadata: ${metadata}}`;
  return broken(api, text, HTTP_FILTER_AREA.checks);
}

/** A type of one of the categories, if Envoy has any. */
function firstType(categories: readonly string[]): string | undefined {
  const isOne = (name: string) =>
    categories.some((each) => each.endsWith("*") ? name.startsWith(each.slice(0, -1)) : each === name);
  const lines = Object.entries(EXTENSIONS).flatMap(([name, text]) => isOne(name) ? text.split("\n") : []);
  return lines.find((line) => line.includes(" "))?.split(" ")[1];
}

Deno.test("every place of the table is a field of the API, and knows its types from others", () => {
  for (const [message, places] of PLACES) {
    const desc = api.message(message);
    for (const { field, categories } of places) {
      const type = desc?.fields.find((each) => each.name === field)?.message?.typeName;
      const value = (any: string) => type === "google.protobuf.Any" ? any : `{name: x, typed_config: ${any}}`;
      const at = `${message}.${field}`;
      const own = firstType(categories);
      const wrong = value('{"@type": type.googleapis.com/envoy.config.core.v3.Locality}');
      assertEquals(ofMessage(message, `${field}: ${wrong}`).includes("wrong-extension"), true, at);
      assertEquals(ofMessage(message, `${field}: ${value("{}")}`).includes("missing-type"), true, at);
      const right = value(`{"@type": type.googleapis.com/${own}}`);
      if (own !== undefined) {
        assertEquals(ofMessage(message, `${field}: ${right}`).includes("wrong-extension"), false, `${at}: ${own}`);
      }
    }
  }
});

Deno.test("the messages of all checks are in the API", () => {
  for (const [message] of HTTP_FILTER_AREA.checks) assertEquals(api.message(message)?.typeName, message);
});

Deno.test("the types of all extensions are in the API, but those of the newest or of no API", () => {
  const types = Object.values(EXTENSIONS).flatMap((lines) =>
    lines.split("\n").flatMap((line) => line.split(" ").slice(1))
  );
  assertEquals(types.length > 300, true);
  const unknown = types.filter((type) => api.message(type) === undefined && !/v\d+alpha/.test(type));
  assertEquals(unknown.filter((type) => categoriesOf(type).length > 0), []);
});

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

/** The issues of one message, which stands as an extension where nobody looks at its type. */
function ofMessage(message: string, fields: string): string[] {
  const url = "type.googleapis.com";
  const text =
    `{"@type": ${url}/envoy.config.core.v3.Metadata, typed_filter_metadata: {a: {"@type": ${url}/${message}, ${fields}}}}`;
  return broken(
    api,
    `{resources: [{"@type": ${url}/envoy.config.cluster.v3.Cluster, name: c, metadata: ${
      text.replace('"@type": type.googleapis.com/envoy.config.core.v3.Metadata, ', "")
    }}]}`,
    HTTP_FILTER_AREA.checks,
  );
}

Deno.test("every place of the table is a field of the API, and knows its types from others", () => {
  for (const [message, places] of PLACES) {
    const desc = api.message(message);
    for (const { field, categories } of places) {
      const type = desc?.fields.find((each) => each.name === field)?.message?.typeName;
      const value = (any: string) => type === "google.protobuf.Any" ? any : `{name: x, typed_config: ${any}}`;
      const at = `${message}.${field}`;
      const own = Object.entries(EXTENSIONS).find(([category, lines]) =>
        lines.includes(" ") &&
        categories.some((each) => each === category || each.endsWith("*") && category.startsWith(each.slice(0, -1)))
      )?.[1].split("\n").find((line) => line.includes(" "))?.split(" ")[1];
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

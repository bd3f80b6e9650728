import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { ROUTE_AREA } from "../routes.ts";
import { bootstrap, broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  [
    "manager",
    "http2_protocol_options: {custom_settings_parameters: [{identifier: 2, value: 1}]}",
    "unsupported",
  ],
  [
    "manager",
    "http2_protocol_options: {custom_settings_parameters: [{identifier: 2, value: 0}]}",
  ],
  [
    "manager",
    "http2_protocol_options: {custom_settings_parameters: [{identifier: 8, value: 0}]}",
    "unsupported",
  ],
  [
    "manager",
    "http2_protocol_options: {custom_settings_parameters: [{identifier: 1, value: 5}], hpack_table_size: 5}",
    "conflicting-fields",
  ],
  [
    "manager",
    "http2_protocol_options: {custom_settings_parameters: [{identifier: 3, value: 5}], max_concurrent_streams: 5}",
    "conflicting-fields",
  ],
  [
    "manager",
    "http2_protocol_options: {custom_settings_parameters: [{identifier: 4, value: 65535}], initial_stream_window_size: 65535}",
    "conflicting-fields",
  ],
  [
    "manager",
    "http2_protocol_options: {custom_settings_parameters: [{identifier: 4, value: 65535}]}",
  ],
  [
    "manager",
    "http2_protocol_options: {custom_settings_parameters: [{identifier: 5, value: 65535}, {identifier: 5, value: 65535}]}",
  ],
  [
    "manager",
    "http2_protocol_options: {custom_settings_parameters: [{identifier: 5, value: 65535}, {identifier: 5, value: 65536}]}",
    "conflicting-fields",
  ],
  [
    "manager",
    "http2_protocol_options: {custom_settings_parameters: [{identifier: 0, value: 65535}]}",
  ],
  [
    "bootstrap",
    "static_resources: {clusters: [{name: c, type: STATIC, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http2_protocol_options: {custom_settings_parameters: [{identifier: 8, value: 0}]}}}}}]}",
    "unsupported",
  ],
  [
    "bootstrap",
    "static_resources: {clusters: [{name: c, type: STATIC, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, use_downstream_protocol_config: {http2_protocol_options: {custom_settings_parameters: [{identifier: 8, value: 0}]}}}}}]}",
    "unsupported",
  ],
  [
    "bootstrap",
    "static_resources: {clusters: [{name: c, type: STATIC, http2_protocol_options: {custom_settings_parameters: [{identifier: 8, value: 0}]}}]}",
    "unsupported",
  ],
  [
    "bootstrap",
    "static_resources: {clusters: [{name: c, type: STATIC, http2_protocol_options: {custom_settings_parameters: [{identifier: 8, value: 0}]}, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}}]}",
  ],
];

Deno.test("settings of HTTP/2 are given once", () => {
  const api = loadApi();
  for (const each of CASES) {
    const [, fields, rule] = each;
    const rules = new Set(broken(api, bootstrap(each), ROUTE_AREA.checks));
    assertEquals([...rules], rule === undefined ? [] : [rule], fields);
  }
});

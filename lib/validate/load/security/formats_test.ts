import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  ["log", '<extensions.access_loggers.file.v3.FileAccessLog>, path: /dev/null, format: "%PROTOCOL%"'],
  ["log", '<extensions.access_loggers.file.v3.FileAccessLog>, path: /dev/null, format: "%FOO%"', "bad-format"],
  [
    "log",
    '<extensions.access_loggers.file.v3.FileAccessLog>, path: /dev/null, json_format: {a: [{b: "%FOO%"}]}',
    "bad-format",
  ],
  [
    "log",
    '<extensions.access_loggers.file.v3.FileAccessLog>, path: /dev/null, typed_json_format: {a: "%REQ(a)%", "%FOO%": 1}',
  ],
  [
    "log",
    '<extensions.access_loggers.file.v3.FileAccessLog>, path: /dev/null, typed_json_format: {a: "%REQ%"}',
    "bad-format",
  ],
  [
    "log",
    '<extensions.access_loggers.file.v3.FileAccessLog>, path: /dev/null, log_format: {text_format: "100%"}',
    "bad-format",
  ],
  [
    "log",
    '<extensions.access_loggers.file.v3.FileAccessLog>, path: /dev/null, log_format: {json_format: {a: 1, b: null, c: "%FOO%"}}',
    "bad-format",
  ],
  [
    "log",
    '<extensions.access_loggers.file.v3.FileAccessLog>, path: /dev/null, log_format: {text_format_source: {inline_string: "%FOO%"}}',
    "bad-format",
  ],
  [
    "log",
    "<extensions.access_loggers.file.v3.FileAccessLog>, path: /dev/null, log_format: {text_format_source: {inline_bytes: JUZPTyU=}}",
    "bad-format",
  ],
  [
    "log",
    '<extensions.access_loggers.file.v3.FileAccessLog>, path: /dev/null, log_format: {text_format: "%REQ_WITHOUT_QUERY(a)%"}',
    "bad-format",
  ],
  [
    "log",
    '<extensions.access_loggers.file.v3.FileAccessLog>, path: /dev/null, log_format: {text_format: "%REQ_WITHOUT_QUERY(a)%", formatters: [{name: f, typed_config: {<extensions.formatter.req_without_query.v3.ReqWithoutQuery>}}]}',
  ],
  [
    "log",
    '<extensions.access_loggers.file.v3.FileAccessLog>, path: /dev/null, log_format: {text_format: "%FOO%", formatters: [{name: f, typed_config: {<extensions.formatter.metadata.v3.Metadata>}}]}',
    "bad-format",
  ],
  [
    "log",
    '<extensions.access_loggers.fluentd.v3.FluentdAccessLogConfig>, cluster: c, tag: t, stat_prefix: s, record: {a: "%FOO%"}',
    "bad-format",
  ],
  [
    "log",
    "<extensions.access_loggers.fluentd.v3.FluentdAccessLogConfig>, cluster: c, tag: t, stat_prefix: s, record: {a: x}, retry_options: {backoff_options: {base_interval: 1s, max_interval: 2s}}",
  ],
  [
    "log",
    "<extensions.access_loggers.fluentd.v3.FluentdAccessLogConfig>, cluster: c, tag: t, stat_prefix: s, record: {a: x}, retry_options: {backoff_options: {base_interval: 3s, max_interval: 2s}}",
    "conflicting-fields",
  ],
  [
    "log",
    "<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, grpc_service: {envoy_grpc: {cluster_name: c}}",
  ],
  ["log", "<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, log_name: a", "missing-field"],
  [
    "log",
    "<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, grpc_service: {envoy_grpc: {cluster_name: c}}, common_config: {log_name: a, transport_api_version: V3, grpc_service: {envoy_grpc: {cluster_name: c}}}",
    "conflicting-fields",
  ],
  [
    "log",
    '<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, grpc_service: {envoy_grpc: {cluster_name: c}}, body: {string_value: "%FOO%"}',
    "bad-format",
  ],
  [
    "log",
    "<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, grpc_service: {envoy_grpc: {cluster_name: c}}, body: {int_value: 1}",
    "unsupported",
  ],
  [
    "log",
    "<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, grpc_service: {envoy_grpc: {cluster_name: c}}, body: {}",
  ],
  [
    "log",
    '<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, grpc_service: {envoy_grpc: {cluster_name: c}}, attributes: {values: [{key: a, value: {array_value: {values: [{string_value: "%FOO%"}]}}}]}',
    "bad-format",
  ],
  [
    "log",
    "<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, grpc_service: {envoy_grpc: {cluster_name: c}}, attributes: {values: [{key: a}]}",
    "missing-field",
  ],
  [
    "log",
    "<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, grpc_service: {envoy_grpc: {cluster_name: c}}, attributes: {values: [{key: a, value: {kvlist_value: {values: [{key: b, value: {bool_value: true}}]}}}]}",
    "unsupported",
  ],
  [
    "log",
    "<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, grpc_service: {envoy_grpc: {cluster_name: c}}, resource_attributes: {values: [{key: a, value: {int_value: 1}}]}",
  ],
  ["filter", '<extensions.access_loggers.filters.cel.v3.ExpressionFilter>, expression: "response.code >= 400"'],
  ["filter", '<extensions.access_loggers.filters.cel.v3.ExpressionFilter>, expression: ""', "missing-field"],
  ["filter", "<extensions.access_loggers.filters.process_ratelimit.v3.ProcessRateLimitFilter>", "missing-field"],
  [
    "cluster socket",
    '<extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport>, transport_socket: $raw, config: {version: V2, added_tlvs: [{type: 30, format_string: {text_format: "%PROTOCOL%"}}, {type: 31, value: AAAA}]}',
  ],
  [
    "cluster socket",
    '<extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport>, transport_socket: $raw, config: {version: V2, added_tlvs: [{type: 30, format_string: {text_format: "%FOO%"}}]}',
    "bad-format",
  ],
  [
    "cluster socket",
    "<extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport>, transport_socket: $raw, config: {version: V2, added_tlvs: [{type: 30, value: AAAA, format_string: {text_format: x}}]}",
    "conflicting-fields",
  ],
  [
    "cluster socket",
    "<extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport>, transport_socket: $raw, config: {version: V2, added_tlvs: [{type: 30}]}",
    "missing-field",
  ],
];

const api = loadApi();

for (const [i, each] of CASES.entries()) {
  const [place, fields, rule] = each;
  Deno.test(`formats ${i}: ${rule ?? "taken"}: ${place} ${fields.slice(0, 80)}`, () => {
    assertEquals(broken(api, each), rule === undefined ? [] : [rule]);
  });
}

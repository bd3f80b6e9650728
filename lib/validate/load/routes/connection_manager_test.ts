import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { ROUTE_AREA } from "../routes.ts";
import { bootstrap, broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  [
    "manager",
    "upgrade_configs: [{upgrade_type: websocket}, {upgrade_type: WebSocket}]",
    "duplicate-name",
  ],
  [
    "manager",
    "upgrade_configs: [{}]",
  ],
  [
    "manager",
    'upgrade_configs: [{upgrade_type: "a b"}, {upgrade_type: CONNECT}]',
  ],
  [
    "manager",
    "strip_any_host_port: true, strip_matching_host_port: true",
    "conflicting-fields",
  ],
  [
    "manager",
    "strip_any_host_port: false, strip_matching_host_port: true",
  ],
  [
    "manager",
    "common_http_protocol_options: {max_response_headers_kb: 10}",
    "unsupported",
  ],
  [
    "manager",
    "common_http_protocol_options: {max_headers_count: 10, max_requests_per_connection: 4, idle_timeout: 0s}",
  ],
  [
    "manager",
    "http2_protocol_options: {max_header_field_size_kb: 100}",
    "conflicting-fields",
  ],
  [
    "manager",
    "http2_protocol_options: {max_header_field_size_kb: 64}",
    "conflicting-fields",
  ],
  [
    "manager",
    "max_request_headers_kb: 80, http2_protocol_options: {max_header_field_size_kb: 80}",
  ],
  [
    "manager",
    "max_request_headers_kb: 70, http2_protocol_options: {max_header_field_size_kb: 80}",
    "conflicting-fields",
  ],
  [
    "manager",
    "codec_type: HTTP3",
    "conflicting-fields",
  ],
  [
    "manager",
    "http_protocol_options: {header_key_format: {stateful_formatter: {name: x, typed_config: {<extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig>}}}}",
  ],
  [
    "manager",
    'http_protocol_options: {ignore_http_11_upgrade: [{safe_regex: {regex: "("}}]}',
    "bad-regex",
  ],
  [
    "manager",
    "original_ip_detection_extensions: [{name: x, typed_config: {<extensions.http.original_ip_detection.xff.v3.XffConfig>}}], use_remote_address: true",
    "conflicting-fields",
  ],
  [
    "manager",
    "original_ip_detection_extensions: [{name: x, typed_config: {<extensions.http.original_ip_detection.xff.v3.XffConfig>}}], xff_num_trusted_hops: 1",
    "conflicting-fields",
  ],
  [
    "manager",
    "original_ip_detection_extensions: [{name: x, typed_config: {<extensions.http.original_ip_detection.xff.v3.XffConfig>}}], use_remote_address: false, xff_num_trusted_hops: 0",
  ],
  [
    "manager",
    "original_ip_detection_extensions: [{name: x, typed_config: {<extensions.http.original_ip_detection.xff.v3.XffConfig>, xff_num_trusted_hops: 1, xff_trusted_cidrs: {cidrs: [{address_prefix: 10.0.0.0, prefix_len: 8}]}}}]",
    "conflicting-fields",
  ],
  [
    "manager",
    "original_ip_detection_extensions: [{name: x, typed_config: {<extensions.http.original_ip_detection.xff.v3.XffConfig>, xff_trusted_cidrs: {cidrs: [{address_prefix: 10.0.0, prefix_len: 8}]}}}]",
  ],
  [
    "manager",
    "original_ip_detection_extensions: [{name: x, typed_config: {<extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig>, header_name: a, reject_with_status: {code: OK}}}]",
  ],
  [
    "manager",
    "request_id_extension: {}",
  ],
  [
    "manager",
    "request_id_extension: {typed_config: {<extensions.request_id.uuid.v3.UuidRequestIdConfig>}}",
  ],
  [
    "manager",
    "typed_header_validation_config: {name: x, typed_config: {<extensions.http.header_validators.envoy_default.v3.HeaderValidatorConfig>}}",
    "unsupported",
  ],
  [
    "manager",
    "typed_header_validation_config: {name: x}",
    "unsupported",
  ],
  [
    "manager",
    "internal_address_config: {cidr_ranges: [{address_prefix: 10.0.0.0, prefix_len: 8}]}",
  ],
  [
    "manager",
    "access_log_options: {}, flush_access_log_on_new_request: true",
    "conflicting-fields",
  ],
  [
    "manager",
    "access_log_options: {}, access_log_flush_interval: 1s",
    "conflicting-fields",
  ],
  [
    "manager",
    "access_log_options: {}",
  ],
  [
    "manager",
    "tracing: {custom_tags: [{tag: a, literal: {value: a}}, {tag: a, literal: {value: a}}]}",
  ],
  [
    "manager",
    'tracing: {custom_tags: [{tag: a, value: "%FOO%"}]}',
    "bad-format",
  ],
  [
    "manager",
    "tracing: {custom_tags: [{tag: a, metadata: {kind: {cluster: {}}}}]}",
  ],
  [
    "manager",
    "tracing: {custom_tags: [{tag: a, metadata: {metadata_key: {key: a, path: [{key: b}]}}}]}",
  ],
  [
    "manager",
    'tracing: {operation: "%FOO%"}',
    "bad-format",
  ],
  [
    "manager",
    "tracing: {max_path_tag_length: 0}",
  ],
  [
    "manager",
    "tracing: {provider: {name: x, typed_config: {<config.trace.v3.ZipkinConfig>, collector_cluster: c, collector_endpoint: /, collector_endpoint_version: HTTP_JSON}}}",
  ],
  [
    "manager",
    "tracing: {spawn_upstream_span: true, verbose: true}",
  ],
  [
    "manager",
    "local_reply_config: {mappers: [{filter: {not_health_check_filter: {}}}]}",
  ],
  [
    "manager",
    'local_reply_config: {mappers: [{filter: {not_health_check_filter: {}}, body: {inline_string: ""}}]}',
  ],
  [
    "manager",
    "scheme_header_transformation: {scheme_to_overwrite: http, match_upstream: true}",
  ],
  [
    "manager",
    "set_current_client_cert_details: {subject: true}",
  ],
  [
    "manager",
    "proxy_status_config: {}",
  ],
  [
    "manager",
    "xff_num_trusted_hops: 5, use_remote_address: true",
  ],
  [
    "manager",
    "add_user_agent: true",
  ],
  [
    "manager",
    "drain_timeout: 0s, delayed_close_timeout: 0s, request_timeout: 0s",
  ],
  [
    "manager",
    "path_with_escaped_slashes_action: 9",
  ],
  [
    "manager",
    "forward_client_cert_matcher: {}",
  ],
  [
    "manager",
    "forward_proto_config: {https_destination_ports: [443], http_destination_ports: [443]}",
  ],
  [
    "manager",
    "forward_proto_config: {https_destination_ports: [443, 443]}",
  ],
  [
    "manager",
    "rds: {route_config_name: a}",
    "missing-field",
  ],
  [
    "manager",
    "rds: {config_source: {ads: {}}}",
  ],
  [
    "manager",
    "rds: {route_config_name: a, config_source: {ads: {}}}",
  ],
  [
    "manager",
    "scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a}}]}, scoped_route_configurations_list: {scoped_route_configurations: [{name: a, key: {fragments: [{string_key: a}]}, route_configuration: {name: a}}]}}",
    "missing-field",
  ],
  [
    "manager",
    "scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a, index: 1}}]}, scoped_route_configurations_list: {scoped_route_configurations: [{name: a, key: {fragments: [{string_key: a}]}, route_configuration: {name: a}}]}}",
    "conflicting-fields",
  ],
  [
    "manager",
    "scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a, index: 0}}]}, scoped_route_configurations_list: {scoped_route_configurations: [{name: a, key: {fragments: [{string_key: a}]}, route_configuration: {name: a}}]}}",
  ],
  [
    "manager",
    'scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a, element_separator: ",", index: 3}}]}, scoped_route_configurations_list: {scoped_route_configurations: [{name: a, key: {fragments: [{string_key: a}]}, route_configuration_name: a}]}}',
    "unsupported",
  ],
  [
    "manager",
    "scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a, index: 0}}]}, scoped_route_configurations_list: {scoped_route_configurations: [{name: a, key: {fragments: [{string_key: a}]}}]}}",
    "missing-field",
  ],
  [
    "manager",
    "scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a, index: 0}}]}, scoped_route_configurations_list: {scoped_route_configurations: [{name: a, key: {fragments: [{string_key: a}]}, route_configuration: {name: a}, route_configuration_name: b}]}}",
    "unsupported",
  ],
  [
    "manager",
    "scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a, index: 0}}]}, scoped_route_configurations_list: {scoped_route_configurations: [{name: a, key: {fragments: [{string_key: a}]}, route_configuration: {name: a}}, {name: a, key: {fragments: [{string_key: a}]}, route_configuration: {name: a}}]}}",
  ],
  [
    "manager",
    "scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a, index: 0}}]}, scoped_route_configurations_list: {scoped_route_configurations: [{name: a, key: {fragments: [{string_key: a}]}, route_configuration: {name: a}}, {name: b, key: {fragments: [{string_key: a}]}, route_configuration: {name: a}}]}}",
  ],
  [
    "manager",
    "scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a, index: 0}}]}, scoped_route_configurations_list: {scoped_route_configurations: [{name: a, on_demand: true, key: {fragments: [{string_key: a}]}, route_configuration: {name: a}}]}}",
  ],
  [
    "manager",
    'scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a, element: {separator: "=", key: a}}}]}, rds_config_source: {ads: {}}, scoped_rds: {scoped_rds_config_source: {ads: {}}}}',
  ],
  [
    "manager",
    "scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a}}]}, rds_config_source: {ads: {}}, scoped_rds: {scoped_rds_config_source: {ads: {}}}}",
    "missing-field",
  ],
  [
    "manager",
    'scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a, index: 0}}]}, rds_config_source: {ads: {}}, scoped_rds: {srds_resources_locator: "xdstp://a/envoy.config.route.v3.ScopedRouteConfiguration/x", scoped_rds_config_source: {ads: {}}}}',
  ],
  [
    "manager",
    "scoped_routes: {name: s, scope_key_builder: {fragments: [{header_value_extractor: {name: a, index: 0}}]}, scoped_rds: {scoped_rds_config_source: {ads: {}}}}",
  ],
  [
    "manager",
    'tracing: {custom_tags: [{tag: a, value: "%REQ(a)%"}]}',
  ],
  [
    "manager",
    'access_log: [{name: a, typed_config: {<extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig>, common_config: {log_name: a, grpc_service: {envoy_grpc: {cluster_name: c}}, custom_tags: [{tag: a, value: "%A%"}]}}}]',
    "bad-format",
  ],
  [
    "manager",
    'access_log: [{name: a, typed_config: {<extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig>, grpc_service: {envoy_grpc: {cluster_name: c}}, custom_tags: [{tag: a, value: "%A%"}]}}]',
    "bad-format",
  ],
  [
    "manager",
    'access_log: [{name: a, filter: {header_filter: {header: {name: a, safe_regex_match: {regex: "("}}}}, typed_config: {<extensions.access_loggers.stream.v3.StdoutAccessLog>}}]',
    "bad-regex",
  ],
  [
    "manager",
    'access_log: [{name: a, filter: {metadata_filter: {matcher: {filter: a, path: [{key: b}], value: {string_match: {safe_regex: {regex: "("}}}}}}, typed_config: {<extensions.access_loggers.stream.v3.StdoutAccessLog>}}]',
    "bad-regex",
  ],
  [
    "manager",
    "http2_protocol_options: {connection_keepalive: {interval: 1s, timeout: 2s}}",
  ],
  [
    "manager",
    "http2_protocol_options: {connection_keepalive: {timeout: 1s}}",
  ],
  [
    "manager",
    "http2_protocol_options: {initial_connection_window_size: 65535, initial_stream_window_size: 1048576}",
  ],
  [
    "manager",
    "http2_protocol_options: {hpack_table_size: 0, allow_connect: true, allow_metadata: true, stream_error_on_invalid_http_messaging: true}",
  ],
  [
    "manager",
    "http3_protocol_options: {}",
  ],
  [
    "manager",
    "access_log_options: {flush_access_log_on_new_request: true}, flush_access_log_on_new_request: false",
  ],
  [
    "manager",
    "common_http_protocol_options: {max_connection_duration: 0s}",
  ],
  [
    "manager",
    "common_http_protocol_options: {max_requests_per_connection: 0, headers_with_underscores_action: REJECT_REQUEST}",
  ],
  [
    "manager",
    "preserve_external_request_id: true, always_set_request_id_in_response: true, generate_request_id: false",
  ],
  [
    "manager",
    "http1_safe_max_connection_duration: true",
  ],
  [
    "manager",
    "add_proxy_protocol_connection_state: false, append_local_overload: true",
  ],
];

Deno.test("options of a connection manager go together", () => {
  const api = loadApi();
  for (const each of CASES) {
    const [, fields, rule] = each;
    const rules = new Set(broken(api, bootstrap(each), ROUTE_AREA.checks));
    assertEquals([...rules], rule === undefined ? [] : [rule], fields);
  }
});

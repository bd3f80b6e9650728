import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { ROUTE_AREA } from "../routes.ts";
import { bootstrap, broken, type Case } from "./testing.ts";

/** As Envoy 1.40 answers them. */
export const CASES: readonly Case[] = [
  [
    "route",
    "$match, $direct",
  ],
  [
    "virtual host",
    "matcher: {}",
  ],
  [
    "virtual host",
    "matcher: {}, routes: [{$match, $direct}]",
    "conflicting-fields",
  ],
  [
    "virtual host",
    "virtual_clusters: [{name: x}]",
    "missing-field",
  ],
  [
    "route",
    '$match, route: {cluster: c, path_rewrite: "%FOO%"}',
    "bad-format",
  ],
  [
    "route",
    '$match, route: {cluster: c, path_rewrite: "%PATH%", prefix_rewrite: /}',
    "conflicting-fields",
  ],
  [
    "route",
    '$match, route: {cluster: c, host_rewrite: "%FOO%"}',
    "bad-format",
  ],
  [
    "route",
    "$match, redirect: {}",
  ],
  [
    "route",
    '$match, redirect: {path_redirect: "/a?b", strip_query: true}',
  ],
  [
    "route",
    "$match, redirect: {port_redirect: 70000}",
  ],
  [
    "route",
    "$match, non_forwarding_action: {}",
  ],
  [
    "route",
    "$match, filter_action: {}",
  ],
  [
    "route",
    "$match, filter_action: {action: {<google:protobuf.Struct>}}",
  ],
  [
    "route",
    "match: {connect_matcher: {}}, $direct",
  ],
  [
    "route",
    'match: {prefix: "nope"}, $direct',
  ],
  [
    "route",
    'match: {path: "nope"}, $direct',
  ],
  [
    "route",
    '$match, route: {cluster_header: "a b"}',
  ],
  [
    "route",
    '$match, route: {cluster_header: ":authority"}',
  ],
  [
    "route",
    "$match, route: {cluster_specifier_plugin: x}",
    "unknown-plugin",
  ],
  [
    "route",
    "$match, route: {inline_cluster_specifier_plugin: {is_optional: true, extension: {name: x, typed_config: {<extensions.filters.http.cors.v3.Cors>}}}}",
  ],
  [
    "route",
    '$match, route: {cluster_specifier_plugin: ""}',
    "unknown-plugin",
  ],
  [
    "route",
    "$match, route: {cluster: c, upgrade_configs: [{upgrade_type: a}, {upgrade_type: A}]}",
    "duplicate-name",
  ],
  [
    "route",
    "$match, route: {cluster: c, upgrade_configs: [{upgrade_type: a, connect_config: {}}]}",
    "conflicting-fields",
  ],
  [
    "route",
    "$match, route: {cluster: c, upgrade_configs: [{upgrade_type: Connect, connect_config: {}}]}",
  ],
  [
    "route",
    "$match, route: {cluster: c, upgrade_configs: [{upgrade_type: connect-udp, connect_config: {}}]}",
  ],
  [
    "route",
    '$match, route: {cluster: c, upgrade_configs: [{upgrade_type: "a b"}]}',
  ],
  [
    "route",
    "$match, route: {cluster: c, upgrade_configs: [{upgrade_type: CONNECT, connect_config: {proxy_protocol_config: {}}}]}",
  ],
  [
    "route",
    "$match, route: {cluster: c, internal_redirect_policy: {redirect_response_codes: [200]}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, internal_redirect_policy: {predicates: [{name: x, typed_config: {<extensions.internal_redirect.previous_routes.v3.PreviousRoutesConfig>}}]}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, internal_redirect_policy: {max_internal_redirects: 0}}",
  ],
  [
    "route",
    '$match, route: {cluster: c, retry_policy: {retry_on: "foo, bar"}}',
  ],
  [
    "route",
    "$match, route: {cluster: c, retry_policy: {retry_on: 5xx, retry_back_off: {base_interval: 2s, max_interval: 1s}}}",
    "conflicting-fields",
  ],
  [
    "route",
    "$match, route: {cluster: c, retry_policy: {retry_on: 5xx, retry_back_off: {base_interval: 0.0001s, max_interval: 0.00005s}}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, retry_policy: {retry_on: 5xx, retry_back_off: {base_interval: 0.0019s, max_interval: 0.0011s}}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, retry_policy: {retry_on: 5xx, retry_back_off: {base_interval: 20s}}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, retry_policy: {retry_host_predicate: [{name: x, typed_config: {<extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate>}}]}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, retry_policy: {retry_priority: {name: x, typed_config: {<extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig>}}}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, retry_policy: {retry_priority: {name: x, typed_config: {<extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig>, update_frequency: 1}}}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, retry_policy: {retriable_status_codes: [1, 99999]}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, retry_policy: {per_try_timeout: 0s, num_retries: 0, host_selection_retry_max_attempts: -1}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, retry_policy: {retry_on: 5xx}, retry_policy_typed_config: {}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, retry_policy_typed_config: {<config.route.v3.RetryPolicy>, retry_back_off: {base_interval: 2s, max_interval: 1s}}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, retry_policy_typed_config: {<extensions.filters.http.cors.v3.Cors>}}",
  ],
  [
    "virtual host",
    "retry_policy: {retry_on: 5xx, retry_back_off: {base_interval: 2s, max_interval: 1s}}",
    "conflicting-fields",
  ],
  [
    "virtual host",
    "retry_policy_typed_config: {<config.route.v3.RetryPolicy>}",
  ],
  [
    "route",
    "$match, route: {cluster: c, hash_policy: [{cookie: {name: a, ttl: 0s, attributes: [{name: a}, {name: a}]}}]}",
  ],
  [
    "route",
    "$match, route: {cluster: c, hash_policy: [{connection_properties: {}}]}",
  ],
  [
    "route",
    "$match, route: {cluster: c, early_data_policy: {name: x, typed_config: {<extensions.early_data.v3.DefaultEarlyDataPolicy>}}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, max_stream_duration: {max_stream_duration: 0s, grpc_timeout_header_max: 0s, grpc_timeout_header_offset: 1s}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, max_grpc_timeout: 1s, timeout: 0s}",
  ],
  [
    "route",
    "$match, route: {cluster: c, hedge_policy: {initial_requests: 3, hedge_on_per_try_timeout: true}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, cors: {max_age: abc}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, metadata_match: {filter_metadata: {envoy.lb: {a: b}}}}",
  ],
  [
    "route",
    "$match, route: {cluster: c, append_x_forwarded_host: true, auto_host_rewrite: true}",
  ],
  [
    "route",
    '$match, $direct, tracing: {custom_tags: [{tag: a, value: "%A%"}]}',
    "bad-format",
  ],
  [
    "route",
    '$match, $direct, tracing: {operation: "%A%"}',
    "bad-format",
  ],
  [
    "route",
    '$match, $direct, tracing: {upstream_operation: "%A%"}',
    "bad-format",
  ],
  [
    "route",
    "$match, $direct, tracing: {random_sampling: {numerator: 200}}",
  ],
  [
    "route",
    "$match, redirect: {path_redirect: /}, name: ok",
  ],
  [
    "virtual host",
    "rate_limits: [{actions: [{extension: {name: x, typed_config: {<type.matcher.v3.HttpRequestHeaderMatchInput>, header_name: a}}}]}]",
  ],
  [
    "virtual host",
    "rate_limits: [{actions: [{extension: {name: x, typed_config: {<type.matcher.v3.HttpResponseHeaderMatchInput>, header_name: a}}}]}]",
  ],
  [
    "virtual host",
    "rate_limits: [{hits_addend: {number: 1}, actions: [{source_cluster: {}}]}]",
  ],
  [
    "virtual host",
    'rate_limits: [{hits_addend: {number: 1, format: "%BYTES_RECEIVED%"}, actions: [{source_cluster: {}}]}]',
  ],
  [
    "virtual host",
    'rate_limits: [{hits_addend: {format: "%A%"}, actions: [{source_cluster: {}}]}]',
  ],
  [
    "virtual host",
    'rate_limits: [{hits_addend: {format: "%BYTES_RECEIVED%%BYTES_RECEIVED%"}, actions: [{source_cluster: {}}]}]',
  ],
  [
    "virtual host",
    "rate_limits: [{apply_on_stream_done: true, actions: [{source_cluster: {}}]}]",
  ],
  [
    "route",
    '$match, direct_response: {status: 200, body: {inline_string: ""}}',
  ],
  [
    "route",
    "$match, direct_response: {status: 200, body: {environment_variable: PATH}}",
  ],
  [
    "routes",
    "name: rc, vhds: {config_source: {path_config_source: {path: /dev/null}}}",
    "unsupported",
  ],
  [
    "route",
    "match: {prefix: /, grpc: {}, tls_context: {}}, $direct",
  ],
  [
    "route",
    "match: {prefix: /, filter_state: [{key: a, address_match: {ranges: []}}]}, $direct",
  ],
  [
    "bootstrap",
    "static_resources: {listeners: [{name: l, address: {socket_address: {protocol: UDP, address: 127.0.0.1, port_value: 0}}, udp_listener_config: {quic_options: {}}, filter_chains: [{filters: [{name: h, typed_config: {<extensions.filters.network.http_connection_manager.v3.HttpConnectionManager>, stat_prefix: s, route_config: {}}}], transport_socket: {name: q, typed_config: {<extensions.transport_sockets.quic.v3.QuicDownstreamTransport>, downstream_tls_context: {common_tls_context: {tls_certificate_sds_secret_configs: [{name: a, sds_config: {ads: {}}}]}}}}}]}]}",
    "conflicting-fields",
  ],
  [
    "bootstrap",
    "static_resources: {listeners: [{name: l, address: {socket_address: {protocol: UDP, address: 127.0.0.1, port_value: 0}}, udp_listener_config: {quic_options: {}}, filter_chains: [{filters: [{name: h, typed_config: {<extensions.filters.network.http_connection_manager.v3.HttpConnectionManager>, codec_type: HTTP3, stat_prefix: s, route_config: {}}}], transport_socket: {name: q, typed_config: {<extensions.transport_sockets.quic.v3.QuicDownstreamTransport>, downstream_tls_context: {common_tls_context: {tls_certificate_sds_secret_configs: [{name: a, sds_config: {ads: {}}}]}}}}}]}]}",
  ],
  [
    "listener",
    "default_filter_chain: {filters: [{name: h, typed_config: {<extensions.filters.network.http_connection_manager.v3.HttpConnectionManager>, codec_type: HTTP3, stat_prefix: s, route_config: {}}}]}",
    "conflicting-fields",
  ],
  [
    "routes",
    "vhost_header: a, ignore_port_in_host_matching: true",
  ],
  [
    "route",
    '$match, redirect: {prefix_rewrite: "/%PATH%", host_redirect: "%A%"}',
  ],
  [
    "route",
    '$match, redirect: {path_redirect: "%A%"}',
  ],
  [
    "route",
    '$match, route: {cluster: c, prefix_rewrite: "%A%"}',
  ],
  [
    "route",
    '$match, route: {cluster: c, host_rewrite_literal: "%A%"}',
  ],
  [
    "route",
    '$match, decorator: {operation: "%A%"}, $direct',
  ],
  [
    "route",
    '$match, direct_response: {status: 200, body: {inline_string: "%A%"}}',
  ],
  [
    "bootstrap",
    'cluster_manager: {outlier_detection: {event_log_path: ""}}',
  ],
  [
    "listener",
    "filter_chains: [{filters: [{name: t, typed_config: {<extensions.filters.network.redis_proxy.v3.RedisProxy>, stat_prefix: s, settings: {op_timeout: 1s}, prefix_routes: {catch_all_route: {cluster: c}}}}]}]",
  ],
  [
    "listener",
    "filter_chains: [{filters: [{name: t, typed_config: {<extensions.filters.network.mongo_proxy.v3.MongoProxy>, stat_prefix: s}}, {name: u, typed_config: {<extensions.filters.network.tcp_proxy.v3.TcpProxy>, stat_prefix: s, cluster: c, hash_policy: [{source_ip: {}}]}}]}]",
  ],
  [
    "route",
    "$match, route: {cluster: c, cluster_not_found_response_code: NOT_FOUND}",
  ],
  [
    "route",
    "$match, direct_response: {status: 599}",
  ],
  [
    "route",
    'match: {prefix: ""}, $direct',
  ],
  [
    "route",
    'match: {path: ""}, $direct',
  ],
  [
    "route",
    "match: {prefix: /, case_sensitive: false}, $direct",
  ],
  [
    "route",
    'name: "", $match, $direct',
  ],
  [
    "route",
    "$match, $direct, metadata: {filter_metadata: {envoy.lb: {a: 1}}}, per_request_buffer_limit_bytes: 0",
  ],
  [
    "route",
    "$match, $direct, request_body_buffer_limit: 5, per_request_buffer_limit_bytes: 0",
  ],
  [
    "virtual host",
    "require_tls: ALL, per_request_buffer_limit_bytes: 1, request_body_buffer_limit: 1",
  ],
  [
    "virtual host",
    "hedge_policy: {additional_request_chance: {numerator: 200}}",
  ],
  [
    "virtual host",
    "retry_policy: {retry_host_predicate: [{name: x, typed_config: {<extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig>, metadata_match: {}}}]}",
  ],
];

Deno.test("actions of a route go together", () => {
  const api = loadApi();
  for (const each of CASES) {
    const [, fields, rule] = each;
    const rules = new Set(broken(api, bootstrap(each), ROUTE_AREA.checks));
    assertEquals([...rules], rule === undefined ? [] : [rule], fields);
  }
});

import { assertEquals } from "@std/assert";
import { type Case, misjudged } from "./testing.ts";

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  [
    "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}},{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}]",
    "missing-field",
  ],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /}}]"],
  [
    "type: EDS, eds_cluster_config: {eds_config: {ads: {}}}, health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, expected_statuses: [{start: 300, end: 200}]}}]",
    "bad-value",
  ],
  ['health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: "foo"}}]'],
  [
    "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, expected_statuses: [{start: 300, end: 200}]}}]",
    "bad-value",
  ],
  [
    "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, expected_statuses: [{start: 200, end: 200}]}}]",
    "bad-value",
  ],
  [
    "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, expected_statuses: [{start: 99, end: 200}]}}]",
    "bad-value",
  ],
  [
    "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, retriable_statuses: [{start: 100, end: 601}]}}]",
    "bad-value",
  ],
  [
    "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, retriable_statuses: [{start: -5, end: 200}]}}]",
    "bad-value",
  ],
  [
    "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, retriable_statuses: [{start: 100, end: -2}]}}]",
    "bad-value",
  ],
  [
    "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, retriable_statuses: [{}]}}]",
    "bad-value",
  ],
  [
    'health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, send: {text: "00"}}}]',
    "conflicting-fields",
  ],
  ['health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, method: POST, send: {text: "00"}}}]'],
  ['health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, method: OPTIONS, send: {binary: "AAA="}}}]'],
  [
    'health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, method: POST, send: {text: "zz"}}}]',
    "bad-value",
  ],
  [
    'health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, receive: [{text: "zz"}]}}]',
    "bad-value",
  ],
  [
    'health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, response_buffer_size: 1, receive: [{text: "0000"}]}}]',
    "conflicting-fields",
  ],
  ['health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, response_buffer_size: 0, receive: [{text: "0000"}]}}]'],
  [
    'health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, response_buffer_size: 1, receive: [{binary: "AAAA"}]}}]',
    "conflicting-fields",
  ],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, codec_client_type: HTTP2}}]"],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, codec_client_type: HTTP3}}]"],
  ['health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, host: "a b"}}]'],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}]"],
  [
    'health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {send: {text: "xy"}}}]',
    "bad-value",
  ],
  [
    'health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {send: {text: "000"}}}]',
    "bad-value",
  ],
  ['health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {send: {text: "aAbB"}}}]'],
  [
    'health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {receive: [{text: "00"},{text: "0g"}]}}]',
    "bad-value",
  ],
  [
    'health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {receive: [{text: "0x00"}]}}]',
    "bad-value",
  ],
  [
    "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, grpc_health_check: {}}]",
    "upstream-protocol",
  ],
  ["http2_protocol_options: {}, health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, grpc_health_check: {}}]"],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http2_protocol_options: {}}}}, health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, grpc_health_check: {}}]"],
  [
    "http2_protocol_options: {}, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}, health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, grpc_health_check: {}}]",
    "upstream-protocol",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, use_downstream_protocol_config: {http2_protocol_options: {}}}}, health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, grpc_health_check: {}}]"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, use_downstream_protocol_config: {}}}, health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, grpc_health_check: {}}]",
    "upstream-protocol",
  ],
  [
    "protocol_selection: USE_DOWNSTREAM_PROTOCOL, health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, grpc_health_check: {}}]",
    "upstream-protocol",
  ],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, custom_health_check: {name: envoy.health_checkers.redis, typed_config: {<extensions.health_checkers.redis.v3.Redis>}}}]"],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, custom_health_check: {name: foo, typed_config: {<extensions.health_checkers.redis.v3.Redis>}}}]"],
  [
    "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, custom_health_check: {name: envoy.health_checkers.thrift, typed_config: {<extensions.health_checkers.thrift.v3.Thrift>, method_name: a}}}]",
    "unsupported",
  ],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, custom_health_check: {name: envoy.health_checkers.thrift, typed_config: {<extensions.health_checkers.thrift.v3.Thrift>, method_name: a, transport: FRAMED, protocol: BINARY}}}]"],
  [
    "health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, custom_health_check: {name: envoy.health_checkers.thrift, typed_config: {<extensions.health_checkers.thrift.v3.Thrift>, method_name: a, transport: FRAMED, protocol: TWITTER}}}]",
    "unsupported",
  ],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, custom_health_check: {name: envoy.health_checkers.thrift, typed_config: {<extensions.health_checkers.thrift.v3.Thrift>, method_name: a, transport: HEADER, protocol: LAX_BINARY}}}]"],
  ["health_checks: [{timeout: 1s, interval: 0.0001s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}]"],
  ["health_checks: [{timeout: 0.0001s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}]"],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}, event_logger: [{name: a, typed_config: {<extensions.health_check.event_sinks.file.v3.HealthCheckEventFileSink>, event_log_path: /tmp/x}}]}]"],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}, event_log_path: /tmp/x}]"],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}, tls_options: {alpn_protocols: [a]}}]"],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}, transport_socket_match_criteria: {a: b}}]"],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {proxy_protocol_config: {version: V2, pass_through_tlvs: {match_type: INCLUDE}}}}]"],
  ["health_checks: [{name: a, timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}},{name: b, timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}]"],
  [
    "health_checks: [{name: a, timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}},{name: a, timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}]",
    "duplicate-name",
  ],
  [
    "health_checks: [{name: a, timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}},{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}}]",
    "missing-field",
  ],
  [
    "health_checks: [{name: a, timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, tcp_health_check: {}},{name: b, timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, grpc_health_check: {}}]",
    "upstream-protocol",
  ],
  ["health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /, expected_statuses: [{start: 100, end: 600}]}}]"],
];

Deno.test("health checks ask for what the cluster speaks", () => {
  assertEquals(misjudged(CASES), []);
});

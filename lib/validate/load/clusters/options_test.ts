import { assertEquals } from "@std/assert";
import { type Case, misjudged } from "./testing.ts";

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  ["circuit_breakers: {thresholds: [{max_connections: 1},{max_connections: 2}]}"],
  ["circuit_breakers: {per_host_thresholds: [{max_pending_requests: 1}]}", "unsupported"],
  ["circuit_breakers: {per_host_thresholds: [{max_connections: 1}]}"],
  ["circuit_breakers: {per_host_thresholds: [{max_connections: 1},{max_requests: 1}]}"],
  ["circuit_breakers: {per_host_thresholds: [{priority: HIGH, retry_budget: {}}]}", "unsupported"],
  ["circuit_breakers: {per_host_thresholds: [{track_remaining: true}]}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}, retry_policy: {retry_on: foo, retry_back_off: {base_interval: 5s, max_interval: 1s}}}}",
    "conflicting-fields",
  ],
  [
    "typed_extension_protocol_options: {foo: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}",
    "wrong-extension",
  ],
  ["typed_extension_protocol_options: {envoy.upstreams.http.http_protocol_options: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}"],
  ["http2_protocol_options: {}, typed_extension_protocol_options: {envoy.upstreams.http.http_protocol_options: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}, health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, grpc_health_check: {}}]"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.filters.http.router.v3.Router>}}",
    "wrong-extension",
  ],
  [
    "typed_extension_protocol_options: {envoy.filters.http.router: {<extensions.filters.http.router.v3.Router>}}",
    "wrong-extension",
  ],
  ["typed_extension_protocol_options: {envoy.filters.network.redis_proxy: {<extensions.filters.network.redis_proxy.v3.RedisProtocolOptions>}}"],
  ["typed_extension_protocol_options: {envoy.filters.network.thrift_proxy: {<extensions.filters.network.thrift_proxy.v3.ThriftProtocolOptions>}}"],
  [
    "typed_extension_protocol_options: {envoy.filters.network.dubbo_proxy: {<extensions.filters.network.dubbo_proxy.v3.DubboProxy>}}",
    "wrong-extension",
  ],
  [
    "typed_extension_protocol_options: {envoy.filters.network.http_connection_manager: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}",
    "wrong-extension",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.reverse_tunnel.v3.ReverseTunnelUpstreamCodecOptions: {<extensions.upstreams.http.reverse_tunnel.v3.ReverseTunnelUpstreamCodecOptions>}}"],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {}}", "missing-type"],
  ["transport_socket_matches: [{name: a, match: {}, transport_socket: {name: raw, typed_config: {<extensions.transport_sockets.raw_buffer.v3.RawBuffer>}}},{name: a, match: {}, transport_socket: {name: raw, typed_config: {<extensions.transport_sockets.raw_buffer.v3.RawBuffer>}}}]"],
  ["transport_socket_matches: [{name: a, match: {}}]", "missing-field"],
  ["transport_socket_matcher: {on_no_match: {action: {name: a, typed_config: {<extensions.matching.common_inputs.transport_socket.v3.TransportSocketNameAction>, name: a}}}}, transport_socket_matches: [{name: a, transport_socket: {name: raw, typed_config: {<extensions.transport_sockets.raw_buffer.v3.RawBuffer>}}}]"],
  [
    "transport_socket_matcher: {on_no_match: {action: {name: a, typed_config: {<extensions.matching.common_inputs.transport_socket.v3.TransportSocketNameAction>, name: a}}}}, transport_socket_matches: [{name: a, transport_socket: {name: raw, typed_config: {<extensions.transport_sockets.raw_buffer.v3.RawBuffer>}}},{name: a, transport_socket: {name: raw, typed_config: {<extensions.transport_sockets.raw_buffer.v3.RawBuffer>}}}]",
    "duplicate-name",
  ],
  ["transport_socket_matcher: {on_no_match: {action: {name: a, typed_config: {<extensions.matching.common_inputs.transport_socket.v3.TransportSocketNameAction>, name: a}}}}"],
  ["transport_socket_matcher: {on_no_match: {action: {name: a, typed_config: {<extensions.matching.common_inputs.transport_socket.v3.TransportSocketNameAction>, name: zz}}}}, transport_socket_matches: [{name: a, transport_socket: {name: raw, typed_config: {<extensions.transport_sockets.raw_buffer.v3.RawBuffer>}}}]"],
  [
    "filters: [{name: foo, typed_config: {<google:protobuf.Empty>}, config_discovery: {config_source: {ads: {}}, type_urls: [type.googleapis.com/google.protobuf.Empty]}}]",
    "conflicting-fields",
  ],
  ["typed_extension_protocol_options: {envoy.filters.http.router: {<google:protobuf.Empty>}}", "wrong-extension"],
  [
    "typed_extension_protocol_options: {envoy.filters.http.thrift_to_metadata: {<google:protobuf.Empty>}}",
    "wrong-extension",
  ],
  ["typed_extension_protocol_options: {envoy.router: {<google:protobuf.Empty>}}", "wrong-extension"],
  ["typed_extension_protocol_options: {envoy.filters.network.redis_proxy: {<google:protobuf.Empty>}}"],
  [
    "typed_extension_protocol_options: {envoy.filters.network.tcp_proxy: {<google:protobuf.Empty>}}",
    "wrong-extension",
  ],
  ["typed_extension_protocol_options: {envoy.filters.network.thrift_proxy: {<google:protobuf.Empty>}}"],
  ["typed_extension_protocol_options: {envoy.redis_proxy: {<google:protobuf.Empty>}}"],
  ["typed_extension_protocol_options: {envoy.tcp_proxy: {<google:protobuf.Empty>}}", "wrong-extension"],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.reverse_tunnel.v3.ReverseTunnelUpstreamCodecOptions: {<google:protobuf.Empty>}}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<google:protobuf.Empty>}}",
    "wrong-extension",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions: {<google:protobuf.Empty>}}"],
  [
    "typed_extension_protocol_options: {envoy.upstreams.http.http_protocol_options: {<google:protobuf.Empty>}}",
    "wrong-extension",
  ],
  ["typed_extension_protocol_options: {envoy.upstreams.tcp.tcp_protocol_options: {<google:protobuf.Empty>}}"],
];

Deno.test("options of a cluster have someone who reads them", () => {
  assertEquals(misjudged(CASES), []);
});

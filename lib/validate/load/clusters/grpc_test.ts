import { assertEquals } from "@std/assert";
import { type Case, misjudged } from "./testing.ts";

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  ["static_resources: {listeners: [{name: l, address: {socket_address: {address: 127.0.0.1, port_value: 0}}, access_log: [{name: a, typed_config: {<extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig>, common_config: {log_name: x, transport_api_version: V3, grpc_service: {envoy_grpc: {cluster_name: b}}}}}], filter_chains: [{filters: [{name: t, typed_config: {<extensions.filters.network.tcp_proxy.v3.TcpProxy>, stat_prefix: x, cluster: b}}]}]}], clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}"],
  ["static_resources: {listeners: [{name: l, address: {socket_address: {address: 127.0.0.1, port_value: 0}}, access_log: [{name: a, typed_config: {<extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig>, common_config: {log_name: x, transport_api_version: V3, grpc_service: {google_grpc: {target_uri: b, stat_prefix: x}}}}}], filter_chains: [{filters: [{name: t, typed_config: {<extensions.filters.network.tcp_proxy.v3.TcpProxy>, stat_prefix: x, cluster: b}}]}]}], clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}"],
  [
    "static_resources: {listeners: [{name: l, address: {socket_address: {address: 127.0.0.1, port_value: 0}}, access_log: [{name: a, typed_config: {<extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig>, common_config: {log_name: x, transport_api_version: V3, grpc_service: {google_grpc: {target_uri: b, stat_prefix: x, credentials_factory_name: foo}}}}}], filter_chains: [{filters: [{name: t, typed_config: {<extensions.filters.network.tcp_proxy.v3.TcpProxy>, stat_prefix: x, cluster: b}}]}]}], clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}",
    "wrong-extension",
  ],
  ["static_resources: {listeners: [{name: l, address: {socket_address: {address: 127.0.0.1, port_value: 0}}, access_log: [{name: a, typed_config: {<extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig>, common_config: {log_name: x, transport_api_version: V3, grpc_service: {envoy_grpc: {cluster_name: b, retry_policy: {retry_back_off: {base_interval: 5s, max_interval: 1s}}}}}}}], filter_chains: [{filters: [{name: t, typed_config: {<extensions.filters.network.tcp_proxy.v3.TcpProxy>, stat_prefix: x, cluster: b}}]}]}], clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}"],
  [
    'static_resources: {listeners: [{name: l, address: {socket_address: {address: 127.0.0.1, port_value: 0}}, access_log: [{name: a, typed_config: {<extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig>, common_config: {log_name: x, transport_api_version: V3, grpc_service: {envoy_grpc: {cluster_name: b}, initial_metadata: [{key: ":a", value: x}]}}}}], filter_chains: [{filters: [{name: t, typed_config: {<extensions.filters.network.tcp_proxy.v3.TcpProxy>, stat_prefix: x, cluster: b}}]}]}], clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}',
    "bad-header",
  ],
  ['static_resources: {listeners: [{name: l, address: {socket_address: {address: 127.0.0.1, port_value: 0}}, access_log: [{name: a, typed_config: {<extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig>, common_config: {log_name: x, transport_api_version: V3, grpc_service: {envoy_grpc: {cluster_name: b}, initial_metadata: [{key: "a b", value: x}]}}}}], filter_chains: [{filters: [{name: t, typed_config: {<extensions.filters.network.tcp_proxy.v3.TcpProxy>, stat_prefix: x, cluster: b}}]}]}], clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}'],
  [
    'static_resources: {listeners: [{name: l, address: {socket_address: {address: 127.0.0.1, port_value: 0}}, access_log: [{name: a, typed_config: {<extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig>, common_config: {log_name: x, transport_api_version: V3, grpc_service: {envoy_grpc: {cluster_name: b}, initial_metadata: [{key: "a", value: "%FOO%"}]}}}}], filter_chains: [{filters: [{name: t, typed_config: {<extensions.filters.network.tcp_proxy.v3.TcpProxy>, stat_prefix: x, cluster: b}}]}]}], clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}',
    "bad-format",
  ],
  [
    'static_resources: {listeners: [{name: l, address: {socket_address: {address: 127.0.0.1, port_value: 0}}, access_log: [{name: a, typed_config: {<extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig>, common_config: {log_name: x, transport_api_version: V3, grpc_service: {envoy_grpc: {cluster_name: b}, initial_metadata: [{key: "host", value: "x"}]}}}}], filter_chains: [{filters: [{name: t, typed_config: {<extensions.filters.network.tcp_proxy.v3.TcpProxy>, stat_prefix: x, cluster: b}}]}]}], clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}',
    "bad-header",
  ],
];

Deno.test("the metadata of gRPC services are headers that can be set", () => {
  assertEquals(misjudged(CASES), []);
});

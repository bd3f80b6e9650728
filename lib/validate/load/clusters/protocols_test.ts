import { assertEquals } from "@std/assert";
import { type Case, misjudged } from "./testing.ts";

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  [
    "cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, dns_cache_config: {name: d}}}",
    "cluster-lb-policy",
  ],
  [
    "lb_policy: CLUSTER_PROVIDED, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}, cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, dns_cache_config: {name: d}}}",
    "missing-field",
  ],
  ["lb_policy: CLUSTER_PROVIDED, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}, cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, allow_insecure_cluster_options: true, dns_cache_config: {name: d}}}"],
  [
    "lb_policy: CLUSTER_PROVIDED, upstream_http_protocol_options: {auto_sni: true}, cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, dns_cache_config: {name: d}}}",
    "missing-field",
  ],
  ["lb_policy: CLUSTER_PROVIDED, upstream_http_protocol_options: {auto_sni: true, auto_san_validation: true}, cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, dns_cache_config: {name: d}}}"],
  ["lb_policy: CLUSTER_PROVIDED, http2_protocol_options: {}, cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, dns_cache_config: {name: d}}}"],
  [
    "lb_policy: CLUSTER_PROVIDED, upstream_http_protocol_options: {auto_sni: true, auto_san_validation: true}, typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}, cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, dns_cache_config: {name: d}}}",
    "missing-field",
  ],
  ["lb_policy: CLUSTER_PROVIDED, cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>}}"],
  ["lb_policy: CLUSTER_PROVIDED, cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, allow_insecure_cluster_options: true}}"],
  [
    "cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, allow_insecure_cluster_options: true}}",
    "cluster-lb-policy",
  ],
  [
    "lb_policy: CLUSTER_PROVIDED, cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, allow_insecure_cluster_options: true, dns_cache_config: {name: d}, sub_clusters_config: {lb_policy: ROUND_ROBIN}}}",
    "oneof-conflict",
  ],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}",
    "upstream-protocol",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: envoy.transport_sockets.tls, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>}}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: raw, typed_config: {<extensions.transport_sockets.raw_buffer.v3.RawBuffer>}}",
    "upstream-protocol",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: envoy.transport_sockets.quic, typed_config: {<extensions.transport_sockets.quic.v3.QuicUpstreamTransport>, upstream_tls_context: {sni: a}}}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: envoy.transport_sockets.tls, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>}}, transport_socket_matches: [{name: a, match: {}, transport_socket: {name: raw, typed_config: {<extensions.transport_sockets.raw_buffer.v3.RawBuffer>}}}]",
    "upstream-protocol",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: envoy.transport_sockets.tls, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>}}, transport_socket_matches: [{name: a, match: {}, transport_socket: {name: envoy.transport_sockets.tls, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>}}}]"],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport>, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>}}}}"],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.tcp_stats.v3.Config>, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>}}}}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.tcp_stats.v3.Config>, transport_socket: {name: raw, typed_config: {<extensions.transport_sockets.raw_buffer.v3.RawBuffer>}}}}",
    "upstream-protocol",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.http_11_proxy.v3.Http11ProxyUpstreamTransport>, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>}}}}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.starttls.v3.UpstreamStartTlsConfig>, tls_socket_config: {}}}",
    "upstream-protocol",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport>, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>}}}}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.alts.v3.Alts>, handshaker_service: x}}",
    "upstream-protocol",
  ],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http3_protocol_options: {}}}}",
    "upstream-protocol",
  ],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http3_protocol_options: {}}}}, transport_socket: {name: envoy.transport_sockets.tls, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>}}",
    "upstream-protocol",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http3_protocol_options: {}}}}, transport_socket: {name: envoy.transport_sockets.quic, typed_config: {<extensions.transport_sockets.quic.v3.QuicUpstreamTransport>, upstream_tls_context: {sni: a}}}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http3_protocol_options: {}}}}, transport_socket: {name: foo, typed_config: {<extensions.transport_sockets.quic.v3.QuicUpstreamTransport>, upstream_tls_context: {sni: a}}}",
    "upstream-protocol",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http3_protocol_options: {}}}}, transport_socket: {name: envoy.transport_sockets.http_11_proxy, typed_config: {<extensions.transport_sockets.http_11_proxy.v3.Http11ProxyUpstreamTransport>, transport_socket: {name: envoy.transport_sockets.quic, typed_config: {<extensions.transport_sockets.quic.v3.QuicUpstreamTransport>, upstream_tls_context: {sni: a}}}}}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, use_downstream_protocol_config: {http3_protocol_options: {}}}}, transport_socket: {name: envoy.transport_sockets.tls, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>}}",
    "upstream-protocol",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, use_downstream_protocol_config: {http3_protocol_options: {}}}}, transport_socket: {name: envoy.transport_sockets.quic, typed_config: {<extensions.transport_sockets.quic.v3.QuicUpstreamTransport>, upstream_tls_context: {sni: a}}}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {http3_protocol_options: {}}}}, transport_socket: {name: envoy.transport_sockets.quic, typed_config: {<extensions.transport_sockets.quic.v3.QuicUpstreamTransport>, upstream_tls_context: {sni: a}}}",
    "missing-field",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {http3_protocol_options: {}, alternate_protocols_cache_options: {name: a}}}}, transport_socket: {name: envoy.transport_sockets.quic, typed_config: {<extensions.transport_sockets.quic.v3.QuicUpstreamTransport>, upstream_tls_context: {sni: a}}}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {http3_protocol_options: {}, alternate_protocols_cache_options: {name: a}}}}, transport_socket: {name: envoy.transport_sockets.tls, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>}}",
    "upstream-protocol",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}, transport_socket: {name: envoy.transport_sockets.quic, typed_config: {<extensions.transport_sockets.quic.v3.QuicUpstreamTransport>, upstream_tls_context: {sni: a}}}"],
  ["transport_socket: {name: envoy.transport_sockets.quic, typed_config: {<extensions.transport_sockets.quic.v3.QuicUpstreamTransport>, upstream_tls_context: {sni: a}}}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}, common_http_protocol_options: {max_requests_per_connection: 1}}}, max_requests_per_connection: 2",
    "conflicting-fields",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}, max_requests_per_connection: 2"],
  [
    "max_requests_per_connection: 2, common_http_protocol_options: {max_requests_per_connection: 1}",
    "conflicting-fields",
  ],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}, http2_protocol_options: {}"],
  ["http_protocol_options: {}, http2_protocol_options: {}", "conflicting-fields"],
  ["protocol_selection: USE_DOWNSTREAM_PROTOCOL, http_protocol_options: {}, http2_protocol_options: {}"],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {}}}}, http_protocol_options: {}, http2_protocol_options: {}"],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {header_key_format: {stateful_formatter: {name: a, typed_config: {<extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig>}}}}}}}"],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {accept_http_10: true}}}}"],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, explicit_http_config: {http_protocol_options: {ignore_http_11_upgrade: [{prefix: a}]}}}}"],
  ["http_protocol_options: null, http2_protocol_options: {}"],
  ["typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<extensions.upstreams.http.v3.HttpProtocolOptions>, auto_config: {}}}, transport_socket: {name: t, typed_config: {<xds:type.v3.TypedStruct>, type_url: type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, value: {}}}"],
  [
    "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {<xds:type.v3.TypedStruct>, type_url: type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, value: {explicit_http_config: {http_protocol_options: {}}}}}, health_checks: [{timeout: 1s, interval: 1s, unhealthy_threshold: 1, healthy_threshold: 1, grpc_health_check: {}}]",
    "upstream-protocol",
  ],
];

Deno.test("protocols go with the transport socket", () => {
  assertEquals(misjudged(CASES), []);
});

import { assertEquals } from "@std/assert";
import { type Case, misjudged } from "./testing.ts";

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}"],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, }}",
    "missing-field",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, cluster_names: [b]}}",
    "conflicting-fields",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, cluster_names: [b], grpc_services: [{envoy_grpc: {cluster_name: b}}]}}",
    "conflicting-fields",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}, {envoy_grpc: {cluster_name: b}}]}}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}, {envoy_grpc: {cluster_name: b}}, {envoy_grpc: {cluster_name: b}}]}}",
    "unsupported",
  ],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}"],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: REST, transport_api_version: V3, refresh_delay: 1s, cluster_names: [b]}}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: REST, transport_api_version: V3, cluster_names: [b]}}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: REST, refresh_delay: 1s, transport_api_version: V3, }}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: REST, refresh_delay: 1s, transport_api_version: V3, cluster_names: [b, b]}}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: REST, refresh_delay: 1s, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: AGGREGATED_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: AGGREGATED_DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: REST, refresh_delay: 1s, transport_api_version: V3, cluster_names: [zz]}}",
    "unsupported",
  ],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{google_grpc: {target_uri: a, stat_prefix: b}}]}}"],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, rate_limit_settings: {fill_rate: .nan}, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}",
    "bad-number",
  ],
  [
    'static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, rate_limit_settings: {fill_rate: "NaN"}, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}',
    "bad-value",
  ],
  [
    'static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, rate_limit_settings: {fill_rate: "Infinity"}, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}',
    "bad-value",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b, retry_policy: {retry_back_off: {base_interval: 5s, max_interval: 1s}}}}]}}",
    "conflicting-fields",
  ],
  [
    'static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}, initial_metadata: [{key: ":a", value: b}]}]}}',
    "bad-header",
  ],
  [
    'static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}, initial_metadata: [{key: "a", value: "%FOO%"}]}]}}',
    "bad-format",
  ],
  ['static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}, initial_metadata: [{key: "a b", value: "x"}]}]}}'],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, config_validators: [{name: a, typed_config: {<extensions.config.validators.minimum_clusters.v3.MinimumClustersValidator>}}], grpc_services: [{envoy_grpc: {cluster_name: b}}]}}"],
  ['static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b, authority: "a b"}}]}}'],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}"],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, }}}",
    "missing-field",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, cluster_names: [b]}}}",
    "conflicting-fields",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, cluster_names: [b], grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}",
    "conflicting-fields",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}, {envoy_grpc: {cluster_name: b}}]}}}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}, {envoy_grpc: {cluster_name: b}}, {envoy_grpc: {cluster_name: b}}]}}}",
    "unsupported",
  ],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: REST, transport_api_version: V3, refresh_delay: 1s, cluster_names: [b]}}}"],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: REST, transport_api_version: V3, cluster_names: [b]}}}",
    "missing-field",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: REST, refresh_delay: 1s, transport_api_version: V3, }}}",
    "missing-field",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: REST, refresh_delay: 1s, transport_api_version: V3, cluster_names: [b, b]}}}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: REST, refresh_delay: 1s, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}",
    "conflicting-fields",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: AGGREGATED_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: AGGREGATED_DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}",
    "unsupported",
  ],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: zz}}]}}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{google_grpc: {target_uri: a, stat_prefix: b}}]}}}"],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, rate_limit_settings: {fill_rate: .nan}, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}",
    "bad-number",
  ],
  [
    'static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, rate_limit_settings: {fill_rate: "NaN"}, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}',
    "bad-value",
  ],
  [
    'static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, rate_limit_settings: {fill_rate: "Infinity"}, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}',
    "bad-value",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b, retry_policy: {retry_back_off: {base_interval: 5s, max_interval: 1s}}}}]}}}",
    "conflicting-fields",
  ],
  [
    'static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}, initial_metadata: [{key: ":a", value: b}]}]}}}',
    "bad-header",
  ],
  [
    'static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}, initial_metadata: [{key: "a", value: "%FOO%"}]}]}}}',
    "bad-format",
  ],
  ['static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}, initial_metadata: [{key: "a b", value: "x"}]}]}}}'],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, config_validators: [{name: a, typed_config: {<extensions.config.validators.minimum_clusters.v3.MinimumClustersValidator>}}], grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}"],
  ['static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b, authority: "a b"}}]}}}'],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {lds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, }}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {lds_config: {api_config_source: {api_type: REST, refresh_delay: 1s, transport_api_version: V3, }}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {lds_config: {api_config_source: {api_type: AGGREGATED_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {lds_config: {api_config_source: {api_type: AGGREGATED_DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}}]}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}}]}"],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, }}}}]}",
    "missing-field",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, cluster_names: [b]}}}}]}",
    "conflicting-fields",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, cluster_names: [b], grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}}]}",
    "conflicting-fields",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}, {envoy_grpc: {cluster_name: b}}]}}}}]}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}, {envoy_grpc: {cluster_name: b}}, {envoy_grpc: {cluster_name: b}}]}}}}]}",
    "unsupported",
  ],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}}]}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: REST, transport_api_version: V3, refresh_delay: 1s, cluster_names: [b]}}}}]}"],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: REST, transport_api_version: V3, cluster_names: [b]}}}}]}",
    "missing-field",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: REST, refresh_delay: 1s, transport_api_version: V3, }}}}]}",
    "missing-field",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: REST, refresh_delay: 1s, transport_api_version: V3, cluster_names: [b, b]}}}}]}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: REST, refresh_delay: 1s, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}}]}",
    "conflicting-fields",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: AGGREGATED_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}}]}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: AGGREGATED_DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}}]}",
    "unsupported",
  ],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: zz}}]}}}}]}"],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, rate_limit_settings: {fill_rate: .nan}, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}}]}",
    "bad-number",
  ],
  [
    'static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, rate_limit_settings: {fill_rate: "NaN"}, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}}]}',
    "bad-value",
  ],
  [
    'static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, rate_limit_settings: {fill_rate: "Infinity"}, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}}]}',
    "bad-value",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, type: EDS, eds_cluster_config: {eds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b, retry_policy: {retry_back_off: {base_interval: 5s, max_interval: 1s}}}}]}}}}]}",
    "conflicting-fields",
  ],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {ads: {}}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {path: /etc/hostname}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {path_config_source: {path: /etc/hostname, watched_directory: {path: /etc}}}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, grpc_services: [{envoy_grpc: {cluster_name: b}}]}, cds_config: {ads: {}, resource_api_version: V2}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {ads_config: {api_type: GRPC, grpc_services: [{envoy_grpc: {cluster_name: b}}]}, cds_config: {ads: {}}}"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {path: /etc/hostname, resource_api_version: V2}}"],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, dynamic_resources: {cds_config: {ads: {}, initial_fetch_timeout: 9300000000s}}",
    "bad-duration",
  ],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, config_sources: [{api_config_source: {api_type: AGGREGATED_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}, authorities: [{name: a}]}]"],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, config_sources: [{api_config_source: {api_type: AGGREGATED_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}]",
    "missing-field",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, config_sources: [{api_config_source: {api_type: AGGREGATED_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}, authorities: [{name: a},{name: a}]}]",
    "duplicate-name",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, config_sources: [{api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}, authorities: [{name: a}]}]",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, config_sources: [{ads: {}, authorities: [{name: a}]}]",
    "unsupported",
  ],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, config_sources: [{api_config_source: {api_type: AGGREGATED_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}, authorities: [{name: a}]},{api_config_source: {api_type: AGGREGATED_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}, authorities: [{name: a}]}]"],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, default_config_source: {api_config_source: {api_type: AGGREGATED_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}"],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, default_config_source: {ads: {}}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, default_config_source: {api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>, common_tls_context: {tls_certificate_sds_secret_configs: [{name: a, sds_config: {api_config_source: {api_type: GRPC, transport_api_version: V3, }}}]}}}}]}",
    "missing-field",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>, common_tls_context: {tls_certificate_sds_secret_configs: [{name: a, sds_config: {api_config_source: {api_type: AGGREGATED_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: b}}]}}}]}}}}]}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}, {name: c, transport_socket: {name: t, typed_config: {<extensions.transport_sockets.tls.v3.UpstreamTlsContext>, common_tls_context: {tls_certificate_sds_secret_configs: [{name: a, sds_config: {api_config_source: {api_type: AGGREGATED_GRPC, transport_api_version: V3, }}}]}}}}]}",
    "unsupported",
  ],
  [
    "static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, layered_runtime: {layers: [{name: a, rtds_layer: {name: a, rtds_config: {api_config_source: {api_type: REST, transport_api_version: V3, cluster_names: [b]}}}}]}",
    "missing-field",
  ],
  ["static_resources: {clusters: [{name: b, load_assignment: {cluster_name: b, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}}]}]}}]}, layered_runtime: {layers: [{name: a, rtds_layer: {name: a, rtds_config: {api_config_source: {api_type: REST, refresh_delay: 1s, transport_api_version: V3, cluster_names: [b]}}}}]}"],
  [
    "static_resources: {clusters: [{name: b}]}, stats_sinks: [{name: m, typed_config: {<config.metrics.v3.MetricsServiceConfig>, transport_api_version: V3, grpc_service: {google_grpc: {target_uri: a, stat_prefix: b, credentials_factory_name: foo}}}}]",
    "wrong-extension",
  ],
  [
    "dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{google_grpc: {target_uri: a, stat_prefix: b, credentials_factory_name: foo}}]}}",
    "wrong-extension",
  ],
  [
    'dynamic_resources: {ads_config: {rate_limit_settings: {fill_rate: "-Infinity"}, api_type: GRPC, transport_api_version: V3, grpc_services: [{google_grpc: {target_uri: a, stat_prefix: b}}]}}',
    "bad-value",
  ],
  [
    "static_resources: {clusters: [{name: c}]}, dynamic_resources: {cds_config: {resource_api_version: V3, api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: c}}], config_validators: [{name: x, typed_config: {<config.core.v3.Node>}}]}}}",
    "wrong-extension",
  ],
  ["static_resources: {clusters: [{name: c}]}, dynamic_resources: {lds_config: {resource_api_version: V3, api_config_source: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: c}}], config_validators: [{name: x, typed_config: {<config.core.v3.Node>}}]}}}"],
  [
    "static_resources: {clusters: [{name: c}]}, dynamic_resources: {ads_config: {api_type: GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: c}}], config_validators: [{name: x, typed_config: {<config.core.v3.Node>}}]}}",
    "wrong-extension",
  ],
  ["static_resources: {clusters: [{name: c}]}, dynamic_resources: {cds_resources_locator: x}", "bad-value"],
];

Deno.test("sources name what their type needs", () => {
  assertEquals(misjudged(CASES), []);
});

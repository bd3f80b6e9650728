import { assertEquals } from "@std/assert";
import { type Case, misjudged } from "./testing.ts";

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  [
    "type: ORIGINAL_DST, load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided>}}}]}",
    "cluster-lb-policy",
  ],
  [
    "type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED, load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}",
    "cluster-lb-policy",
  ],
  [
    "type: ORIGINAL_DST, lb_policy: LOAD_BALANCING_POLICY_CONFIG, load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided>}}}]}",
    "cluster-lb-policy",
  ],
  ["type: STRICT_DNS, lb_policy: CLUSTER_PROVIDED", "cluster-lb-policy"],
  ["type: EDS, lb_policy: CLUSTER_PROVIDED, eds_cluster_config: {eds_config: {ads: {}}}", "cluster-lb-policy"],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided>}}}]}",
    "cluster-lb-policy",
  ],
  ["lb_policy: LOAD_BALANCING_POLICY_CONFIG", "missing-field"],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.filters.http.router.v3.Router>}}},{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.random.v3.Random>}}}]}"],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<xds:type.v3.TypedStruct>, type_url: type.googleapis.com/envoy.extensions.load_balancing_policies.random.v3.Random}}}]}"],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<xds:type.v3.TypedStruct>, type_url: foo.Bar}}},{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.random.v3.Random>}}}]}"],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.wrr_locality.v3.WrrLocality>, endpoint_picking_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.client_side_weighted_round_robin.v3.ClientSideWeightedRoundRobin>}}}]}}}}]}"],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.wrr_locality.v3.WrrLocality>, endpoint_picking_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}}}}]}",
    "unsupported",
  ],
  [
    "lb_subset_config: {}, load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.random.v3.Random>}}}]}",
    "conflicting-fields",
  ],
  [
    "common_lb_config: {zone_aware_lb_config: {}}, load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.random.v3.Random>}}}]}",
    "conflicting-fields",
  ],
  ["common_lb_config: {healthy_panic_threshold: {value: 0}}, load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.random.v3.Random>}}}]}"],
  ["ring_hash_lb_config: {}, lb_policy: RING_HASH, load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.random.v3.Random>}}}]}"],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.subset.v3.Subset>, subset_lb_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}}}}]}"],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.subset.v3.Subset>, subset_selectors: [{keys: [a], fallback_keys_subset: [a]}], subset_lb_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}}}}]}",
    "conflicting-fields",
  ],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.subset.v3.Subset>, subset_selectors: [{keys: [a]}], subset_lb_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided>}}}]}}}}]}"],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.subset.v3.Subset>, subset_selectors: [{keys: [a]}], subset_lb_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.maglev.v3.Maglev>, table_size: 100}}}]}}}}]}"],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.override_host.v3.OverrideHost>, override_host_sources: [{header: x}], fallback_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}}}}]}"],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.override_host.v3.OverrideHost>, override_host_sources: [{}], fallback_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}}}}]}",
    "missing-field",
  ],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.override_host.v3.OverrideHost>, override_host_sources: [{header: x, metadata: {key: a, path: [{key: b}]}}], fallback_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}}}}]}",
    "conflicting-fields",
  ],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.override_host.v3.OverrideHost>, override_host_sources: [{header: x}], fallback_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.maglev.v3.Maglev>, table_size: 100}}}]}}}}]}",
    "bad-value",
  ],
  [
    "type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED, lb_subset_config: {subset_selectors: [{keys: [a]}]}",
    "conflicting-fields",
  ],
  ["type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED, lb_subset_config: {fallback_policy: ANY_ENDPOINT}"],
  ["lb_subset_config: {locality_weight_aware: true}", "missing-field"],
  ["common_lb_config: {locality_weighted_lb_config: {}}, lb_subset_config: {locality_weight_aware: true, subset_selectors: [{keys: [a]}]}"],
  ["lb_policy: LOAD_BALANCING_POLICY_CONFIG, lb_subset_config: {subset_selectors: [{keys: [a]}]}", "missing-field"],
  ["lb_policy: RING_HASH, least_request_lb_config: {choice_count: 2}"],
  [
    "lb_policy: RING_HASH, common_lb_config: {consistent_hashing_lb_config: {use_hostname_for_hashing: true}}",
    "unsupported",
  ],
  ["common_lb_config: {consistent_hashing_lb_config: {use_hostname_for_hashing: true}}", "unsupported"],
  ["type: STRICT_DNS, lb_policy: RING_HASH, common_lb_config: {consistent_hashing_lb_config: {use_hostname_for_hashing: true}}"],
  [
    "type: LOGICAL_DNS, lb_policy: RING_HASH, common_lb_config: {consistent_hashing_lb_config: {use_hostname_for_hashing: true}}, load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: foo.com, port_value: 80}}}}]}]}",
    "unsupported",
  ],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.ring_hash.v3.RingHash>, use_hostname_for_hashing: true}}}]}"],
  [
    "common_lb_config: {consistent_hashing_lb_config: {use_hostname_for_hashing: true}}, cluster_type: {name: envoy.cluster.dns, typed_config: {<extensions.clusters.dns.v3.DnsCluster>}}",
    "unsupported",
  ],
  [
    "cluster_type: {name: foo, typed_config: {<extensions.clusters.aggregate.v3.ClusterConfig>, clusters: [a]}}",
    "cluster-lb-policy",
  ],
  ["cluster_type: {name: foo, typed_config: {<extensions.clusters.aggregate.v3.ClusterConfig>, clusters: [a]}}, load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.cluster_provided.v3.ClusterProvided>}}}]}"],
  [
    "lb_policy: CLUSTER_PROVIDED, cluster_type: {name: envoy.clusters.dynamic_forward_proxy, typed_config: {<extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig>, allow_insecure_cluster_options: true, sub_clusters_config: {lb_policy: CLUSTER_PROVIDED}}}",
    "cluster-lb-policy",
  ],
  [
    "lb_policy: CLUSTER_PROVIDED, cluster_type: {name: envoy.cluster.dns, typed_config: {<extensions.clusters.dns.v3.DnsCluster>}}",
    "cluster-lb-policy",
  ],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.load_aware_locality.v3.LoadAwareLocality>, endpoint_picking_policy: {policies: [{typed_extension_config: {name: r, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}}}}]}"],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.load_aware_locality.v3.LoadAwareLocality>, endpoint_picking_policy: {policies: [{typed_extension_config: {name: r, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}, weight_update_period: 0.1s}}}]}"],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.load_aware_locality.v3.LoadAwareLocality>, endpoint_picking_policy: {policies: [{typed_extension_config: {name: r, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}, weight_update_period: 0.099s}}}]}",
    "bad-value",
  ],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.load_aware_locality.v3.LoadAwareLocality>, endpoint_picking_policy: {policies: [{typed_extension_config: {name: r, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}, utilization_variance_threshold: 1}}}]}"],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.load_aware_locality.v3.LoadAwareLocality>, endpoint_picking_policy: {policies: [{typed_extension_config: {name: r, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}, utilization_variance_threshold: 1.1}}}]}",
    "bad-value",
  ],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.load_aware_locality.v3.LoadAwareLocality>, endpoint_picking_policy: {policies: [{typed_extension_config: {name: r, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}, smoothing_time_constant: 0s}}}]}",
    "bad-value",
  ],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.load_aware_locality.v3.LoadAwareLocality>, endpoint_picking_policy: {policies: [{typed_extension_config: {name: r, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}, remote_probe_fraction: 0}}}]}"],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.load_aware_locality.v3.LoadAwareLocality>, endpoint_picking_policy: {policies: [{typed_extension_config: {name: r, typed_config: {<extensions.load_balancing_policies.round_robin.v3.RoundRobin>}}}]}, remote_probe_fraction: 1}}}]}",
    "bad-value",
  ],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.load_aware_locality.v3.LoadAwareLocality>, weight_update_period: 1s}}}]}",
    "missing-field",
  ],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.wrr_locality.v3.WrrLocality>}}}]}",
    "missing-field",
  ],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.maglev.v3.Maglev>, table_size: 4294967295}}}]}",
    "bad-value",
  ],
];

Deno.test("a cluster has a load balancing policy that fits it", () => {
  assertEquals(misjudged(CASES), []);
});

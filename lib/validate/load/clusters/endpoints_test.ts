import { assertEquals } from "@std/assert";
import { type Case, misjudged } from "./testing.ts";

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  ["type: STATIC"],
  [
    "type: STATIC, load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: example.com, port_value: 80}}}}]}]}",
    "bad-address",
  ],
  [
    "load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: localhost, port_value: 80}}}}]}]}",
    "bad-address",
  ],
  ['load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: "::1", port_value: 80}}}}]}]}'],
  [
    'load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: "[::1]", port_value: 80}}}}]}]}',
    "bad-address",
  ],
  [
    'load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: "1.2.3.4:80", port_value: 80}}}}]}]}',
    "bad-address",
  ],
  ['load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: "fe80::1%1", port_value: 80}}}}]}]}'],
  [
    'load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: "127.0.0.01", port_value: 80}}}}]}]}',
    "bad-address",
  ],
  [
    'load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: "127.1", port_value: 80}}}}]}]}',
    "bad-address",
  ],
  [
    'load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: "127.0.0.1", named_port: http}}}}]}]}',
    "bad-port",
  ],
  [
    'load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: "127.0.0.1", port_value: 1, resolver_name: nope}}}}]}]}',
    "wrong-extension",
  ],
  ['load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: "127.0.0.1", port_value: 1, resolver_name: envoy.ip}}}}]}]}'],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: /tmp/x}}}}]}]}"],
  [
    "load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: /tmp/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}}}}]}]}",
    "bad-address",
  ],
  ['load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: "@foo"}}}}]}]}'],
  [
    'load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: "@foo", mode: 511}}}}]}]}',
    "conflicting-fields",
  ],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {}}]}]}", "missing-field"],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {hostname: a}}]}]}", "missing-field"],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint_name: a}]}]}", "missing-field"],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{}]}]}", "missing-field"],
  ["load_assignment: {cluster_name: x, endpoints: []}"],
  ["load_assignment: {cluster_name: x, endpoints: [{}]}"],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {envoy_internal_address: {server_listener_name: a}}}}]}]}"],
  [
    "load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {health_check_config: {port_value: 1}, address: {envoy_internal_address: {server_listener_name: a}}}}]}]}",
    "conflicting-fields",
  ],
  [
    "load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {health_check_config: {port_value: 1}, address: {pipe: {path: /tmp/x}}}}]}]}",
    "conflicting-fields",
  ],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {health_check_config: {address: {pipe: {path: /tmp/y}}}, address: {socket_address: {address: 1.2.3.4, port_value: 1}}}}]}]}"],
  [
    "load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {health_check_config: {address: {socket_address: {address: foo.bar, port_value: 2}}}, address: {socket_address: {address: 1.2.3.4, port_value: 1}}}}]}]}",
    "bad-address",
  ],
  [
    "load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 1, network_namespace_filepath: /var/run/x}}}}]}]}",
    "unsupported",
  ],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {additional_addresses: [{address: {socket_address: {address: 1.2.3.5, port_value: 1, network_namespace_filepath: /var/run/x}}}], address: {socket_address: {address: 1.2.3.4, port_value: 1}}}}]}]}"],
  ['load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {additional_addresses: [{address: {socket_address: {address: "::1", port_value: 1}}}], address: {socket_address: {address: 1.2.3.4, port_value: 1}}}}]}]}'],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {additional_addresses: [{address: {pipe: {path: /tmp/x}}}], address: {socket_address: {address: 1.2.3.4, port_value: 1}}}}]}]}"],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {additional_addresses: [{address: {socket_address: {address: 1.2.3.4, port_value: 1}}}], address: {pipe: {path: /tmp/x}}}}]}]}"],
  [
    "load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {additional_addresses: [{address: {socket_address: {address: foo.com, port_value: 1}}}], address: {socket_address: {address: 1.2.3.4, port_value: 1}}}}]}]}",
    "bad-address",
  ],
  [
    "load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {additional_addresses: [{}], address: {socket_address: {address: 1.2.3.4, port_value: 1}}}}]}]}",
    "missing-field",
  ],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {additional_addresses: [{address: {envoy_internal_address: {server_listener_name: a}}}], address: {socket_address: {address: 1.2.3.4, port_value: 1}}}}]}]}"],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 0}}}}]}]}"],
  ["load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {protocol: UDP, address: 1.2.3.4, port_value: 0}}}}]}]}"],
  [
    "load_assignment: {cluster_name: x, endpoints: [{leds_cluster_locality_config: {leds_config: {ads: {}}, leds_collection_name: x}}]}",
    "unsupported",
  ],
  [
    "load_assignment: {cluster_name: x, endpoints: [{leds_cluster_locality_config: {leds_config: {ads: {}}, leds_collection_name: x}, lb_endpoints: [{endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 0}}}}]}]}",
    "unsupported",
  ],
  ["load_assignment: {cluster_name: x, endpoints: [{load_balancer_endpoints: {lb_endpoints: [{endpoint: {address: {socket_address: {address: foo.com, port_value: 80}}}}]}}]}"],
  ["load_assignment: {cluster_name: x, endpoints: [{priority: 3, lb_endpoints: [{endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 80}}}}]}]}"],
  ["load_assignment: {cluster_name: x, endpoints: [{locality: {zone: a}, lb_endpoints: [{endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 80}}}}]},{locality: {zone: a}, lb_endpoints: [{endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 80}}}}]}]}"],
  ["load_assignment: {cluster_name: x, endpoints: [{locality: {zone: a}, lb_endpoints: [{load_balancing_weight: 4294967295, endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 80}}}},{load_balancing_weight: 4294967295, endpoint: {address: {socket_address: {address: 1.2.3.5, port_value: 80}}}}]}]}"],
  [
    "lb_policy: RING_HASH, load_assignment: {cluster_name: x, endpoints: [{locality: {zone: a}, lb_endpoints: [{load_balancing_weight: 4294967295, endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 80}}}},{load_balancing_weight: 4294967295, endpoint: {address: {socket_address: {address: 1.2.3.5, port_value: 80}}}}]}]}",
    "weight-overflow",
  ],
  [
    "lb_policy: MAGLEV, load_assignment: {cluster_name: x, endpoints: [{locality: {zone: a}, lb_endpoints: [{load_balancing_weight: 4294967295, endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 80}}}}]},{locality: {zone: b}, lb_endpoints: [{load_balancing_weight: 4294967295, endpoint: {address: {socket_address: {address: 1.2.3.5, port_value: 80}}}}]}]}",
    "weight-overflow",
  ],
  [
    "lb_policy: RING_HASH, load_assignment: {cluster_name: x, endpoints: [{locality: {zone: a}, load_balancing_weight: 4294967295, lb_endpoints: [{endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 80}}}}]},{locality: {zone: b}, load_balancing_weight: 4294967295, lb_endpoints: [{endpoint: {address: {socket_address: {address: 1.2.3.5, port_value: 80}}}}]}]}",
    "weight-overflow",
  ],
  [
    "load_assignment: {cluster_name: x, policy: {drop_overloads: [{category: a, drop_percentage: {numerator: 1}},{category: b, drop_percentage: {numerator: 1}}]}}",
    "unsupported",
  ],
  [
    "load_assignment: {cluster_name: x, policy: {drop_overloads: [{category: a, drop_percentage: {numerator: 101}}]}}",
    "bad-value",
  ],
  ["load_assignment: {cluster_name: x, policy: {drop_overloads: [{category: a, drop_percentage: {numerator: 100}}]}}"],
  ["load_assignment: {cluster_name: x, policy: {drop_overloads: [{category: a, drop_percentage: {numerator: 2000, denominator: TEN_THOUSAND}}]}}"],
  ["load_assignment: {cluster_name: x, policy: {drop_overloads: [{category: a}]}}"],
  [
    "type: EDS, eds_cluster_config: {eds_config: {ads: {}}}, load_assignment: {cluster_name: x, policy: {drop_overloads: [{category: a, drop_percentage: {numerator: 101}}]}}",
    "bad-value",
  ],
  [
    "cluster_type: {name: envoy.cluster.static}, load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: foo.com, port_value: 80}}}}]}]}",
    "bad-address",
  ],
  [
    "lb_policy: RING_HASH, lb_subset_config: {subset_selectors: [{keys: [a]}]}, load_assignment: {cluster_name: x, endpoints: [{locality: {zone: a}, lb_endpoints: [{load_balancing_weight: 4294967295, endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 80}}}},{load_balancing_weight: 4294967295, endpoint: {address: {socket_address: {address: 1.2.3.5, port_value: 80}}}}]}]}",
    "weight-overflow",
  ],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.ring_hash.v3.RingHash>}}}]}, load_assignment: {cluster_name: x, endpoints: [{locality: {zone: a}, lb_endpoints: [{load_balancing_weight: 4294967295, endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 80}}}},{load_balancing_weight: 4294967295, endpoint: {address: {socket_address: {address: 1.2.3.5, port_value: 80}}}}]}]}",
    "weight-overflow",
  ],
  ["lb_policy: RING_HASH, load_assignment: {cluster_name: x, endpoints: [{priority: 0, lb_endpoints: [{load_balancing_weight: 4294967295, endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 80}}}}]},{priority: 1, lb_endpoints: [{load_balancing_weight: 4294967295, endpoint: {address: {socket_address: {address: 1.2.3.5, port_value: 80}}}}]}]}"],
  ["lb_policy: RING_HASH, load_assignment: {cluster_name: x, endpoints: [{locality: {zone: a}, load_balancing_weight: 4294967295, lb_endpoints: [{endpoint: {address: {socket_address: {address: 1.2.3.4, port_value: 80}}}}]},{locality: {zone: a}, load_balancing_weight: 4294967295, lb_endpoints: [{endpoint: {address: {socket_address: {address: 1.2.3.5, port_value: 80}}}}]}]}"],
  [
    "type: STATIC, loadAssignment: {clusterName: x, endpoints: [{lbEndpoints: [{endpoint: {address: {socketAddress: {address: foo, portValue: 1}}}}]}]}",
    "bad-address",
  ],
  ["type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED, load_assignment: null"],
  ['load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: "fe80::1%lo", port_value: 80}}}}]}]}'],
  ['load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: "0.0.0.0", port_value: 80}}}}]}]}'],
  [
    'load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: "127.0.0.1 ", port_value: 80}}}}]}]}',
    "bad-address",
  ],
];

Deno.test("endpoints have addresses that need no DNS, and weights and drops that add up", () => {
  assertEquals(misjudged(CASES), []);
});

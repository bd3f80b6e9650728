import { assertEquals } from "@std/assert";
import { type Case, misjudged } from "./testing.ts";

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  ["lb_policy: RING_HASH, ring_hash_lb_config: {minimum_ring_size: 10, maximum_ring_size: 5}", "conflicting-fields"],
  ["lb_policy: RING_HASH, ring_hash_lb_config: {maximum_ring_size: 5}", "conflicting-fields"],
  ["ring_hash_lb_config: {minimum_ring_size: 10, maximum_ring_size: 5}"],
  ["lb_policy: RING_HASH, ring_hash_lb_config: {minimum_ring_size: 8388609}", "conflicting-fields"],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.ring_hash.v3.RingHash>, minimum_ring_size: 10, maximum_ring_size: 5}}}]}",
    "conflicting-fields",
  ],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.ring_hash.v3.RingHash>, maximum_ring_size: 5}}}]}",
    "conflicting-fields",
  ],
  ["lb_policy: MAGLEV, maglev_lb_config: {table_size: 100}", "bad-value"],
  ["lb_policy: MAGLEV, maglev_lb_config: {table_size: 101}"],
  ["lb_policy: MAGLEV, maglev_lb_config: {table_size: 0}", "bad-value"],
  ["lb_policy: MAGLEV, maglev_lb_config: {table_size: 1}"],
  ["lb_policy: MAGLEV, maglev_lb_config: {table_size: 2}"],
  ["maglev_lb_config: {table_size: 100}"],
  [
    "load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.maglev.v3.Maglev>, table_size: 100}}}]}",
    "bad-value",
  ],
  ["load_balancing_policy: {policies: [{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.random.v3.Random>}}},{typed_extension_config: {name: a, typed_config: {<extensions.load_balancing_policies.maglev.v3.Maglev>, table_size: 100}}}]}"],
  ["lb_policy: MAGLEV, maglev_lb_config: {table_size: 9}", "bad-value"],
  ["lb_policy: MAGLEV, maglev_lb_config: {table_size: 4}", "bad-value"],
  ["lb_policy: MAGLEV, maglev_lb_config: {table_size: 3}"],
  ["lb_policy: MAGLEV, maglev_lb_config: {table_size: 25}", "bad-value"],
  ["lb_policy: MAGLEV, maglev_lb_config: {table_size: 65537}"],
  ["lb_policy: MAGLEV, maglev_lb_config: {table_size: 5000011}"],
];

Deno.test("tables of hashing policies have sizes that fit", () => {
  assertEquals(misjudged(CASES), []);
});

import { assertEquals } from "@std/assert";
import { type Case, misjudged } from "./testing.ts";

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  ["lb_subset_config: {subset_selectors: [{keys: [a, b], fallback_policy: KEYS_SUBSET, fallback_keys_subset: [a]}]}"],
  ["lb_subset_config: {subset_selectors: [{keys: [a, b], fallback_keys_subset: [a]}]}", "conflicting-fields"],
  ["lb_subset_config: {subset_selectors: [{keys: [a, b], fallback_policy: KEYS_SUBSET}]}", "missing-field"],
  [
    "lb_subset_config: {subset_selectors: [{keys: [a, b], fallback_policy: KEYS_SUBSET, fallback_keys_subset: [c]}]}",
    "bad-value",
  ],
  [
    "lb_subset_config: {subset_selectors: [{keys: [a, b], fallback_policy: KEYS_SUBSET, fallback_keys_subset: [a, b]}]}",
    "bad-value",
  ],
  [
    "lb_subset_config: {subset_selectors: [{keys: [a, a], fallback_policy: KEYS_SUBSET, fallback_keys_subset: [a]}]}",
    "bad-value",
  ],
  ["lb_subset_config: {subset_selectors: [{fallback_keys_subset: [a]}]}"],
  ["lb_subset_config: {subset_selectors: [{keys: [a]}, {keys: [a]}]}"],
  ["lb_subset_config: {subset_selectors: [{keys: [a, b], single_host_per_subset: true}]}"],
  ["lb_subset_config: {fallback_policy: DEFAULT_SUBSET, subset_selectors: [{keys: [a]}]}"],
  ["lb_policy: RING_HASH, ring_hash_lb_config: {minimum_ring_size: 10, maximum_ring_size: 5}, lb_subset_config: {subset_selectors: [{keys: [a]}]}"],
  ["lb_policy: MAGLEV, maglev_lb_config: {table_size: 100}, lb_subset_config: {subset_selectors: [{keys: [a]}]}"],
];

Deno.test("a subset falls back to fewer keys", () => {
  assertEquals(misjudged(CASES), []);
});

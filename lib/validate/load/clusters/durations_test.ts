import { assertEquals } from "@std/assert";
import { type Case, misjudged } from "./testing.ts";

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  ["outlier_detection: {base_ejection_time: 30s, max_ejection_time: 10s}", "conflicting-fields"],
  ["outlier_detection: {max_ejection_time: 10s}", "conflicting-fields"],
  ["outlier_detection: {base_ejection_time: 400s}"],
  ["outlier_detection: {base_ejection_time: 300s}"],
  ["outlier_detection: {}"],
  ["outlier_detection: {monitors: [{name: a, typed_config: {<extensions.filters.http.router.v3.Router>}}]}"],
  ["outlier_detection: {base_ejection_time: 10s, max_ejection_time: 10s}"],
  ["outlier_detection: {base_ejection_time: 10.0005s, max_ejection_time: 10s}"],
  ["outlier_detection: {base_ejection_time: 10.0009s, max_ejection_time: 10s}"],
];

Deno.test("the longest ejection is not shorter than the shortest", () => {
  assertEquals(misjudged(CASES), []);
});

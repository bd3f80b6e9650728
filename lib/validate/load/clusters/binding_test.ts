import { assertEquals } from "@std/assert";
import { type Case, misjudged } from "./testing.ts";

/** As Envoy 1.40 answers them. */
const CASES: readonly Case[] = [
  ["upstream_bind_config: {source_address: {address: 1.2.3.4, port_value: 0}}"],
  ["upstream_bind_config: {source_address: {address: foo.com, port_value: 0}}", "bad-address"],
  ["upstream_bind_config: {}"],
  ["upstream_bind_config: {extra_source_addresses: [{address: {address: 1.2.3.4, port_value: 0}}]}", "missing-field"],
  ['upstream_bind_config: {source_address: {address: 1.2.3.4, port_value: 0}, extra_source_addresses: [{address: {address: "::1", port_value: 0}}]}'],
  [
    "upstream_bind_config: {source_address: {address: 1.2.3.4, port_value: 0}, extra_source_addresses: [{address: {address: 1.2.3.4, port_value: 0}}]}",
    "unsupported",
  ],
  [
    'upstream_bind_config: {source_address: {address: 1.2.3.4, port_value: 0}, extra_source_addresses: [{address: {address: "::1", port_value: 0}},{address: {address: "::1", port_value: 0}}]}',
    "unsupported",
  ],
  [
    "upstream_bind_config: {source_address: {address: 1.2.3.4, port_value: 0}, extra_source_addresses: [{address: {address: foo.com, port_value: 0}}]}",
    "bad-address",
  ],
  ['upstream_bind_config: {source_address: {address: 1.2.3.4, port_value: 0}, additional_source_addresses: [{address: "::1", port_value: 0}]}'],
  [
    "upstream_bind_config: {source_address: {address: 1.2.3.4, port_value: 0}, additional_source_addresses: [{address: 1.2.3.4, port_value: 0}]}",
    "unsupported",
  ],
  ["upstream_bind_config: {additional_source_addresses: [{address: 1.2.3.4, port_value: 0}]}", "missing-field"],
  [
    "upstream_bind_config: {source_address: {address: 1.2.3.4, port_value: 0}, extra_source_addresses: [{address: {address: 1.2.3.4, port_value: 0}}], local_address_selector: {name: a, typed_config: {<extensions.local_address_selectors.filter_state_override.v3.Config>}}}",
    "unsupported",
  ],
  ["upstream_bind_config: {source_address: {address: 1.2.3.4, port_value: 0, network_namespace_filepath: /x}}"],
  [
    "cluster_manager: {upstream_bind_config: {source_address: {address: foo.com, port_value: 0}}}, static_resources: {clusters: [{name: a}]}",
    "bad-address",
  ],
];

Deno.test("addresses to bind to are one of each version of IP", () => {
  assertEquals(misjudged(CASES), []);
});

import { assertEquals } from "@std/assert";
import { A, address, bootstrap, type Case, CHAIN, differing, UDP } from "./testing.ts";

export const CASES: readonly Case[] = [
  ["an address twice", "duplicate-address", bootstrap(`name: a, ${A}, ${CHAIN}`, `name: b, ${A}, ${CHAIN}`)],
  ["an address twice, without names", "duplicate-address", bootstrap(`${A}, ${CHAIN}`, `${A}, ${CHAIN}`)],
  [
    "an address that is reused",
    "duplicate-address",
    bootstrap(`name: a, ${A}, enable_reuse_port: true, ${CHAIN}`, `name: b, ${A}, enable_reuse_port: true, ${CHAIN}`),
  ],
  [
    "an address that is not bound",
    "duplicate-address",
    bootstrap(`name: a, ${A}, bind_to_port: false, ${CHAIN}`, `name: b, ${A}, ${CHAIN}`),
  ],
  [
    "port 0 twice",
    undefined,
    bootstrap(
      `name: a, ${address("127.0.0.1", "port_value: 0")}, ${CHAIN}`,
      `name: b, ${address("127.0.0.1", "port_value: 0")}, ${CHAIN}`,
    ),
  ],
  [
    "port 0 twice, not bound",
    "duplicate-address",
    bootstrap(
      `name: a, ${address("127.0.0.1", "port_value: 0")}, bind_to_port: false, ${CHAIN}`,
      `name: b, ${address("127.0.0.1", "port_value: 0")}, bind_to_port: false, ${CHAIN}`,
    ),
  ],
  ["TCP and UDP", undefined, bootstrap(`name: a, ${A}, ${CHAIN}`, `name: b, ${UDP}`)],
  [
    "all addresses and one",
    undefined,
    bootstrap(`name: a, ${address("0.0.0.0")}, ${CHAIN}`, `name: b, ${A}, ${CHAIN}`),
  ],
  [
    "IPv6 in two spellings",
    "duplicate-address",
    bootstrap(`name: a, ${address("0::1")}, ${CHAIN}`, `name: b, ${address("::0001")}, ${CHAIN}`),
  ],
  [
    "an address of two namespaces",
    undefined,
    bootstrap(
      `name: a, ${address("127.0.0.1", "port_value: 1, network_namespace_filepath: /a")}, ${CHAIN}`,
      `name: b, ${A}, ${CHAIN}`,
    ),
  ],
  [
    "an additional address",
    "duplicate-address",
    bootstrap(
      `name: a, ${A}, ${CHAIN}`,
      `name: b, ${address("127.0.0.1", "port_value: 2")}, additional_addresses: [{${A}}], ${CHAIN}`,
    ),
  ],
  [
    "a socket of a file",
    "duplicate-address",
    bootstrap(
      `name: a, address: {pipe: {path: /x}}, ${CHAIN}`,
      `name: b, address: {pipe: {path: /x, mode: 4}}, ${CHAIN}`,
    ),
  ],
  [
    "a listener that replaces another",
    undefined,
    bootstrap(`name: a, ${A}, ${CHAIN}`, `name: a, ${A}, stat_prefix: x, ${CHAIN}`),
  ],
];

Deno.test("a listener claims the addresses that no other may have", () => assertEquals(differing(CASES), []));

import { assertEquals } from "@std/assert";
import { A, address, bootstrap, type Case, CHAIN, differing } from "./testing.ts";

export const CASES: readonly Case[] = [
  ["a name as address", "bad-address", bootstrap(`${address("localhost")}, ${CHAIN}`)],
  [
    "a name as additional address",
    "bad-address",
    bootstrap(`${A}, additional_addresses: [{${address("x")}}], ${CHAIN}`),
  ],
  ["a named port", "bad-port", bootstrap(`${address("127.0.0.1", "named_port: http")}, ${CHAIN}`)],
  [
    "an unknown resolver",
    "wrong-extension",
    bootstrap(`${address("127.0.0.1", "port_value: 1, resolver_name: x")}, ${CHAIN}`),
  ],
  [
    "the resolver of IP addresses",
    undefined,
    bootstrap(`${address("127.0.0.1", "port_value: 1, resolver_name: envoy.ip")}, ${CHAIN}`),
  ],
  [
    "ipv4_compat of an IPv4 address",
    "conflicting-fields",
    bootstrap(`${address("127.0.0.1", "port_value: 1, ipv4_compat: true")}, ${CHAIN}`),
  ],
  ["ipv4_compat of ::", undefined, bootstrap(`${address("::", "port_value: 1, ipv4_compat: true")}, ${CHAIN}`)],
  [
    "ipv4_compat of an IPv4 address inside",
    undefined,
    bootstrap(`${address("::ffff:1.2.3.4", "port_value: 1, ipv4_compat: true")}, ${CHAIN}`),
  ],
  ["a path of 107 bytes", undefined, bootstrap(`address: {pipe: {path: /${"x".repeat(106)}}}, ${CHAIN}`)],
  ["a path of 108 bytes", "bad-address", bootstrap(`address: {pipe: {path: /${"x".repeat(107)}}}, ${CHAIN}`)],
  ["a mode of an abstract socket", "conflicting-fields", bootstrap(`address: {pipe: {path: "@x", mode: 5}}, ${CHAIN}`)],
  ["an admin address that is a name", "bad-address", `admin: {${address("localhost")}}\n`],
  ["an admin address", undefined, `admin: {${address("::1")}}\n`],
];

Deno.test("an address is one that Envoy resolves without asking", () => assertEquals(differing(CASES), []));

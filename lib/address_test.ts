import { assertEquals } from "@std/assert";
import { type Address, formatAddress, hostPort, isLocal, parseAddress } from "./address.ts";

function parsed(text: string): Address {
  const address = parseAddress(text);
  if (address.kind === "none") throw new Error(`"${text}": ${address.why}`);
  return address;
}

Deno.test("addresses are read in every form and written back", () => {
  const table: [text: string, written: string][] = [
    ["127.0.0.1:18000", "127.0.0.1:18000"],
    ["[::1]:0", "[::1]:0"],
    ["localhost:80", "localhost:80"],
    ["host.example:65535", "host.example:65535"],
    [":18000", ":18000"],
    ["unix:/run/xcp.sock", "unix:/run/xcp.sock"],
    ["unix:///run/xcp.sock", "unix:/run/xcp.sock"],
    ["unix:xcp.sock", "unix:xcp.sock"],
  ];
  for (const [text, written] of table) assertEquals(formatAddress(parsed(text)), written);
});

Deno.test("what is no address says why", () => {
  const NEITHER = "it is neither host:port nor unix:/path";
  const table: [text: string, why: string][] = [
    ["", NEITHER],
    ["18000", NEITHER],
    ["host", NEITHER],
    ["host:", NEITHER],
    ["host:x", NEITHER],
    ["a b:1", NEITHER],
    ["::1:18000", NEITHER],
    ["http://a:80", NEITHER],
    ["[10.0.0.1]:80", '"10.0.0.1" is no IPv6 address'],
    ["host:65536", "a port is at most 65535"],
    ["unix:", "the path is missing"],
    ["unix:/a\0b", "a path has no zero bytes"],
    [`unix:/${"x".repeat(103)}`, "the path of a socket has at most 103 bytes"],
  ];
  for (const [text, why] of table) assertEquals(parseAddress(text), { kind: "none", why }, text);
});

Deno.test("loopback and sockets are local, names and everything else are not", () => {
  for (
    const text of ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "LOCALHOST:1", "a.localhost:1", "unix:/x"]
  ) {
    assertEquals(isLocal(parsed(text)), true, text);
  }
  for (
    const text of [":1", "0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.0.0.1.example:1", "example.com:1", "notlocalhost:1"]
  ) {
    assertEquals(isLocal(parsed(text)), false, text);
  }
});

Deno.test("a peer's IPv4 address is shown as such, IPv6 in brackets", () => {
  assertEquals(hostPort("::ffff:10.0.0.7", 5), "10.0.0.7:5");
  assertEquals(hostPort("fe80::1", "5"), "[fe80::1]:5");
  assertEquals(hostPort("10.0.0.7", 5), "10.0.0.7:5");
});

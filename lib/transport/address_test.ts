import { assertEquals, assertThrows } from "@std/assert";
import { checkExposure, formatAddress, hostPort, isLocal, parseAddress } from "./address.ts";
import { TransportError } from "./error.ts";

Deno.test("addresses are read in every form and written back", () => {
  const table: [string, string][] = [
    ["127.0.0.1:18000", "127.0.0.1:18000"],
    ["[::1]:0", "[::1]:0"],
    ["localhost:80", "localhost:80"],
    [":18000", ":18000"],
    ["unix:/run/xcp.sock", "unix:/run/xcp.sock"],
    ["unix:///run/xcp.sock", "unix:/run/xcp.sock"],
    ["unix:xcp.sock", "unix:xcp.sock"],
  ];
  for (const [text, written] of table) assertEquals(formatAddress(parseAddress(text)), written);
});

Deno.test("what is no address is refused with the reason", () => {
  const table: [string, string][] = [
    ["18000", "it is neither host:port nor unix:/path"],
    ["::1:18000", "it is neither host:port nor unix:/path"],
    ["[10.0.0.1]:80", '"10.0.0.1" is no IPv6 address'],
    ["a:70000", "a port is at most 65535"],
    ["http://a:80", "it is neither host:port nor unix:/path"],
    ["unix:", "the path is missing"],
    [`unix:/${"x".repeat(200)}`, "the path of a socket has at most 103 bytes"],
  ];
  for (const [text, state] of table) {
    const error = assertThrows(() => parseAddress(text), TransportError);
    assertEquals(error.message, `Cannot listen on "${text}": ${state}`);
    assertEquals(error.failure, "usage");
  }
});

Deno.test("loopback and sockets are local, names and everything else are not", () => {
  for (
    const text of ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "LOCALHOST:1", "a.localhost:1", "unix:/x"]
  ) {
    assertEquals(isLocal(parseAddress(text)), true, text);
  }
  for (const text of [":1", "0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.0.0.1.example:1", "xds.example:1"]) {
    assertEquals(isLocal(parseAddress(text)), false, text);
  }
});

Deno.test("mutual TLS or the flag opens an address to others", () => {
  const address = parseAddress("10.0.0.1:1");
  checkExposure(address, true, false);
  checkExposure(address, false, true);
  assertThrows(() => checkExposure(address, false, false), TransportError, 'Cannot listen on "10.0.0.1:1"');
});

Deno.test("a peer's IPv4 address is shown as such, IPv6 in brackets", () => {
  assertEquals(hostPort("::ffff:10.0.0.7", 5), "10.0.0.7:5");
  assertEquals(hostPort("fe80::1", "5"), "[fe80::1]:5");
  assertEquals(hostPort("10.0.0.7", 5), "10.0.0.7:5");
});

import { assertEquals } from "@std/assert";
import { formatAddress, isLocal, parseAddress } from "./address.ts";

Deno.test("addresses are read and written", () => {
  for (const text of ["127.0.0.1:0", "[::1]:18001", "host.example:65535", ":80", "unix:/run/x.sock", "unix:x"]) {
    const address = parseAddress(text);
    assertEquals(address && formatAddress(address), text);
  }
});

Deno.test("what is no address is none", () => {
  for (const text of ["", "18001", "host", "host:", "host:x", "host:65536", "::1:80", "[x]:80", "unix:", "a b:1"]) {
    assertEquals(parseAddress(text), undefined, text);
  }
});

Deno.test("only loopback and sockets are local", () => {
  const local = (text: string) => {
    const address = parseAddress(text);
    return address && isLocal(address);
  };
  for (const text of ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "a.localhost:1", "unix:/x"]) {
    assertEquals(local(text), true, text);
  }
  for (const text of [":1", "0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.com:1", "127.0.0.1.example:1"]) {
    assertEquals(local(text), false, text);
  }
});

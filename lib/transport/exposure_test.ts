import { assertThrows } from "@std/assert";
import { TransportError } from "./error.ts";
import { checkExposure } from "./exposure.ts";

Deno.test("mutual TLS or the flag opens an address to others", () => {
  const address = { kind: "tcp", host: "10.0.0.1", port: 1 } as const;
  checkExposure(address, true, false);
  checkExposure(address, false, true);
  assertThrows(() => checkExposure(address, false, false), TransportError, 'Cannot listen on "10.0.0.1:1"');
});

Deno.test("loopback and sockets need neither", () => {
  checkExposure({ kind: "tcp", host: "127.0.0.1", port: 1 }, false, false);
  checkExposure({ kind: "unix", path: "/run/xcp.sock" }, false, false);
});

/**
 * Addresses to listen on, as people write them.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";

/** `127.0.0.1:18001`, `[::1]:18001`, `localhost:18001`, `:18001` (every interface), or `unix:/run/xcp.sock`. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Reads an address; undefined when it is none. The host of `:18001` is "". */
export function parseAddress(text: string): Address | undefined {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length);
    return path === "" ? undefined : { kind: "unix", path };
  }
  const match = /^(?:\[([^\]]*)\]|([^:\[\]/\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) return undefined;
  const [, bracketed, plain] = match;
  if (bracketed !== undefined && isIP(bracketed) !== 6) return undefined;
  return { kind: "tcp", host: bracketed ?? plain ?? "", port };
}

/** The address as it is written: IPv6 in brackets. */
export function formatAddress(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
}

/** Whether only this machine reaches the address. */
export function isLocal(address: Address): boolean {
  return address.kind === "unix" || isLoopbackHost(address.host);
}

/** Whether a host, without a port and without brackets, is this machine: `localhost`, `*.localhost`, 127.0.0.0/8, ::1. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  const family = isIP(name);
  if (family === 0) return false;
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");
  return loopback.check(name, family === 4 ? "ipv4" : "ipv6");
}

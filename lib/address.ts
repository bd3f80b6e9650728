/**
 * Addresses to listen on or to connect to, as people write them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { BlockList, isIP } from "node:net";

/** `127.0.0.1:18000`, `[::1]:18000`, `:18000` (every interface; the host is ""), or `unix:/run/xcp.sock`. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** A text that is no address. `why` is the state that follows the colon of a message. */
export interface NoAddress {
  readonly kind: "none";
  readonly why: string;
}

/** Bytes that the kernel has for the path of a socket: 108 with a terminating zero on Linux, 104 on macOS. */
const MAX_SOCKET_PATH = 103;

/** Reads an address. */
export function parseAddress(text: string): Address | NoAddress {
  if (text.startsWith("unix:")) {
    // `unix:///run/x` is how gRPC writes an absolute path as a URI.
    const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    if (path === "") return none("the path is missing");
    if (path.includes("\0")) return none("a path has no zero bytes");
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
      return none(`the path of a socket has at most ${MAX_SOCKET_PATH} bytes`);
    }
    return { kind: "unix", path };
  }
  const match = /^(?:\[([^\]]*)\]|([^:[\]/\s]*)):(\d{1,5})$/.exec(text);
  if (match === null) return none("it is neither host:port nor unix:/path");
  const [, bracketed, plain] = match;
  if (bracketed !== undefined && isIP(bracketed) !== 6) return none(`"${bracketed}" is no IPv6 address`);
  const port = Number(match[3]);
  if (port > 65535) return none("a port is at most 65535");
  return { kind: "tcp", host: bracketed ?? plain ?? "", port };
}

function none(why: string): NoAddress {
  return { kind: "none", why };
}

/** The address as it is written: IPv6 in brackets. */
export function formatAddress(address: Address): string {
  return address.kind === "unix" ? `unix:${address.path}` : hostPort(address.host, address.port);
}

/** `10.0.0.7:80`, `[::1]:80`; an IPv4 address that arrives in IPv6 clothes is shown as what it is. */
export function hostPort(host: string, port: number | string): string {
  const plain = host.toLowerCase().startsWith("::ffff:") && isIP(host.slice(7)) === 4 ? host.slice(7) : host;
  return `${plain.includes(":") ? `[${plain}]` : plain}:${port}`;
}

/** Whether only processes of this machine reach the address. A name other than `localhost` counts as reachable. */
export function isLocal(address: Address): boolean {
  return address.kind === "unix" || isLoopbackHost(address.host);
}

/** Whether a host, without a port and without brackets, is this machine: `localhost`, `*.localhost`, 127.0.0.0/8, ::1. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase();
  const family = isIP(name);
  if (family === 0) return name === "localhost" || name.endsWith(".localhost");
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");
  return loopback.check(name, family === 4 ? "ipv4" : "ipv6");
}

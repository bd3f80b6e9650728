/**
 * The addresses that clients reach the server at, as people write them, and which of them need protection.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { BlockList, isIP } from "node:net";
import { TransportError } from "./error.ts";

/** `127.0.0.1:18000`, `[::1]:18000`, `:18000` (every interface; the host is ""), or `unix:/run/xcp.sock`. */
export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Bytes that the kernel has for the path of a socket: 108 with a terminating zero on Linux, 104 on macOS. */
const MAX_SOCKET_PATH = 103;

/** Reads an address. Throws a {@link TransportError} of kind `usage` that shows the right form. */
export function parseAddress(text: string): Address {
  const wrong = (state: string) =>
    new TransportError("usage", `Cannot listen on "${text}": ${state}`, {
      hint: "write 127.0.0.1:18000, [::1]:18000, or unix:/run/xcp/xds.sock",
    });
  if (text.startsWith("unix:")) {
    // `unix:///run/x` is how gRPC writes an absolute path as a URI.
    const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    if (path === "") throw wrong("the path is missing");
    if (path.includes("\0")) throw wrong("a path has no zero bytes");
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
      throw wrong(`the path of a socket has at most ${MAX_SOCKET_PATH} bytes`);
    }
    return { kind: "unix", path };
  }
  const match = /^(?:\[([^\]]*)\]|([^:[\]/\s]*)):(\d{1,5})$/.exec(text);
  if (match === null) throw wrong("it is neither host:port nor unix:/path");
  const [, bracketed, plain] = match;
  if (bracketed !== undefined && isIP(bracketed) !== 6) throw wrong(`"${bracketed}" is no IPv6 address`);
  const port = Number(match[3]);
  if (port > 65535) throw wrong("a port is at most 65535");
  return { kind: "tcp", host: bracketed ?? plain ?? "", port };
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
  if (address.kind === "unix") return true;
  const host = address.host.toLowerCase();
  const family = isIP(host);
  if (family === 0) return host === "localhost" || host.endsWith(".localhost");
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");
  return loopback.check(host, family === 4 ? "ipv4" : "ipv6");
}

/**
 * Refuses an address that strangers reach without proof of who they are: configuration holds private keys, so whoever
 * may ask has them. Throws a {@link TransportError} of kind `usage`.
 */
export function checkExposure(address: Address, mutualTls: boolean, insecure: boolean): void {
  if (insecure || mutualTls || isLocal(address)) return;
  throw new TransportError(
    "usage",
    `Cannot listen on "${
      formatAddress(address)
    }": other machines reach it, and clients would not have to prove who they are`,
    {
      hint: "give --tls-cert, --tls-key and --tls-client-ca for mutual TLS, or --insecure-xds to allow it all the same",
    },
  );
}

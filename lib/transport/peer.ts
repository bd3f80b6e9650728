/**
 * Who is at the other end of a call.
 *
 * @module
 */
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { type Address, formatAddress, hostPort } from "../address.ts";
import type { Peer } from "../hub/port.ts";
import type { ByteCall } from "./frame.ts";

/** The peer of a call that came in at `listening`; the peer of a Unix socket has no address but the socket's. */
export function peerOf(call: Pick<ByteCall, "getPeer" | "getAuthContext">, listening: Address): Peer {
  return {
    address: listening.kind === "unix" ? formatAddress(listening) : peerAddress(call.getPeer()),
    // Only what was verified counts: without a client CA a certificate proves nothing, and none is asked for.
    identities: subjectAltNames(call.getAuthContext().sslPeerCertificate?.subjectaltname ?? ""),
  };
}

/** The peer of a connection that no gRPC runs over. */
export function peerOfSocket(socket: Socket, listening: Address): Peer {
  return {
    address: listening.kind === "unix"
      ? formatAddress(listening)
      : hostPort(socket.remoteAddress ?? "unknown", socket.remotePort ?? 0),
    identities: socket instanceof TLSSocket ? subjectAltNames(socket.getPeerCertificate().subjectaltname ?? "") : [],
  };
}

/** grpc-js puts host and port together without brackets. */
function peerAddress(peer: string): string {
  const colon = peer.lastIndexOf(":");
  return colon < 0 ? peer : hostPort(peer.slice(0, colon), peer.slice(colon + 1));
}

/**
 * The names of a certificate, of the form `DNS:a.example, URI:spiffe://b`. A name with a comma or a quote in it is
 * written as a JSON string (by Node since CVE-2021-44532, and by Bun; not by Deno, which does not ship), so that it cannot pass for two; one that is written in neither
 * way is left out.
 */
export function subjectAltNames(text: string): string[] {
  const names: string[] = [];
  const entry = /([A-Za-z ]+):(?:("(?:[^"\\]|\\.)*")|([^",]*))(?:, |$)/gy;
  for (let match = entry.exec(text); match !== null && match[0] !== ""; match = entry.exec(text)) {
    const [, kind = "", quoted, plain = ""] = match;
    const name = quoted === undefined ? plain : unquote(quoted);
    if (name !== undefined) names.push(`${kind}:${name}`);
  }
  return names;
}

function unquote(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted);
  } catch {
    return undefined;
  }
}

/**
 * Addresses of hosts, as Envoy resolves them when it loads a cluster: without DNS.
 *
 * @module
 */
import { isIP } from "node:net";
import type { MessageView } from "../../../model/codec/view.ts";

/** Size of `sun_path` with its closing zero. */
const MAX_PIPE = 107;

/** The one resolver of addresses beside that of reverse connections. */
const IP_RESOLVER = "envoy.ip";
const RESOLVERS = [IP_RESOLVER, "envoy.resolvers.reverse_connection"];

/** What Envoy needs to connect: an IP address with a port, a socket of this machine, or a listener of its own. */
export function checkAddress(address: MessageView): void {
  const socket = address.message("socket_address");
  if (socket !== undefined) checkSocketAddress(socket, "; a hostname needs a cluster of type STRICT_DNS or LOGICAL_DNS");
  const pipe = address.message("pipe");
  if (pipe !== undefined) checkPipe(pipe);
}

export function checkSocketAddress(socket: MessageView, hint = ""): void {
  const resolver = socket.string("resolver_name");
  if (resolver !== undefined && !RESOLVERS.includes(resolver.value)) {
    return socket.reject("unsupported", `Envoy has no address resolver "${resolver.value}"`, "resolver_name");
  }
  if (resolver !== undefined && resolver.value !== IP_RESOLVER) return;
  if (socket.string("named_port") !== undefined) {
    socket.reject("unsupported", "A port must be a number where the address is not resolved by DNS", "named_port");
  }
  const address = socket.string("address");
  if (address === undefined || isIP(address.value) !== 0) return;
  socket.reject("bad-address", `"${address.value}" is no IP address${hint}`, "address");
}

function checkPipe(pipe: MessageView): void {
  const path = pipe.string("path")?.value ?? "";
  const length = new TextEncoder().encode(path).length;
  if (length > MAX_PIPE) {
    pipe.reject("bad-address", `The path of a socket has at most ${MAX_PIPE} bytes, and this one has ${length}`, "path");
  }
  if (path.startsWith("@") && (pipe.number("mode") ?? 0) !== 0) {
    pipe.reject("conflicting-fields", "mode is set, and an abstract socket has none", "mode");
  }
}

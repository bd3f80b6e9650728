/**
 * Addresses that Envoy resolves while it loads a configuration, so that they have to be IP addresses with a port number.
 *
 * Source: `source/common/network/resolver_impl.cc` and `address_impl.cc` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { ipFault } from "../address.ts";
import { hasName } from "../http_filters/extensions.ts";

export const BAD_ADDRESS = "bad-address";

const IP_RESOLVER = "envoy.ip";

/** Bytes of a path in `sockaddr_un`, with the zero at its end. */
const MAX_PATH = 108;

/** Checks a message that has a field of type `core.v3.Address`, if it is set. */
export function checkAddress(holder: MessageView, field = "address"): void {
  const address = holder.message(field);
  const socket = address?.message("socket_address");
  const pipe = address?.message("pipe");
  if (socket !== undefined) checkSocketAddress(socket);
  if (pipe !== undefined) checkPipe(pipe);
}

/** Checks a `core.v3.SocketAddress` that is resolved without DNS. */
export function checkSocketAddress(socket: MessageView): void {
  const resolver = socket.string("resolver_name")?.value ?? IP_RESOLVER;
  if (resolver !== IP_RESOLVER) {
    if (hasName("envoy.resolvers", resolver)) return;
    return socket.reject(
      "wrong-extension",
      `Envoy has no address resolver ${JSON.stringify(resolver)}`,
      "resolver_name",
    );
  }
  if (socket.has("named_port")) {
    socket.reject("bad-port", "Envoy does not look up the number of a named port here: use port_value", "named_port");
  }
  const text = socket.string("address");
  const fault = text === undefined ? undefined : ipFault(text.value);
  if (fault !== undefined) socket.reject(BAD_ADDRESS, fault, "address");
}

function checkPipe(pipe: MessageView): void {
  const path = pipe.string("path")?.value ?? "";
  const bytes = new TextEncoder().encode(path).length;
  if (bytes >= MAX_PATH) {
    pipe.reject(
      BAD_ADDRESS,
      `The path of a socket has at most ${MAX_PATH - 1} bytes, and this one has ${bytes}`,
      "path",
    );
  } else if (path.startsWith("@")) {
    if ((pipe.number("mode") ?? 0) === 0) return;
    pipe.reject("conflicting-fields", `An abstract socket ("@…") is no file, and has no mode`, "mode");
  } else if (path.includes("\0")) {
    pipe.reject(BAD_ADDRESS, "The path of a socket has no zero bytes", "path");
  }
}

function addressOf(field: string): Watcher {
  return (view) => checkAddress(view, field);
}

/** The daemon of X-Ray is spoken to over UDP. */
const xray: Watcher = (view) => {
  const daemon = view.message("daemon_endpoint");
  const UDP = 1;
  if (daemon === undefined) {
    const message = "daemon_endpoint is missing: a socket address with protocol UDP";
    return view.reject("missing-field", message);
  }
  if (daemon.enum("protocol") === UDP) return checkSocketAddress(daemon);
  daemon.reject("unsupported", "X-Ray's daemon is reached over UDP only", daemon.has("protocol") ? "protocol" : "");
};

export const ADDRESS_CHECKS: CheckTable = [
  ["envoy.config.bootstrap.v3.Admin", addressOf("address")],
  ["envoy.config.metrics.v3.StatsdSink", addressOf("address")],
  ["envoy.config.metrics.v3.DogStatsdSink", addressOf("address")],
  ["envoy.extensions.stat_sinks.graphite_statsd.v3.GraphiteStatsdSink", addressOf("address")],
  [
    "envoy.extensions.transport_sockets.http_11_proxy.v3.Http11ProxyUpstreamTransport",
    addressOf("default_proxy_address"),
  ],
  ["envoy.config.trace.v3.XRayConfig", xray],
];

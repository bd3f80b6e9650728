/**
 * An address and what speaks at it: gRPC, or REST.
 *
 * @module
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { type Address, formatAddress } from "../address.ts";
import type { StreamHost } from "../hub/port.ts";
import { httpConnections } from "../http_server.ts";
import type { Log } from "../log.ts";
import { addDiscoveryServices, type StreamTable } from "./discovery_service.ts";
import { listen, type Listener, type ListenOptions } from "./listen.ts";
import { peerOfSocket } from "./peer.ts";
import { restApp, type RestOptions } from "./rest_app.ts";
import type { Services } from "./services/services.ts";
import type { Credentials } from "./tls.ts";

/** Bounds on what clients can ask for. */
export interface TransportLimits {
  /** Streams at a time, over all connections. */
  readonly maxStreams: number;
  /** Streams at a time on one connection. */
  readonly maxStreamsPerConnection: number;
  /** Connections of REST clients at a time. */
  readonly maxRestConnections: number;
  /** Bytes of one request over gRPC, whose usual 4 MiB are less than a large client says when it reconnects. */
  readonly maxRequestBytes: number;
}

export interface Door {
  readonly listener: Listener;
  /** Tells clients to go when they have what they wait for. */
  drain(graceMs: number): void;
  /** Ends what it has at once. */
  shut(): void;
}

export interface DoorOptions {
  readonly address: Address;
  readonly credentials: Credentials | undefined;
  readonly host: StreamHost;
  readonly log: Log;
  readonly limits: TransportLimits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface GrpcDoorOptions extends DoorOptions {
  readonly streams: StreamTable;
  /** Milliseconds of silence before a ping, and for its answer. */
  readonly keepalive: { readonly time: number; readonly timeout: number };
  /** Milliseconds for the last words of a stream. */
  readonly linger: number;
  /** Whether frames may take the direct way. */
  readonly direct: boolean;
  /** Told of each stream whether its frames take it. */
  readonly onStream: (direct: boolean) => void;
  /** What is answered beside discovery. */
  readonly services: Services | undefined;
}

/** Connections beyond one for each stream: those that only connect, ask for something else, or are about to go. */
const SPARE_CONNECTIONS = 1_000;
/** Refused connections in between are logged at `debug`. */
const REFUSAL_PAUSE_MS = 10_000;

/** Every discovery service over gRPC. */
export async function openGrpcDoor(options: GrpcDoorOptions): Promise<Door> {
  const { address, limits, keepalive } = options;
  const server = new Server({
    "grpc.enable_channelz": 0,
    "grpc.max_receive_message_length": limits.maxRequestBytes,
    // The hub decides how large a response may be.
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": limits.maxStreamsPerConnection,
    "grpc.keepalive_time_ms": keepalive.time,
    "grpc.keepalive_timeout_ms": keepalive.timeout,
  });
  addDiscoveryServices(server, options);
  options.services?.add(server, address);
  // TLS is ours, in listen.ts: grpc-js gets what is already decrypted, and asks the socket who the client is.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = await listen({
    address,
    credentials: options.credentials,
    protocol: "h2",
    maxConnections: limits.maxStreams + SPARE_CONNECTIONS,
    onConnection: (socket) => injector.injectConnection(socket),
    onRefused: sayRefused(options),
  });
  return { listener, drain: (graceMs) => injector.drain(graceMs), shut: () => server.forceShutdown() };
}

/** REST-JSON over HTTP/1.1. */
export async function openRestDoor(options: DoorOptions & Pick<RestOptions, "print">): Promise<Door> {
  const { address, limits } = options;
  const app = restApp(options);
  const http = httpConnections((request, socket) => app.fetch(request, { peer: peerOfSocket(socket, address) }));
  const listener = await listen({
    address,
    credentials: options.credentials,
    protocol: "http/1.1",
    maxConnections: limits.maxRestConnections,
    onConnection: (socket) => http.take(socket),
    onRefused: sayRefused(options),
  });
  // The listener closes the connections, and there is nothing else.
  return { listener, drain: () => http.drain(), shut: () => {} };
}

/**
 * A client that is turned away is somebody's puzzle, so it is said aloud, but not as often as clients like to try.
 * Connections that come and go without a word are port checks.
 */
function sayRefused({ log, now, address }: DoorOptions): ListenOptions["onRefused"] {
  const at = formatAddress(address);
  let quietUntil = 0;
  return (client, why) => {
    const loud = now() >= quietUntil && !/hang up|reset/i.test(why);
    if (loud) quietUntil = now() + REFUSAL_PAUSE_MS;
    log[loud ? "warn" : "debug"]("A connection was refused", { client, at, why });
  };
}

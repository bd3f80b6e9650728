/**
 * xDS over gRPC: listens on every address, carries the streams to the hub, follows certificate files, and drains.
 *
 * @module
 */
import type { Socket } from "node:net";
import { type ConnectionInjector, Server, ServerCredentials } from "@grpc/grpc-js";
import { type Address, formatAddress } from "../address.ts";
import type { StreamHost } from "../hub/port.ts";
import type { Log } from "../log.ts";
import { addAdsService, type StreamTable } from "./ads_service.ts";
import { TransportError } from "./error.ts";
import { checkExposure } from "./exposure.ts";
import { listen, type Listener, type ListenOptions } from "./listen.ts";
import type { Credentials, TlsFiles } from "./tls.ts";
import { followTls, type TlsReload } from "./tls_reload.ts";

/** Bounds on what clients can ask for. */
export interface TransportLimits {
  /** Streams at a time, over all connections. */
  readonly maxStreams: number;
  /** Streams at a time on one connection. */
  readonly maxStreamsPerConnection: number;
  /** Bytes of one request. gRPC's usual 4 MiB is less than a large client says when it reconnects. */
  readonly maxRequestBytes: number;
}

export const DEFAULT_LIMITS: TransportLimits = {
  maxStreams: 20_000,
  maxStreamsPerConnection: 100,
  maxRequestBytes: 64 * 1024 * 1024,
};

export interface TransportOptions {
  /** At least one. Port 0 takes a free one. */
  readonly listen: readonly Address[];
  readonly tls?: TlsFiles;
  readonly host: StreamHost;
  readonly log: Log;
  readonly limits: TransportLimits;
  /** Allows an address that other machines reach without mutual TLS. */
  readonly insecure: boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds between two looks at the certificate files. */
  readonly tlsPoll?: number;
  /** Milliseconds of silence before a ping, and for its answer; then the connection counts as dead. */
  readonly keepalive?: { readonly time: number; readonly timeout: number };
  /** Milliseconds that a client has to read its last messages and the status of a stream that the server ended. */
  readonly linger?: number;
  /** In [0, 1): spreads the ends of streams. */
  readonly random?: () => number;
  /** False sends every frame through grpc-js' public API. */
  readonly directFrames?: boolean;
}

export interface Transport {
  /** The addresses with their real ports, in the order they were given. */
  readonly addresses: readonly string[];
  /** Open streams. */
  streams(): number;
  /** Open connections. */
  connections(): number;
  /** Looks at the certificate files now; `unchanged` without TLS. Never rejects: what is bad is logged and refused. */
  reloadTls(): Promise<TlsReload>;
  /**
   * Ends well: accepts no connection, tells clients to go (GOAWAY), ends their streams at random moments within
   * `jitterMs` (at most `graceMs`), and resolves when all connections are gone; after `graceMs` it cuts them.
   */
  drain(graceMs: number, jitterMs: number): Promise<void>;
  /** Ends at once. */
  close(): Promise<void>;
}

/** Envoy and gRPC take pings for rude that come more often than every 15 seconds. */
const KEEPALIVE = { time: 30_000, timeout: 20_000 };
const TLS_POLL_MS = 1_000;
const LINGER_MS = 10_000;
/** Connections beyond one for each stream: those that only connect, ask for something else, or are about to go. */
const SPARE_CONNECTIONS = 1_000;
/** Refused connections in between are logged at `debug`. */
const REFUSAL_PAUSE_MS = 10_000;
/** How often a drain looks whether connections are gone. */
const LOOK_MS = 20;

interface Door {
  readonly listener: Listener;
  readonly server: Server;
  readonly injector: ConnectionInjector;
}

/** Starts to serve. Throws a {@link TransportError}, with nothing left open, when it cannot. */
export async function startTransport(options: TransportOptions): Promise<Transport> {
  const { listen: addresses, log, now, insecure, limits, random = Math.random } = options;
  if (addresses.length === 0) throw new TransportError("usage", "Cannot serve xDS: no address to listen on");
  for (const address of addresses) checkExposure(address, options.tls?.clientCa !== undefined, insecure);

  const doors: Door[] = [];
  const tls = options.tls === undefined ? undefined : await followTls({
    files: options.tls,
    log,
    now,
    poll: options.tlsPoll ?? TLS_POLL_MS,
    apply: (credentials) => doors.forEach(({ listener }) => listener.use(credentials)),
  });
  const streams: StreamTable = { open: new Set(), max: limits.maxStreams, draining: false };
  const onStream = warnOnce(log, options.directFrames ?? true);

  async function shut(): Promise<void> {
    streams.draining = true;
    tls?.stop();
    await Promise.all(doors.map(({ listener }) => listener.stop()));
    for (const { server, listener } of doors) {
      server.forceShutdown();
      listener.destroy();
    }
    for (const stream of [...streams.open]) stream.reset();
  }

  try {
    for (const address of addresses) doors.push(await openDoor(address, tls?.current, streams, onStream, options));
  } catch (error) {
    await shut();
    throw error;
  }

  const connections = () => doors.reduce((sum, { listener }) => sum + listener.connections(), 0);
  return {
    addresses: doors.map(({ listener }) => listener.address),
    streams: () => streams.open.size,
    connections,
    reloadTls: () => tls?.reload() ?? Promise.resolve("unchanged"),
    async drain(graceMs, jitterMs) {
      streams.draining = true;
      tls?.stop();
      await Promise.all(doors.map(({ listener }) => listener.stop()));
      for (const { injector } of doors) injector.drain(graceMs);
      const spread = Math.min(jitterMs, graceMs);
      const ends = [...streams.open].map((stream) =>
        setTimeout(
          () => stream.end({ code: "UNAVAILABLE", message: "the server is shutting down" }),
          random() * spread,
        )
      );
      let over = false;
      const grace = setTimeout(() => over = true, graceMs);
      while (connections() > 0 && !over) await pause(LOOK_MS);
      for (const timer of [grace, ...ends]) clearTimeout(timer);
      await shut();
    },
    close: shut,
  };
}

async function openDoor(
  address: Address,
  credentials: Credentials | undefined,
  streams: StreamTable,
  onStream: (direct: boolean) => void,
  { host, log, now, limits, keepalive = KEEPALIVE, linger = LINGER_MS, directFrames: direct = true }: TransportOptions,
): Promise<Door> {
  const server = new Server({
    "grpc.enable_channelz": 0,
    "grpc.max_receive_message_length": limits.maxRequestBytes,
    // The hub decides how large a response may be.
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": limits.maxStreamsPerConnection,
    "grpc.keepalive_time_ms": keepalive.time,
    "grpc.keepalive_timeout_ms": keepalive.timeout,
  });
  addAdsService(server, { host, log, streams, address, direct, linger, onStream });
  // TLS is ours, in listen.ts: grpc-js gets what is already decrypted, and asks the socket who the client is.
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = await listen({
    address,
    credentials,
    maxConnections: limits.maxStreams + SPARE_CONNECTIONS,
    onConnection: (socket: Socket) => injector.injectConnection(socket),
    onRefused: sayRefused(log, now, formatAddress(address)),
  });
  return { listener, server, injector };
}

/**
 * A client that is turned away is somebody's puzzle, so it is said aloud, but not as often as clients like to try.
 * Connections that come and go without a word are port checks.
 */
function sayRefused(log: Log, now: () => number, at: string): ListenOptions["onRefused"] {
  let quietUntil = 0;
  return (client, why) => {
    const loud = now() >= quietUntil && !/hang up|reset/i.test(why);
    if (loud) quietUntil = now() + REFUSAL_PAUSE_MS;
    log[loud ? "warn" : "debug"]("A connection was refused", { client, at, why });
  };
}

/** The slow way is worth one line: it costs twice the CPU and nothing else would tell. */
function warnOnce(log: Log, wanted: boolean): (direct: boolean) => void {
  let silent = !wanted;
  return (direct) => {
    if (direct || silent) return;
    silent = true;
    log.warn("Responses are copied for every stream: the inside of grpc-js is not what xcp was built for");
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

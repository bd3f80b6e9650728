/**
 * xDS over gRPC and REST: listens on every address, carries streams and questions to the hub, follows certificate
 * files, and drains.
 *
 * @module
 */
import type { Address } from "../address.ts";
import type { StreamHost } from "../hub/port.ts";
import type { Log } from "../log.ts";
import { DRAINING, type StreamTable } from "./discovery_service.ts";
import { type Door, openGrpcDoor, openRestDoor, type TransportLimits } from "./door.ts";
import { TransportError } from "./error.ts";
import { checkExposure } from "./exposure.ts";
import type { RestOptions } from "./rest_app.ts";
import { createServices, type ServicesOptions } from "./services/services.ts";
import type { TlsFiles } from "./tls.ts";
import { followTls, type TlsReload } from "./tls_reload.ts";

export const DEFAULT_LIMITS: TransportLimits = {
  maxStreams: 20_000,
  maxStreamsPerConnection: 100,
  maxRestConnections: 1_000,
  maxRequestBytes: 64 * 1024 * 1024,
};

export interface TransportOptions {
  /** At least one. Port 0 takes a free one. */
  readonly listen: readonly Address[];
  /** Another address, for REST-JSON, with the TLS and the exposure of the others. */
  readonly rest?: Pick<RestOptions, "print"> & { readonly address: Address };
  readonly tls?: TlsFiles;
  readonly host: StreamHost;
  /** What the services beside discovery need; without it there are none: no CSDS, LRS, health, reflection. */
  readonly services?: Pick<ServicesOptions, "hub" | "loads" | "api">;
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
  /** `http://127.0.0.1:18002`, `https://…`, `unix:/run/xcp-rest.sock`; undefined when there is none. */
  readonly restUrl: string | undefined;
  /** Open streams. */
  streams(): number;
  /** Open connections, those of REST among them. */
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
/** How often a drain looks whether connections are gone. */
const LOOK_MS = 20;

/** Starts to serve. Throws a {@link TransportError}, with nothing left open, when it cannot. */
export async function startTransport(options: TransportOptions): Promise<Transport> {
  const { listen: addresses, rest, host, log, now, insecure, limits, random = Math.random } = options;
  const { keepalive = KEEPALIVE, linger = LINGER_MS, directFrames: direct = true } = options;
  if (addresses.length === 0) throw new TransportError("usage", "Cannot serve xDS: no address to listen on");
  for (const address of rest === undefined ? addresses : [...addresses, rest.address]) {
    checkExposure(address, options.tls?.clientCa !== undefined, insecure);
  }

  const doors: Door[] = [];
  const tls = options.tls === undefined ? undefined : await followTls({
    files: options.tls,
    log,
    now,
    poll: options.tlsPoll ?? TLS_POLL_MS,
    apply: (credentials) => doors.forEach(({ listener }) => listener.use(credentials)),
  });
  const streams: StreamTable = { open: new Set(), max: limits.maxStreams, draining: false };
  const onStream = warnOnce(log, direct);
  const services = options.services && createServices({ ...options.services, log, maxStreams: limits.maxStreams });

  async function shut(): Promise<void> {
    streams.draining = true;
    tls?.stop();
    await Promise.all(doors.map(({ listener }) => listener.stop()));
    for (const door of doors) {
      door.shut();
      door.listener.destroy();
    }
    for (const stream of [...streams.open]) stream.reset();
    services?.close();
  }

  try {
    const common = { host, log, now, limits };
    for (const address of addresses) {
      const grpc = { ...common, streams, keepalive, linger, direct, onStream, services };
      doors.push(await openGrpcDoor({ ...grpc, address, credentials: tls?.current }));
    }
    if (rest !== undefined) doors.push(await openRestDoor({ ...common, ...rest, credentials: tls?.current }));
  } catch (error) {
    await shut();
    throw error;
  }

  const connections = () => doors.reduce((sum, { listener }) => sum + listener.connections(), 0);
  return {
    addresses: doors.slice(0, addresses.length).map(({ listener }) => listener.address),
    restUrl: rest === undefined ? undefined : url(rest.address, doors.at(-1), tls !== undefined),
    streams: () => streams.open.size,
    connections,
    reloadTls: () => tls?.reload() ?? Promise.resolve("unchanged"),
    async drain(graceMs, jitterMs) {
      streams.draining = true;
      tls?.stop();
      await Promise.all(doors.map(({ listener }) => listener.stop()));
      for (const door of doors) door.drain(graceMs);
      const spread = Math.min(jitterMs, graceMs);
      const ends = [...streams.open].map((stream) => setTimeout(() => stream.end(DRAINING), random() * spread));
      ends.push(...services?.drain(() => random() * spread) ?? []);
      let over = false;
      const grace = setTimeout(() => over = true, graceMs);
      while (connections() > 0 && !over) await pause(LOOK_MS);
      for (const timer of [grace, ...ends]) clearTimeout(timer);
      await shut();
    },
    close: shut,
  };
}

/** Where a door is; a socket is guarded by its file and stays plain. */
function url({ kind }: Address, door: Door | undefined, tls: boolean): string | undefined {
  if (kind === "unix" || door === undefined) return door?.listener.address;
  return `${tls ? "https" : "http"}://${door.listener.address}`;
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

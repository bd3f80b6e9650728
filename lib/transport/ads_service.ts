/**
 * The aggregated discovery service, written by hand: requests and responses pass as bytes, so no message is decoded or
 * encoded here.
 *
 * @see https://github.com/envoyproxy/envoy/blob/main/api/envoy/service/discovery/v3/ads.proto
 * @module
 */
import type { Buffer } from "node:buffer";
import { type MethodDefinition, type Server, type ServiceDefinition, status } from "@grpc/grpc-js";
import type { Address } from "../address.ts";
import type { Mode, StreamHost } from "../hub/port.ts";
import type { Log } from "../log.ts";
import { AdsStream } from "./ads_stream.ts";
import type { ByteCall } from "./frame.ts";
import { peerOf } from "./peer.ts";

/** Full name of the service. */
const ADS_SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService";
/** The paths of the two methods. */
export const ADS_PATHS: Readonly<Record<Mode, string>> = {
  sotw: `/${ADS_SERVICE}/StreamAggregatedResources`,
  delta: `/${ADS_SERVICE}/DeltaAggregatedResources`,
};

/** All streams of a transport, over all its addresses. */
export interface StreamTable {
  readonly open: Set<AdsStream>;
  readonly max: number;
  /** No stream is taken any more. */
  draining: boolean;
}

export interface AdsServiceOptions {
  readonly host: StreamHost;
  readonly log: Log;
  readonly streams: StreamTable;
  /** The address that the calls come in at. */
  readonly address: Address;
  readonly direct: boolean;
  /** Milliseconds for the last words of a stream. */
  readonly linger: number;
  /** Told of each stream whether its frames take the direct way. */
  readonly onStream: (direct: boolean) => void;
}

/** Adds the service to a server. */
export function addAdsService(server: Server, options: AdsServiceOptions): void {
  server.addService(DEFINITION, {
    StreamAggregatedResources: (call: ByteCall) => openStream(call, "sotw", options),
    DeltaAggregatedResources: (call: ByteCall) => openStream(call, "delta", options),
  });
}

function openStream(call: ByteCall, mode: Mode, options: AdsServiceOptions): void {
  const { host, log, streams, address, direct, linger } = options;
  if (streams.draining) return refuse(call, status.UNAVAILABLE, "the server is shutting down");
  if (streams.open.size >= streams.max) {
    return refuse(call, status.RESOURCE_EXHAUSTED, `the server has ${streams.max} streams and takes no more`);
  }
  const stream = new AdsStream(call, {
    mode,
    peer: peerOf(call, address),
    host,
    log,
    direct,
    linger,
    onGone: (gone) => streams.open.delete(gone),
  });
  streams.open.add(stream);
  options.onStream(stream.direct);
  stream.start();
}

function refuse(call: ByteCall, code: status, details: string): void {
  call.resume();
  call.emit("error", { code, details });
}

function same(bytes: Buffer): Buffer {
  return bytes;
}

function method(path: string): MethodDefinition<Buffer, Buffer> {
  return {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

const DEFINITION: ServiceDefinition = {
  StreamAggregatedResources: method(ADS_PATHS.sotw),
  DeltaAggregatedResources: method(ADS_PATHS.delta),
};

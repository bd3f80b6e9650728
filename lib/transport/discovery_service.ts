/**
 * The discovery services, written by hand: the aggregated one, and one for each row of the table of types. Requests and
 * responses pass as bytes, so no message of a stream is decoded or encoded here.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-docs/xds_protocol#streaming-grpc-subscriptions
 * @see https://github.com/envoyproxy/envoy/blob/main/api/envoy/service/discovery/v3/ads.proto
 * @module
 */
import type { Buffer } from "node:buffer";
import {
  type MethodDefinition,
  type sendUnaryData,
  type Server,
  type ServerUnaryCall,
  type ServiceDefinition,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Address } from "../address.ts";
import type { Ending, Mode, StreamHost } from "../hub/port.ts";
import type { Log } from "../log.ts";
import { type Discovery, RESOURCE_TYPES } from "../model/types.ts";
import { DiscoveryStream, headerText } from "./discovery_stream.ts";
import { answerFetch } from "./fetch.ts";
import type { ByteCall } from "./frame.ts";
import { peerOf } from "./peer.ts";
import { trace } from "../system_error.ts";

/** Every type on one stream. */
export const AGGREGATED: Discovery = {
  service: "envoy.service.discovery.v3.AggregatedDiscoveryService",
  stream: "StreamAggregatedResources",
  delta: "DeltaAggregatedResources",
};

/** The path of one of a service's methods. */
export function methodPath({ service }: Discovery, method: string): string {
  return `/${service}/${method}`;
}

/** The paths of the aggregated service's methods. */
export const ADS_PATHS: Readonly<Record<Mode, string>> = {
  sotw: methodPath(AGGREGATED, "StreamAggregatedResources"),
  delta: methodPath(AGGREGATED, "DeltaAggregatedResources"),
};

/** All streams of a transport, over all its addresses. */
export interface StreamTable {
  readonly open: Set<DiscoveryStream>;
  readonly max: number;
  /** No stream is taken any more. */
  draining: boolean;
}

export interface DiscoveryServiceOptions {
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

/** Adds all of the services to a server. */
export function addDiscoveryServices(server: Server, options: DiscoveryServiceOptions): void {
  addService(server, AGGREGATED, undefined, options);
  for (const { url, discovery } of RESOURCE_TYPES) addService(server, discovery, url, options);
}

/** A method that the service does not have is answered UNIMPLEMENTED by grpc-js. */
function addService(
  server: Server,
  discovery: Discovery,
  type: string | undefined,
  options: DiscoveryServiceOptions,
): void {
  const { stream, delta, fetch } = discovery;
  const definition: Record<string, MethodDefinition<Buffer, Buffer>> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const [mode, name] of [["sotw", stream], ["delta", delta]] as const) {
    if (name === undefined) continue;
    definition[name] = method(methodPath(discovery, name), true);
    implementation[name] = (call: ByteCall) => openStream(call, mode, type, options);
  }
  if (fetch !== undefined && type !== undefined) {
    definition[fetch] = method(methodPath(discovery, fetch), false);
    implementation[fetch] = (call: ByteQuestion, done: sendUnaryData<Buffer>) => answer(call, done, type, options);
  }
  server.addService(definition satisfies ServiceDefinition, implementation);
}

function openStream(call: ByteCall, mode: Mode, type: string | undefined, options: DiscoveryServiceOptions): void {
  const { host, log, streams, address, direct, linger } = options;
  if (streams.draining) return refuse(call, DRAINING);
  if (streams.open.size >= streams.max) {
    const message = `the server has ${streams.max} streams and takes no more`;
    return refuse(call, { code: "RESOURCE_EXHAUSTED", message });
  }
  const stream = new DiscoveryStream(call, {
    mode,
    type,
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

/** What a stream is told once the server is on its way out. */
export const DRAINING: Ending = { code: "UNAVAILABLE", message: "the server is shutting down" };

function refuse(call: ByteCall, { code, message }: Ending): void {
  call.resume();
  call.emit("error", { code: status[code], details: message });
}

/** A call of one of the pass-through `Fetch` methods. */
type ByteQuestion = ServerUnaryCall<Buffer, Buffer>;

function answer(
  call: ByteQuestion,
  done: sendUnaryData<Buffer>,
  type: string,
  { host, log, address }: DiscoveryServiceOptions,
): void {
  const end = ({ code, message }: Ending) => done({ code: status[code], details: headerText(message) });
  const peer = peerOf(call, address);
  try {
    const answered = answerFetch(host, type, call.request, peer);
    if (answered instanceof Uint8Array) done(null, answered);
    else end(answered);
  } catch (error) {
    const stack = trace(error);
    log.error("A question failed", { address: peer.address, type, error: stack });
    end({ code: "INTERNAL", message: "internal error of the server" });
  }
}

function same(bytes: Buffer): Buffer {
  return bytes;
}

function method(path: string, stream: boolean): MethodDefinition<Buffer, Buffer> {
  return {
    path,
    requestStream: stream,
    responseStream: stream,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

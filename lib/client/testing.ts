/**
 * A small xDS server for tests, that does what a script says: also what no server should.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { Server, ServerCredentials, type ServerDuplexStream, status } from "@grpc/grpc-js";
import {
  DeltaDiscoveryRequestSchema,
  DeltaDiscoveryResponseSchema,
  DiscoveryRequestSchema,
  DiscoveryResponseSchema,
} from "../gen/envoy/service/discovery/v3/discovery_pb.ts";
import { CLUSTER } from "../model/types.ts";
import { type Channel, openChannel } from "./channel.ts";
import { methodOf, type Mode, type Query } from "./messages.ts";

/** A request, whichever mode it is of. */
export interface SeenRequest {
  readonly type: string;
  readonly names: readonly string[];
  readonly nonce: string;
  /** State of the world. */
  readonly version: string;
  /** Of a rejection. */
  readonly error: string | undefined;
  readonly node: { readonly id: string; readonly cluster: string; readonly features: readonly string[] } | undefined;
}

/** One stream. */
export interface Served {
  readonly mode: Mode;
  readonly requests: SeenRequest[];
  sotw(response: MessageInitShape<typeof DiscoveryResponseSchema>): void;
  delta(response: MessageInitShape<typeof DeltaDiscoveryResponseSchema>): void;
  raw(bytes: Uint8Array): void;
  end(code: status, details: string): void;
}

/** Called with each request; `nth` counts those of its stream from 1. */
export type Script = (stream: Served, request: SeenRequest, nth: number) => void;

export interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly streams: readonly Served[];
  /** A connection to it. */
  channel(): Channel;
}

type Stream = ServerDuplexStream<Buffer, Buffer>;

/** Starts a server on a free port of the loopback interface. A mode that is left out is not implemented. */
export async function startServer(
  script: Script,
  { modes = ["sotw", "delta"], credentials = ServerCredentials.createInsecure() }: {
    readonly modes?: readonly Mode[];
    readonly credentials?: ServerCredentials;
  } = {},
): Promise<TestServer> {
  const server = new Server();
  const streams: Served[] = [];
  const channels: Channel[] = [];
  const same = (bytes: Buffer) => bytes;
  for (const mode of modes) {
    const definition = {
      path: methodOf({ type: CLUSTER.url, mode, perType: false }) ?? "",
      requestStream: true,
      responseStream: true,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    } as const;
    server.addService({ method: definition }, { method: (call: Stream) => serve(call, mode, script, streams) });
  }
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => error === null ? resolve(port) : reject(error))
  );
  return {
    port,
    streams,
    channel() {
      const channel = openChannel({ address: { kind: "tcp", host: "127.0.0.1", port }, tls: undefined });
      channels.push(channel);
      return channel;
    },
    [Symbol.asyncDispose]() {
      for (const channel of channels) channel.close();
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

function serve(call: Stream, mode: Mode, script: Script, streams: Served[]): void {
  const requests: SeenRequest[] = [];
  const raw = (bytes: Uint8Array) => void call.write(Buffer.from(bytes));
  const stream: Served = {
    mode,
    requests,
    raw,
    sotw: (response) => raw(toBinary(DiscoveryResponseSchema, create(DiscoveryResponseSchema, response))),
    delta: (response) => raw(toBinary(DeltaDiscoveryResponseSchema, create(DeltaDiscoveryResponseSchema, response))),
    end: (code, details) => code === status.OK ? call.end() : void call.emit("error", { code, details }),
  };
  streams.push(stream);
  call.on("data", (bytes: Buffer) => {
    const request = read(mode, bytes);
    requests.push(request);
    script(stream, request, requests.length);
  });
  call.on("end", () => call.end());
  call.on("error", () => {});
}

function read(mode: Mode, bytes: Buffer): SeenRequest {
  const delta = mode === "delta" ? fromBinary(DeltaDiscoveryRequestSchema, bytes) : undefined;
  const sotw = mode === "sotw" ? fromBinary(DiscoveryRequestSchema, bytes) : undefined;
  const { typeUrl = "", responseNonce = "", errorDetail, node } = delta ?? sotw ?? {};
  return {
    type: typeUrl,
    names: delta?.resourceNamesSubscribe ?? sotw?.resourceNames ?? [],
    nonce: responseNonce,
    version: sotw?.versionInfo ?? "",
    error: errorDetail?.message,
    node: node && { id: node.id, cluster: node.cluster, features: node.clientFeatures },
  };
}

/** A query for clusters, of a node without much of a name. */
export function query(parts: Partial<Query> = {}): Query {
  const node = { id: "n", cluster: "c", metadata: {}, locality: undefined, version: "0" };
  return { type: CLUSTER.url, names: [], mode: "delta", perType: false, node, ...parts };
}

/** Bytes of a cluster; `content` is its `alt_stat_name` (field 28). */
export function cluster(name: string, content = ""): Uint8Array {
  const field = (tag: readonly number[], text: string) => {
    const bytes = Buffer.from(text);
    return Buffer.concat([Buffer.from([...tag, bytes.length]), bytes]);
  };
  const rest = content === "" ? [] : [field([0xe2, 0x01], content)];
  return new Uint8Array(Buffer.concat([field([0x0a], name), ...rest]));
}

/** The same as a resource of a delta response. */
export function deltaCluster(name: string, version: string, content = "") {
  return { name, version, resource: { typeUrl: CLUSTER.url, value: cluster(name, content) } };
}

/** The same as a resource of a response in state of the world. */
export function sotwCluster(name: string, content = "") {
  return { typeUrl: CLUSTER.url, value: cluster(name, content) };
}

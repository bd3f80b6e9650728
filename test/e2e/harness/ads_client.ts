/**
 * A plain xDS client: one aggregated state-of-the-world stream over grpc-js, on a connection of its own.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import * as grpc from "@grpc/grpc-js";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  DiscoveryRequestSchema,
  type DiscoveryResponse,
  DiscoveryResponseSchema,
} from "../../../lib/gen/envoy/service/discovery/v3/discovery_pb.ts";
import { eventually } from "./eventually.ts";

export const STREAM_PATH = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";

export interface AdsClientOptions {
  /** `127.0.0.1:40001` or `unix:/path`. */
  readonly address: string;
  readonly credentials?: grpc.ChannelCredentials;
  readonly node?: { readonly id: string; readonly cluster: string };
  readonly channel?: grpc.ChannelOptions;
}

export interface AdsClient extends Disposable {
  readonly responses: readonly DiscoveryResponse[];
  /** How the stream ended; undefined while it is open. */
  ending(): grpc.StatusObject | undefined;
  /** Asks for everything of a type, or acknowledges its last response when there is one. */
  request(type: string): void;
  /** Sends bytes that need not be a request. */
  raw(bytes: Uint8Array): void;
  /** Closes the sending side. */
  halfClose(): void;
  /** Waits for the Nth response (from 1). */
  response(number: number): Promise<DiscoveryResponse>;
  /** Waits for the end of the stream. */
  ended(): Promise<grpc.StatusObject>;
}

/** Opens a stream; it ends with its scope. */
export function openAds({ address, credentials, node, channel = {} }: AdsClientOptions): AdsClient {
  const client = new grpc.Client(address, credentials ?? grpc.credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.max_receive_message_length": -1,
    ...channel,
  });
  const same = (bytes: Buffer) => bytes;
  const call = client.makeBidiStreamRequest(STREAM_PATH, same, same);
  const responses: DiscoveryResponse[] = [];
  let ending: grpc.StatusObject | undefined;
  call.on("data", (bytes: Buffer) => responses.push(fromBinary(DiscoveryResponseSchema, new Uint8Array(bytes))));
  call.on("status", (status) => ending = status);
  call.on("error", () => {});
  return {
    responses,
    ending: () => ending,
    request(type) {
      const last = responses.findLast((response) => response.typeUrl === type);
      const request = create(DiscoveryRequestSchema, {
        typeUrl: type,
        versionInfo: last?.versionInfo ?? "",
        responseNonce: last?.nonce ?? "",
        node: node ?? { id: "test", cluster: "test" },
      });
      call.write(Buffer.from(toBinary(DiscoveryRequestSchema, request)));
    },
    raw: (bytes) => call.write(Buffer.from(bytes)),
    halfClose: () => call.end(),
    response: (number) =>
      eventually(() => responses[number - 1], {
        describe: () => `response ${number}; ${responses.length} came, the stream ended with ${ending?.details}`,
      }),
    ended: () => eventually(() => ending, { describe: "the stream to end" }),
    [Symbol.dispose]() {
      call.cancel();
      client.close();
    },
  };
}

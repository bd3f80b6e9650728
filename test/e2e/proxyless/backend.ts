/**
 * gRPC backends that answer their colour.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import * as grpc from "@grpc/grpc-js";

export interface GrpcBackend extends AsyncDisposable {
  readonly colour: string;
  readonly port: number;
}

const same = (bytes: Buffer) => bytes;

/** The method that the programs call: nothing in, text out. */
const COLOURS: grpc.ServiceDefinition = {
  get: {
    path: "/xcp.test.Colours/Get",
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
};

/** Starts a backend on a port of 127.0.0.1. */
export async function startGrpcBackend(colour: string): Promise<GrpcBackend> {
  const server = new grpc.Server();
  const get: grpc.handleUnaryCall<Buffer, Buffer> = (_call, reply) => reply(null, Buffer.from(colour));
  server.addService(COLOURS, { get });
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = grpc.ServerCredentials.createInsecure();
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => error ? reject(error) : resolve(port));
  });
  return {
    colour,
    port,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => server.tryShutdown(resolve));
      server.forceShutdown();
      await ended;
    },
  };
}

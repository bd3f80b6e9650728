/**
 * Small HTTP backends that answer their colour.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Backend extends AsyncDisposable {
  readonly colour: string;
  readonly port: number;
  /** Requests answered so far. */
  requests(): number;
}

export interface BackendOptions {
  /** Milliseconds to an answer: with some, requests are under way whenever something changes. */
  readonly delay?: number;
}

/** Starts a backend that answers 200 with its colour as the body, and as `x-colour`. */
export async function startBackend(colour: string, { delay = 0 }: BackendOptions = {}): Promise<Backend> {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    const answer = () => response.writeHead(200, { "content-type": "text/plain", "x-colour": colour }).end(colour);
    if (delay > 0) setTimeout(answer, delay);
    else answer();
  });
  // Envoy keeps its connections: closing one after five idle seconds may cross with a request, and lose it.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    colour,
    port,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * HTTP/1.1 without an opinion about what is answered: a listener with an address of its own, and a server for
 * connections that somebody else accepts.
 *
 * @module
 */
import { createAdaptorServer, getRequestListener } from "@hono/node-server";
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { type Address, formatAddress } from "./address.ts";
import { clearSocketFile, makeSocketFile, type SocketFile } from "./socket_file.ts";

/** A certificate chain and its key, PEM. The caller has checked that they belong together. */
export interface KeyPair {
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
}

export interface HttpServerOptions {
  /** Port 0 takes a free one. */
  readonly address: Address;
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Serves HTTPS. */
  readonly tls?: KeyPair;
}

export interface HttpServer {
  /** Where it really listens: `http://127.0.0.1:18001`, `https://…`, `unix:/run/xcp.sock`. */
  readonly url: string;
  /** Takes another certificate for new connections; those that are open keep theirs. */
  renew(tls: KeyPair): Promise<void>;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** Longer than any scraper's or client's pause between two requests. */
const KEEP_ALIVE_MS = 5 * 60_000;

/**
 * Listens. Rejects when the address is not to be had; `reason` of `lib/system_error.ts` says why.
 */
export async function startHttpServer({ address, fetch, tls }: HttpServerOptions): Promise<HttpServer> {
  let server = createServer(fetch, tls);
  const { bound, file } = await open(server, address);
  // Servers that were replaced and still have open connections.
  const former = new Set<Server>();
  return {
    url: address.kind === "unix"
      ? formatAddress(bound)
      : `${tls === undefined ? "http" : "https"}://${formatAddress(bound)}`,
    async renew(pair) {
      // Bun's HTTPS server cannot change its certificate, so another one takes over the port.
      former.add(server);
      server.close();
      server = createServer(fetch, pair);
      await listenPatiently(server, bound);
    },
    async close() {
      for (const each of [...former, server]) each.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      file?.remove();
    },
  };
}

function createServer(fetch: HttpServerOptions["fetch"], tls: KeyPair | undefined): Server {
  const options = { fetch, overrideGlobalObjects: false };
  const server = tls === undefined
    ? createAdaptorServer({ ...options, createServer: createHttpServer })
    : createAdaptorServer({
      ...options,
      createServer: createHttpsServer,
      serverOptions: { cert: pem(tls.cert), key: pem(tls.key), minVersion: "TLSv1.2" },
    });
  const http = server as Server;
  http.keepAliveTimeout = KEEP_ALIVE_MS;
  http.headersTimeout = 20_000;
  return http;
}

function pem(text: string | Uint8Array): string {
  return typeof text === "string" ? text : new TextDecoder().decode(text);
}

/** Listens for the first time. A socket is for its owner alone; `file` is the socket's. */
async function open(server: Server, address: Address): Promise<{ bound: Address; file: SocketFile | undefined }> {
  if (address.kind === "tcp") return { bound: await listen(server, address), file: undefined };
  const why = await clearSocketFile(address.path);
  if (why !== undefined) throw new Error(why);
  const file = await makeSocketFile(address.path, false, async () => void await listen(server, address));
  return { bound: address, file };
}

function listen(server: Server, address: Address): Promise<Address> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const ready = () => {
      server.off("error", reject);
      // A connection that breaks is one connection's trouble.
      server.on("error", () => {});
      resolve(boundAddress(server, address));
    };
    if (address.kind === "unix") server.listen(address.path, ready);
    else server.listen(address.port, address.host === "" ? "::" : address.host, ready);
  });
}

/** The port of the server that is being replaced is free a moment after it was closed. */
async function listenPatiently(server: Server, address: Address): Promise<void> {
  for (let attempt = 0;; attempt++) {
    try {
      await listen(server, address);
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

function boundAddress(server: Server, address: Address): Address {
  const real = server.address();
  if (address.kind === "unix" || real === null || typeof real === "string") return address;
  return { kind: "tcp", host: address.host === "" ? real.address : address.host, port: real.port };
}

/** Answers on connections that it is given. */
export interface HttpConnections {
  /** Serves a connection, after its TLS handshake if it has one. */
  take(socket: Socket): void;
  /** Answers what is asked already, and closes each connection as soon as it waits for nothing. */
  drain(): void;
}

/** Milliseconds that the steps of a connection may take. */
export interface HttpTimes {
  /** To the end of the headers of its first request. */
  readonly headers: number;
  /** From there to the end of the answer. */
  readonly answer: number;
  /** From there to the end of the next headers. */
  readonly idle: number;
}

const TIMES: HttpTimes = { headers: 20_000, answer: 120_000, idle: KEEP_ALIVE_MS };

interface Connection {
  /** What is being answered. */
  readonly answers: Set<ServerResponse>;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * A server that listens nowhere. `Host` may be anything: Envoy writes the name of a cluster there. A connection that
 * takes longer than its time is closed, so that silent and slow ones do not stay.
 */
export function httpConnections(
  fetch: (request: Request, socket: Socket) => Response | Promise<Response>,
  times: HttpTimes = TIMES,
): HttpConnections {
  const listener = getRequestListener((request, { incoming }) => fetch(request, incoming.socket), {
    overrideGlobalObjects: false,
  });
  const connections = new Map<Socket, Connection>();
  let draining = false;

  function limit(socket: Socket, ms: number): void {
    const connection = connections.get(socket);
    if (connection === undefined) return;
    clearTimeout(connection.timer);
    connection.timer = setTimeout(() => socket.destroy(), ms);
  }

  const server = createHttpServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { socket } = incoming;
    const connection = connections.get(socket);
    connection?.answers.add(outgoing);
    limit(socket, times.answer);
    outgoing.on("close", () => {
      connection?.answers.delete(outgoing);
      if (connection?.answers.size !== 0) return;
      if (draining) socket.end();
      else limit(socket, times.idle);
    });
    incoming.headers.host = "localhost";
    void listener(incoming, outgoing);
  });
  server.keepAliveTimeout = times.idle;
  // A server that does not listen closes each connection after its answer, and here somebody listens for it.
  Object.defineProperty(server, "listening", { get: () => !draining });

  return {
    take(socket) {
      connections.set(socket, { answers: new Set(), timer: undefined });
      limit(socket, times.headers);
      socket.on("close", () => {
        clearTimeout(connections.get(socket)?.timer);
        connections.delete(socket);
      });
      server.emit("connection", socket);
    },
    drain() {
      draining = true;
      for (const [socket, { answers }] of connections) {
        if (answers.size === 0) socket.end();
        for (const answer of answers) answer.shouldKeepAlive = false;
      }
    },
  };
}

/**
 * An HTTP listener: an address, a handler, and no opinion about what is answered.
 *
 * @module
 */
import { createAdaptorServer } from "@hono/node-server";
import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { connect } from "node:net";
import { type Address, formatAddress } from "./address.ts";

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
 * Listens. Rejects with the operating system's error (`EADDRINUSE`, `EACCES`) when the address is not to be had.
 */
export async function startHttpServer({ address, fetch, tls }: HttpServerOptions): Promise<HttpServer> {
  if (address.kind === "unix") await removeStaleSocket(address.path);
  let server = createServer(fetch, tls);
  const bound = await listen(server, address);
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
      if (address.kind === "unix") removeFile(address.path);
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

function listen(server: Server, address: Address): Promise<Address> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const ready = () => {
      server.off("error", reject);
      // A connection that breaks is one connection's trouble.
      server.on("error", () => {});
      resolve(boundAddress(server, address));
    };
    if (address.kind === "tcp") return server.listen(address.port, address.host === "" ? "::" : address.host, ready);
    return server.listen(address.path, () => {
      chmodSync(address.path, 0o600);
      ready();
    });
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

/**
 * After `kill -9` the file of a socket stays behind. It is removed only when nobody answers on it: Bun would replace a
 * socket that another process listens on without a word.
 */
async function removeStaleSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  // Also at an ordinary file nobody answers, and it is not ours.
  if (!found.isSocket()) throw taken(path);
  const state = await new Promise<string>((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve("EADDRINUSE");
    });
    socket.once("error", (error) => resolve("code" in error ? String(error.code) : "EADDRINUSE"));
  });
  if (state !== "ECONNREFUSED") throw taken(path);
  removeFile(path);
}

function taken(path: string): Error {
  return Object.assign(new Error(`listen EADDRINUSE ${path}`), { code: "EADDRINUSE" });
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Gone already.
  }
}

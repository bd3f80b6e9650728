/**
 * Sockets that listen. They are opened here and not by grpc-js, because its way to bind keeps the errors, the files of
 * Unix sockets, and the connections before their first HTTP/2 frame to itself.
 *
 * @module
 */
import { createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { type Address, formatAddress } from "../address.ts";
import { clearSocketFile, makeSocketFile, type SocketFile } from "../socket_file.ts";
import { reason } from "../system_error.ts";
import { TransportError } from "./error.ts";
import { type Credentials, secureContextOptions } from "./tls.ts";

/** How long a client has for its TLS handshake. */
const HANDSHAKE_MS = 10_000;

export interface ListenOptions {
  readonly address: Address;
  /** TLS for TCP; a Unix socket is guarded by the mode of its file and stays plain. */
  readonly credentials: Credentials | undefined;
  /** What clients speak: gRPC, or REST. With TLS they say so (ALPN); for HTTP/1.1 they need not. */
  readonly protocol: "h2" | "http/1.1";
  /** Connections at a time. More are closed unheard. */
  readonly maxConnections: number;
  /** A connection that is ready: after its handshake, where there is one. */
  readonly onConnection: (socket: Socket) => void;
  /** A connection that never got so far. */
  readonly onRefused: (address: string, why: string) => void;
}

export interface Listener {
  /** The address with its real port: `127.0.0.1:18000`, `unix:/run/xcp.sock`. */
  readonly address: string;
  /** Connections that are open, with those in their handshake. */
  connections(): number;
  /** New connections use this from now on. Does nothing for a plain listener. */
  use(credentials: Credentials): void;
  /** Accepts no more; those that are open stay. Removes the file of a Unix socket. */
  stop(): Promise<void>;
  /** Closes every connection without a word. */
  destroy(): void;
}

/** Opens a socket. Throws a {@link TransportError} of kind `unavailable` when the address is not to be had. */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { address, maxConnections, onConnection, onRefused } = options;
  const credentials = address.kind === "tcp" ? options.credentials : undefined;
  const sockets = new Set<Socket>();
  const [server, secure] = credentials === undefined ? plain(onConnection) : encrypted(credentials, options);
  // A TLS server emits `connection` too: the socket below the handshake.
  server.on("connection", (socket: Socket) => {
    if (sockets.size >= maxConnections) {
      onRefused(remote(socket), `more than ${maxConnections} connections`);
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Errors of a connection are its own affair; its end is what counts.
    socket.on("error", () => {});
  });
  const file = await bind(server, address);
  // An error of accepting (no more file descriptors) must not end the process.
  server.on("error", (error: Error) => onRefused(formatAddress(address), reason(error)));

  return {
    address: boundAddress(server, address),
    connections: () => sockets.size,
    use: (next) => secure?.setSecureContext(secureContextOptions(next)),
    stop: () => {
      // The callback of close() waits for the last connection, and that may take as long as it likes.
      if (server.listening) server.close(() => {});
      file?.remove();
      return Promise.resolve();
    },
    destroy: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function plain(onConnection: (socket: Socket) => void): [Server, undefined] {
  return [createTcpServer({ noDelay: true }, onConnection), undefined];
}

function encrypted(credentials: Credentials, { protocol, onConnection, onRefused }: ListenOptions) {
  const mutual = credentials.ca !== undefined;
  const server = createTlsServer({
    ...secureContextOptions(credentials),
    requestCert: mutual,
    rejectUnauthorized: mutual,
    ALPNProtocols: [protocol],
    handshakeTimeout: HANDSHAKE_MS,
    noDelay: true,
  }, (socket: TLSSocket) => {
    socket.on("error", () => {});
    const { alpnProtocol } = socket;
    const silent = protocol === "http/1.1" && typeof alpnProtocol !== "string";
    if (silent || alpnProtocol === protocol) return onConnection(socket);
    const wanted = protocol === "h2" ? "HTTP/2 (ALPN h2)" : "HTTP/1.1 (ALPN http/1.1)";
    onRefused(remote(socket), `the client does not offer ${wanted}`);
    socket.destroy();
  });
  server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
    onRefused(remote(socket), reason(error).trim());
    socket.destroy();
  });
  return [server, server] as const;
}

function remote(socket: Socket): string {
  return socket.remoteAddress === undefined ? "unknown" : `${socket.remoteAddress}:${socket.remotePort}`;
}

/** Listens; the file is that of a Unix socket. */
async function bind(server: Server, address: Address): Promise<SocketFile | undefined> {
  const listening = () =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(address.kind === "unix" ? { path: address.path } : tcpOptions(address), () => {
        server.removeListener("error", reject);
        resolve();
      });
    });
  try {
    if (address.kind === "unix") {
      const why = await clearSocketFile(address.path);
      if (why !== undefined) throw new Error(why);
      return await makeSocketFile(address.path, true, listening);
    }
    await listening();
    return undefined;
  } catch (error) {
    throw unavailable(address, reason(error), error);
  }
}

function tcpOptions({ host, port }: { host: string; port: number }) {
  return host === "" ? { port } : { host, port };
}

function boundAddress(server: Server, address: Address): string {
  const bound = server.address();
  if (address.kind === "unix" || bound === null || typeof bound === "string") return formatAddress(address);
  return formatAddress({ kind: "tcp", host: address.host === "" ? bound.address : address.host, port: bound.port });
}

function unavailable(address: Address, state: string, cause?: unknown): TransportError {
  return new TransportError("unavailable", `Cannot listen on "${formatAddress(address)}": ${state}`, { cause });
}

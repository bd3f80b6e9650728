/**
 * Sockets that listen. They are opened here and not by grpc-js, because its way to bind keeps the errors, the files of
 * Unix sockets, and the connections before their first HTTP/2 frame to itself.
 *
 * @module
 */
import { chmodSync, lstatSync, type Stats, unlinkSync } from "node:fs";
import { connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import process from "node:process";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import { type Address, formatAddress } from "./address.ts";
import { reason, systemCode, TransportError } from "./error.ts";
import { type Credentials, secureContextOptions } from "./tls.ts";

/** How long a client has for its TLS handshake. */
const HANDSHAKE_MS = 10_000;
/** How long whoever owns a socket file has to answer before the file counts as left behind. */
const PROBE_MS = 2_000;

export interface ListenOptions {
  readonly address: Address;
  /** TLS for TCP; a Unix socket is guarded by the mode of its file and stays plain. */
  readonly credentials: Credentials | undefined;
  /** Connections at a time. More are closed unheard. */
  readonly maxConnections: number;
  /** A connection that is ready for HTTP/2: after its handshake, where there is one. */
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
  if (address.kind === "unix") await clearSocketFile(address.path);
  await bind(server, address);
  const file = address.kind === "unix" ? lstatSync(address.path) : undefined;
  // An error of accepting (no more file descriptors) must not end the process.
  server.on("error", (error: Error) => onRefused(formatAddress(address), reason(error)));

  return {
    address: boundAddress(server, address),
    connections: () => sockets.size,
    use: (next) => secure?.setSecureContext(secureContextOptions(next)),
    stop: () => {
      // The callback of close() waits for the last connection, and that may take as long as it likes.
      if (server.listening) server.close(() => {});
      if (file !== undefined && address.kind === "unix") removeSocketFile(address.path, file);
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

function encrypted(credentials: Credentials, { onConnection, onRefused }: ListenOptions) {
  const mutual = credentials.ca !== undefined;
  const server = createTlsServer({
    ...secureContextOptions(credentials),
    requestCert: mutual,
    rejectUnauthorized: mutual,
    ALPNProtocols: ["h2"],
    handshakeTimeout: HANDSHAKE_MS,
    noDelay: true,
  }, (socket: TLSSocket) => {
    socket.on("error", () => {});
    if (socket.alpnProtocol === "h2") return onConnection(socket);
    onRefused(remote(socket), "the client does not offer HTTP/2 (ALPN h2)");
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

async function bind(server: Server, address: Address): Promise<void> {
  const mask = address.kind === "unix" ? narrowUmask() : undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(address.kind === "unix" ? { path: address.path } : tcpOptions(address), () => {
        server.removeListener("error", reject);
        resolve();
      });
      // The file is there when listen() returns; nobody else's files are to be made with this mask.
      mask?.restore();
    });
    if (address.kind === "unix" && mask !== undefined) chmodSync(address.path, mask.mode);
  } catch (error) {
    mask?.restore();
    throw unavailable(address, reason(error), error);
  }
}

function tcpOptions({ host, port }: { host: string; port: number }) {
  return host === "" ? { port } : { host, port };
}

/**
 * A socket file is for its owner and group, from its first moment: whoever opens it gets private keys. An umask that
 * keeps the group out of everything (077) keeps it out of the socket as well.
 */
function narrowUmask(): { mode: number; restore(): void } {
  const before = process.umask(0o117);
  const mode = (before & 0o070) === 0o070 ? 0o600 : 0o660;
  process.umask(0o777 & ~mode);
  let restored = false;
  return {
    mode,
    restore() {
      if (!restored) process.umask(before);
      restored = true;
    },
  };
}

/**
 * Makes room for a socket file. After `kill -9` the old file stays and stands in the way; it goes if nobody answers at
 * it. Somebody who does is never replaced, whatever the runtime itself would do with an existing file.
 */
async function clearSocketFile(path: string): Promise<void> {
  const found = statOf(path);
  if (found === undefined) return;
  const address = { kind: "unix", path } as const;
  if (!found.isSocket()) throw unavailable(address, "a file that is not a socket is there");
  const probe = await connectTo(path);
  if (probe === "answers") throw unavailable(address, "another process listens there");
  if (probe !== "ECONNREFUSED" && probe !== "ENOENT") {
    throw unavailable(address, reason(Object.assign(new Error(probe), { code: probe })));
  }
  removeSocketFile(path, found);
}

/** `answers`, or the code of the error. Whoever accepts slowly or has a full queue is alive. */
function connectTo(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    const done = (result: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(done, PROBE_MS, "answers");
    socket.on("connect", () => done("answers"));
    socket.on("error", (error) => {
      const code = systemCode(error) ?? error.message;
      done(code === "EAGAIN" ? "answers" : code);
    });
  });
}

/** Removes the file if it still is the one that was seen: by now it may be another process'. */
function removeSocketFile(path: string, seen: Stats): void {
  const now = statOf(path);
  if (now === undefined || now.ino !== seen.ino || now.dev !== seen.dev) return;
  try {
    unlinkSync(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw unavailable({ kind: "unix", path }, reason(error), error);
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch {
    return undefined;
  }
}

function boundAddress(server: Server, address: Address): string {
  const bound = server.address();
  if (address.kind === "unix" || bound === null || typeof bound === "string") return formatAddress(address);
  return formatAddress({ kind: "tcp", host: address.host === "" ? bound.address : address.host, port: bound.port });
}

function unavailable(address: Address, state: string, cause?: unknown): TransportError {
  return new TransportError("unavailable", `Cannot listen on "${formatAddress(address)}": ${state}`, { cause });
}

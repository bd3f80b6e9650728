/**
 * A place to connect to whose other end can be moved: what a load balancer does to its clients.
 *
 * @module
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Switch extends AsyncDisposable {
  /** `127.0.0.1:40001`. */
  readonly address: string;
  /** Ends every connection; those that come are led to `host:port`. */
  point(target: string): void;
  /** Connections that were led somewhere so far. */
  connections(): number;
}

/** Listens, and leads whoever connects to `host:port`. */
export async function startSwitch(target: string): Promise<Switch> {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer((near) => {
    connections++;
    const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(target) ?? [];
    const far = connect(Number(port), host);
    for (const [one, other] of [[near, far], [far, near]] as const) {
      open.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const cut = () => open.forEach((socket) => socket.destroy());
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    point(other) {
      target = other;
      cut();
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

/**
 * Ports that are looked at before somebody is told to take them.
 *
 * @module
 */
import { createServer } from "node:net";
import { reason } from "../../lib/system_error.ts";
import { CommandError } from "../exit.ts";

/**
 * A port of `host` that nobody has: `wanted`, or any when that is taken and was not `asked` for.
 *
 * @throws {CommandError} `unavailable`
 */
export async function portFor(host: string, wanted: number, asked: boolean): Promise<number> {
  try {
    return await tried(host, !asked && await isTaken(host, wanted) ? 0 : wanted);
  } catch (error) {
    throw new CommandError("unavailable", `Cannot listen on "${host}:${wanted}": ${reason(error)}`, { cause: error });
  }
}

/** Whether somebody listens there. */
export function isTaken(host: string, port: number): Promise<boolean> {
  return tried(host, port).then(() => false, () => true);
}

function tried(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}

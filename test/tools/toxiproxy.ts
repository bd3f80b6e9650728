/**
 * toxiproxy: a proxy between a client and a server that does what bad networks do. Made by Go, where there is Go.
 *
 * @module
 */
import { eventually, freePort, spawn } from "../e2e/harness.ts";
import { findGoProgram, type GoProgram } from "./go_program.ts";

const TOXIPROXY: GoProgram = {
  name: "toxiproxy",
  path: "github.com/Shopify/toxiproxy/v2/cmd/server",
  version: "v2.5.0",
};

/** Its path, or the reason why it cannot be had here. */
export function findToxiproxy(): ReturnType<typeof findGoProgram> {
  return findGoProgram(TOXIPROXY);
}

/** @see https://github.com/Shopify/toxiproxy#toxics */
export interface Toxic {
  readonly type: "latency" | "bandwidth" | "slow_close" | "timeout" | "reset_peer" | "slicer" | "limit_data";
  /** `upstream` is on the way to the server. */
  readonly stream: "upstream" | "downstream";
  readonly attributes?: Readonly<Record<string, number>>;
}

export interface Toxiproxy extends AsyncDisposable {
  /** What clients connect to: `http://127.0.0.1:20002`. */
  readonly endpoint: string;
  /** Lets nobody in, and ends what is open. */
  disable(): Promise<void>;
  /** From now on; connections that are open get it too. */
  poison(toxic: Toxic): Promise<void>;
  /** Everything is well again. */
  heal(): Promise<void>;
}

/** Starts a proxy in front of `http://host:port`. */
export async function startToxiproxy(path: string, upstream: string): Promise<Toxiproxy> {
  const api = freePort();
  const child = spawn(path, ["-host", "127.0.0.1", "-port", `${api}`]);
  async function call(method: string, where: string, body?: unknown): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${api}${where}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`toxiproxy answers ${response.status} to ${method} ${where}: ${text}`);
  }
  try {
    const describe = () => `toxiproxy to answer; it wrote:\n${child.stdout()}${child.stderr()}`;
    await eventually(() => call("GET", "/version").then(() => true), { describe });
    const listen = `127.0.0.1:${freePort()}`;
    await call("POST", "/proxies", { name: "s3", listen, upstream: new URL(upstream).host, enabled: true });
    if (!child.running()) throw new Error(`toxiproxy ended: ${child.stdout()}${child.stderr()}`);
    return {
      endpoint: `http://${listen}`,
      disable: () => call("POST", "/proxies/s3", { enabled: false }),
      poison: (toxic) => call("POST", "/proxies/s3/toxics", { toxicity: 1, attributes: {}, ...toxic }),
      heal: () => call("POST", "/reset"),
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  } catch (error) {
    await child.stop();
    throw error;
  }
}

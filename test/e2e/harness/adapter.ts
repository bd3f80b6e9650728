/**
 * An adapter that makes a small site of each of its definitions, and what a test needs to see Envoy follow it.
 *
 * @module
 */
import process from "node:process";
import { type Answer, eventuallyAnswers } from "./ask.ts";
import { type Backend, startBackend } from "./backend.ts";
import type { Envoy } from "./envoy.ts";
import { eventually } from "./eventually.ts";
import { type Folder, temporaryFolder } from "./files.ts";
import { freePort } from "./ports.ts";
import { type Mode, startFollower } from "./world.ts";
import { startXcp, type Xcp, type XcpOptions } from "./xcp.ts";

/** A definition: what one group is made of. */
export interface Definition {
  /** Of the listener. */
  readonly port: number;
  /** Of the backend that everything goes to. */
  readonly backend: number;
  /** Of the cluster; default `2s`. */
  readonly timeout?: string;
  /** What the adapter does instead of generating: see {@link ADAPTER}. */
  readonly mischief?: string;
}

/** Definitions by group. They stand in a file that `--watch` does not follow. */
export type Definitions = Readonly<Record<string, Definition>>;

const DEFINITIONS = "definitions.txt";

const SITE = `
import { readFileSync } from "node:fs";

export interface Definition { port: number; backend: number; timeout?: string; mischief?: string }

export function read(): Record<string, Definition> {
  return JSON.parse(readFileSync(new URL("./${DEFINITIONS}", import.meta.url), "utf8"));
}

export function resources({ port, backend, timeout = "2s" }: Definition) {
  const address = (port_value: number) => ({ socket_address: { address: "127.0.0.1", port_value } });
  const typed = (name: string) => \`type.googleapis.com/envoy.\${name}\`;
  return [
    {
      "@type": typed("config.listener.v3.Listener"),
      name: "web",
      address: address(port),
      filter_chains: [{
        filters: [{
          name: "manager",
          typed_config: {
            "@type": typed("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
            stat_prefix: "web",
            rds: { route_config_name: "web", config_source: { ads: {}, resource_api_version: "V3" } },
            http_filters: [{
              name: "router",
              typed_config: { "@type": typed("extensions.filters.http.router.v3.Router") },
            }],
          },
        }],
      }],
    },
    {
      "@type": typed("config.route.v3.RouteConfiguration"),
      name: "web",
      virtual_hosts: [{ name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: "one" } }] }],
    },
    {
      "@type": typed("config.cluster.v3.Cluster"),
      name: "one",
      type: "STATIC",
      connect_timeout: timeout,
      load_assignment: {
        cluster_name: "one",
        endpoints: [{ lb_endpoints: [{ endpoint: { address: address(backend) } }] }],
      },
    },
  ];
}
`;

/**
 * Generates a group anew when it is told to. `mischief` of a definition is what it does instead: `throw`, `hang`,
 * `spin`, `leak`, `exit`.
 */
export const ADAPTER = `
import process from "node:process";
import { read, resources } from "./site.ts";

const held: Uint8Array[] = [];
const MISCHIEF: Record<string, () => unknown> = {
  throw() { throw new Error("no connection to the registry"); },
  hang: () => new Promise(() => {}),
  spin() { for (;;); },
  exit: () => process.exit(3),
  async leak() {
    for (;;) {
      held.push(new Uint8Array(16 << 20).fill(1));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },
};

export default {
  init() { console.log("pid", process.pid); },
  *list() { for (const group of Object.keys(read())) yield { group, id: "site" }; },
  async generate(_state: unknown, group: string) {
    const definition = read()[group];
    if (definition === undefined) return null;
    await MISCHIEF[definition.mischief ?? ""]?.();
    return resources(definition);
  },
};
`;

/** A folder with an adapter in it, and backends that its definitions lead to. */
export interface AdapterFolder extends AsyncDisposable {
  readonly folder: Folder;
  /** Path of `adapter.ts`. */
  readonly path: string;
  readonly red: Backend;
  readonly blue: Backend;
  /** Of the listener of the group `site`. */
  readonly port: number;
  /** Writes the definitions; those of `site` are complete with its port and the red backend. */
  define(site: Partial<Definition>, others?: Definitions): Promise<void>;
}

/** Writes an adapter, and definitions with the group `site`, which leads to the red backend. */
export async function adapterFolder(adapter: string = ADAPTER): Promise<AdapterFolder> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const red = stack.use(await startBackend("red"));
  const blue = stack.use(await startBackend("blue"));
  const port = freePort();
  await folder.write("site.ts", SITE);
  const path = await folder.write("adapter.ts", adapter);
  const define = async (site: Partial<Definition>, others: Definitions = {}) => {
    const definitions: Definitions = { site: { port, backend: red.port, ...site }, ...others };
    await folder.write(DEFINITIONS, JSON.stringify(definitions));
  };
  await define({});
  const kept = stack.move();
  return { folder, path, red, blue, port, define, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** xcp with an adapter, and an Envoy of the group `site` that follows it. */
export interface AdapterWorld extends AdapterFolder {
  readonly xcp: Xcp;
  readonly envoy: Envoy;
  readonly url: string;
  /** Waits until an answer over a new connection is as said. */
  answers(expected: Partial<Answer>): Promise<Answer>;
}

export interface AdapterWorldOptions {
  readonly adapter?: string;
  readonly mode?: Mode;
  /** Further flags of `xcp serve`. */
  readonly args?: readonly string[];
  readonly env?: XcpOptions["env"];
}

/** Starts both, and waits until the red backend answers through Envoy. */
export async function startAdapterWorld(
  { adapter, mode = "delta", args = [], env = {} }: AdapterWorldOptions = {},
): Promise<AdapterWorld> {
  await using stack = new AsyncDisposableStack();
  const made = stack.use(await adapterFolder(adapter));
  const xcp = stack.use(await startXcp({ args: [made.path, ...args], env }));
  const envoy = stack.use(await startFollower({ xds: xcp.xds, mode }));
  const url = `http://127.0.0.1:${made.port}/`;
  const answers = (expected: Partial<Answer>) => eventuallyAnswers(url, expected);
  await answers({ status: 200, body: "red" });
  const kept = stack.move();
  return { ...made, xcp, envoy, url, answers, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** `POST /v1/groups/{group}/events`. */
export async function tell(
  { admin }: Xcp,
  group: string,
  query = "?wait=10s",
): Promise<{ readonly status: number; readonly [key: string]: unknown }> {
  const response = await fetch(`${admin}/v1/groups/${group}/events${query}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"ids":["site"]}',
  });
  return { ...await response.json(), status: response.status };
}

/** Responses that Envoy has taken or refused so far, by type: `{ cluster: 1, listener: 1, route: 1 }`. */
export async function responses(xcp: Xcp): Promise<Readonly<Record<string, number>>> {
  const { text } = await xcp.get("/metrics");
  const counts: Record<string, number> = {};
  for (const [, type = "", count] of text.matchAll(/^xcp_responses_total\{.*type="([^"]+)".*\} (\d+)$/gm)) {
    counts[type] = (counts[type] ?? 0) + Number(count);
  }
  return counts;
}

/** Process ids of the adapters that were started, as {@link ADAPTER} prints them. */
export function pids(xcp: Xcp): readonly number[] {
  return [...xcp.log().matchAll(/\bpid (\d+)\b/g)].map(([, pid]) => Number(pid));
}

/** Waits until a process is gone. */
export async function isGone(pid: number): Promise<void> {
  // It may go between the two looks of one: then the next one finds out.
  await eventually(() => !isThere(pid), { describe: `process ${pid} to be gone` });
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // One whose parent was killed is a zombie until somebody reaps it, in their own time.
  return Deno.build.os !== "linux" || !/^\d+ \(.*\) Z/.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
}

/**
 * A real Envoy as a child, and what its admin API tells.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { type Child, spawn } from "./child.ts";
import { eventually } from "./eventually.ts";
import { temporaryFolder } from "./files.ts";

export interface EnvoyOptions {
  /** Path of the binary: `envoy.path` of `findEnvoy`. */
  readonly path: string;
  /** As YAML or JSON text, or as an object. Its admin address is replaced by one with a free port. */
  readonly bootstrap: string | object;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Envoy extends AsyncDisposable {
  readonly child: Child;
  /** `http://127.0.0.1:40003`, Envoy's admin API. */
  readonly admin: string;
  log(): string;
  /** `GET` of an admin path, as text; throws unless the answer is 2xx. */
  get(path: string): Promise<string>;
  json<T>(path: string): Promise<T>;
  post(path: string): Promise<string>;
  /** Whether `/ready` answers 200: all that it waits for at its start has come. */
  ready(): Promise<boolean>;
  waitReady(timeout?: number): Promise<void>;
  /** Counters and gauges whose name matches Envoy's own filter (a regular expression). */
  stats(filter?: string): Promise<Readonly<Record<string, number>>>;
  /** One counter or gauge by its full name; 0 when it is not there (yet). */
  stat(name: string): Promise<number>;
  /** `host:port` of every endpoint, by cluster; clusters of the bootstrap too. */
  clusters(): Promise<Readonly<Record<string, readonly string[]>>>;
  /** `host:port` that each active listener is bound to, by name. */
  listeners(): Promise<Readonly<Record<string, string>>>;
  /** The `configs` of `/config_dump?include_eds`, with secrets redacted by Envoy. */
  configDump(): Promise<readonly Record<string, unknown>[]>;
}

interface SocketAddress {
  readonly socket_address?: { readonly address: string; readonly port_value: number };
  readonly pipe?: { readonly path: string };
}

interface ClusterStatuses {
  readonly cluster_statuses?: readonly {
    readonly name: string;
    readonly host_statuses?: readonly { readonly address: SocketAddress }[];
  }[];
}

interface ListenerStatuses {
  readonly listener_statuses?: readonly { readonly name: string; readonly local_address: SocketAddress }[];
}

const ADMIN = JSON.stringify({
  admin: { address: { socket_address: { address: "127.0.0.1", port_value: 0 } } },
});

/** Starts an Envoy and waits until its admin API answers; it may not be ready yet. */
export async function startEnvoy({ path, bootstrap, args = [], env = {} }: EnvoyOptions): Promise<Envoy> {
  const folder = await temporaryFolder();
  const file = await folder.write(
    "bootstrap.yaml",
    typeof bootstrap === "string" ? bootstrap : JSON.stringify(bootstrap),
  );
  const flags = ["--config-path", file, "--config-yaml", ADMIN, "--admin-address-path", folder.at("admin")];
  const quiet = ["--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"];
  // Envoy drains for 10 minutes when a listener goes away; a test has no such patience.
  const child = spawn(path, [...flags, ...quiet, "--drain-time-s", "2", ...args], { env });
  const dispose = async () => {
    try {
      await child.stop();
    } finally {
      await folder[Symbol.asyncDispose]();
    }
  };
  try {
    const admin = await eventually(async () => {
      if (!child.running()) return "ended";
      // The file is there before the address is in it.
      const [address] = (await readFile(folder.at("admin"), "utf8")).match(/^\S+:\d+/) ?? [];
      return address === undefined ? undefined : `http://${address}`;
    }, { describe: () => `Envoy to tell its admin address; it wrote:\n${child.stderr()}` });
    if (admin === "ended") throw new Error(`Envoy ended with ${(await child.exit).code}:\n${child.stderr()}`);
    return { child, admin, log: child.stderr, ...adminApi(admin, child), [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

type AdminApi = Omit<Envoy, "child" | "admin" | "log" | typeof Symbol.asyncDispose>;

function adminApi(admin: string, child: Child): AdminApi {
  async function call(method: string, path: string): Promise<string> {
    const response = await fetch(admin + path, { method });
    const text = await response.text();
    if (!response.ok) throw new Error(`Envoy answered ${response.status} to ${method} ${path}: ${text}`);
    return text;
  }
  const get = (path: string) => call("GET", path);
  const json = async <T>(path: string): Promise<T> => JSON.parse(await get(path));
  const ready = async () => (await fetch(`${admin}/ready`).then((r) => r.text().then(() => r.status))) === 200;
  async function stats(filter?: string): Promise<Record<string, number>> {
    const query = filter === undefined ? "" : `&filter=${encodeURIComponent(filter)}`;
    const { stats } = await json<{ stats: { name?: string; value?: number | string }[] }>(`/stats?format=json${query}`);
    const named = stats.filter((stat) => stat.name !== undefined);
    return Object.fromEntries(named.map(({ name, value }) => [name, Number(value)]));
  }
  return {
    get,
    json,
    ready,
    stats,
    post: (path) => call("POST", path),
    async waitReady(timeout = 20_000) {
      const describe = async () => `Envoy to be ready; it wrote:\n${child.stderr()}\n${await get("/init_dump")}`;
      await eventually(ready, { timeout, describe });
    },
    stat: async (name) => (await stats(`^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`))[name] ?? 0,
    async clusters() {
      const { cluster_statuses = [] } = await json<ClusterStatuses>("/clusters?format=json");
      return Object.fromEntries(
        cluster_statuses.map(({ name, host_statuses = [] }) => [name, host_statuses.map((h) => print(h.address))]),
      );
    },
    async listeners() {
      const { listener_statuses = [] } = await json<ListenerStatuses>("/listeners?format=json");
      return Object.fromEntries(listener_statuses.map(({ name, local_address }) => [name, print(local_address)]));
    },
    async configDump() {
      return (await json<{ configs: Record<string, unknown>[] }>("/config_dump?include_eds")).configs;
    },
  };
}

function print({ socket_address, pipe }: SocketAddress): string {
  return socket_address ? `${socket_address.address}:${socket_address.port_value}` : `unix:${pipe?.path}`;
}

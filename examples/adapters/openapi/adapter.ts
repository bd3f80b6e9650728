/**
 * A directory of OpenAPI documents as routes of Envoy. A document in `apis/` is for the group `default`, one in a folder
 * of `apis/` for the group of that name. Which document becomes what is in openapi.ts; here is what is around it: the
 * files, and who is told when one changes.
 */
import { watch } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { clusterOf, type Path, pathsOf, readApi } from "./openapi.ts";
import type { Adapter, Cluster, Context, Listener, Resource, RouteConfiguration } from "./xcp.d.ts";

const APIS = fileURLToPath(new URL("./apis", import.meta.url));
/** An adapter has the environment that it is granted: `xcp serve ./adapter.ts --adapter-env OPENAPI_PORT`. */
const PORT = Number(process.env["OPENAPI_PORT"] ?? 10000);
/** Milliseconds without a change before files are read: an editor or a deployment does several things in a row. */
const QUIET = 100;

/** Text of each document by its file, for each group. */
type Groups = Map<string, Map<string, string>>;

interface State {
  groups: Groups;
}

export default {
  async init(context) {
    const state: State = { groups: new Map() };
    let turn: Promise<void> | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // It watches before it reads, so that no change falls between. Whatever is thrown here ends the process: xcp starts it
    // again, and Envoy keeps what it has.
    watch(APIS, { recursive: true, signal: context.signal }, () => {
      clearTimeout(timer);
      timer = setTimeout(() => turn = turn?.then(() => follow(state, context)), QUIET);
    });
    context.signal.addEventListener("abort", () => clearTimeout(timer));
    state.groups = await read();
    turn = Promise.resolve();
    return state;
  },

  *list({ groups }) {
    for (const [group, files] of groups) for (const id of files.keys()) yield { group, id };
  },

  // Text that makes no sense is found out here and not when it is read: so it is an error of this group, which keeps what
  // it has, and of no other.
  generate({ groups }, group) {
    const files = groups.get(group);
    if (files === undefined) return null; // its last document is gone, so the group is
    const clusters: Cluster[] = [];
    const paths: Path[] = [];
    for (const [file, text] of files) {
      try {
        const api = readApi(text);
        const cluster = clusterOf(api, nameOf(file));
        clusters.push(cluster);
        for (const path of pathsOf(api, cluster.name)) add(path, paths);
      } catch (error) {
        const [reason] = String(error instanceof Error ? error.message : error).split(":\n"); // YAML errors quote the place
        throw new Error(`Cannot use "${file}": ${reason}`);
      }
    }
    return [listener, routes(paths), ...clusters] satisfies Resource[];
  },
} satisfies Adapter<State>;

/** Takes a path that nobody has yet: the first to have it would answer for all methods, with 405 for those it lacks. */
function add(path: Path, paths: Path[]): void {
  const same = paths.find(({ host, order }) => host === path.host && order === path.order);
  if (same !== undefined) throw new Error(`${path.host}${path.path} is in "${same.api}" already`);
  paths.push(path);
}

const listener: Listener = {
  "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
  name: "apis",
  address: { socket_address: { address: "127.0.0.1", port_value: PORT } },
  filter_chains: [{
    filters: [{
      name: "envoy.filters.network.http_connection_manager",
      typed_config: {
        "@type":
          "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix: "apis",
        // Only what a document says gets through, so a path must not mean something else behind Envoy than it does here.
        normalize_path: true,
        merge_slashes: true,
        path_with_escaped_slashes_action: "REJECT_REQUEST",
        rds: { route_config_name: "apis", config_source: { ads: {}, resource_api_version: "V3" } },
        http_filters: [{
          name: "envoy.filters.http.router",
          typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
        }],
      },
    }],
  }],
};

/** Envoy takes the first route that matches, so `/orders/export` has to stand before `/orders/{id}`. */
function routes(paths: readonly Path[]): RouteConfiguration {
  const sorted = paths.toSorted((a, b) => a.order < b.order ? -1 : 1);
  const hosts = [...new Set(sorted.map(({ host }) => host))];
  return {
    "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
    name: "apis",
    ignore_port_in_host_matching: true,
    virtual_hosts: hosts.map((host) => ({
      name: host,
      domains: [host],
      routes: sorted.flatMap((path) => path.host === host ? path.routes : []),
    })),
  };
}

/** `orders` of `partners/orders.yaml`. */
function nameOf(file: string): string {
  return file.replace(/^.*\//, "").replace(/\.\w+$/, "");
}

async function read(): Promise<Groups> {
  const groups: Groups = new Map();
  const names = await readdir(APIS, { recursive: true });
  for (const name of names.sort()) {
    if (!/\.(ya?ml|json)$/.test(name) || /(^|\/)\./.test(name)) continue;
    const group = name.includes("/") ? name.replace(/\/.*/, "") : "default";
    const files = groups.get(group) ?? new Map<string, string>();
    groups.set(group, files.set(name, await readFile(join(APIS, name), "utf8")));
  }
  return groups;
}

/** Reads again, and names the documents that are not as they were: only their groups are generated. */
async function follow(state: State, context: Context): Promise<void> {
  try {
    const before = state.groups;
    state.groups = await read();
    for (const group of new Set([...before.keys(), ...state.groups.keys()])) {
      const [was, is] = [before.get(group), state.groups.get(group)];
      const ids = [...new Set([...was?.keys() ?? [], ...is?.keys() ?? []])];
      const changed = ids.filter((id) => was?.get(id) !== is?.get(id));
      if (changed.length > 0) context.changed(group, changed);
    }
  } catch (error) {
    // A file that went away meanwhile: that is a change too, and comes here again.
    context.log.warn(`Cannot read ${APIS}: ${error}`);
  }
}

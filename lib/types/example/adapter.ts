/**
 * An adapter of xcp: it makes a listener, routes and clusters out of the services in services.json, and tells xcp when
 * they change. Your editor knows every type of Envoy from xcp.d.ts.
 *
 *     xcp validate ./adapter.ts
 *     xcp serve ./adapter.ts
 */
import type { Adapter, Cluster, Context, Listener, RouteConfiguration } from "./xcp.d.ts";

/** Where the services stand: a file here. The address of a registry that answers with JSON will do as well. */
const SERVICES = new URL("./services.json", import.meta.url);

/** Milliseconds between two looks. */
const INTERVAL = 1000;

interface Service {
  /** Requests whose path begins so are for the service. */
  prefix: string;
  /** `host:port` of each of its servers. */
  upstreams: string[];
}

/** Services by name, for each group of Envoys. An Envoy's group is its `node.cluster`, or else `default`. */
type Groups = Record<string, Record<string, Service>>;

interface State {
  groups: Groups;
}

export default {
  async init(context) {
    const state: State = { groups: await read() };
    const timer = setInterval(() => follow(state, context), INTERVAL);
    context.signal.addEventListener("abort", () => clearInterval(timer));
    return state;
  },

  *list({ groups }) {
    for (const [group, services] of Object.entries(groups)) {
      for (const id of Object.keys(services)) yield { group, id };
    }
  },

  generate({ groups }, group) {
    const services = groups[group] ?? {};
    return [listener, routes(services), ...Object.entries(services).map(([name, service]) => cluster(name, service))];
  },
} satisfies Adapter<State>;

/** Listens on port 10000, and takes its routes from xcp too: so they change without a new listener. */
const listener: Listener = {
  "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
  name: "http",
  address: { socket_address: { address: "127.0.0.1", port_value: 10000 } },
  filter_chains: [{
    filters: [{
      name: "envoy.filters.network.http_connection_manager",
      typed_config: {
        "@type":
          "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        stat_prefix: "http",
        rds: { route_config_name: "http", config_source: { ads: {}, resource_api_version: "V3" } },
        http_filters: [{
          name: "envoy.filters.http.router",
          typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
        }],
      },
    }],
  }],
};

/** A route for each service, the longest prefix first: Envoy takes the first that matches. */
function routes(services: Record<string, Service>): RouteConfiguration {
  const inOrder = Object.entries(services).sort(([, a], [, b]) => b.prefix.length - a.prefix.length);
  return {
    "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
    name: "http",
    virtual_hosts: [{
      name: "all",
      domains: ["*"],
      routes: inOrder.map(([name, { prefix }]) => ({
        match: { prefix },
        route: { cluster: name, timeout: "15s" },
      })),
    }],
  };
}

function cluster(name: string, { upstreams }: Service): Cluster {
  return {
    "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
    name,
    type: "STRICT_DNS",
    connect_timeout: "1s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{
        lb_endpoints: upstreams.map((upstream) => {
          const { hostname, port } = new URL(`tcp://${upstream}`);
          const address = hostname.replace(/^\[(.*)\]$/, "$1"); // of [::1]:8080 without the brackets
          return { endpoint: { address: { socket_address: { address, port_value: Number(port) } } } };
        }),
      }],
    },
  };
}

async function read(): Promise<Groups> {
  return await (await fetch(SERVICES)).json();
}

/** Looks again, and names the services that are not as they were. What cannot be read changes nothing. */
async function follow(state: State, context: Context): Promise<void> {
  try {
    const before = state.groups;
    state.groups = await read();
    for (const group of new Set([...Object.keys(before), ...Object.keys(state.groups)])) {
      const [was, is] = [before[group] ?? {}, state.groups[group] ?? {}];
      const ids = [...new Set([...Object.keys(was), ...Object.keys(is)])]
        .filter((id) => JSON.stringify(was[id]) !== JSON.stringify(is[id]));
      if (ids.length > 0) context.changed(group, ids);
    }
  } catch (error) {
    context.log.warn(`Cannot read ${SERVICES}: ${error}`);
  }
}

/**
 * Services and endpoints in tables of PostgreSQL (schema.sql) as configuration of Envoy. Whoever changes a row changes
 * where requests go: a trigger notifies, and the group of that row is generated again.
 *
 *     xcp serve ./adapter.ts --adapter-env 'PG*'
 */
import pg from "pg";
import type {
  Adapter,
  Cluster,
  ClusterLoadAssignment,
  ConfigSource,
  Context,
  Definition,
  Listener,
  RouteConfiguration,
} from "./xcp.d.ts";

/** Milliseconds that the database may take to answer. */
const TIMEOUT = 5_000;
/** Milliseconds between two questions whether it is still there: a connection that only listens would never find out. */
const HEARTBEAT = 10_000;
/** Milliseconds between two attempts to connect; twice as long after each, with some chance in it. */
const RETRY = { first: 500, most: 10_000 };

/** A row of the view `envoy_groups`. */
interface Group {
  port: number;
  services: Service[];
}

interface Service {
  name: string;
  pathPrefix: string;
  timeout: `${number}s`;
  endpoints: { address: string; port: number; weight: number; healthy: boolean }[];
}

interface State {
  /** Undefined while the database is away. */
  database: pg.Client | undefined;
  /** Why it is. */
  reason: string;
  /** What there was when it came. */
  definitions: Definition[];
  /** All groups that were heard of. */
  groups: Set<string>;
}

export default {
  /** Without a database there is nothing to start with: this fails, and xcp tries again. */
  async init(context) {
    const state: State = { database: undefined, reason: "", definitions: [], groups: new Set() };
    await connect(state, context);
    return state;
  },

  list({ definitions }) {
    return definitions;
  },

  /** Throws while the database is away: Envoy keeps what it has, and `xcp status` says why. */
  async generate({ database, reason }, group) {
    if (database === undefined) throw new Error(`the database is away: ${reason}`);
    const found = await database.query<Group>("select port, services from envoy_groups where group_name = $1", [group]);
    const [row] = found.rows;
    if (row === undefined) return null; // the group is gone
    const { port, services } = row;
    return [listener(port), routes(services), ...services.map(cluster), ...services.map(endpoints)];
  },

  async close({ database }) {
    await database?.end();
  },
} satisfies Adapter<State>;

/** Where the database is, and who asks, is in PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD and their like. */
async function connect(state: State, context: Context): Promise<void> {
  const client = new pg.Client({ connectionTimeoutMillis: TIMEOUT, query_timeout: TIMEOUT, application_name: "xcp" });
  let over = false;
  const lose = (error?: Error) => {
    if (over) return;
    over = true;
    clearInterval(heartbeat);
    client.end().catch(() => {});
    if (state.database === client && !context.signal.aborted) void reconnect(state, context, error);
  };
  const heartbeat = setInterval(() => void client.query("select 1").catch(lose), HEARTBEAT);
  client.on("error", lose);
  client.on("end", () => lose());
  client.on("notification", ({ payload = "" }) => {
    const { group, service } = JSON.parse(payload);
    state.groups.add(group);
    context.changed(group, service === null ? undefined : [service]);
  });
  try {
    await client.connect();
    await client.query("listen envoy"); // before it reads: what changes from here on is told
    const found = await client.query<Definition>(
      // A group has a listener even without services, and stands for itself then.
      `select group_name as "group", coalesce(service ->> 'name', group_name) as id
       from envoy_groups left join json_array_elements(services) as service on true`,
    );
    state.definitions = found.rows;
    for (const { group } of found.rows) state.groups.add(group);
    state.database = client;
  } catch (error) {
    lose();
    throw error;
  }
}

/** Waits for a database that went away, and has everything generated again: what changed meanwhile was told to nobody. */
async function reconnect(state: State, context: Context, error?: Error): Promise<void> {
  state.database = undefined;
  state.reason = error?.message ?? "the connection ended";
  context.log.warn(`The database went away: ${state.reason}`);
  for (const group of state.groups) context.changed(group); // which fails, and so is seen
  for (let wait = RETRY.first; state.database === undefined; wait = Math.min(2 * wait, RETRY.most)) {
    await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)));
    if (context.signal.aborted) return;
    try {
      await connect(state, context);
    } catch (error) {
      state.reason = error instanceof Error ? error.message : String(error);
    }
  }
  context.log.info("The database is back");
  for (const group of state.groups) context.changed(group);
}

const ADS: ConfigSource = { ads: {}, resource_api_version: "V3" };

function listener(port: number): Listener {
  return {
    "@type": "type.googleapis.com/envoy.config.listener.v3.Listener",
    name: "http",
    address: { socket_address: { address: "127.0.0.1", port_value: port } },
    filter_chains: [{
      filters: [{
        name: "envoy.filters.network.http_connection_manager",
        typed_config: {
          "@type":
            "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
          stat_prefix: "http",
          rds: { route_config_name: "http", config_source: ADS },
          http_filters: [{
            name: "envoy.filters.http.router",
            typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
          }],
        },
      }],
    }],
  };
}

/** The longest prefix first: Envoy takes the first that matches. */
function routes(services: readonly Service[]): RouteConfiguration {
  const sorted = services.toSorted((a, b) => b.pathPrefix.length - a.pathPrefix.length);
  return {
    "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
    name: "http",
    virtual_hosts: [{
      name: "all",
      domains: ["*"],
      routes: sorted.map(({ name, pathPrefix, timeout }) => ({
        match: pathPrefix === "/" ? { prefix: "/" } : { path_separated_prefix: pathPrefix },
        route: { cluster: name, timeout },
      })),
    }],
  };
}

/** Knows nothing of its endpoints: these come in a resource of their own, and can change without it. */
function cluster({ name }: Service): Cluster {
  return {
    "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
    name,
    type: "EDS",
    eds_cluster_config: { eds_config: ADS },
    connect_timeout: "1s",
  };
}

function endpoints({ name, endpoints }: Service): ClusterLoadAssignment {
  return {
    "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
    cluster_name: name,
    endpoints: [{
      lb_endpoints: endpoints.map(({ address, port, weight, healthy }) => ({
        endpoint: { address: { socket_address: { address, port_value: port } } },
        load_balancing_weight: weight,
        health_status: healthy ? "HEALTHY" : "UNHEALTHY",
      })),
    }],
  };
}

/**
 * Which types an Envoy binary takes as an extension, and where: it says so itself, in the `Node` of `/server_info`. The
 * API alone does not tell, because every place of an extension is an `Any`.
 *
 * @module
 */

/** `name`, `category` and `type_urls` of `envoy.config.core.v3.Extension`. */
interface Extension {
  readonly name: string;
  readonly category: string;
  readonly type_urls: readonly string[];
}

/** Where a type of an HTTP filter may stand. */
interface HttpFilterType {
  readonly filter: boolean;
  readonly upstream: boolean;
  readonly route: boolean;
}

const HTTP = "envoy.filters.http";
const HTTP_UPSTREAM = "envoy.filters.http.upstream";
/** Not Envoy's: it counts the configurations of a route among the types of the filter. */
const HTTP_ROUTE = "envoy.filters.http.route";

/** Envoy lists one kind of factory for each category, and this category has two. */
const UNLISTED: readonly Extension[] = [{
  name: "envoy.resource_monitors.global_downstream_max_connections",
  category: "envoy.resource_monitors",
  type_urls: ["envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"],
}];

const PREFIX = "type.googleapis.com/";
const ROUTER = "envoy.extensions.filters.http.router.v3.Router";
const CODEC = "envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec";
const HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** Lines of `name type…` by category, all sorted: what goes into `lib/gen/extensions.ts`. */
export type Extensions = ReadonlyMap<string, readonly string[]>;

/** Asks the binary, which must be of the version. Takes half a minute: every HTTP filter is tried in three places. */
export async function readExtensions(envoy: string, version: string): Promise<Extensions> {
  const folder = await Deno.makeTempDir();
  try {
    const all = await serverInfo(envoy, version, folder);
    const http = new Set(all.filter(({ category }) => isHttp(category)).flatMap(({ type_urls }) => type_urls));
    const places = new Map<string, HttpFilterType>();
    for (const type of [...http].sort()) places.set(type, await tryFilter(envoy, folder, type));
    return tableOf([...all, ...UNLISTED], places);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The table, with the types of HTTP filters where they were found to stand. */
export function tableOf(all: readonly Extension[], http: ReadonlyMap<string, HttpFilterType>): Extensions {
  const table = new Map<string, string[]>();
  const add = (category: string, name: string, types: readonly string[]) => {
    table.set(category, [...table.get(category) ?? [], [name, ...types.toSorted()].join(" ")]);
  };
  for (const { name, category, type_urls } of all) {
    const in_ = category === HTTP ? "filter" : category === HTTP_UPSTREAM ? "upstream" : undefined;
    add(category, name, in_ === undefined ? type_urls : type_urls.filter((type) => http.get(type)?.[in_] !== false));
    const routes = category === HTTP ? type_urls.filter((type) => http.get(type)?.route !== false) : [];
    if (routes.length > 0) add(HTTP_ROUTE, name, routes);
  }
  return new Map([...table].map(([category, lines]) => [category, lines.sort()] as const).sort());
}

/** The module of TypeScript: strings, which cost nothing until somebody asks. */
export function extensionsModule(version: string, table: Extensions): string {
  const rows = [...table].map(([category, lines]) => `  "${category}": \`\n${lines.join("\n")}\n\`,\n`);
  return `// Made by \`deno task generate\`; do not edit.
/**
 * The extensions that the official binary of Envoy ${version} has (without \`contrib\`), as its \`/server_info\` lists them: for
 * each category a line for each name, with the types of its configuration. Names without a type are older names. Envoy
 * lists what a route may hold with the types of the filter; here it is the category \`${HTTP_ROUTE}\`, found by trying.
 */
export const EXTENSIONS: Readonly<Record<string, string>> = {
${rows.join("")}};
`;
}

function isHttp(category: string): boolean {
  return category === HTTP || category === HTTP_UPSTREAM;
}

async function serverInfo(envoy: string, version: string, folder: string): Promise<Extension[]> {
  const [config, address] = [`${folder}/admin.json`, `${folder}/address`];
  const socket = { socket_address: { address: "127.0.0.1", port_value: 0 } };
  await Deno.writeTextFile(config, JSON.stringify({ admin: { address: socket } }));
  const child = new Deno.Command(envoy, {
    args: [...argumentsOf(config), "--use-dynamic-base-id", "--admin-address-path", address],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    for (let tries = 0;; tries++) {
      const text = await Deno.readTextFile(address).catch(() => "");
      if (text !== "") {
        const info = await (await fetch(`http://${text}/server_info`)).json();
        // `<commit>/1.40.0/Clean/RELEASE/BoringSSL`
        if (info.version.split("/")[1] === version) return info.node.extensions;
        throw new Error(`Cannot ask "${envoy}": it is of version ${info.version}, not ${version}`);
      }
      if (tries === 100) throw new Error(`Cannot ask "${envoy}": it does not write its address`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    child.kill();
    await child.status;
  }
}

/**
 * Envoy finds a filter by any of its types, and then reads what is there as the type of the place. What that is, it says
 * of a field that does not exist. Whether a route may have a configuration at all is only known of what is complete.
 */
async function tryFilter(envoy: string, folder: string, type: string): Promise<HttpFilterType> {
  const last = { name: "last", typed_config: { "@type": PREFIX + CODEC } };
  const struct = { "@type": `${PREFIX}xds.type.v3.TypedStruct`, type_url: PREFIX + type, value: { no_such_field: 1 } };
  const filter = { name: "tried", typed_config: struct };
  const reads = async (place: unknown) =>
    (await validate(envoy, folder, place)).includes(`Protobuf message (type ${type} reason`);
  const route = (config: unknown) => bootstrap([router()], { typed_per_filter_config: { tried: config } });
  return {
    filter: await reads(bootstrap([filter, router()], {})),
    upstream: await reads(bootstrap([router({ upstream_http_filters: [filter, last] })], {})),
    route: await reads(route(struct)) &&
      !(await validate(envoy, folder, route({ "@type": PREFIX + type }))).includes("doesn't support virtual host"),
  };
}

function router(more: Record<string, unknown> = {}): unknown {
  return { name: "router", typed_config: { "@type": PREFIX + ROUTER, ...more } };
}

function bootstrap(filters: readonly unknown[], route: Record<string, unknown>): unknown {
  const routes = [{ match: { prefix: "/" }, redirect: { host_redirect: "a" }, ...route }];
  const manager = {
    "@type": PREFIX + HCM,
    stat_prefix: "a",
    route_config: { virtual_hosts: [{ name: "a", domains: ["*"], routes }] },
    http_filters: filters,
  };
  return {
    static_resources: {
      listeners: [{
        name: "a",
        address: { socket_address: { address: "127.0.0.1", port_value: 1 } },
        filter_chains: [{ filters: [{ name: "manager", typed_config: manager }] }],
      }],
    },
  };
}

async function validate(envoy: string, folder: string, config: unknown): Promise<string> {
  const file = `${folder}/tried.json`;
  await Deno.writeTextFile(file, JSON.stringify(config));
  const args = [...argumentsOf(file), "--mode", "validate", "-l", "critical"];
  const { stderr } = await new Deno.Command(envoy, { args, stdout: "null", stderr: "piped" }).output();
  return new TextDecoder().decode(stderr);
}

function argumentsOf(config: string): string[] {
  return ["-c", config, "--service-node", "n", "--service-cluster", "c", "--disable-hot-restart"];
}

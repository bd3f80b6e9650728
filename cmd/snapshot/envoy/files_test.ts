import { assertEquals, assertMatch } from "@std/assert";
import { mkdtemp, readdir, readFile as readText, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadApi } from "../../../lib/model/api.ts";
import { readFile } from "../../../lib/model/codec/read.ts";
import { contentHash } from "../../../lib/model/resource.ts";
import { SecretFinder } from "../../../lib/store/snapshot/secrets.ts";
import { keptSets } from "../../testing/kept.ts";
import { Sweeper } from "../sweeper.ts";
import { NewTree } from "../tree.ts";
import { envoyFiles } from "./files.ts";

const api = loadApi();
const ADS = "{ ads: {}, resource_api_version: V3 }";
const MANAGER = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

/** The files of a group, as JSON by name. */
async function made(text: string) {
  const { resources, issues } = readFile(api, text, "a.yaml", "a.yaml");
  assertEquals(issues, []);
  const directory = await mkdtemp(join(tmpdir(), "xcp-envoy-"));
  try {
    return await NewTree.with(directory, async (tree) => {
      const { warnings } = await envoyFiles(api, new SecretFinder(api), tree, {
        group: "edge",
        sets: await keptSets(api, "edge", resources),
        directory: "/etc/envoy/xds",
        nodeId: "edge-1",
        adminPort: undefined,
        sweeper: new Sweeper(),
      });
      const files: { readonly path: string; readonly text: string; readonly secret: boolean }[] = [];
      for (const path of (await readdir(tree.folder, { recursive: true })).sort()) {
        const { mode } = await stat(join(tree.folder, path));
        if (path === "secrets") continue;
        files.push({ path, text: await readText(join(tree.folder, path), "utf8"), secret: (mode & 0o77) === 0 });
      }
      const json = (path: string) => JSON.parse(files.find((file) => file.path === path)?.text ?? "null")?.resources;
      return { files, warnings, cds: json("cds.json"), lds: json("lds.json") };
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}

function listener(manager: string, name = "http"): string {
  return `- "@type": type.googleapis.com/envoy.config.listener.v3.Listener
  name: ${name}
  filter_chains: [{ filters: [{ name: http, typed_config: { "@type": ${MANAGER}, stat_prefix: http, ${manager} } }] }]
`;
}

const managerOf = (listener: Listener) => listener.filter_chains[0]?.filters[0]?.typed_config ?? {};
interface Listener {
  readonly filter_chains: readonly {
    readonly filters: readonly { readonly typed_config: Record<string, unknown> }[];
  }[];
}

Deno.test("endpoints stand in the cluster that would ask for them", async () => {
  const { cds, warnings } = await made(`
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: orders
  type: EDS
  eds_cluster_config: { service_name: svc, eds_config: ${ADS} }
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: lost
  type: EDS
  eds_cluster_config: { eds_config: ${ADS} }
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: own
  type: EDS
  eds_cluster_config: { eds_config: { path_config_source: { path: /own.yaml } } }
- "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
  cluster_name: svc
  endpoints: [{ lb_endpoints: [{ health_status: HEALTHY }] }]
`);
  assertEquals(cds.map(({ "@type": _, ...cluster }: Record<string, unknown>) => cluster), [
    { name: "lost", type: "STATIC", load_assignment: { cluster_name: "lost" } },
    {
      name: "orders",
      type: "STATIC",
      load_assignment: { cluster_name: "orders", endpoints: [{ lb_endpoints: [{ health_status: "HEALTHY" }] }] },
    },
    { name: "own", type: "EDS", eds_cluster_config: { eds_config: { path_config_source: { path: "/own.yaml" } } } },
  ]);
  assertEquals(warnings, ['cluster "lost" has no endpoints: "lost" is not there']);
});

Deno.test("routes, and the hosts that would be asked for on demand, stand in the listener", async () => {
  const { lds, warnings } = await made(`${listener(`rds: { route_config_name: web, config_source: ${ADS} }`)}
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: web
  vhds: { config_source: ${ADS} }
  virtual_hosts: [{ name: own, domains: [a] }]
- { "@type": type.googleapis.com/envoy.config.route.v3.VirtualHost, name: web/b, domains: [b] }
- { "@type": type.googleapis.com/envoy.config.route.v3.VirtualHost, name: other/c, domains: [c] }
`);
  assertEquals(managerOf(lds[0]), {
    "@type": MANAGER,
    stat_prefix: "http",
    route_config: {
      name: "web",
      virtual_hosts: [{ name: "own", domains: ["a"] }, { name: "web/b", domains: ["b"] }],
      validate_clusters: false,
    },
  });
  assertEquals(warnings, []);
});

Deno.test("scopes and discovered filters stand in the listener", async () => {
  const { lds, warnings } = await made(`${
    listener(`
    http_filters: [{ name: lua, config_discovery: { config_source: ${ADS}, type_urls: [x] } }],
    scoped_routes: { name: s, rds_config_source: ${ADS}, scoped_rds: { scoped_rds_config_source: ${ADS} } }`)
  }
- "@type": type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration
  name: one
  route_configuration_name: web
- { "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration, name: web, validate_clusters: true }
- "@type": type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig
  name: lua
  typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua }
`);
  const { http_filters, scoped_routes } = managerOf(lds[0]);
  const lua = { "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua" };
  assertEquals(http_filters, [{ name: "lua", typed_config: lua }]);
  assertEquals(scoped_routes, {
    name: "s",
    scoped_route_configurations_list: {
      scoped_route_configurations: [{ name: "one", route_configuration: { name: "web", validate_clusters: true } }],
    },
  });
  assertEquals(warnings, []);
});

Deno.test("each secret is a file of its own for its owner alone, and one that is left out is an empty one", async () => {
  const context = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
  const secret = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
  const { cds, files } = await made(`
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: orders
  transport_socket:
    name: tls
    typed_config:
      "@type": ${context}
      common_tls_context:
        tls_certificate_sds_secret_configs: [{ name: there, sds_config: ${ADS} }]
        validation_context_sds_secret_config: { name: lost, sds_config: ${ADS} }
- { "@type": ${secret}, name: there, generic_secret: { secret: { inline_string: hush } } }
- { "@type": ${secret}, name: other, generic_secret: { secret: { inline_string: hush } } }
`);
  const followed = files.filter(({ path }) => path.startsWith("secrets/"));
  assertEquals(followed.map(({ secret }) => secret), [true, true]);
  const held = followed.map(({ text }) => JSON.parse(text).resources.map(({ name }: { name: string }) => name));
  assertEquals(held.toSorted(), [[], ["there"]]);
  const { common_tls_context: tls } = cds[0].transport_socket.typed_config;
  const source = tls.tls_certificate_sds_secret_configs[0].sds_config.path_config_source;
  assertMatch(source.path, /^\/etc\/envoy\/xds\/\.data\/secrets\/[\w-]{12}\.json$/);
  assertEquals(source.watched_directory, { path: "/etc/envoy/xds" });
  // What nobody asks the control plane for may be named without a source.
  const bootstrap = files.find(({ path }) => path === "envoy.yaml");
  assertEquals(bootstrap?.secret, true);
  assertMatch(bootstrap?.text ?? "", /static_resources:\n +secrets:\n +- name: other\n/);
  assertEquals(files.find(({ path }) => path === "cds.json")?.secret, false);
});

Deno.test("what only a control plane can give is told", async () => {
  const { lds, warnings } = await made(`
- { "@type": type.googleapis.com/envoy.config.listener.v3.Listener, name: grpc, api_listener: {} }
${listener(`rds: { route_config_name: none, config_source: ${ADS} }`)}
${
    listener(
      `http_filters: [{ name: od, typed_config: {
      "@type": type.googleapis.com/envoy.extensions.filters.http.on_demand.v3.OnDemand,
      odcds: { source: ${ADS} } } }]`,
      "od",
    )
  }`);
  assertEquals(lds.length, 2);
  assertEquals(warnings, [
    'listener "grpc" is for gRPC clients, and left out',
    'listener "http" has no routes: "none" is not there, every request is answered 404',
    'listener "od" names something that only a control plane can give, and will not have it',
  ]);
});

Deno.test("a file is as JSON writes it, and its version says what is in it", async () => {
  const cluster = (name: string) =>
    `- { "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: ${name} }\n`;
  for (const names of [["a"], ["b", "a", "é \\ x"]]) {
    const { files, cds, lds } = await made(names.map((name) => cluster(JSON.stringify(name))).join(""));
    for (const [path, resources] of [["cds.json", cds], ["lds.json", lds]] as const) {
      const json = { version_info: contentHash(JSON.stringify(resources)), resources };
      assertEquals(files.find((file) => file.path === path)?.text, `${JSON.stringify(json, undefined, 1)}\n`);
    }
    assertEquals([cds.length, lds.length], [names.length, 0]);
  }
});

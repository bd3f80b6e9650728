import { ScalarType } from "@bufbuild/protobuf";
import { assertEquals } from "@std/assert";
import { loadApi } from "./api.ts";
import { readFile } from "./codec/read.ts";
import { NAMING_FIELDS } from "./references.ts";

const api = loadApi();

/** `Type name path`, with `?` where the client may have the target itself. */
function references(yaml: string): string[] {
  const { resources, issues } = readFile(api, yaml, "f.yaml", "l");
  assertEquals(issues, []);
  return resources.flatMap((resource) => resource.references).map(({ type, name, path, required, bootstrap }) =>
    `${type.slice(type.lastIndexOf(".") + 1)} ${name}${required ? "" : "?"}${bootstrap ? " bootstrap" : ""} ${path}`
  );
}

const T = "type.googleapis.com/envoy";
const NETWORK = `${T}.extensions.filters.network`;
const cluster = (fields: string) => `{"@type": ${T}.config.cluster.v3.Cluster, name: c, ${fields}}`;
const listener = (config: string) =>
  `{"@type": ${T}.config.listener.v3.Listener, name: l, filter_chains: [{filters: [{name: f, typed_config: ${config}}]}]}`;
const manager = (fields: string) =>
  listener(`{"@type": ${NETWORK}.http_connection_manager.v3.HttpConnectionManager, ${fields}}`);
const IN_FILTER = "filter_chains[0].filters[0].typed_config";

Deno.test("every field in the table of names is in the API, and is a string", () => {
  for (const [message, field] of NAMING_FIELDS) {
    const desc = api.message(message)?.fields.find((each) => each.name === field);
    assertEquals(desc?.scalar, ScalarType.STRING, `${message}.${field}`);
  }
});

Deno.test("an EDS cluster names its endpoints, by its service name or its own", () => {
  const ads = "eds_config: {ads: {}}";
  const table: [string, string[]][] = [
    [`type: EDS, eds_cluster_config: {${ads}, service_name: s}`, [
      "ClusterLoadAssignment s eds_cluster_config.service_name",
    ]],
    [`type: eds, eds_cluster_config: {${ads}}`, ["ClusterLoadAssignment c name"]],
    [`type: 3, edsClusterConfig: {edsConfig: {self: {}}, serviceName: ""}`, ["ClusterLoadAssignment c name"]],
    [`type: EDS`, ["ClusterLoadAssignment c name"]],
    [`eds_cluster_config: {${ads}}`, ["ClusterLoadAssignment c name"]],
    [`type: EDS, eds_cluster_config: {eds_config: {path_config_source: {path: /x}}}`, []],
    [`type: EDS, eds_cluster_config: {eds_config: {path: /x}}`, []],
    [
      `type: EDS, eds_cluster_config: {eds_config: {api_config_source: {cluster_names: [x, ""]}}}`,
      ["Cluster x? eds_cluster_config.eds_config.api_config_source.cluster_names[0]", "ClusterLoadAssignment c? name"],
    ],
    [`type: STATIC, load_assignment: {cluster_name: c}`, []],
  ];
  for (const [fields, expected] of table) assertEquals(references(cluster(fields)), expected, fields);
});

Deno.test("a connection manager names its routes, and scopes name theirs", () => {
  assertEquals(references(manager("rds: {route_config_name: r, config_source: {ads: {}}}")), [
    `RouteConfiguration r ${IN_FILTER}.rds.route_config_name`,
  ]);
  assertEquals(references(manager("rds: {route_config_name: r, config_source: {path_config_source: {path: /x}}}")), []);
  const scope = `"@type": ${T}.config.route.v3.ScopedRouteConfiguration, name: s`;
  assertEquals(references(`{${scope}, route_configuration_name: r}`), [
    "RouteConfiguration r route_configuration_name",
  ]);
});

Deno.test("routes name clusters: plain, weighted, mirrored; an inline route configuration belongs to its listener", () => {
  const hosts = `virtual_hosts:
- name: v
  routes:
  - route: {cluster: a, request_mirror_policies: [{cluster: m}]}
  - route: {weighted_clusters: {clusters: [{name: w1}, {name: w2}]}}
  - route: {cluster_header: x}
  - redirect: {}`;
  const expected = (prefix: string) => [
    `Cluster m ${prefix}virtual_hosts[0].routes[0].route.request_mirror_policies[0].cluster`,
    `Cluster a ${prefix}virtual_hosts[0].routes[0].route.cluster`,
    `Cluster w1 ${prefix}virtual_hosts[0].routes[1].route.weighted_clusters.clusters[0].name`,
    `Cluster w2 ${prefix}virtual_hosts[0].routes[1].route.weighted_clusters.clusters[1].name`,
  ];
  const routes = references(`"@type": ${T}.config.route.v3.RouteConfiguration\nname: r\n${hosts}`);
  assertEquals(routes.toSorted(), expected("").toSorted());
  const inline = references(`"@type": ${T}.config.listener.v3.Listener
name: l
filter_chains:
- filters:
  - name: f
    typed_config:
      "@type": ${NETWORK}.http_connection_manager.v3.HttpConnectionManager
      route_config:
        ${hosts.replaceAll("\n", "\n        ")}`);
  assertEquals(inline.toSorted(), expected(`${IN_FILTER}.route_config.`).toSorted());
});

Deno.test("what Envoy takes dangling is not required: TCP, aggregates, gRPC and HTTP services", () => {
  const tcp = (fields: string) => listener(`{"@type": ${NETWORK}.tcp_proxy.v3.TcpProxy, ${fields}}`);
  assertEquals(references(tcp("cluster: a")), [`Cluster a? ${IN_FILTER}.cluster`]);
  assertEquals(references(tcp("weighted_clusters: {clusters: {name: a}}")), [
    `Cluster a? ${IN_FILTER}.weighted_clusters.clusters.name`,
  ]);
  assertEquals(references(tcp('cluster: ""')), []);
  const aggregate =
    `cluster_type: {name: x, typed_config: {"@type": ${T}.extensions.clusters.aggregate.v3.ClusterConfig, clusters: [a, b]}}`;
  assertEquals(references(cluster(aggregate)), [
    "Cluster a? cluster_type.typed_config.clusters[0]",
    "Cluster b? cluster_type.typed_config.clusters[1]",
  ]);
  const authz = `"@type": ${T}.extensions.filters.http.ext_authz.v3.ExtAuthz`;
  const filter = (service: string) => manager(`http_filters: [{name: z, typed_config: {${authz}, ${service}}}]`);
  assertEquals(references(filter("grpc_service: {envoy_grpc: {cluster_name: g}}")), [
    `Cluster g? ${IN_FILTER}.http_filters[0].typed_config.grpc_service.envoy_grpc.cluster_name`,
  ]);
  assertEquals(references(filter("http_service: {server_uri: {cluster: h}}")), [
    `Cluster h? ${IN_FILTER}.http_filters[0].typed_config.http_service.server_uri.cluster`,
  ]);
});

Deno.test("TLS contexts name secrets; without a config source the client has the secret", () => {
  const tls = `"@type": ${T}.extensions.transport_sockets.tls.v3.UpstreamTlsContext`;
  const context = (sds: string) =>
    cluster(`transport_socket: {name: t, typed_config: {${tls}, common_tls_context: {${sds}}}}`);
  const path = "transport_socket.typed_config.common_tls_context";
  const config = "tls_certificate_sds_secret_configs";
  assertEquals(references(context(`${config}: [{name: s, sds_config: {ads: {}}}]`)), [
    `Secret s ${path}.${config}[0].name`,
  ]);
  assertEquals(references(context(`${config}: [{name: s}]`)), [`Secret s? bootstrap ${path}.${config}[0].name`]);
  assertEquals(references(context(`${config}: [{name: s, sds_config: {path_config_source: {path: /x}}}]`)), []);
});

Deno.test("a reference has the place of the name", () => {
  const text = `"@type": ${T}.config.route.v3.ScopedRouteConfiguration\nname: s\nroute_configuration_name: r\n`;
  const [reference] = readFile(api, text, "f.yaml", "l").resources[0]?.references ?? [];
  assertEquals(reference?.at, { file: "f.yaml", line: 3, column: 27 });
});

Deno.test("references inside a TypedStruct are found too", () => {
  const tcp =
    `{"@type": type.googleapis.com/xds.type.v3.TypedStruct, type_url: ${NETWORK}.tcp_proxy.v3.TcpProxy, value: {cluster: a}}`;
  assertEquals(references(listener(tcp)), [`Cluster a? ${IN_FILTER}.value.cluster`]);
});

Deno.test("a filter whose configuration is discovered names it, and with a default does not need it", () => {
  const http = (more: string) => manager(`http_filters: [{name: ext, config_discovery: {${more}}}]`);
  const path = `${IN_FILTER}.http_filters[0].name`;
  const table: [string, string[]][] = [
    [http("config_source: {ads: {}}, type_urls: [a/b.C]"), [`TypedExtensionConfig ext ${path}`]],
    [http(`config_source: {self: {}}, default_config: {"@type": type.googleapis.com/google.protobuf.Empty}`), [
      `TypedExtensionConfig ext? ${path}`,
    ]],
    [http("config_source: {api_config_source: {}}"), [`TypedExtensionConfig ext? ${path}`]],
    [http("config_source: {path_config_source: {path: /x}}"), []],
    [manager("http_filters: [{name: ext}]"), []],
    [
      `{"@type": ${T}.config.listener.v3.Listener, name: l, listener_filters: [{name: lf, config_discovery: {config_source: {ads: {}}}}], filter_chains: [{filters: [{name: nf, config_discovery: {config_source: {ads: {}}}}]}]}`,
      [
        "TypedExtensionConfig lf listener_filters[0].name",
        "TypedExtensionConfig nf filter_chains[0].filters[0].name",
      ],
    ],
    [cluster("filters: [{name: uf, config_discovery: {config_source: {ads: {}}}}]"), [
      "TypedExtensionConfig uf filters[0].name",
    ]],
  ];
  for (const [text, expected] of table) assertEquals(references(text).toSorted(), expected.toSorted(), text);
});

Deno.test("hosts on demand are named by where they are", () => {
  const routes = (more: string) => references(`{"@type": ${T}.config.route.v3.RouteConfiguration, name: r, ${more}}`);
  assertEquals(routes("vhds: {config_source: {ads: {}}}"), ["VirtualHost r/? name"]);
  assertEquals(routes("vhds: {config_source: {api_config_source: {}}}"), []);
  assertEquals(routes("virtual_hosts: []"), []);
});

Deno.test("scopes are asked for without names, and a collection of them by its name", () => {
  const ads = "config_source: {ads: {}}";
  const scoped = (rds: string) => manager(`scoped_routes: {name: s, rds_${ads}, scoped_rds: {${rds}}}`);
  assertEquals(references(scoped(`scoped_rds_${ads}`)), []);
  const locator = "xdstp://a/envoy.config.route.v3.ScopedRouteConfiguration/s/*";
  assertEquals(references(scoped(`scoped_rds_${ads}, srds_resources_locator: "${locator}"`)), [
    `ScopedRouteConfiguration ${locator} ${IN_FILTER}.scoped_routes.scoped_rds.srds_resources_locator`,
  ]);
});

Deno.test("a locality names the collection of its endpoints", () => {
  const locality = (name: string, source: string) =>
    `{"@type": ${T}.config.endpoint.v3.ClusterLoadAssignment, cluster_name: c, endpoints: [{leds_cluster_locality_config: {leds_config: {${source}}, leds_collection_name: "${name}"}}]}`;
  const path = "endpoints[0].leds_cluster_locality_config.leds_collection_name";
  const glob = "xdstp://a/envoy.config.endpoint.v3.LbEndpoint/c/*?";
  assertEquals(references(locality(`${glob}y=1&x=2`, "ads: {}")), [`LbEndpoint ${glob}x=2&y=1 ${path}`]);
  assertEquals(references(locality("xdstp://a/b/c", "ads: {}")), [`LbEndpointCollection xdstp://a/b/c ${path}`]);
  assertEquals(references(locality(glob, "path: /x")), []);
});

Deno.test("the virtual hosts and extensions that are resources of their own name clusters as inside of others", () => {
  assertEquals(
    references(`{"@type": ${T}.config.route.v3.VirtualHost, name: r/v, domains: [x], routes: [{route: {cluster: a}}]}`),
    ["Cluster a routes[0].route.cluster"],
  );
  const authz = `"@type": ${T}.extensions.filters.http.ext_authz.v3.ExtAuthz`;
  const config = `typed_config: {${authz}, grpc_service: {envoy_grpc: {cluster_name: g}}}`;
  assertEquals(references(`{"@type": ${T}.config.core.v3.TypedExtensionConfig, name: e, ${config}}`), [
    "Cluster g? typed_config.grpc_service.envoy_grpc.cluster_name",
  ]);
});

Deno.test("thrift, dubbo and generic proxies name routes of their own types", () => {
  const proxies = [
    ["thrift_proxy.v3.ThriftProxy", "trds", "RouteConfiguration"],
    ["dubbo_proxy.v3.DubboProxy", "drds", "MultipleRouteConfiguration"],
    ["generic_proxy.v3.GenericProxy", "generic_rds", "RouteConfiguration"],
  ];
  for (const [message, field, type] of proxies) {
    const text = listener(
      `{"@type": ${NETWORK}.${message}, ${field}: {config_source: {ads: {}}, route_config_name: r}}`,
    );
    assertEquals(references(text), [`${type} r ${IN_FILTER}.${field}.route_config_name`]);
  }
});

Deno.test("names of xdstp are recorded in their canonical form", () => {
  const name = (query: string) => `"xdstp://a/envoy.config.endpoint.v3.ClusterLoadAssignment/x?${query}"`;
  const eds = `type: EDS, eds_cluster_config: {service_name: ${name("b=2&a=1")}, eds_config: {ads: {}}}`;
  assertEquals(references(cluster(eds)), [
    `ClusterLoadAssignment ${name("a=1&b=2").replaceAll('"', "")} eds_cluster_config.service_name`,
  ]);
});

Deno.test("the cluster behind a management server of a bootstrap must be there, but when it is asked for changes only", () => {
  const strict = (type: string) => {
    const source = `{api_type: ${type}, grpc_services: [{envoy_grpc: {cluster_name: c}}]}`;
    const { bootstrap } = readFile(
      api,
      `dynamic_resources: {cds_config: {api_config_source: ${source}}}`,
      "f.yaml",
      "l",
    );
    return bootstrap?.references.map(({ strict, primary }) => [strict ?? false, primary ?? false]);
  };
  assertEquals(strict("GRPC"), [[true, true]]);
  assertEquals(strict("DELTA_GRPC"), [[false, false]]);
});

/** Fields with "cluster" in their names that name no cluster of this configuration, or are looked at in another way. */
const NO_CLUSTERS: readonly string[] = [
  "envoy.config.core.v3.Node.cluster",
  "envoy.config.endpoint.v3.ClusterLoadAssignment.cluster_name",
  "envoy.config.endpoint.v3.ClusterStats.cluster_name",
  "envoy.config.endpoint.v3.ClusterStats.cluster_service_name",
  "envoy.config.route.v3.RouteAction.RequestMirrorPolicy.cluster_header",
  "envoy.config.route.v3.RouteAction.cluster_header",
  "envoy.config.route.v3.RouteAction.cluster_specifier_plugin",
  "envoy.config.route.v3.WeightedCluster.ClusterWeight.cluster_header",
  // Its tracer is gone from Envoy.
  "envoy.config.trace.v3.LightstepConfig.collector_cluster",
  // Depends on the field beside it: it has a watcher of its own.
  "envoy.config.trace.v3.ZipkinConfig.collector_cluster",
  "envoy.data.cluster.v3.OutlierDetectionEvent.cluster_name",
  // The name of a module's own kind.
  "envoy.extensions.clusters.dynamic_modules.v3.ClusterConfig.cluster_name",
  // Compared with the cluster that was chosen.
  "envoy.extensions.filters.http.fault.v3.HTTPFault.upstream_cluster",
  "envoy.extensions.filters.network.reverse_tunnel.v3.ReverseTunnel.required_cluster_name",
  "envoy.extensions.filters.network.reverse_tunnel.v3.Validation.cluster_id_format",
  "envoy.extensions.filters.network.thrift_proxy.v3.RouteAction.cluster_header",
];

Deno.test("no field of the API whose name speaks of a cluster is forgotten", () => {
  const known = new Set(NAMING_FIELDS.map(([message, field]) => `${message}.${field}`));
  const forgotten: string[] = [];
  for (const type of api.registry) {
    if (type.kind !== "message" || !/^envoy\.(config|extensions|data\.(cluster|dns))\./.test(type.typeName)) continue;
    for (const field of type.fields) {
      const isString = field.fieldKind !== "map" && field.scalar === ScalarType.STRING;
      const name = `${type.typeName}.${field.name}`;
      if (isString && field.name.includes("cluster") && !known.has(name)) forgotten.push(name);
    }
  }
  assertEquals(forgotten.sort(), [...NO_CLUSTERS].sort());
});

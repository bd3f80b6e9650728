import { assert, assertEquals } from "@std/assert";
import {
  ADS,
  ask,
  cluster,
  documents,
  endpoints,
  eventually,
  listener,
  MODES,
  NEEDS_ENVOY,
  route,
  startBackend,
  startWorld,
} from "./harness.ts";

const AUTHORITY = "xdstp://xcp.example";
const ENDPOINTS = `${AUTHORITY}/envoy.config.endpoint.v3.ClusterLoadAssignment`;
const ROUTES = `${AUTHORITY}/envoy.config.route.v3.RouteConfiguration`;
const CLUSTERS = `${AUTHORITY}/envoy.config.cluster.v3.Cluster`;
const LISTENERS = `${AUTHORITY}/envoy.config.listener.v3.Listener`;
const LOCALITY = `${AUTHORITY}/envoy.config.endpoint.v3.LbEndpoint/one/here`;

for (const mode of MODES) {
  Deno.test(`${mode}: routes and endpoints with xdstp names; the order of context is none`, NEEDS_ENVOY, async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    // As the cluster says it, which is how Envoy compares it; it asks with the parameters in order.
    const service = `${ENDPOINTS}/site/one?zone=b&env=a`;
    const one = cluster("one").replace("eds_cluster_config: {", `eds_cluster_config: { service_name: "${service}",`);
    await using world = await startWorld({
      mode,
      files: (port) => ({
        "listener.yaml": listener({
          port,
          routes: `rds: { route_config_name: "${ROUTES}/site/web", config_source: ${ADS} }`,
        }),
        "route.yaml": route("one", `${ROUTES}/site/web`),
        "cluster.yaml": one,
        "endpoints.yaml": endpoints(service, red.port),
      }),
    });
    const { config, envoy } = world;
    await world.answers({ status: 200, body: "red" });
    await config.write("endpoints.yaml", endpoints(service, blue.port));
    await world.answers({ status: 200, body: "blue" });
    await config.write("two.yaml", documents(cluster("two"), endpoints("two", red.port)));
    await config.write("route.yaml", route("two", `${ROUTES}/site/web`));
    await world.answers({ status: 200, body: "red" });
    for (const api of ["cluster_manager.cds", "listener_manager.lds", "cluster.one"]) {
      assertEquals(await envoy.stat(`${api}.update_rejected`), 0);
    }
  });
}

/** The clusters and listeners of the bootstrap as members of `…/site/*`. */
function adaptToGlobs({ dynamic_resources }: { dynamic_resources: Record<string, unknown> }): void {
  dynamic_resources.cds_resources_locator = `${CLUSTERS}/site/*`;
  dynamic_resources.lds_resources_locator = `${LISTENERS}/site/*`;
}

Deno.test("delta: clusters and listeners as members of globs come, change and go", NEEDS_ENVOY, async () => {
  await using red = await startBackend("red");
  await using blue = await startBackend("blue");
  const file = (name: string, port: number) =>
    documents(cluster(`${CLUSTERS}/site/${name}`), endpoints(`${CLUSTERS}/site/${name}`, port));
  await using world = await startWorld({
    mode: "delta",
    files: (port) => ({
      "listener.yaml": listener({ port, name: `${LISTENERS}/site/web`, routes: WEB }),
      "route.yaml": route(`"${CLUSTERS}/site/one"`),
      "one.yaml": file("one", red.port),
      "elsewhere.yaml": documents(cluster(`${CLUSTERS}/other/three`), endpoints(`${CLUSTERS}/other/three`, red.port)),
      "plain.yaml": documents(cluster("plain"), endpoints("plain", red.port)),
    }),
    adapt: adaptToGlobs,
  });
  const { config, envoy } = world;
  const clusters = async () => Object.keys(await envoy.clusters()).map((name) => name.replace(CLUSTERS, "")).sort();
  await world.answers({ status: 200, body: "red" });
  assertEquals(await clusters(), ["/site/one", "xcp"]);
  await config.write("two.yaml", file("two", blue.port));
  await config.write("route.yaml", route(`"${CLUSTERS}/site/two"`));
  await world.answers({ status: 200, body: "blue" });
  await config.remove("one.yaml");
  await eventually(async () => (await clusters()).join() === "/site/two,xcp");
  await world.answers({ status: 200, body: "blue" });
});

const WEB = `rds: { route_config_name: web, config_source: ${ADS} }`;

Deno.test("delta: globs without members do not hold Envoy up", NEEDS_ENVOY, async () => {
  await using red = await startBackend("red");
  const began = performance.now();
  await using world = await startWorld({
    mode: "delta",
    files: () => ({ "plain.yaml": documents(cluster("plain"), endpoints("plain", red.port)) }),
    adapt: adaptToGlobs,
  });
  assert(performance.now() - began < 10_000, "Envoy waited for members of the globs");
  assertEquals(Object.keys(await world.envoy.clusters()), ["xcp"]);
  await world.config.write(
    "web.yaml",
    documents(
      listener({ port: world.port, name: `${LISTENERS}/site/web`, routes: WEB }),
      ...[route(`"${CLUSTERS}/site/one"`), cluster(`${CLUSTERS}/site/one`)],
      endpoints(`${CLUSTERS}/site/one`, red.port),
    ),
  );
  await world.answers({ status: 200, body: "red" });
});

/** A locality whose endpoints are a collection of their own. */
const BY_LEDS = `"@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
cluster_name: one
endpoints:
  - locality: { region: here }
    load_balancing_weight: 1
    leds_cluster_locality_config: { leds_config: ${ADS}, leds_collection_name: "${LOCALITY}/*" }
`;

/** One endpoint has no name of its own: the wrapper has it. */
function endpoint(name: string, port: number): string {
  return `"@type": type.googleapis.com/envoy.service.discovery.v3.Resource
name: "${LOCALITY}/${name}"
resource:
  "@type": type.googleapis.com/envoy.config.endpoint.v3.LbEndpoint
  endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${port} } } }
`;
}

Deno.test("delta: endpoints of a locality (LEDS) come and go one by one", NEEDS_ENVOY, async () => {
  await using red = await startBackend("red");
  await using blue = await startBackend("blue");
  const began = performance.now();
  await using world = await startWorld({
    mode: "delta",
    files: (port) => ({
      "site.yaml": documents(listener({ port }), route("one"), cluster("one"), BY_LEDS),
    }),
  });
  assert(performance.now() - began < 10_000, "Envoy waited for endpoints of the locality");
  const { config, envoy, url } = world;
  assertEquals((await ask(url)).status, 503);
  await config.write("endpoints/red.yaml", endpoint("red", red.port));
  await world.answers({ status: 200, body: "red" });
  await config.write("endpoints/blue.yaml", endpoint("blue", blue.port));
  await eventually(async () => (await envoy.clusters()).one?.length === 2);
  await config.remove("endpoints/red.yaml");
  await eventually(async () => (await envoy.clusters()).one?.length === 1);
  await world.answers({ status: 200, body: "blue" });
  // An endpoint that moves to another port.
  await config.write("endpoints/blue.yaml", endpoint("blue", red.port));
  await world.answers({ status: 200, body: "red" });
  assertEquals(await envoy.stat("cluster.one.leds.update_rejected"), 0);
});

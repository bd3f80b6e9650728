import { assert, assertEquals } from "@std/assert";
import {
  ADS,
  ask,
  cluster,
  documents,
  endpoints,
  eventually,
  listener,
  NEEDS_ENVOY,
  startBackend,
  startWorld,
} from "./harness.ts";

/** Clusters are asked for when the first request for them comes; a request waits for as long as this. */
const ON_DEMAND = "{ name: on_demand, typed_config: " +
  '{ "@type": type.googleapis.com/envoy.extensions.filters.http.on_demand.v3.OnDemand, ' +
  `odcds: { source: ${ADS}, timeout: 4s } } }`;

/** The header `x-cluster` names the cluster. */
const BY_HEADER = `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
name: web
virtual_hosts:
  - name: all
    domains: ["*"]
    routes:
      - match: { prefix: / }
        route: { cluster_header: x-cluster }
`;

Deno.test(
  "delta: clusters on demand: a hit, a miss that is told at once, one that comes later",
  NEEDS_ENVOY,
  async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    await using world = await startWorld({
      mode: "delta",
      files: (port) => ({
        "listener.yaml": listener({ port, filters: [ON_DEMAND] }),
        "route.yaml": BY_HEADER,
        "one.yaml": documents(cluster("one"), endpoints("one", red.port)),
        "unused.yaml": documents(cluster("unused"), endpoints("unused", red.port)),
      }),
      // With the wildcard there would be nothing to ask for.
      adapt: ({ dynamic_resources }) => delete dynamic_resources.cds_config,
    });
    const { config, envoy, url } = world;
    const to = (cluster: string) => ({ headers: { "x-cluster": cluster } });
    const clusters = async () => Object.keys(await envoy.clusters()).sort().join();
    assertEquals(await clusters(), "xcp");
    await world.answers({ status: 200, body: "red" }, to("one"));
    assertEquals(await clusters(), "one,xcp");

    const before = performance.now();
    assertEquals((await ask(url, to("two"))).status, 503);
    const took = performance.now() - before;
    assert(took < 2_000, `the miss was told after ${took} ms`);
    await config.write("two.yaml", documents(cluster("two"), endpoints("two", blue.port)));
    await eventually(async () => await clusters() === "one,two,xcp");
    await world.answers({ status: 200, body: "blue" }, to("two"));

    // What was asked for follows its files.
    await config.write("one.yaml", documents(cluster("one"), endpoints("one", blue.port)));
    await world.answers({ status: 200, body: "blue" }, to("one"));
    await config.remove("two.yaml");
    await eventually(async () => await clusters() === "one,xcp");
    // After a restart it asks for the same again.
    await world.crash();
    await config.write("one.yaml", documents(cluster("one", "lb_policy: RANDOM"), endpoints("one", red.port)));
    await world.restart();
    await world.answers({ status: 200, body: "red" }, to("one"));
    assertEquals(await clusters(), "one,xcp");
    assertEquals(await envoy.stat("cluster_manager.odcds.update_rejected"), 0);
  },
);

import { assert, assertEquals } from "@std/assert";
import {
  cluster,
  documents,
  endpoints,
  eventually,
  listener,
  MODES,
  NEEDS_ENVOY,
  startBackend,
  startLoad,
  startWorld,
} from "./harness.ts";

/** A layer of the runtime: `blue` in a hundred requests go to the cluster two. */
function runtime(blue: number): string {
  return `"@type": type.googleapis.com/envoy.service.runtime.v3.Runtime
name: site
layer:
  routing.blue: { numerator: ${blue}, denominator: HUNDRED }
`;
}

const ROUTE = `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
name: web
virtual_hosts:
  - name: all
    domains: ["*"]
    routes:
      - match:
          prefix: /
          runtime_fraction: { default_value: { numerator: 0, denominator: HUNDRED }, runtime_key: routing.blue }
        route: { cluster: two }
      - match: { prefix: / }
        route: { cluster: one }
`;

for (const mode of MODES) {
  Deno.test(`${mode}: a key of the runtime (RTDS) divides the traffic, and follows its file`, NEEDS_ENVOY, async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    await using world = await startWorld({
      mode,
      files: (port) => ({
        "site.yaml": documents(
          listener({ port }),
          ROUTE,
          ...[cluster("one"), cluster("two"), endpoints("one", red.port), endpoints("two", blue.port)],
        ),
        "runtime.yaml": runtime(0),
      }),
      adapt(bootstrap) {
        const rtds_config = { ads: {}, resource_api_version: "V3" };
        bootstrap.layered_runtime = { layers: [{ name: "site", rtds_layer: { name: "site", rtds_config } }] };
      },
    });
    const { config, envoy, url } = world;
    await world.answers({ status: 200, body: "red" });
    await config.write("runtime.yaml", runtime(100));
    await world.answers({ status: 200, body: "blue" });
    await config.write("runtime.yaml", runtime(50));
    await eventually(async () => (await envoy.get("/runtime")).includes("number_value: 50"), {
      describe: () => envoy.get("/runtime"),
    });
    {
      await using load = startLoad({ url });
      // Of 400 requests half would be 200; 120 is eight deviations away.
      await eventually(() => load.report().succeeded >= 400);
      const { bodies, failures } = await load.stop();
      assertEquals(failures, []);
      assert(Math.min(bodies.red ?? 0, bodies.blue ?? 0) > 120, JSON.stringify(bodies));
    }
    await config.write("runtime.yaml", runtime(0));
    await world.answers({ body: "red" });
    assertEquals(await envoy.stat("runtime.load_error"), 0);
  });
}

Deno.test("delta: a layer of the runtime whose file is removed has no say any more", NEEDS_ENVOY, async () => {
  await using red = await startBackend("red");
  await using blue = await startBackend("blue");
  await using world = await startWorld({
    mode: "delta",
    files: (port) => ({
      "site.yaml": documents(
        listener({ port }),
        ROUTE,
        ...[cluster("one"), cluster("two"), endpoints("one", red.port), endpoints("two", blue.port)],
      ),
      "runtime.yaml": runtime(100),
    }),
    adapt(bootstrap) {
      const rtds_config = { ads: {}, resource_api_version: "V3" };
      bootstrap.layered_runtime = { layers: [{ name: "site", rtds_layer: { name: "site", rtds_config } }] };
    },
  });
  await world.answers({ status: 200, body: "blue" });
  await world.config.remove("runtime.yaml");
  await world.answers({ status: 200, body: "red" });
  await world.config.write("runtime.yaml", runtime(100));
  await world.answers({ status: 200, body: "blue" });
});

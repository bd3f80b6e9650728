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
  type World,
} from "./harness.ts";

/** Virtual hosts are asked for when the first request for them comes. */
const ON_DEMAND = "{ name: on_demand, typed_config: " +
  '{ "@type": type.googleapis.com/envoy.extensions.filters.http.on_demand.v3.OnDemand } }';

/** Routes of which one host is known beforehand; all others come by VHDS. */
function routes(name = "web"): string {
  return `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
name: ${name}
vhds: { config_source: ${ADS} }
virtual_hosts:
  - name: static
    domains: [static.example]
    routes:
      - match: { prefix: / }
        direct_response: { status: 200, body: { inline_string: static } }
`;
}

function host(name: string, domain: string, cluster: string): string {
  return `"@type": type.googleapis.com/envoy.config.route.v3.VirtualHost
name: ${name}
domains: ["${domain}"]
routes:
  - match: { prefix: / }
    route: { cluster: ${cluster} }
`;
}

async function answers(world: World, host: string, expected: { status: number; body?: string }): Promise<void> {
  await world.answers(expected, { headers: { host } });
}

/** Asks once: whoever waits for an answer that does not come has 5 s. */
async function answersAtOnce(world: World, host: string, status: number): Promise<void> {
  const before = performance.now();
  assertEquals((await ask(world.url, { headers: { host } })).status, status);
  const took = performance.now() - before;
  assert(took < 2_000, `${host} was answered after ${took} ms`);
}

Deno.test(
  "delta: hosts on demand (VHDS): known ones, unknown ones, later ones, removed ones",
  NEEDS_ENVOY,
  async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    const began = performance.now();
    await using world = await startWorld({
      mode: "delta",
      files: (port) => ({
        "listener.yaml": listener({ port, filters: [ON_DEMAND] }),
        "routes.yaml": routes(),
        "clusters.yaml": documents(
          ...[cluster("one"), cluster("two"), endpoints("one", red.port), endpoints("two", blue.port)],
        ),
        "hosts/acme.yaml": host("web/acme", "acme.example", "one"),
        "hosts/tenants.yaml": host("web/tenants", "*.tenants.example", "two"),
      }),
    });
    assert(performance.now() - began < 10_000, "Envoy waited for virtual hosts that nobody asked for");
    const { config, envoy } = world;
    const hosts = () => envoy.stat("http.web.rds.vhds.web.config_reload");
    await answersAtOnce(world, "static.example", 200);
    const before = await hosts();
    await answersAtOnce(world, "acme.example", 200);
    await answersAtOnce(world, "ACME.example", 200);
    await answersAtOnce(world, "a.tenants.example", 200);
    await answersAtOnce(world, "b.tenants.example", 200);
    assertEquals(await hosts(), before + 2, "each was asked for once");
    await answersAtOnce(world, "nobody.example", 404);
    await answersAtOnce(world, "nobody.example", 404);

    // One appears that was asked for in vain, one changes, one goes away and comes back.
    await config.write("hosts/nobody.yaml", host("web/nobody", "nobody.example", "two"));
    await answers(world, "nobody.example", { status: 200, body: "blue" });
    await config.write("hosts/acme.yaml", host("web/acme", "acme.example", "two"));
    await answers(world, "acme.example", { status: 200, body: "blue" });
    await config.remove("hosts/acme.yaml");
    await answers(world, "acme.example", { status: 404 });
    await config.write("hosts/acme.yaml", host("web/acme", "acme.example", "one"));
    await answers(world, "acme.example", { status: 200, body: "red" });
    // A host moves to another resource in one save.
    await config.write("hosts/nobody.yaml", documents(host("web/somebody", "nobody.example", "one")));
    await answers(world, "nobody.example", { status: 200, body: "red" });
    assertEquals(await envoy.stat("http.web.rds.vhds.web.update_rejected"), 0);
  },
);

Deno.test("delta: hosts on demand after a restart of xcp: what changed meanwhile is heard", NEEDS_ENVOY, async () => {
  await using red = await startBackend("red");
  await using blue = await startBackend("blue");
  await using world = await startWorld({
    mode: "delta",
    files: (port) => ({
      "listener.yaml": listener({ port, filters: [ON_DEMAND] }),
      "routes.yaml": routes(),
      "clusters.yaml": documents(
        ...[cluster("one"), cluster("two"), endpoints("one", red.port), endpoints("two", blue.port)],
      ),
      "hosts/stays.yaml": host("web/stays", "stays.example", "one"),
      "hosts/changes.yaml": host("web/changes", "changes.example", "one"),
      "hosts/goes.yaml": host("web/goes", "goes.example", "one"),
      "hosts/never.yaml": host("web/never", "never.example", "one"),
    }),
  });
  const { config, envoy } = world;
  for (const name of ["stays", "changes", "goes"]) await answersAtOnce(world, `${name}.example`, 200);
  await answersAtOnce(world, "comes.example", 404);
  await world.crash();
  await config.write("hosts/changes.yaml", host("web/changes", "changes.example", "two"));
  await config.remove("hosts/goes.yaml");
  await config.write("hosts/comes.yaml", host("web/comes", "comes.example", "two"));
  await answersAtOnce(world, "stays.example", 200);
  await world.restart();
  await answers(world, "changes.example", { status: 200, body: "blue" });
  await answers(world, "comes.example", { status: 200, body: "blue" });
  await answers(world, "goes.example", { status: 404 });
  await answersAtOnce(world, "stays.example", 200);
  // Nobody asked for this one, although Envoy asks for "*" when it comes back.
  const dump = JSON.stringify(await envoy.configDump());
  assert(dump.includes("stays.example"));
  assert(!dump.includes("never.example"), "it was sent all hosts");
  await answersAtOnce(world, "never.example", 200);
  assertEquals(await envoy.stat("http.web.rds.vhds.web.update_rejected"), 0);
});

Deno.test(
  "delta: two route configurations with hosts on demand, one of them later, do not wait",
  NEEDS_ENVOY,
  async () => {
    await using red = await startBackend("red");
    await using world = await startWorld({
      mode: "delta",
      files: (port) => ({
        "listener.yaml": listener({ port, filters: [ON_DEMAND] }),
        "routes.yaml": routes(),
        "one.yaml": documents(cluster("one"), endpoints("one", red.port)),
        "hosts.yaml": documents(host("web/a", "a.example", "one"), host("other/a", "a.example", "one")),
      }),
    });
    await answersAtOnce(world, "a.example", 200);
    const began = performance.now();
    // The listener moves to the other routes: it takes over when they are complete.
    const moved = listener({ port: world.port, filters: [ON_DEMAND] })
      .replace("route_config_name: web", "route_config_name: other").replace("stat_prefix: web", "stat_prefix: other");
    await world.config.write("listener.yaml", moved);
    await world.config.write("other.yaml", routes("other"));
    await eventually(async () => {
      await ask(world.url, { headers: { host: "a.example" } });
      return await world.envoy.stat("http.other.rq_total") > 0;
    }, { timeout: 30_000, describe: "the listener with the other routes" });
    assert(performance.now() - began < 10_000, "Envoy waited for virtual hosts that nobody asked for");
    await answersAtOnce(world, "a.example", 200);
    await answersAtOnce(world, "nobody.example", 404);
  },
);

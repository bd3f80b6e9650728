import { assertEquals } from "@std/assert";
import { ROUTES } from "../../lib/model/types.ts";
import {
  ADS,
  clientsOf,
  cluster,
  documents,
  endpoints,
  listener,
  MODES,
  NEEDS_ENVOY,
  route,
  startBackend,
  startWorld,
  type World,
} from "./harness.ts";

/** The header `x-tenant` chooses the routes. */
const SCOPES = `scoped_routes: { name: scopes, rds_config_source: ${ADS}, ` +
  `scoped_rds: { scoped_rds_config_source: ${ADS} }, scope_key_builder: ` +
  `{ fragments: [{ header_value_extractor: { name: x-tenant, index: 0 } }] } }`;

const ON_DEMAND = "{ name: on_demand, typed_config: " +
  '{ "@type": type.googleapis.com/envoy.extensions.filters.http.on_demand.v3.OnDemand } }';

function scope(tenant: string, routes: string, onDemand = false): string {
  return `"@type": type.googleapis.com/envoy.config.route.v3.ScopedRouteConfiguration
name: ${tenant}
route_configuration_name: ${routes}
key: { fragments: [{ string_key: ${tenant} }] }
on_demand: ${onDemand}
`;
}

const CLUSTERS = documents(cluster("one"), cluster("two"));

async function tenant(world: World, name: string, expected: { status: number; body?: string }): Promise<void> {
  await world.answers(expected, { headers: { "x-tenant": name } });
}

for (const mode of MODES) {
  Deno.test(`${mode}: scoped routes (SRDS) by a header follow their files`, NEEDS_ENVOY, async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    await using world = await startWorld({
      mode,
      files: (port) => ({
        "listener.yaml": listener({ port, routes: SCOPES }),
        "clusters.yaml": documents(CLUSTERS, endpoints("one", red.port), endpoints("two", blue.port)),
        "routes.yaml": documents(route("one", "to-one"), route("two", "to-two")),
        "acme.yaml": scope("acme", "to-one"),
        "globex.yaml": scope("globex", "to-two"),
      }),
    });
    const { config } = world;
    await tenant(world, "acme", { status: 200, body: "red" });
    await tenant(world, "globex", { status: 200, body: "blue" });
    await tenant(world, "initech", { status: 404 });
    // A scope gets other routes, one appears, one goes away.
    await config.write("acme.yaml", scope("acme", "to-two"));
    await tenant(world, "acme", { status: 200, body: "blue" });
    await config.write("initech.yaml", documents(scope("initech", "to-initech"), route("one", "to-initech")));
    await tenant(world, "initech", { status: 200, body: "red" });
    await config.remove("globex.yaml");
    await tenant(world, "globex", { status: 404 });
    await tenant(world, "acme", { status: 200, body: "blue" });
  });

  Deno.test(`${mode}: routes of a scope are asked for when its first request comes`, NEEDS_ENVOY, async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    await using world = await startWorld({
      mode,
      files: (port) => ({
        "listener.yaml": listener({ port, routes: SCOPES, filters: [ON_DEMAND] }),
        "clusters.yaml": documents(CLUSTERS, endpoints("one", red.port), endpoints("two", blue.port)),
        "routes.yaml": documents(route("one", "to-one"), route("two", "to-two")),
        "scopes.yaml": documents(scope("acme", "to-one"), scope("globex", "to-two", true)),
      }),
    });
    const { config, xcp } = world;
    const asked = async () => {
      const [client] = await clientsOf(xcp);
      return client?.subscriptions.find(({ type }) => type === ROUTES.url)?.names;
    };
    await tenant(world, "acme", { status: 200, body: "red" });
    assertEquals(await asked(), 1);
    await tenant(world, "globex", { status: 200, body: "blue" });
    assertEquals(await asked(), 2);
    await config.write("routes.yaml", documents(route("one", "to-one"), route("one", "to-two")));
    await tenant(world, "globex", { status: 200, body: "red" });
  });
}

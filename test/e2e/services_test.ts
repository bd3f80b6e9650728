/**
 * What the compiled binary answers beside discovery, with a real Envoy where one is needed.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { JsonValue } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { type JsonClient, jsonClient } from "../services.ts";
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES } from "../../lib/model/types.ts";
import {
  ask,
  cluster,
  documents,
  endpoints,
  type Envoy,
  eventually,
  findEnvoy,
  freePort,
  listener,
  MODES,
  NEEDS_ENVOY,
  route,
  runXcp,
  secret,
  startBackend,
  startEnvoy,
  startWorld,
  startXcp,
  temporaryFolder,
} from "./harness.ts";
import { createAuthority } from "../certificates.ts";

const FETCH = "envoy.service.status.v3.ClientStatusDiscoveryService/FetchClientStatus";

interface Config {
  readonly type_url: string;
  readonly name: string;
  readonly config_status: string;
  readonly client_status?: string;
  readonly xds_config?: JsonValue;
  readonly error_state?: { readonly details: string; readonly last_update_attempt: string };
}

/** What CSDS shows of the only client. */
async function statusOf(client: JsonClient, question: JsonValue = {}) {
  const { code, details, json } = await client.ask(FETCH, question);
  assertEquals(code, status.OK, details);
  const { config = [] } = json as { config?: { node: Record<string, string>; generic_xds_configs: Config[] }[] };
  const [only] = config;
  return only === undefined ? undefined : { node: only.node, configs: only.generic_xds_configs };
}

for (const mode of MODES) {
  Deno.test(`${mode}: CSDS shows what an Envoy has, and what it rejected and why`, NEEDS_ENVOY, async () => {
    await using red = await startBackend("red");
    const pair = createAuthority().issue({ commonName: "web", dns: ["localhost"] });
    const tls = { port: freePort(), name: "tls", secret: "web" };
    await using world = await startWorld({
      mode,
      files: (port) => ({
        "listener.yaml": listener({ port }),
        "tls.yaml": documents(listener(tls), route("one", "tls"), secret("web", pair)),
        "route.yaml": route("one"),
        "cluster.yaml": cluster("one"),
        "endpoints.yaml": endpoints("one", red.port),
      }),
      // Something has to be rejected, and xcp would not let it come to that.
      args: ["--validate", "off"],
    });
    await world.answers({ body: "red" });
    using client = jsonClient(world.xcp.xds);
    let seen: Awaited<ReturnType<typeof statusOf>>;
    await eventually(async () => {
      seen = await statusOf(client);
      return seen?.configs.length === 7 && seen.configs.every(({ config_status }) => config_status === "SYNCED");
    }, { describe: () => `every resource in sync: ${JSON.stringify(seen?.configs)}` });
    assertEquals([seen?.node.id, seen?.node.cluster, seen?.node.user_agent_name], ["site-1", "site", "envoy"]);
    const names = (type: string) => seen?.configs.filter((each) => each.type_url === type).map(({ name }) => name);
    assertEquals([names(CLUSTER.url), names(ENDPOINTS.url)], [["one"], ["one"]]);
    assertEquals([names(LISTENER.url)?.toSorted(), names(ROUTES.url)?.toSorted()], [["tls", "web"], ["tls", "web"]]);
    const text = JSON.stringify(seen);
    assertStringIncludes(text, "[redacted]");
    assert(!text.includes("PRIVATE KEY"));

    await world.config.write("cluster.yaml", cluster("one", "lb_policy: CLUSTER_PROVIDED"));
    const bad = await eventually(async () => {
      const found = (await statusOf(client, { exclude_resource_contents: true }))?.configs ?? [];
      return found.find(({ config_status }) => config_status === "ERROR");
    });
    assertEquals([bad.type_url, bad.name, bad.client_status, bad.xds_config], [
      CLUSTER.url,
      "one",
      "NACKED",
      undefined,
    ]);
    assertMatch(bad.error_state?.details ?? "", /cluster/i);
    assert(Date.now() - Date.parse(bad.error_state?.last_update_attempt ?? "") < 60_000);
    const nobody = await statusOf(client, { node_matchers: [{ node_id: { safe_regex: { regex: "core-.*" } } }] });
    assertEquals(nobody, undefined);
  });
}

/** An Envoy that reports its load where it has its configuration from. */
async function startReporter(xds: string): Promise<Envoy> {
  const args = ["bootstrap", "--node-id", "site-1", "--cluster", "site", "--xds", xds, "--delta"];
  const { stdout } = await runXcp(args);
  const reporter = `
cluster_manager:
  load_stats_config:
    api_type: GRPC
    transport_api_version: V3
    grpc_services: [{ envoy_grpc: { cluster_name: xcp } }]
`;
  return await startEnvoy({ path: (await findEnvoy()).path ?? "", bootstrap: stdout + reporter });
}

interface Load {
  readonly node: { readonly id: string };
  readonly group: string;
  readonly clusters: readonly {
    readonly cluster: string;
    readonly localities: readonly Record<"issued" | "success" | "error", { readonly total: number }>[];
  }[];
}

Deno.test("an Envoy reports its load, and it is counted", NEEDS_ENVOY, async () => {
  await using red = await startBackend("red");
  await using config = await temporaryFolder();
  const port = freePort();
  const site = [listener({ port }), route("one"), cluster("one"), endpoints("one", red.port)];
  await config.write("site.yaml", documents(...site));
  await using xcp = await startXcp({ args: [config.path] });
  await using envoy = await startReporter(xcp.xds);
  await envoy.waitReady();
  await eventually(async () => await envoy.stat("load_reporter.responses") === 1);
  for (let i = 0; i < 7; i++) assertEquals((await ask(`http://127.0.0.1:${port}/`)).body, "red");

  // Envoy reports every ten seconds.
  const load = await eventually(async () => {
    const { loads } = await xcp.json<{ loads: readonly Load[] }>("/v1/loads");
    return loads.flatMap((each) => each.clusters.map((cluster) => ({ ...each, ...cluster }))).find((each) =>
      each.cluster === "one"
    );
  }, { timeout: 40_000, interval: 200, describe: async () => `a report: ${await envoy.get("/stats?filter=load")}` });
  assertEquals([load.node.id, load.group], ["site-1", "default"]);
  assertEquals(load.localities.map(({ issued, success, error }) => [issued.total, success.total, error.total]), [
    [7, 7, 0],
  ]);
  const { text } = await xcp.get("/metrics");
  for (
    const line of [
      'xcp_load_clients{group="default"} 1',
      'xcp_load_issued_requests_total{group="default",cluster="one"} 7',
      'xcp_load_requests_total{group="default",cluster="one",result="success"} 7',
      'xcp_load_requests_total{group="default",cluster="one",result="error"} 0',
      'xcp_load_active_requests{group="default",cluster="one"} 0',
    ]
  ) assertStringIncludes(text, `${line}\n`);
});

Deno.test("health and reflection are answered on the xDS port", async () => {
  await using config = await temporaryFolder();
  await using xcp = await startXcp({ args: [config.path], ready: false });
  using client = jsonClient(xcp.xds);
  const service = "envoy.service.cluster.v3.ClusterDiscoveryService";
  const health = async () => (await client.ask("grpc.health.v1.Health/Check", { service })).json;
  assertEquals(await health(), { status: "NOT_SERVING" });
  const watch = client.stream("grpc.health.v1.Health/Watch", { service });
  await eventually(() => watch.messages.length === 1);
  await config.write("cluster.yaml", cluster("one"));
  await eventually(() => watch.messages.length === 2);
  assertEquals([watch.messages[1], await health()], [{ status: "SERVING" }, { status: "SERVING" }]);

  const tool = client.stream("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", { list_services: "" });
  tool.send({ file_containing_symbol: "envoy.extensions.filters.http.lua.v3.LuaPerRoute" });
  await eventually(() => tool.messages.length === 2);
  const [services, files] = tool.messages.map((message) => JSON.stringify(message));
  assertStringIncludes(services ?? "", service);
  assertStringIncludes(files ?? "", "file_descriptor_proto");
  await xcp.child.stop();
  await eventually(() => watch.ended !== undefined && tool.ended !== undefined);
  assertEquals(watch.messages.slice(2), [{ status: "NOT_SERVING" }]);
});

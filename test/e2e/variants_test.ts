/**
 * The variants of the protocol beside the aggregated stream: a service for each type, and REST-JSON.
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import type { ClientJson } from "../../lib/admin/json.ts";
import { createAuthority, fingerprint } from "../certificates.ts";
import {
  clientsOf,
  cluster,
  documents,
  endpoints,
  eventually,
  eventuallyAnswers,
  findEnvoy,
  type Folder,
  freePort,
  listener,
  NEEDS_ENVOY,
  route,
  secret,
  startBackend,
  startEnvoy,
  startXcp,
  temporaryFolder,
  type Xcp,
} from "./harness.ts";

/** Envoy's `ApiConfigSource.ApiType`. */
const VARIANTS = ["GRPC", "DELTA_GRPC", "REST"] as const;
type Variant = typeof VARIANTS[number];

/** The cluster of the bootstrap. REST writes its name into the header `Host`, whatever is in it. */
function clusterOf(variant: Variant): string {
  return variant === "REST" ? "xcp over|there" : "xcp";
}

/** A `ConfigSource` that asks for one type alone. */
function source(variant: Variant) {
  const common = { api_type: variant, transport_api_version: "V3" };
  const api = variant === "REST"
    ? { ...common, cluster_names: [clusterOf(variant)], refresh_delay: "0.1s", request_timeout: "5s" }
    : { ...common, grpc_services: [{ envoy_grpc: { cluster_name: clusterOf(variant) } }] };
  return { api_config_source: api, resource_api_version: "V3" };
}

/** The resources of the site, with this source instead of ADS. */
function alone(variant: Variant, ...resources: string[]): string {
  return documents(...resources).replaceAll("{ ads: {}, resource_api_version: V3 }", JSON.stringify(source(variant)));
}

function bootstrap(variant: Variant, address: string): object {
  const { hostname, port } = new URL(`http://${address}`);
  const http2 = {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    explicit_http_config: { http2_protocol_options: {} },
  };
  return {
    node: { id: "variant-1", cluster: "site" },
    dynamic_resources: { cds_config: source(variant), lds_config: source(variant) },
    static_resources: {
      clusters: [{
        name: clusterOf(variant),
        type: "STATIC",
        ...(variant === "REST"
          ? {}
          : { typed_extension_protocol_options: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2 } }),
        load_assignment: {
          cluster_name: clusterOf(variant),
          endpoints: [{
            lb_endpoints: [{
              endpoint: { address: { socket_address: { address: hostname, port_value: Number(port) } } },
            }],
          }],
        },
      }],
    },
  };
}

/** xcp on a folder, with both doors, and the address at which a variant is served. */
async function startBoth(config: Folder, variant: Variant): Promise<Xcp & { readonly served: string }> {
  const xcp = await startXcp({ args: [config.path, "--rest", "127.0.0.1:0"] });
  const [, rest = ""] = /xDS over REST is on http:\/\/(\S+)/.exec(xcp.log()) ?? [];
  return Object.assign(xcp, { served: variant === "REST" ? rest : xcp.xds });
}

for (const variant of VARIANTS) {
  Deno.test(
    `${variant} for each type alone: traffic flows, and follows changes of every type`,
    NEEDS_ENVOY,
    async () => {
      const authority = createAuthority();
      const [first, second] = ["first", "second"].map((commonName) =>
        authority.issue({ commonName, ip: ["127.0.0.1"] })
      );
      if (first === undefined || second === undefined) throw new Error("no certificates");
      await using red = await startBackend("red");
      await using blue = await startBackend("blue");
      const port = freePort();
      await using config = await temporaryFolder();
      const write = (file: string, ...resources: string[]) => config.write(file, alone(variant, ...resources));
      await write("listener.yaml", listener({ port, secret: "certificate" }));
      await write("secret.yaml", secret("certificate", first));
      await write("route.yaml", route("one"));
      await write("clusters.yaml", cluster("one"));
      await write("endpoints.yaml", endpoints("one", red.port));
      await using xcp = await startBoth(config, variant);
      const { path } = await findEnvoy();
      await using envoy = await startEnvoy({ path: path ?? "", bootstrap: bootstrap(variant, xcp.served) });
      await envoy.waitReady();
      const url = `https://127.0.0.1:${port}/`;
      const ca = { ca: authority.cert };
      await eventuallyAnswers(url, { status: 200, body: "red", certificate: fingerprint(first.cert) }, ca);

      // EDS
      await write("endpoints.yaml", endpoints("one", blue.port));
      await eventuallyAnswers(url, { body: "blue" }, ca);
      // CDS, with the endpoints of a new cluster, and then RDS
      await write("more.yaml", cluster("two"), endpoints("two", red.port));
      await eventually(async () => (await envoy.clusters())["two"]?.length === 1, { describe: "the second cluster" });
      await write("route.yaml", route("two"));
      await eventuallyAnswers(url, { body: "red" }, ca);
      // LDS
      await write("listener.yaml", listener({ port, secret: "certificate", filter: "added" }));
      await eventuallyAnswers(url, { body: "red", filter: "added" }, ca);
      // SDS
      assertNotEquals(fingerprint(first.cert), fingerprint(second.cert));
      await write("secret.yaml", secret("certificate", second));
      await eventuallyAnswers(url, { body: "red", certificate: fingerprint(second.cert) }, ca);
      // CDS: what is gone goes
      await config.remove("clusters.yaml");
      await config.remove("endpoints.yaml");
      await eventually(async () => !("one" in await envoy.clusters()), { describe: "the first cluster to go" });

      const rejected = await envoy.stats("update_rejected$");
      assertEquals(Object.entries(rejected).filter(([, count]) => count > 0), []);
      const clients = await clientsOf(xcp);
      if (variant === "REST") {
        assertEquals(clients, []);
      } else {
        const mode: ClientJson["mode"] = variant === "GRPC" ? "sotw" : "delta";
        const metrics = (await xcp.get("/metrics")).text;
        for (const [service, streams] of [["CDS", 1], ["LDS", 1], ["RDS", 1], ["EDS", 1], ["SDS", 1], ["ADS", 0]]) {
          assertEquals(metrics.includes(`xcp_streams{type="${service}",mode="${mode}"} ${streams}\n`), true, metrics);
        }
        assertEquals(clients.every((client) => client.mode === mode), true);
      }
    },
  );
}

Deno.test("REST is polled, and only what is new is an update", NEEDS_ENVOY, async () => {
  await using red = await startBackend("red");
  const port = freePort();
  await using config = await temporaryFolder();
  const files = [listener({ port }), route("one"), cluster("one"), endpoints("one", red.port)];
  await config.write("site.yaml", alone("REST", ...files));
  await using xcp = await startBoth(config, "REST");
  const { path } = await findEnvoy();
  await using envoy = await startEnvoy({ path: path ?? "", bootstrap: bootstrap("REST", xcp.served) });
  await envoy.waitReady();
  await eventuallyAnswers(`http://127.0.0.1:${port}/`, { status: 200, body: "red" });
  // Many polls, one update.
  await eventually(async () => await envoy.stat("cluster_manager.cds.update_attempt") >= 5);
  assertEquals(await envoy.stat("cluster_manager.cds.update_success"), 1);
  assertEquals(await envoy.stat("listener_manager.lds.update_success"), 1);
  assertEquals(await envoy.stat("cluster_manager.cds.update_failure"), 0);
});

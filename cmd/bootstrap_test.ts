import { assertEquals, assertStringIncludes } from "@std/assert";
import { findEnvoy } from "../test/tools/envoy.ts";
import { createAuthority } from "../test/certificates.ts";
import { ran } from "./testing/context.ts";

const NODE = ["bootstrap", "--node-id", "edge-1", "--cluster", "edge"];
const envoy = await findEnvoy();

/** What `-o json` prints. */
async function printed(...args: string[]) {
  const { code, stdout, stderr } = await ran([...NODE, "-o", "json", ...args]);
  assertEquals([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}

async function refused(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await ran(args);
  assertEquals([code, stdout], [64, ""]);
  return stderr;
}

/** A folder with an authority, a certificate and its key. */
async function certificates() {
  const folder = await Deno.makeTempDir();
  const authority = createAuthority();
  const pair = authority.issue({ commonName: "edge-1" });
  await Deno.writeTextFile(`${folder}/ca.pem`, authority.cert);
  await Deno.writeTextFile(`${folder}/tls.pem`, pair.cert);
  await Deno.writeTextFile(`${folder}/key.pem`, pair.key);
  const flags = ["--tls-ca", `${folder}/ca.pem`, "--tls-cert", `${folder}/tls.pem`, "--tls-key", `${folder}/key.pem`];
  return { folder, flags, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

Deno.test("a bootstrap names the node and takes everything from xcp on one aggregated stream", async () => {
  const { node, dynamic_resources, static_resources, admin } = await printed();
  const source = { ads: {}, resource_api_version: "V3" };
  assertEquals(node, { id: "edge-1", cluster: "edge" });
  assertEquals(dynamic_resources, {
    ads_config: {
      api_type: "GRPC",
      transport_api_version: "V3",
      set_node_on_first_message_only: true,
      grpc_services: [{ envoy_grpc: { cluster_name: "xcp" } }],
    },
    cds_config: source,
    lds_config: source,
  });
  const [cluster] = static_resources.clusters;
  assertEquals([cluster.name, cluster.type, cluster.transport_socket], ["xcp", "STATIC", undefined]);
  assertEquals(cluster.load_assignment.endpoints, [
    { lb_endpoints: [{ endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: 18000 } } } }] },
  ]);
  assertEquals(admin, undefined);
});

Deno.test("delta, the admin port, a socket and several servers are said as Envoy wants them", async () => {
  assertEquals((await printed("--delta")).dynamic_resources.ads_config.api_type, "DELTA_GRPC");
  assertEquals((await printed("--admin-port", "9901")).admin.address.socket_address.port_value, 9901);
  const cluster = async (...args: string[]) => (await printed(...args)).static_resources.clusters[0];
  const socket = await cluster("--xds", "unix:/run/xcp.sock");
  assertEquals(socket.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address, {
    pipe: { path: "/run/xcp.sock" },
  });
  const two = await cluster("--xds", "a.example:1", "--xds", "[::1]:2");
  assertEquals(two.type, "STRICT_DNS");
  assertEquals(two.load_assignment.endpoints.map(({ priority = 0 }) => priority), [0, 1]);
  assertEquals(two.outlier_detection.max_ejection_percent, 100);
});

Deno.test("with TLS the bootstrap refers to files through which certificates rotate", async () => {
  await using world = await certificates();
  const { code, stdout, stderr } = await ran([...NODE, ...world.flags, "--xds", "xcp.example:1", "-o", "json"]);
  assertEquals(code, 0);
  const tls = JSON.parse(stdout).static_resources.clusters[0].transport_socket.typed_config;
  assertEquals(tls.sni, "xcp.example");
  const { combined_validation_context: validation, tls_certificate_sds_secret_configs: [config] } =
    tls.common_tls_context;
  assertEquals(validation.default_validation_context.match_typed_subject_alt_names, [
    { san_type: "DNS", matcher: { exact: "xcp.example" } },
  ]);
  assertEquals(config.sds_config.path_config_source.path, `${world.folder}/tls.pem.sds.yaml`);
  assertStringIncludes(
    await Deno.readTextFile(`${world.folder}/tls.pem.sds.yaml`),
    `watched_directory:\n        path: ${world.folder}\n`,
  );
  assertStringIncludes(stderr, `wrote ${world.folder}/ca.pem.sds.yaml`);
  assertEquals((await ran([...NODE, ...world.flags])).stderr, "", "files that are there already are not written again");
});

Deno.test("a server name takes the place of the hosts, and --sds-dir none writes nothing", async () => {
  await using world = await certificates();
  const { static_resources } = await printed(...world.flags, "--sds-dir", "none", "--tls-server-name", "xcp.internal");
  const tls = static_resources.clusters[0].transport_socket.typed_config;
  assertEquals(tls.sni, "xcp.internal");
  assertEquals(tls.common_tls_context.validation_context.match_typed_subject_alt_names, [
    { san_type: "DNS", matcher: { exact: "xcp.internal" } },
  ]);
  assertEquals([...Deno.readDirSync(world.folder)].length, 3);
});

Deno.test("a certificate that is not here is worth a warning, a folder that cannot be written to is 73", async () => {
  const missing = await ran([...NODE, "--tls-ca", "/nonexistent/ca.pem", "--sds-dir", "none"]);
  assertEquals(missing.code, 0);
  assertStringIncludes(missing.stderr, 'warning: Cannot read "/nonexistent/ca.pem": no such file');
  const unwritable = await ran([...NODE, "--tls-ca", "/nonexistent/ca.pem"]);
  assertEquals([unwritable.code, unwritable.stdout], [73, ""]);
  assertStringIncludes(unwritable.stderr, "--sds-dir none");
});

Deno.test("what is missing or does not go together is refused", async () => {
  assertStringIncludes(await refused("bootstrap"), "--node-id is missing");
  assertStringIncludes(await refused("bootstrap", "--node-id", "a"), "--cluster is missing");
  assertStringIncludes(await refused(...NODE, "--delta", "--sotw"), "choose one");
  assertStringIncludes(await refused(...NODE, "--xds", "xcp"), '"xcp"');
  assertStringIncludes(await refused(...NODE, "--xds", ":18000"), '":18000"');
  assertStringIncludes(await refused(...NODE, "--xds", "unix:/x", "--xds", "a:1"), "does not mix");
  assertStringIncludes(await refused(...NODE, "--tls-cert", "a", "--tls-ca", "b"), "a pair has both");
  assertStringIncludes(await refused(...NODE, "--tls-cert", "a", "--tls-key", "b"), "without --tls-ca");
  assertStringIncludes(await refused(...NODE, "--admin-port", "x"), '"x"');
});

Deno.test("a locality is part of the node, as far as it is said", async () => {
  assertEquals((await printed("--locality", "eu/eu-1/a")).node.locality, { region: "eu", zone: "eu-1", sub_zone: "a" });
  assertEquals((await printed("--grpc", "--locality", "eu")).node.locality, { region: "eu" });
  assertStringIncludes(await refused(...NODE, "--locality", "a/b/c/d"), "REGION/ZONE/SUB_ZONE");
});

Deno.test("the bootstrap of gRPC names the servers in their order, and what xcp does", async () => {
  const { code, stdout, stderr } = await ran([
    ...NODE,
    "--grpc",
    "--xds",
    "xcp-a:18000",
    "--xds",
    "unix:/run/xcp.sock",
  ]);
  assertEquals([code, stderr], [0, ""]);
  const rest = {
    channel_creds: [{ type: "insecure" }],
    server_features: ["xds_v3", "resource_timer_is_transient_error"],
  };
  assertEquals(JSON.parse(stdout), {
    xds_servers: [
      { server_uri: "xcp-a:18000", ...rest },
      { server_uri: "unix:///run/xcp.sock", ...rest },
    ],
    node: { id: "edge-1", cluster: "edge", locality: {} },
    server_listener_resource_name_template: "grpc/server?xds.resource.listening_address=%s",
  });
  assertEquals((await printed("--grpc", "--sotw")).xds_servers[0].server_uri, "127.0.0.1:18000");
});

Deno.test("certificates of gRPC are files that it watches, for xcp and for its peers, and nothing is written", async () => {
  await using world = await certificates();
  const files = {
    certificate_file: `${world.folder}/tls.pem`,
    private_key_file: `${world.folder}/key.pem`,
    ca_certificate_file: `${world.folder}/ca.pem`,
  };
  const { xds_servers: [server], certificate_providers } = await printed("--grpc", ...world.flags);
  assertEquals(server.channel_creds, [{ type: "tls", config: files }]);
  assertEquals(certificate_providers, { default: { plugin_name: "file_watcher", config: files } });
  assertEquals([...Deno.readDirSync(world.folder)].length, 3);
  // Without an authority the machine's own are trusted.
  const { xds_servers: [trusting] } = await printed("--grpc", ...world.flags.slice(2));
  assertEquals(Object.keys(trusting.channel_creds[0].config), ["certificate_file", "private_key_file"]);
  const missing = await ran([...NODE, "--grpc", "--tls-ca", "/nonexistent/ca.pem"]);
  assertEquals(missing.code, 0);
  assertStringIncludes(missing.stderr, 'warning: Cannot read "/nonexistent/ca.pem": no such file');
});

Deno.test("what makes no sense for gRPC is refused with the reason", async () => {
  const rows: [flags: string[], why: string][] = [
    [["--delta"], "state of the world only"],
    [["--admin-port", "1"], "no admin page"],
    [["--sds-dir", "none"], "follows the certificates themselves"],
    [["--tls-server-name", "x", "--tls-ca", "y"], "no field for another name"],
    [["-o", "yaml"], "reads JSON only"],
    [["--xds", ":1"], "gRPC needs a host"],
    [["--tls-key", "x"], "a pair has both"],
  ];
  for (const [flags, why] of rows) assertStringIncludes(await refused(...NODE, "--grpc", ...flags), why);
  assertStringIncludes(await refused("bootstrap", "--grpc", "--cluster", "a"), "--node-id is missing");
});

Deno.test("Envoy accepts every form", { ignore: envoy.path === undefined }, async () => {
  await using world = await certificates();
  const forms = [
    [],
    ["--delta", "--admin-port", "0", "--locality", "eu/eu-1"],
    ["--xds", "unix:/run/xcp.sock"],
    ["--xds", "127.0.0.1:1", "--xds", "[::1]:2"],
    ["--xds", "xcp-a.example:1", "--xds", "10.0.0.1:2", ...world.flags],
    ["--xds", "unix:/run/xcp.sock", ...world.flags.slice(0, 2)],
    ["--xds", "10.0.0.1:2", "--sds-dir", "none", ...world.flags],
  ];
  for (const form of ["yaml", "json"]) {
    for (const flags of forms) {
      const path = `${world.folder}/bootstrap.${form}`;
      await Deno.writeTextFile(path, (await ran([...NODE, ...flags, "-o", form])).stdout);
      const command = new Deno.Command(envoy.path ?? "", {
        args: ["--mode", "validate", "-c", path, "--use-dynamic-base-id"],
        stdout: "piped",
        stderr: "piped",
      });
      const { code, stderr } = await command.output();
      assertEquals(code, 0, `${flags.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    }
  }
});

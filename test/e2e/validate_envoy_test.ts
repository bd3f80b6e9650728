/**
 * `xcp validate --envoy` with the compiled binary and a real Envoy.
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createAuthority } from "../certificates.ts";
import { findEnvoy, NEEDS_ENVOY, runXcp, temporaryFolder } from "./harness.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));
const { path: envoy = "" } = await findEnvoy();

/** Issues of a run, without those that are no errors of xcp. */
async function validate(...args: string[]) {
  const { code, stdout, stderr } = await runXcp(["validate", `--envoy=${envoy}`, "-o", "json", ...args]);
  const { issues }: { issues: { file?: string; line?: number; rule: string; severity: string; message: string }[] } =
    JSON
      .parse(stdout);
  const of = issues.filter(({ rule, severity }) => rule.startsWith("envoy-") || severity === "error");
  return { code, stderr, issues: of, told: of.map(({ line, rule }) => `${line} ${rule}`) };
}

const WRONG = `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: users
connect_timeout: 0s
`;

/** A filter whose script only Envoy reads. */
function listener(script: string, at = 8080): string {
  return `"@type": type.googleapis.com/envoy.config.listener.v3.Listener
name: http
address: { socket_address: { address: 127.0.0.1, port_value: ${at} } }
filter_chains:
- filters:
  - name: http
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
      stat_prefix: http
      rds: { route_config_name: web, config_source: { ads: {}, resource_api_version: V3 } }
      http_filters:
      - name: lua
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
          default_source_code: { inline_string: "${script}" }
      - name: router
        typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }
`;
}

const GOOD = "function envoy_on_request(handle) end";
const BAD = "function envoy_on_request(handle";

const COMMON = `resources:
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: orders
  type: EDS
  eds_cluster_config: { eds_config: { ads: {}, resource_api_version: V3 } }
  transport_socket:
    name: tls
    typed_config:
      "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
      common_tls_context:
        tls_certificate_sds_secret_configs: [{ name: cert, sds_config: { ads: {}, resource_api_version: V3 } }]
- "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
  cluster_name: orders
  endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 80 } } } }] }]
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: web
  virtual_hosts:
  - { name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: orders } }] }
- "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
  name: cert
  tls_certificate: { certificate_chain: { filename: /nowhere/cert.pem }, private_key: { filename: /nowhere/key.pem } }
`;

Deno.test({
  ...NEEDS_ENVOY,
  name: "Envoy has nothing to say against the examples, and the summary names its version",
  async fn() {
    for (const example of ["rainbow", "groups"]) {
      const { code, stderr, stdout } = await runXcp(["validate", "--envoy", envoy, `${EXAMPLES}/${example}`]);
      assertEquals([code, stdout.includes("[envoy-")], [0, false], stdout);
      assertMatch(stderr, /\nasked Envoy \d+\.\d+\.\d+\S* \(.*\)\n$/);
    }
  },
});

Deno.test({
  ...NEEDS_ENVOY,
  name: "a defect that only Envoy sees is told where it is, beside what xcp sees, each once",
  async fn() {
    await using folder = await temporaryFolder();
    await folder.write("common.yaml", COMMON);
    await folder.write("listener.yaml", listener(BAD));
    await folder.write("wrong.yaml", WRONG);
    const { code, issues, told } = await validate(folder.path);
    assertEquals(code, 65);
    assertEquals(told, ["15 envoy-rejects", "3 duration-range"]);
    const issue = issues.find(({ rule }) => rule === "envoy-rejects");
    assertEquals([issue?.file, issue?.line], [folder.at("listener.yaml"), 15]);
    assertMatch(issue?.message ?? "", /^Envoy \S+ rejects listener "http": script load error: /);
  },
});

Deno.test({
  ...NEEDS_ENVOY,
  name: "each group is asked about, and what two of them get is told once",
  async fn() {
    await using folder = await temporaryFolder();
    await folder.write("common.yaml", COMMON);
    await folder.write("groups/core/listener.yaml", listener(GOOD));
    await folder.write("groups/edge/listener.yaml", listener(BAD));
    assertEquals((await validate(folder.path)).issues.map(({ file, line, rule }) => [file, line, rule]), [
      [folder.at("groups/edge/listener.yaml"), 15, "envoy-rejects"],
    ]);
    const pem = createAuthority().cert.replaceAll("\n", "\\n");
    const secret =
      `tls_certificate: { certificate_chain: { inline_string: "${pem}" }, private_key: { inline_string: x } }`;
    await folder.write("common.yaml", COMMON.replace(/tls_certificate: .*\n/, `${secret}\n`));
    await folder.remove("groups/edge");
    await folder.write("groups/edge/listener.yaml", listener(GOOD, 8081));
    const { issues } = await validate(folder.path);
    assertEquals(issues.map(({ file, rule }) => [file, rule]), [[folder.at("common.yaml"), "envoy-rejects"]]);
    assertStringIncludes(issues[0]?.message ?? "", 'rejects secret "cert": ');
  },
});

Deno.test({
  ...NEEDS_ENVOY,
  name: "a bootstrap is asked about as it is",
  async fn() {
    await using folder = await temporaryFolder();
    const item = listener(BAD).replace(/^"@type".*\n/, "").replaceAll(/^(?=.)/gm, "    ").replace(
      "    name",
      "  - name",
    );
    const text = `static_resources:\n  listeners:\n${item}`;
    const rds = /rds: .*\n/;
    const bootstrap = await folder.write("envoy.yaml", text.replace(rds, "route_config: { name: web }\n"));
    assertEquals((await validate(bootstrap)).told, ["16 envoy-rejects"]);
    const good = await folder.write("good.yaml", text.replace(rds, "route_config: { name: web }\n").replace(BAD, GOOD));
    assertEquals((await validate(good)).told, []);
  },
});

Deno.test({
  ...NEEDS_ENVOY,
  name: "--envoy alone takes the Envoy of the PATH, and a source behind it stays a source",
  async fn() {
    await using folder = await temporaryFolder();
    await folder.write("good/listener.yaml", listener(GOOD));
    await folder.write("bin/envoy", `#!/bin/sh\nexec "${envoy}" "$@"\n`);
    await Deno.chmod(folder.at("bin/envoy"), 0o755);
    const env = { PATH: `${folder.at("bin")}:/usr/bin:/bin` };
    const found = await runXcp(["validate", "--envoy", folder.at("good")], { env });
    assertEquals(found.code, 0, found.stderr);
    assertStringIncludes(found.stderr, `(${folder.at("bin/envoy")})`);
  },
});

Deno.test("without an Envoy there is no verdict, and the exit code says which kind of none", async () => {
  await using folder = await temporaryFolder();
  await folder.write("config/listener.yaml", listener(GOOD));
  const program = await folder.write("envoy", "#!/bin/sh\n");
  const config = folder.at("config");
  const none = await runXcp(["validate", "--envoy", config], { env: { PATH: folder.at("config") } });
  assertEquals([none.code, none.stdout], [69, ""]);
  assertStringIncludes(none.stderr, 'there is no program "envoy" on the PATH');
  const gone = await runXcp(["validate", `--envoy=${folder.at("gone")}`, config]);
  assertEquals([gone.code, gone.stdout], [66, ""]);
  await Deno.chmod(program, 0o755);
  const other = await runXcp(["validate", "--envoy", program, config], { env: { PATH: dirname(program) } });
  assertEquals([other.code, other.stdout], [69, ""]);
  assertStringIncludes(other.stderr, "it is no Envoy");
});

import { assertEquals, assertMatch } from "@std/assert";
import { loadApi } from "../model/api.ts";
import { readFile } from "../model/codec/read.ts";
import { formatIssue, type Issue } from "../model/issue.ts";
import { checkWithEnvoy, type Subject } from "./check.ts";
import type { Verdict } from "./verdict.ts";

const api = loadApi();

/** What Envoy is asked, as far as the tests look at it. */
interface Asked {
  readonly static_resources?: Readonly<Record<"listeners" | "clusters" | "secrets", readonly Named[]>>;
  readonly dynamic_resources?: unknown;
  readonly layered_runtime?: unknown;
}
interface Named {
  readonly name: string;
  readonly [key: string]: unknown;
}

interface Ran {
  readonly asked: readonly string[];
  readonly bootstraps: readonly Asked[];
  readonly issues: readonly string[];
  readonly left: number;
}

/** Asks an Envoy that refuses, with these words, whatever has this text. */
async function check(
  text: string,
  options: { refuses?: string; words?: string; issues?: readonly Issue[]; why?: string } = {},
): Promise<Ran> {
  const content = readFile(api, text, "a.yaml", "a.yaml");
  const { resources, broken, bootstrap } = content;
  const subject: Subject = {
    name: "it",
    resources,
    around: [],
    broken,
    ...(bootstrap === undefined ? {} : { bootstrap: { file: "a.yaml", text, rest: bootstrap } }),
  };
  const asked: string[] = [];
  const { refuses, words = "no", why } = options;
  const { issues, left } = await checkWithEnvoy({
    api,
    envoy: {
      version: "1.40.0",
      emptyFile: "/empty.yaml",
      emptyFolder: "/empty",
      ask(text): Promise<Verdict> {
        asked.push(text);
        if (why !== undefined) return Promise.resolve({ kind: "none", why });
        const refused = refuses !== undefined && text.includes(refuses);
        return Promise.resolve(refused ? { kind: "rejected", words } : { kind: "accepted" });
      },
    },
    subjects: [subject],
    issues: [...content.issues, ...options.issues ?? []],
    own: new Set(["duplicate-resource"]),
    text: () => text,
    now: Date.now,
  });
  const bootstraps = asked.filter((text) => text.startsWith("{")).map((text) => JSON.parse(text));
  return { asked, bootstraps, issues: issues.map(formatIssue), left };
}

const TYPES = "type.googleapis.com/envoy";
const CLUSTER = `- "@type": ${TYPES}.config.cluster.v3.Cluster
  name: orders
  eds_cluster_config: { eds_config: { self: {} } }
  type: EDS
`;
const ENDPOINTS = `- "@type": ${TYPES}.config.endpoint.v3.ClusterLoadAssignment
  cluster_name: orders
  endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 10.0.0.1, port_value: 80 } } } }] }]
`;
const ROUTES = `- "@type": ${TYPES}.config.route.v3.RouteConfiguration
  name: web
  virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: elsewhere } }] }]
`;
const SECRET = `- "@type": ${TYPES}.extensions.transport_sockets.tls.v3.Secret
  name: cert
  tls_certificate: { certificate_chain: { inline_string: a chain }, private_key: { inline_string: hunter2hunter2 } }
`;

const USER = `- "@type": ${TYPES}.config.cluster.v3.Cluster
  name: user
  transport_socket:
    name: tls
    typed_config:
      "@type": ${TYPES}.extensions.transport_sockets.tls.v3.UpstreamTlsContext
      common_tls_context: { tls_certificate_sds_secret_configs: [{ name: cert, sds_config: { ads: {} } }] }
`;

Deno.test("every resource is in the bootstrap once, where Envoy looks at it", async () => {
  const { bootstraps, issues, left } = await check(CLUSTER + ENDPOINTS + ROUTES + SECRET + USER);
  const { listeners = [], clusters = [], secrets = [] } = bootstraps[0]?.static_resources ?? {};
  assertEquals(listeners.map(({ name }) => name), ["routes web"]);
  assertEquals(clusters.map(({ name }) => name), [
    "orders",
    "endpoints orders",
    "user of secret cert",
    "user",
    "elsewhere",
    "xcp stand-in for ads",
  ]);
  assertEquals(secrets.map(({ name }) => name), ["cert"]);
  // Envoy does not know `self`, which is what gRPC clients are told.
  assertEquals(clusters[0]?.eds_cluster_config, { eds_config: { ads: {} } });
  // Envoy crashes when it validates a cluster with a secret over ADS.
  assertEquals(JSON.stringify(clusters[3]).includes("sds_config"), false);
  assertMatch(JSON.stringify(listeners[0]), /"route_config":\{[^]*"validate_clusters":false/);
  assertEquals([bootstraps.length, issues, left], [1, [], 0]);
});

Deno.test("a bootstrap is given as it is, and only taken apart when Envoy refuses it", async () => {
  const text = `admin: {}\nstatic_resources:\n  clusters:\n  - name: orders\n  - name: users\n    alt_stat_name: odd\n`;
  assertEquals((await check(text)).asked, [text]);
  const { asked, issues } = await check(text, { refuses: "odd", words: "what is it" });
  assertEquals(asked[0], text);
  assertEquals(issues, [`a.yaml:5:5: error: Envoy 1.40.0 rejects cluster "users": what is it [envoy-rejects]`]);
});

Deno.test("the resource that Envoy refuses has the issue, without the secrets in it", async () => {
  const { issues } = await check(ENDPOINTS + SECRET + ROUTES, {
    refuses: "hunter2hunter2",
    words: "Failed to load private key: hunter2hunter2",
  });
  assertEquals(issues, [
    'a.yaml:6:99: error: Envoy 1.40.0 rejects secret "cert": Failed to load private key: [redacted] [envoy-rejects]',
  ]);
});

Deno.test("what xcp has an error for is not told twice, and what Envoy takes all the same is told", async () => {
  const at = { file: "a.yaml", line: 2, column: 9 };
  const known: Issue = { at, path: "name", rule: "bad-thing", severity: "error", message: "bad" };
  assertEquals((await check(CLUSTER, { refuses: '"type":"EDS"', issues: [known] })).issues, []);
  assertEquals((await check(CLUSTER, { issues: [known] })).issues, [
    "a.yaml:2:9: info: Envoy 1.40.0 accepts what bad-thing is an error for here: that may be a bug of xcp [envoy-accepts]",
  ]);
  assertEquals((await check(CLUSTER, { issues: [{ ...known, rule: "duplicate-resource" }] })).issues, []);
});

Deno.test("a defect that xcp does not see is found beside one that it does", async () => {
  const at = { file: "a.yaml", line: 2, column: 9 };
  const known: Issue = { at, path: "name", rule: "bad-thing", severity: "error", message: "bad" };
  const { issues } = await check(CLUSTER + ENDPOINTS, { refuses: "10.0.0.1", words: "what?", issues: [known] });
  // Envoy refuses the second alone, so it takes the first.
  assertEquals(issues.map((issue) => issue.replace(/.*\[/, "")), ["envoy-rejects]", "envoy-accepts]"]);
});

Deno.test("what cannot be read is not asked about, which is said, and what names it is not at fault", async () => {
  const user = `- "@type": ${TYPES}.config.route.v3.RouteConfiguration
  name: web
  validate_clusters: true
  virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: orders } }] }]
`;
  const { bootstraps, issues } = await check(`${CLUSTER}  nonsense: 1\n${user}`);
  assertEquals(bootstraps[0]?.static_resources?.clusters.find(({ name }) => name === "orders")?.type, "STATIC");
  assertEquals(issues, [
    "a.yaml:5:3: info: Envoy was not asked about what cannot be read in this file [envoy-no-verdict]",
  ]);
});

Deno.test("a crash is a warning, and a missing file of this machine a note", async () => {
  assertEquals((await check(CLUSTER, { why: "it ended with SIGSEGV" })).issues, [
    "warning: Envoy gave no verdict on all of it: it ended with SIGSEGV [envoy-no-verdict]",
  ]);
  const words = "Invalid path: /gone/x";
  const { issues } = await check(ENDPOINTS, { refuses: "10.0.0.1", words });
  assertEquals(issues, [
    'a.yaml:1:3: info: Envoy says nothing of endpoint "orders" because of this machine: Invalid path: /gone/x ' +
    "[envoy-no-verdict]",
  ]);
});

Deno.test("what only a running client looks at is left out and counted", async () => {
  const listener = `- "@type": ${TYPES}.config.listener.v3.Listener
  name: grpc
  api_listener: { api_listener: { "@type": ${TYPES}.extensions.filters.http.router.v3.Router } }
- "@type": ${TYPES}.config.core.v3.TypedExtensionConfig
  name: filter
  typed_config: { "@type": ${TYPES}.extensions.filters.http.router.v3.Router }
`;
  const { asked, left } = await check(listener);
  assertEquals([asked.length, left], [0, 2]);
});

import { assertEquals } from "@std/assert";
import { loadApi } from "../../../model/api.ts";
import { readFile } from "../../../model/codec/read.ts";
import { CLUSTER_AREA } from "../clusters.ts";

const api = loadApi();

/** `line:column path [rule]` of each issue. */
function issuesOf(text: string): string[] {
  const watchers = Map.groupBy(CLUSTER_AREA.checks, ([message]) => message);
  const { issues } = readFile(api, new TextEncoder().encode(text), "a.yaml", "x", {
    severity: "error",
    watch: ({ typeName }) => (view, run) => watchers.get(typeName)?.forEach(([, watcher]) => watcher(view, run)),
  });
  return issues.map(({ at, path, rule, severity }) => `${at?.line}:${at?.column} ${path} [${severity} ${rule}]`);
}

const CLUSTER = `resources:
- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: shop
`;

Deno.test("what is missing is reported at the message, and what is wrong at its value", () => {
  assertEquals(issuesOf(`${CLUSTER}  type: EDS\n`), ["2:3  [error missing-field]"]);
  assertEquals(issuesOf(`${CLUSTER}  type: ORIGINAL_DST\n  lb_policy: RANDOM\n`), [
    "5:14 lb_policy [error cluster-lb-policy]",
  ]);
});

Deno.test("of two endpoints the second is one too many", () => {
  const endpoint = "{endpoint: {address: {socket_address: {address: a.example, port_value: 80}}}}";
  assertEquals(
    issuesOf(`${CLUSTER}  type: LOGICAL_DNS
  load_assignment:
    cluster_name: shop
    endpoints:
    - lb_endpoints:
      - ${endpoint}
      - ${endpoint}
`),
    ["10:9 load_assignment.endpoints[0].lb_endpoints[1] [error single-endpoint]"],
  );
});

Deno.test("endpoints that stand for themselves need addresses as those of a static cluster do", () => {
  assertEquals(
    issuesOf(`resources:
- "@type": type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment
  cluster_name: shop
  endpoints:
  - lb_endpoints:
    - endpoint:
        address:
          socket_address: {address: shop.example, port_value: 80}
  - leds_cluster_locality_config: {leds_config: {ads: {}}, leds_collection_name: "xdstp:///a/b"}
`),
    ["8:37 endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address [error bad-address]"],
  );
});

Deno.test("a policy inside of a policy is found where it stands", () => {
  const policies = "envoy.extensions.load_balancing_policies";
  assertEquals(
    issuesOf(`${CLUSTER}  load_balancing_policy:
    policies:
    - typed_extension_config:
        name: maglev
        typed_config:
          "@type": type.googleapis.com/${policies}.maglev.v3.Maglev
          table_size: 100
`),
    ["10:23 load_balancing_policy.policies[0].typed_extension_config.typed_config.table_size [error bad-value]"],
  );
});

Deno.test("a source that only other clients know is a warning", () => {
  assertEquals(issuesOf(`${CLUSTER}  type: EDS\n  eds_cluster_config: {eds_config: {self: {}}}\n`), [
    "5:43 eds_cluster_config.eds_config.self [warning unsupported]",
  ]);
});

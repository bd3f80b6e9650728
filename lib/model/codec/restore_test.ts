import { assertEquals, assertThrows } from "@std/assert";
import { loadApi } from "../api.ts";
import type { Resource } from "../resource.ts";
import { CLUSTER } from "../types.ts";
import { readFile } from "./read.ts";
import { readBytes } from "./restore.ts";

const api = loadApi();
const T = "type.googleapis.com/envoy";

const CONFIG = `
resources:
- "@type": ${T}.config.cluster.v3.Cluster
  name: c
  type: EDS
  eds_cluster_config: {eds_config: {ads: {}}, service_name: s}
  transport_socket:
    name: tls
    typed_config:
      "@type": ${T}.extensions.transport_sockets.tls.v3.UpstreamTlsContext
      common_tls_context: {tls_certificate_sds_secret_configs: [{name: k}, {name: l, sds_config: {ads: {}}}]}
- "@type": ${T}.config.listener.v3.Listener
  name: l
  filter_chains:
  - filters:
    - name: f
      typed_config:
        "@type": type.googleapis.com/xds.type.v3.TypedStruct
        type_url: ${T}.extensions.filters.network.tcp_proxy.v3.TcpProxy
        value: {cluster: c, stat_prefix: x, max_connect_attempts: 3}
- "@type": ${T}.config.route.v3.RouteConfiguration
  name: r
  virtual_hosts:
  - name: v
    domains: ["*"]
    metadata: {filter_metadata: {a: {b: [1, null, "x", true, 1.5e300]}}}
    routes:
    - {match: {prefix: "/"}, route: {weighted_clusters: {clusters: [{name: c, weight: 1}, {name: d}]}, timeout: 0.25s}}
- "@type": ${T}.extensions.transport_sockets.tls.v3.Secret
  name: k
  generic_secret: {secret: {inline_bytes: AAEC}}
- "@type": ${T}.service.discovery.v3.Resource
  ttl: 2s
  resource: {"@type": ${T}.config.route.v3.VirtualHost, name: r/v, domains: [x], routes: [{route: {cluster: c}}]}
- "@type": ${T}.service.discovery.v3.Resource
  name: xdstp://a/b/c
  resource: {"@type": ${T}.config.endpoint.v3.LbEndpoint, endpoint_name: x}
`;

/** A resource without the places of a text that is gone. */
function placeless(resource: Resource) {
  return { ...resource, origin: undefined, references: resource.references.map(({ at: _, ...rest }) => rest) };
}

Deno.test("what is kept of a resource gives it back, with its references and its version", () => {
  const { resources, issues } = readFile(api, CONFIG, "f.yaml", "l");
  assertEquals(issues, []);
  assertEquals(resources.length, 6);
  assertEquals(resources.map(({ references }) => references.length), [3, 1, 2, 0, 1, 0]);
  for (const resource of resources) {
    const { type, name, bytes, ttl, aliases } = resource;
    assertEquals(readBytes(api, type, name, bytes, { ttl, aliases }), placeless(resource));
    const fresh = readBytes(loadApi(), type, name, bytes, { ttl, aliases });
    assertEquals(fresh.version, resource.version);
  }
});

Deno.test("a resource keeps the origin that it is given", () => {
  const origin = { file: "layer", line: 1, column: 1, layer: "http" };
  assertEquals(readBytes(api, CLUSTER.url, "a", new Uint8Array([0x0a, 1, 0x61]), { origin }).origin, origin);
});

Deno.test("bytes that are no such message, and types that are not there, are errors that say so", () => {
  assertThrows(
    () => readBytes(api, CLUSTER.url, "a", new Uint8Array([0x0a, 9, 0x61])),
    Error,
    'Cannot restore "a": its bytes are no envoy.config.cluster.v3.Cluster',
  );
  for (const type of ["type.googleapis.com/a.B", "envoy.config.cluster.v3.Cluster"]) {
    assertThrows(
      () => readBytes(api, type, "a", new Uint8Array()),
      Error,
      `Cannot restore "a": unknown type "${type}"`,
    );
  }
});

Deno.test("bytes of a newer API stay as they are", () => {
  const bytes = new Uint8Array([0x0a, 1, 0x61, 0xfa, 0xff, 0xff, 0x7f, 1, 0x62]);
  assertEquals(readBytes(api, CLUSTER.url, "a", bytes).bytes, bytes);
});

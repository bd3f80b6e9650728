/**
 * The configuration that is served: clusters of an ordinary size (some 750 bytes on the wire, with health checks,
 * outlier detection, HTTP/2 options, TLS by SDS and metadata), and one of them in a file of its own, which changes.
 *
 * @module
 */
import { join } from "node:path";
import { replaceFile } from "../../test/e2e/harness/files.ts";

const CHANGING = "changing.json";

/** Fills a directory with so many clusters. */
export async function writeClusters(directory: string, count: number): Promise<void> {
  const others = Array.from({ length: count - 1 }, (_, index) => JSON.stringify(cluster(index + 1, 0)));
  await replaceFile(join(directory, "clusters.json"), `{"resources":[\n${others.join(",\n")}\n]}\n`);
  await changeOne(directory, 0);
}

/** Replaces the small file; with another revision the cluster in it is another one. */
export async function changeOne(directory: string, revision: number): Promise<void> {
  await replaceFile(join(directory, CHANGING), `${JSON.stringify(cluster(0, revision))}\n`);
}

/** A cluster as proto-JSON; the revision shows as its connect timeout. */
export function cluster(index: number, revision: number): Record<string, unknown> {
  const number = String(index).padStart(5, "0");
  const host = `svc-${number}.ns-${String(index % 50).padStart(2, "0")}.svc.cluster.local`;
  const ads = { ads: {}, resource_api_version: "V3" };
  const limits = { max_connections: 4096, max_pending_requests: 4096, max_requests: 8192, max_retries: 64 };
  const http = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  return {
    "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
    name: `outbound|8080||${host}`,
    alt_stat_name: `svc-${number}`,
    type: "EDS",
    connect_timeout: `${1 + revision / 1000}s`,
    eds_cluster_config: { eds_config: ads, service_name: `outbound|8080||${host}` },
    lb_policy: "LEAST_REQUEST",
    least_request_lb_config: { choice_count: 3 },
    per_connection_buffer_limit_bytes: 1_048_576,
    circuit_breakers: { thresholds: [{ ...limits, track_remaining: true }, { ...limits, priority: "HIGH" }] },
    outlier_detection: { consecutive_5xx: 5, interval: "10s", base_ejection_time: "30s", max_ejection_percent: 50 },
    health_checks: [{
      timeout: "1s",
      interval: "5s",
      unhealthy_threshold: 3,
      healthy_threshold: 2,
      http_health_check: { path: "/healthz", host: `svc-${number}` },
    }],
    common_lb_config: { healthy_panic_threshold: { value: 50 }, locality_weighted_lb_config: {} },
    typed_extension_protocol_options: {
      [http]: {
        "@type": `type.googleapis.com/${http}`,
        common_http_protocol_options: { idle_timeout: "300s" },
        explicit_http_config: { http2_protocol_options: { max_concurrent_streams: 1024 } },
      },
    },
    transport_socket: {
      name: "envoy.transport_sockets.tls",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        sni: host,
        common_tls_context: {
          alpn_protocols: ["h2"],
          tls_certificate_sds_secret_configs: [{ name: "default", sds_config: ads }],
          validation_context_sds_secret_config: { name: "ROOTCA", sds_config: ads },
        },
      },
    },
    metadata: { filter_metadata: { mesh: { services: [{ name: `svc-${number}`, owner: "bench" }] } } },
  };
}

/** Clusters in a file, below what one may have. */
const IN_A_FILE = 5_000;

/** Fills a directory with clusters of six endpoints each, as files of YAML. Resolves to their bytes, some 760 for each. */
export async function writeStaticClusters(directory: string, count: number): Promise<number> {
  let size = 0;
  for (let from = 0; from < count; from += IN_A_FILE) {
    const clusters = Array.from({ length: Math.min(IN_A_FILE, count - from) }, (_, at) => staticCluster(from + at));
    const text = clusters.join("");
    size += text.length;
    await replaceFile(join(directory, `clusters-${from}.yaml`), text);
  }
  return size;
}

function staticCluster(index: number): string {
  const name = `cluster-${String(index).padStart(6, "0")}`;
  const address = (place: number) => `10.${place}.${index >> 8 & 255}.${index & 255}`;
  const endpoints = Array.from(
    { length: 6 },
    (_, place) => `      - endpoint: {address: {socket_address: {address: ${address(place)}, port_value: 8080}}}\n`,
  );
  return `- "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
  name: ${name}
  type: STATIC
  connect_timeout: 1s
  lb_policy: ROUND_ROBIN
  load_assignment:
    cluster_name: ${name}
    endpoints:
    - lb_endpoints:
${endpoints.join("")}`;
}

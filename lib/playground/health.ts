/**
 * What Envoy thinks of the backends, out of its admin page.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/admin/v3/clusters.proto
 * @module
 */
import { COLOURS } from "./resources.ts";

/**
 * `unreachable`: its health checks fail. `ejected`: its answers failed, so Envoy leaves it alone for a while. `absent`: it is
 * not among the endpoints, because its weight is 0. `unknown`: Envoy does not say.
 */
export type Health = "healthy" | "unreachable" | "ejected" | "absent" | "unknown";

interface HostStatus {
  readonly address?: { readonly socket_address?: { readonly port_value?: number } };
  readonly health_status?: {
    readonly failed_active_health_check?: boolean;
    readonly failed_outlier_check?: boolean;
  };
}

/** The answer to `/clusters?format=json`, as far as it is looked at. */
export interface ClustersAnswer {
  readonly cluster_statuses?: readonly { readonly name?: string; readonly host_statuses?: readonly HostStatus[] }[];
}

/** The health of the backend at each port. */
export function healthOf(answer: ClustersAnswer | undefined, ports: readonly number[]): readonly Health[] {
  const hosts = answer?.cluster_statuses?.find(({ name }) => name === COLOURS)?.host_statuses;
  if (hosts === undefined) return ports.map(() => "unknown");
  const byPort = new Map(hosts.map((host) => [host.address?.socket_address?.port_value, host.health_status ?? {}]));
  return ports.map((port) => {
    const status = byPort.get(port);
    if (status === undefined) return "absent";
    if (status.failed_active_health_check === true) return "unreachable";
    return status.failed_outlier_check === true ? "ejected" : "healthy";
  });
}

/** Asks an Envoy's admin address; undefined when it does not answer. */
export async function askClusters(admin: string, signal: AbortSignal): Promise<ClustersAnswer | undefined> {
  try {
    const response = await fetch(`${admin}/clusters?format=json`, { signal });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

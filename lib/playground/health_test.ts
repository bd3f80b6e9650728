import { assertEquals } from "@std/assert";
import { healthOf } from "./health.ts";

const host = (port: number, health_status: object) => ({
  address: { socket_address: { port_value: port } },
  health_status,
});

Deno.test("the health of a backend is what Envoy says of its port", () => {
  const answer = {
    cluster_statuses: [
      { name: "page", host_statuses: [host(9, { failed_active_health_check: true })] },
      {
        name: "colours",
        host_statuses: [
          host(1, { eds_health_status: "HEALTHY" }),
          host(2, { failed_outlier_check: true }),
          host(3, { failed_active_health_check: true, failed_outlier_check: true }),
        ],
      },
    ],
  };
  assertEquals(healthOf(answer, [3, 2, 1, 9]), ["unreachable", "ejected", "healthy", "absent"]);
});

Deno.test("nothing is known of backends that Envoy does not tell of", () => {
  assertEquals(healthOf(undefined, [1, 2]), ["unknown", "unknown"]);
  assertEquals(healthOf({}, [1]), ["unknown"]);
  assertEquals(healthOf({ cluster_statuses: [{ name: "page" }] }, [1]), ["unknown"]);
});

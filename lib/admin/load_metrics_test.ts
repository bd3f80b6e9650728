import { assertEquals } from "@std/assert";
import { Registry } from "prom-client";
import { Loads } from "../hub/loads.ts";
import { loadMetrics } from "./load_metrics.ts";

const NODE = { id: "edge-1", cluster: "edge", locality: "", userAgent: "" };

Deno.test("loads are counted for each group and cluster, whichever client reports them", async () => {
  const registry = new Registry();
  const loads = new Loads(() => 0, { series: 1 });
  loadMetrics(registry, loads);
  const locality = { locality: "", priority: 0, issued: 5, success: 3, error: 1, active: 1, metrics: [] };
  const load = { service: "", interval: 1, dropped: 2, categories: new Map(), localities: [locality] };
  for (const id of ["1", "2"]) {
    const client = loads.open({ node: { ...NODE, id }, group: "edge", address: "" });
    client?.report([{ ...load, cluster: "a" }, { ...load, cluster: "b" }]);
    if (id === "2") client?.close();
  }
  const samples = async () => {
    const text = await registry.metrics();
    return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  };
  const expected = (count: number) => [
    'xcp_load_clients{group="edge"} 1',
    'xcp_load_issued_requests_total{group="edge",cluster="a"} 10',
    `xcp_load_issued_requests_total{group="edge",cluster="other"} ${count}`,
    'xcp_load_requests_total{group="edge",cluster="a",result="success"} 6',
    'xcp_load_requests_total{group="edge",cluster="a",result="error"} 2',
    'xcp_load_requests_total{group="edge",cluster="other",result="success"} 6',
    'xcp_load_requests_total{group="edge",cluster="other",result="error"} 2',
    'xcp_load_dropped_requests_total{group="edge",cluster="a"} 4',
    'xcp_load_dropped_requests_total{group="edge",cluster="other"} 4',
    'xcp_load_active_requests{group="edge",cluster="a"} 1',
    'xcp_load_active_requests{group="edge",cluster="other"} 1',
    "xcp_load_omitted_total 0",
  ];
  assertEquals(await samples(), expected(10));
  // A scrape reads and changes nothing.
  assertEquals(await samples(), expected(10));
});

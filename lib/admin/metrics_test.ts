import { assertEquals, assertStringIncludes } from "@std/assert";
import { CLUSTER, LISTENER } from "../model/types.ts";
import { createMetrics } from "./metrics.ts";
import type { StoreStatus } from "./stores.ts";
import { clientStatus, fakeHub, groupStatus, rejectingClient } from "./testing/fake_hub.ts";

const NODE = { id: "edge-1", cluster: "edge", locality: "", userAgent: "" };

function setUp() {
  const hub = fakeHub();
  const build = { version: "0.1.0", envoy_api: "1.40.0", runtime: "bun 1", platform: "linux-x64" };
  const stores: StoreStatus[] = [];
  const metrics = createMetrics({ hub, stores: () => stores, now: () => 61_000, build });
  /** Samples of a name: `{labels: value}`. */
  const samples = async (name: string) => {
    const found = [...(await metrics.text()).matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, "gm"))];
    return Object.fromEntries(found.map(([, labels = "", value]) => [labels, Number(value)]));
  };
  return { hub, stores, metrics, samples };
}

Deno.test("gauges say what the hub says at the time of the scrape", async () => {
  const { hub, samples } = setUp();
  const other = { id: "edge-2", cluster: "edge", locality: "", userAgent: "" };
  hub.connected = [
    ...[clientStatus(), clientStatus({ mode: "sotw" }), rejectingClient(), rejectingClient()],
    rejectingClient({ node: other, mode: "sotw" }),
  ];
  const streams = await samples("xcp_streams");
  assertEquals(streams['type="ADS",mode="sotw"'], 2);
  assertEquals(streams['type="ADS",mode="delta"'], 3);
  // Streams of one node are one client.
  assertEquals(await samples("xcp_clients"), { 'group="edge"': 2 });
  assertEquals(await samples("xcp_clients_rejecting"), {
    'group="edge",type="cluster"': 0,
    'group="edge",type="listener"': 2,
  });
  assertEquals(await samples("xcp_snapshot_resources"), { 'group="edge",type="cluster"': 2 });
  assertEquals(await samples("xcp_snapshot_age_seconds"), { 'group="edge"': 60 });
  hub.connected = [];
  hub.list = [];
  assertEquals(await samples("xcp_clients_rejecting"), {});
  assertEquals(await samples("xcp_snapshot_age_seconds"), {});
});

Deno.test("streams are counted by service and mode, and every pair that can be is there", async () => {
  const { hub, samples } = setUp();
  const unknown = "type.googleapis.com/a.B";
  hub.connected = [CLUSTER.url, CLUSTER.url, LISTENER.url, unknown].map((service) => clientStatus({ service }));
  const streams = await samples("xcp_streams");
  assertEquals(streams['type="CDS",mode="delta"'], 2);
  assertEquals(streams['type="CDS",mode="sotw"'], 0);
  assertEquals(streams['type="LDS",mode="delta"'], 1);
  assertEquals(streams['type="ADS",mode="delta"'], 0);
  assertEquals(streams['type="VHDS",mode="delta"'], 0);
  assertEquals('type="VHDS",mode="sotw"' in streams, false);
  assertEquals(streams['type="other",mode="delta"'], 1);
});

Deno.test("verdicts, reloads and propagation are counted", async () => {
  const { metrics, samples } = setUp();
  const about = { stream: "1", group: "edge", version: "v" };
  metrics.observe({ kind: "acknowledged", ...about, type: CLUSTER.url, propagationMs: 20 });
  metrics.observe({ kind: "acknowledged", ...about, type: CLUSTER.url, propagationMs: undefined });
  metrics.observe({ kind: "rejected", ...about, type: LISTENER.url, node: NODE, message: "no" });
  assertEquals(await samples("xcp_responses_total"), {
    'group="edge",type="cluster",result="ack"': 2,
    'group="edge",type="listener",result="nack"': 1,
  });
  assertEquals(await samples("xcp_propagation_seconds_count"), { "": 1 });
  assertEquals(await samples("xcp_propagation_seconds_sum"), { "": 0.02 });
  assertEquals(await samples("xcp_last_reload_successful"), { "": 0 });
  metrics.observe({ kind: "reloaded", ok: false, changed: [], held: ["edge"], gone: [], issues: [] });
  assertEquals(await samples("xcp_last_reload_successful"), { "": 0 });
  metrics.observe({ kind: "reloaded", ok: true, changed: ["edge"], held: [], gone: [], issues: [] });
  assertEquals(await samples("xcp_last_reload_successful"), { "": 1 });
  assertEquals(await samples("xcp_reloads_total"), { 'result="success"': 1, 'result="failure"': 1 });
});

Deno.test("a group that cannot follow its sources, or serves what was stored, says so until it is gone", async () => {
  const { hub, samples } = setUp();
  hub.list = [
    groupStatus({ name: "a" }),
    groupStatus({ name: "b", stale: true }),
    groupStatus({ name: "c", stale: true, restored: true }),
  ];
  assertEquals(await samples("xcp_group_stale"), { 'group="a"': 0, 'group="b"': 1, 'group="c"': 1 });
  assertEquals(await samples("xcp_group_restored"), { 'group="a"': 0, 'group="b"': 0, 'group="c"': 1 });
  hub.list = [groupStatus({ name: "a" })];
  assertEquals(await samples("xcp_group_stale"), { 'group="a"': 0 });
  assertEquals(await samples("xcp_group_restored"), { 'group="a"': 0 });
});

Deno.test("stores are told by role, of several in one the worst, and never by name", async () => {
  const { stores, metrics, samples } = setUp();
  assertEquals(await samples("xcp_store_failing"), {});
  const store: StoreStatus = { url: "s3://b/p", role: "store", failure: undefined, succeeded: 5_500, snapshot: 1 };
  stores.push(
    store,
    { ...store, role: "source", failure: "no" },
    { ...store, role: "source", succeeded: 2_000 },
    { ...store, role: "copy", succeeded: undefined },
  );
  assertEquals(await samples("xcp_store_failing"), { 'role="store"': 0, 'role="source"': 1, 'role="copy"': 0 });
  const times = { 'role="store"': 5.5, 'role="source"': 2 };
  assertEquals(await samples("xcp_store_last_success_timestamp_seconds"), times);
  assertEquals((await metrics.text()).includes("s3://"), false);
  stores.splice(1);
  assertEquals(await samples("xcp_store_failing"), { 'role="store"': 0 });
});

Deno.test("calls to stores are counted, and every pair that can be is there", async () => {
  const { metrics, samples } = setUp();
  assertEquals(Object.keys(await samples("xcp_store_operations_total")).length, 10);
  for (const result of ["ok", "ok", "error"] as const) metrics.observeStore("get", result);
  const counts = await samples("xcp_store_operations_total");
  assertEquals(counts['operation="get",result="ok"'], 2);
  assertEquals(counts['operation="get",result="error"'], 1);
  assertEquals(counts['operation="list",result="ok"'], 0);
});

Deno.test("types that clients invent share one label", async () => {
  const { hub, metrics, samples } = setUp();
  for (const type of ["example.com/a", "example.com/b"]) {
    metrics.observe({ kind: "rejected", stream: "1", group: "edge", version: "v", type, node: NODE, message: "no" });
  }
  hub.list = [groupStatus({ counts: { "example.com/a": 1, "example.com/b": 2 } })];
  assertEquals(await samples("xcp_responses_total"), { 'group="edge",type="other",result="nack"': 2 });
  assertEquals(await samples("xcp_snapshot_resources"), { 'group="edge",type="other"': 3 });
});

Deno.test("the process tells its build, CPU time, memory and start", async () => {
  const { metrics, samples } = setUp();
  assertStringIncludes(
    await metrics.text(),
    'xcp_build_info{version="0.1.0",envoy_api="1.40.0",runtime="bun 1",platform="linux-x64"} 1\n',
  );
  for (const name of ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"]) {
    const { "": value } = await samples(name);
    assertEquals(Number.isFinite(value), true, name);
  }
});

Deno.test("two sets of metrics share nothing", async () => {
  const [one, other] = [setUp(), setUp()];
  one.metrics.observe({ kind: "reloaded", ok: true, changed: [], held: [], gone: [], issues: [] });
  assertEquals(await other.samples("xcp_reloads_total"), { 'result="success"': 0, 'result="failure"': 0 });
});

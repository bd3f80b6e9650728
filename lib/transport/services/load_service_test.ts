import { assertEquals, assertStringIncludes } from "@std/assert";
import { until } from "../testing.ts";
import { cluster, encode, jsonClient, type JsonStream, startServed } from "../../../test/services.ts";

const LOADS = "envoy.service.load_stats.v3.LoadReportingService/StreamLoadStats";
const NODE = { id: "edge-1", cluster: "edge", locality: { region: "eu" }, user_agent_name: "test" };
const ALL = { ...NODE, client_features: ["other", "envoy.lrs.supports_send_all_clusters"] };
const GROUPS = { default: [cluster("z")], edge: [cluster("b"), cluster("a")] };

function stats(name: string) {
  return { cluster_name: name, upstream_locality_stats: [{ total_issued_requests: 3 }] };
}

async function answers(stream: JsonStream, count: number): Promise<void> {
  await until(`${count} answers`, () => stream.messages.length >= count || stream.ended !== undefined);
  assertEquals([stream.ended, stream.messages.length], [undefined, count]);
}

Deno.test("a client that can is asked for every cluster, once", async () => {
  await using server = await startServed({ groups: GROUPS });
  using client = jsonClient(server.address);
  const stream = client.stream(LOADS, { node: ALL });
  await answers(stream, 1);
  stream.send({ node: ALL, cluster_stats: [stats("a")] });
  await until("the report", () => server.loads.list()[0]?.reported !== undefined);
  assertEquals(stream.messages, [{ send_all_clusters: true, load_reporting_interval: "10s" }]);
});

Deno.test("any other client is asked for the clusters of its group, and those that it reports", async () => {
  await using server = await startServed({ groups: GROUPS });
  using client = jsonClient(server.address);
  const stream = client.stream(LOADS, { node: NODE });
  await answers(stream, 1);
  stream.send({ cluster_stats: [stats("own"), stats("a")] });
  await answers(stream, 2);
  // What it was asked for already it is not asked for again.
  stream.send({ cluster_stats: [stats("own")] });
  await until(
    "two reports",
    () => server.loads.list({ cluster: "own" })[0]?.clusters[0]?.localities[0]?.issued.total === 6,
  );
  server.set({ ...GROUPS, default: [cluster("y")] });
  server.set({ ...GROUPS, edge: [cluster("b"), cluster("c")] });
  await answers(stream, 3);
  const load_reporting_interval = "10s";
  assertEquals(stream.messages, [
    { clusters: ["a", "b"], load_reporting_interval },
    { clusters: ["a", "b", "own"], load_reporting_interval },
    { clusters: ["a", "b", "c", "own"], load_reporting_interval },
  ]);
});

Deno.test("a client whose group has no cluster is asked when it has one", async () => {
  await using server = await startServed();
  using client = jsonClient(server.address);
  const stream = client.stream(LOADS, { node: NODE });
  await until("the client is known", () => server.loads.list().length === 1);
  server.set(GROUPS);
  await answers(stream, 1);
  assertEquals(stream.messages, [{ clusters: ["a", "b"], load_reporting_interval: "10s" }]);
  assertEquals(server.loads.list().map(({ group }) => group), ["edge"]);
});

Deno.test("a report is read field by field", async () => {
  await using server = await startServed({ groups: GROUPS });
  using client = jsonClient(server.address);
  const stream = client.stream(LOADS, { node: ALL });
  stream.send({
    node: ALL,
    cluster_stats: [{
      cluster_name: "a",
      cluster_service_name: "service",
      total_dropped_requests: 9,
      dropped_requests: [{ category: "lb", dropped_count: 4 }, { category: "lb", dropped_count: 1 }],
      load_report_interval: "10.002s",
      upstream_locality_stats: [{
        locality: { region: "eu", zone: "eu-1", sub_zone: "a" },
        priority: 1,
        total_issued_requests: 300,
        total_successful_requests: 200,
        total_error_requests: 50,
        total_requests_in_progress: 7,
        cpu_utilization: { num_requests_finished_with_metric: 2, total_metric_value: 0.5 },
        load_metric_stats: [{ metric_name: "cost", num_requests_finished_with_metric: 3, total_metric_value: 1.5 }],
      }],
    }],
  });
  await until("the report", () => server.loads.list()[0]?.clusters.length === 1);
  const [status] = server.loads.list();
  const amount = (total: number) => ({ total, last: total });
  assertEquals(status?.node, { id: "edge-1", cluster: "edge", locality: "eu", userAgent: "test" });
  assertEquals(status?.group, "edge");
  const [load] = status?.clusters ?? [];
  assertEquals({ ...load, reported: 0 }, {
    cluster: "a",
    service: "service",
    interval: 10_002,
    reported: 0,
    dropped: amount(9),
    categories: { lb: amount(5) },
    localities: [{
      locality: "eu/eu-1/a",
      priority: 1,
      issued: amount(300),
      success: amount(200),
      error: amount(50),
      active: 7,
      metrics: {
        cpu_utilization: { requests: amount(2), sum: amount(0.5) },
        cost: { requests: amount(3), sum: amount(1.5) },
      },
    }],
  });
});

Deno.test("a client that goes is known to be gone, and one that ends its side is ended", async () => {
  await using server = await startServed({ groups: GROUPS });
  using client = jsonClient(server.address);
  const one = client.stream(LOADS, { node: ALL });
  const other = client.stream(LOADS, { node: { ...ALL, id: "edge-2" } });
  const silent = client.stream(LOADS, { node: { ...ALL, id: "edge-3" } });
  for (const stream of [one, other]) stream.send({ cluster_stats: [stats("a")] });
  const reported = () => server.loads.list().filter((each) => each.reported !== undefined).length;
  await until("all are known", () => server.loads.list().length === 3 && reported() === 2);
  one.cancel();
  silent.cancel();
  other.halfClose();
  await until("all are gone", () => server.loads.list().every(({ gone }) => gone !== undefined));
  assertEquals(server.loads.list().map(({ node }) => node.id), ["edge-1", "edge-2"]);
  await until("the second ends", () => other.ended === "OK");
});

Deno.test("a client that changes its node changes its group", async () => {
  await using server = await startServed({ groups: GROUPS });
  using client = jsonClient(server.address);
  const stream = client.stream(LOADS, { node: NODE });
  await answers(stream, 1);
  stream.send({ node: { ...NODE, cluster: "elsewhere" } });
  await answers(stream, 2);
  assertEquals(stream.messages[1], { clusters: ["z"], load_reporting_interval: "10s" });
  assertEquals(server.loads.list().map(({ group, node }) => [group, node.cluster]), [["default", "elsewhere"]]);
});

Deno.test("what cannot be taken ends the stream with a reason", async () => {
  await using server = await startServed({ groups: GROUPS, loads: { clients: 1 } });
  using client = jsonClient(server.address);
  const refused = async (body: Uint8Array, code: string, words: string) => {
    const stream = client.stream(LOADS);
    stream.raw(body);
    await until("the end", () => stream.ended !== undefined);
    assertEquals(stream.ended, code);
    assertStringIncludes(stream.details ?? "", words);
  };
  const request = (json: Parameters<typeof encode>[1]) => encode("envoy.service.load_stats.v3.LoadStatsRequest", json);
  await refused(new Uint8Array([0xff]), "INVALID_ARGUMENT", "Cannot read the request");
  await refused(request({ node: { id: "x".repeat(5_000) } }), "INVALID_ARGUMENT", "Cannot take the node");
  await refused(new Uint8Array(16 * 1024 * 1024 + 1), "RESOURCE_EXHAUSTED", "Cannot take the report");
  client.stream(LOADS, { node: NODE });
  await until("one is known", () => server.loads.list().length === 1);
  await refused(request({ node: { id: "other" } }), "RESOURCE_EXHAUSTED", "Too many clients");
});

Deno.test("streams are bounded, and ended when the server ends", async () => {
  const limits = { maxStreams: 1, maxStreamsPerConnection: 100, maxRestConnections: 1, maxRequestBytes: 1 << 20 };
  await using server = await startServed({ groups: GROUPS, transport: { limits } });
  using client = jsonClient(server.address);
  const first = client.stream(LOADS, { node: NODE });
  await answers(first, 1);
  const second = client.stream(LOADS, { node: NODE });
  await until("the second is refused", () => second.ended === "RESOURCE_EXHAUSTED");
  await server.transport.drain(5_000, 0);
  await until("the first ends", () => first.ended === "UNAVAILABLE");
});

import { assert, assertEquals } from "@std/assert";
import { type ClusterLoad, type LoadLimits, Loads, type LocalityLoad, type Reporter } from "./loads.ts";

function reporter(id = "edge-1", group = "edge"): Reporter {
  return { node: { id, cluster: "edge", locality: "", userAgent: "" }, group, address: "10.0.0.7:5" };
}

function locality(more: Partial<LocalityLoad> = {}): LocalityLoad {
  return { locality: "eu", priority: 0, issued: 10, success: 7, error: 1, active: 2, metrics: [], ...more };
}

function load(cluster: string, more: Partial<ClusterLoad> = {}): ClusterLoad {
  const categories = new Map<string, number>();
  return { cluster, service: "", interval: 10_000, dropped: 0, categories, localities: [locality()], ...more };
}

function setUp(limits: Partial<LoadLimits> = {}) {
  const clock = { now: 1_000 };
  const loads = new Loads(() => clock.now, limits);
  const open = (who = reporter()) => {
    const client = loads.open(who);
    assert(client !== undefined);
    return client;
  };
  return { clock, loads, open };
}

Deno.test("reports are added up, and the last one is known by itself", () => {
  const { clock, loads, open } = setUp();
  const client = open();
  const cost = { name: "cost", requests: 4, sum: 2.5 };
  client.report([
    load("a", { dropped: 3, categories: new Map([["lb", 2]]), localities: [locality({ metrics: [cost] })] }),
  ]);
  clock.now = 11_000;
  client.report([load("a", { dropped: 1, localities: [locality({ active: 5, metrics: [cost] })] })]);
  const [status] = loads.list();
  assertEquals(status, {
    stream: "1",
    ...reporter(),
    connected: 1_000,
    reported: 11_000,
    gone: undefined,
    clusters: [{
      cluster: "a",
      service: "",
      interval: 10_000,
      reported: 11_000,
      dropped: { total: 4, last: 1 },
      categories: { lb: { total: 2, last: 0 } },
      localities: [{
        locality: "eu",
        priority: 0,
        issued: { total: 20, last: 10 },
        success: { total: 14, last: 7 },
        error: { total: 2, last: 1 },
        active: 5,
        metrics: { cost: { requests: { total: 8, last: 4 }, sum: { total: 5, last: 2.5 } } },
      }],
    }],
  });
});

Deno.test("what a report does not name had no load in it", () => {
  const { loads, open } = setUp();
  const client = open();
  client.report([load("a"), load("b")]);
  client.report([load("b")]);
  const [a] = loads.list({ cluster: "a" })[0]?.clusters ?? [];
  assertEquals([a?.localities[0]?.issued, a?.localities[0]?.active], [{ total: 10, last: 0 }, 0]);
  assertEquals(loads.series().series.map(({ cluster, active }) => [cluster, active]), [["a", 0], ["b", 2]]);
});

Deno.test("a cluster that one report names twice, for two services or not, loses nothing", () => {
  const { loads, open } = setUp();
  open().report([load("a"), load("a"), load("a", { service: "s" })]);
  const clusters = loads.list()[0]?.clusters ?? [];
  assertEquals(clusters.map((each) => [each.service, each.localities[0]?.issued]), [
    ["", { total: 20, last: 20 }],
    ["s", { total: 10, last: 10 }],
  ]);
  assertEquals(loads.series().series[0]?.issued, 30);
});

Deno.test("the list is that of a group, a node or a cluster", () => {
  const { loads, open } = setUp();
  open().report([load("a")]);
  open(reporter("edge-2")).report([load("b")]);
  open(reporter("core-1", "core"));
  const streams = (filter: Parameters<Loads["list"]>[0]) => loads.list(filter).map(({ stream }) => stream);
  assertEquals(streams({}), ["1", "2", "3"]);
  assertEquals(streams({ group: "edge" }), ["1", "2"]);
  assertEquals(streams({ node: "core-1" }), ["3"]);
  assertEquals(streams({ cluster: "b" }), ["2"]);
});

Deno.test("clients of a group are added up, also those that are gone; what is under way goes with them", () => {
  const { clock, loads, open } = setUp({ remember: 60_000 });
  const client = open();
  client.report([load("a", { dropped: 2 })]);
  open(reporter("edge-2")).report([load("a")]);
  open(reporter("core-1", "core")).report([load("a")]);
  const totals = { issued: 20, success: 14, error: 2, dropped: 2 };
  const one = { group: "core", cluster: "a", issued: 10, success: 7, error: 1, dropped: 0, active: 2 };
  assertEquals(loads.series(), {
    clients: new Map([["edge", 2], ["core", 1]]),
    series: [{ group: "edge", cluster: "a", ...totals, active: 4 }, one],
  });
  client.close();
  for (const later of [0, 60_000]) {
    clock.now += later;
    assertEquals(loads.series(), {
      clients: new Map([["edge", 1], ["core", 1]]),
      series: [{ group: "edge", cluster: "a", ...totals, active: 2 }, one],
    });
  }
});

Deno.test("a client that is gone is remembered for a while, and goes on with its totals when it comes back", () => {
  const { clock, loads, open } = setUp({ remember: 60_000 });
  const client = open();
  client.report([load("a")]);
  client.close();
  client.report([load("a")]); // Too late: nothing happens.
  clock.now += 59_999;
  assertEquals(loads.list().map(({ gone }) => gone), [1_000]);
  open().report([load("a")]);
  const [again, ...others] = loads.list();
  assertEquals(others, []);
  assertEquals([again?.stream, again?.gone, again?.clusters[0]?.localities[0]?.issued], [
    "2",
    undefined,
    { total: 20, last: 10 },
  ]);
  open(reporter("edge-2")).close(); // It never reported: nothing is known of it.
  assertEquals(loads.list().map(({ stream }) => stream), ["2"]);
  const third = open(reporter("edge-3"));
  third.report([]);
  third.close();
  assertEquals(loads.list().map(({ stream }) => stream), ["2", "4"]);
  clock.now += 60_000;
  assertEquals(loads.list().map(({ stream }) => stream), ["2"]);
});

Deno.test("two clients of one name are two clients", () => {
  const { loads, open } = setUp();
  open().report([load("a")]);
  open().report([load("a")]);
  assertEquals(loads.list().map(({ clusters }) => clusters[0]?.localities[0]?.issued.total), [10, 10]);
});

Deno.test("a client that moves reports for its new group", () => {
  const { loads, open } = setUp();
  const client = open();
  client.report([load("a")]);
  client.move(reporter("edge-1", "core"));
  client.report([load("a")]);
  assertEquals(loads.series().series.map(({ group, issued }) => [group, issued]), [["edge", 10], ["core", 10]]);
  assertEquals(loads.list()[0]?.group, "core");
});

Deno.test("a client too many is refused; one that is gone makes room", () => {
  const { loads, open } = setUp({ clients: 2 });
  open();
  const client = open(reporter("edge-2"));
  client.report([load("a")]);
  assertEquals(loads.open(reporter("edge-3")), undefined);
  client.close();
  assert(loads.open(reporter("edge-3")) !== undefined);
  assertEquals(loads.list().map(({ node }) => node.id), ["edge-1", "edge-3"]);
});

Deno.test("the cluster that was reported longest ago makes room for another", () => {
  const { clock, loads, open } = setUp({ clusters: 2 });
  const client = open();
  for (const cluster of ["a", "b", "a", "c"]) {
    clock.now++;
    client.report([load(cluster)]);
  }
  assertEquals(loads.list()[0]?.clusters.map(({ cluster }) => cluster), ["a", "c"]);
  client.report([load("d"), load("e"), load("f")]);
  assertEquals([loads.omitted, loads.list()[0]?.clusters.length], [1, 2]);
});

Deno.test("all that a client can make up is bounded, and what was left out is counted", () => {
  const { loads, open } = setUp({ localities: 2, name: 8, records: 7, series: 2 });
  const client = open();
  const many = ["a", "b", "c"].map((name) => locality({ locality: name }));
  client.report([load("a", { localities: many })]);
  assertEquals([loads.omitted, loads.list()[0]?.clusters[0]?.localities.length], [1, 2]);
  const metrics = ["x", "y", "z", "much-too-long"].map((name) => ({ name, requests: 1, sum: 1 }));
  client.report([load("a", { localities: [locality({ locality: "a", metrics })] })]);
  assertEquals(Object.keys(loads.list()[0]?.clusters[0]?.localities[0]?.metrics ?? {}), ["x", "y"]);
  assertEquals(loads.omitted, 3);
  client.report([load("much-too-long")]);
  assertEquals(loads.omitted, 4);
  // One cluster with two localities and two metrics: two records are left, of all clients together.
  open(reporter("edge-2")).report([load("b"), load("c")]);
  assertEquals(loads.list()[1]?.clusters.map(({ cluster, localities }) => [cluster, localities.length]), [["b", 1]]);
  assertEquals(loads.series().series.map(({ cluster }) => cluster), ["a", "other"]);
});

Deno.test("records of clients that are forgotten are free again", () => {
  const { clock, loads, open } = setUp({ records: 2, remember: 1_000 });
  const kept = ["1", "2", "3"].map((id) => {
    const client = open(reporter(id));
    client.report([load("a")]);
    client.close();
    const clusters = loads.list({ node: id })[0]?.clusters.length;
    clock.now += 500;
    return clusters;
  });
  assertEquals(kept, [1, 0, 1]);
});

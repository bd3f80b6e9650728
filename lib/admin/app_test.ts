import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Loads } from "../hub/loads.ts";
import { SILENT } from "../log.ts";
import { CLUSTER, LISTENER } from "../model/types.ts";
import { groupStatus, rejectingClient } from "./testing/fake_hub.ts";
import type { StoreStatus } from "./stores.ts";
import { setUp } from "./testing/set_up.ts";

async function problemOf(response: Response) {
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  const { type, title, status, detail, ...rest } = await response.json();
  assertEquals([type, typeof title, status, rest], ["about:blank", "string", response.status, {}]);
  return detail;
}

Deno.test("health is told without conditions", async () => {
  const response = await setUp().ask("/healthz");
  assertEquals([response.status, await response.json()], [200, { healthy: true }]);
});

Deno.test("readiness is 200 or 503, with reasons", async () => {
  const { hub, ask } = setUp();
  assertEquals((await ask("/readyz")).status, 200);
  hub.state = { ready: false, reasons: ["nothing is loaded yet"] };
  const response = await ask("/readyz");
  const { ready, reasons } = await response.json();
  assertEquals([response.status, ready, reasons], [503, false, ["nothing is loaded yet"]]);
});

const STORE: StoreStatus = {
  url: "s3://bucket/prefix",
  role: "store",
  failure: undefined,
  succeeded: 1_500,
  snapshot: 7,
};

Deno.test("readiness tells what is served, from where and how old it is, and how the stores do", async () => {
  const copy: StoreStatus = { ...STORE, url: "/state/copy", role: "copy", succeeded: undefined, failure: "no space" };
  const { hub, ask, metrics } = setUp({ stores: () => [STORE, copy] });
  const restored = { restored: true, stale: true };
  hub.list = [
    groupStatus({ name: "a" }),
    groupStatus({ name: "b", ...restored, source: ["s3://bucket/prefix@7"] }),
    groupStatus({ name: "c", ...restored, source: ["local copy"] }),
    groupStatus({ name: "d", revision: undefined, since: undefined, stale: true }),
  ];
  const expected = {
    ready: true,
    reasons: [],
    groups: [
      { name: "a", source: "sources", restored: false, stale: false, age: 2.5 },
      { name: "b", source: "store", ...restored, age: 2.5 },
      { name: "c", source: "copy", ...restored, age: 2.5 },
      { name: "d", source: null, restored: false, stale: true, age: null },
    ],
    stores: [{ role: "store", failing: false, age: 2 }, { role: "copy", failing: true, age: null }],
  };
  assertEquals(await (await ask("/readyz")).json(), expected);
  assertEquals(await (await metrics.request("/readyz")).json(), expected);
});

Deno.test("readiness, which is open to everybody, does not tell where a store is", async () => {
  const failure = "Cannot reach http://minio.internal:9000: connection refused";
  const { hub, ask, options } = setUp({ stores: () => [{ ...STORE, url: "memory://vault", failure }] });
  const held = 'group "edge" has nothing to serve: error:';
  hub.state = {
    ready: false,
    reasons: [
      `${held} a.yaml:3:1: no [unknown-field]`,
      `${held} Cannot read "s3://bucket/prefix": no right (arn:aws:iam::123456789012:user/x) [store]`,
      `${held} Cannot follow (file:///srv/vault): permission denied [store]`,
      `${held} Cannot follow "memory://vault": it is gone [store]`,
      `${held} ${failure} [store]`,
    ],
  };
  hub.list = [groupStatus({ restored: true, stale: true, source: ["s3://bucket/prefix@7"] })];
  const text = await (await ask("/readyz")).text();
  for (const secret of ["bucket", "vault", "minio", "1234"]) assertEquals(text.includes(secret), false, secret);
  assertEquals(JSON.parse(text).reasons, [
    `${held} a.yaml:3:1: no [unknown-field]`,
    `${held} Cannot read a store; /v1/stores says why`,
    `${held} Cannot follow a store; /v1/stores says why`,
    `${held} Cannot follow a store; /v1/stores says why`,
    `${held} a store; /v1/stores says why`,
  ]);
  assertEquals(options.hub.readiness().reasons.some((reason) => reason.includes("arn:aws")), true);
});

Deno.test("stores are told with null for what is not there", async () => {
  const failing: StoreStatus = { ...STORE, role: "source", failure: "no", succeeded: undefined, snapshot: undefined };
  const { ask } = setUp({ stores: () => [STORE, failing] });
  const { url } = STORE;
  assertEquals(await (await ask("/v1/stores")).json(), {
    stores: [
      { url, role: "store", failure: null, succeeded: "1970-01-01T00:00:01.500Z", snapshot: 7 },
      { url, role: "source", failure: "no", succeeded: null, snapshot: null },
    ],
  });
  assertEquals(await (await setUp().ask("/v1/stores")).json(), { stores: [] });
});

Deno.test("rules are told in the form of groups.yaml, without the place where they were read", async () => {
  const { hub, ask } = setUp();
  assertEquals(await (await ask("/v1/rules")).json(), { rules: [] });
  hub.mapping = [
    { group: "edge", id: "edge-*", at: { file: "groups.yaml", line: 2, column: 3 } },
    { group: "eu", cluster: "web", locality: { region: "eu", subZone: "a" }, metadata: { role: "x" } },
  ];
  assertEquals(await (await ask("/v1/rules")).json(), {
    rules: [
      { group: "edge", id: "edge-*" },
      { group: "eu", cluster: "web", locality: { region: "eu", sub_zone: "a" }, metadata: { role: "x" } },
    ],
  });
});

Deno.test("groups have snake_case keys, ages in seconds, and null for what is not there", async () => {
  const { hub, ask } = setUp();
  const at = { file: "a.yaml", line: 3, column: 5 };
  const issue = { path: "a.b", rule: "unknown-field", severity: "error", message: "no" } as const;
  hub.list.push(groupStatus({ name: "new", revision: undefined, since: undefined, issues: [{ ...issue, at }, issue] }));
  const { groups } = await (await ask("/v1/groups")).json();
  assertEquals(groups[0], {
    name: "edge",
    revision: "r1",
    versions: { [CLUSTER.url]: "v1" },
    counts: { [CLUSTER.url]: 2 },
    source: ["./config"],
    restored: false,
    stale: false,
    age: 2.5,
    issues: [],
    rollout: { policy: "all-at-once" },
    clients: 1,
  });
  assertEquals([groups[1].revision, groups[1].age], [null, null]);
  assertEquals(groups[1].issues, [{ ...at, ...issue }, { file: null, line: null, column: null, ...issue }]);
});

Deno.test("one group is told with its revision as the entity tag", async () => {
  const response = await setUp().ask("/v1/groups/edge");
  assertEquals([response.headers.get("etag"), (await response.json()).name], ['"r1"', "edge"]);
});

Deno.test("a group's name may hold anything", async () => {
  const { hub, ask } = setUp();
  hub.list.push(groupStatus({ name: "a/b %" }));
  assertEquals((await (await ask(`/v1/groups/${encodeURIComponent("a/b %")}`)).json()).name, "a/b %");
});

Deno.test("the effective resources are told with their origin", async () => {
  const response = await setUp().ask("/v1/groups/edge/effective?type=clusters");
  assertEquals(response.headers.get("etag"), '"r1"');
  const { resources, ...rest } = await response.json();
  assertEquals(rest, { group: "edge", revision: "r1", versions: { [CLUSTER.url]: "v1" } });
  assertEquals(resources.length, 1);
  const { version, ...resource } = resources[0];
  assertMatch(version, /^[\w-]{12}$/);
  assertEquals(resource, {
    type: CLUSTER.url,
    name: "web",
    origin: { layer: "./config", file: "config/a.yaml", line: 3, column: 1 },
    resource: { "@type": CLUSTER.url, name: "web" },
  });
});

Deno.test("the effective resources can be asked for by type in every spelling, and by name", async () => {
  const { ask } = setUp();
  const names = async (query: string) => {
    const { resources } = await (await ask(`/v1/groups/edge/effective?${query}`)).json();
    return resources.map(({ name }: { name: string }) => name);
  };
  assertEquals(await names(""), ["web", "in"]);
  for (const type of ["listener", "listeners", "LDS", encodeURIComponent(LISTENER.url)]) {
    assertEquals(await names(`type=${type}`), ["in"]);
  }
  assertEquals(await names("name=web"), ["web"]);
  assertEquals(await names("type=example.com/x.Y"), []);
  const wrong = await ask("/v1/groups/edge/effective?type=zork");
  assertEquals(wrong.status, 400);
  assertStringIncludes(await problemOf(wrong), '"zork"');
});

Deno.test("printing thousands of resources lets other work have its turn", async () => {
  let turns = 0;
  const { hub, ask } = setUp({
    print: ({ name }) => {
      for (const end = performance.now() + 1; performance.now() < end;);
      return { name };
    },
  });
  hub.served = Array.from({ length: 100 }, () => hub.served).flat().slice(0, 100);
  const timer = setInterval(() => turns++, 1);
  const { resources } = await (await ask("/v1/groups/edge/effective")).json();
  clearInterval(timer);
  assertEquals(resources.length, 100);
  assertEquals(turns > 0, true);
});

Deno.test("clients are told with Envoy's own words, and can be filtered", async () => {
  const { hub, ask } = setUp();
  hub.connected.push(rejectingClient({ stream: "2", group: "other" }));
  const { clients } = await (await ask("/v1/clients?group=other&node=edge-1")).json();
  assertEquals(clients.length, 1);
  assertEquals(clients[0], await (await ask("/v1/clients/2")).json());
  assertEquals(clients[0].node, { id: "edge-1", cluster: "edge", locality: "", user_agent: "envoy 1.40.0" });
  assertEquals(clients[0].connected, "1970-01-01T00:00:00.000Z");
  assertEquals(clients[0].subscriptions[0].rejected, {
    version: "v2",
    message: "no filter <b>here</b>",
    at: "1970-01-01T00:00:00.000Z",
  });
  assertEquals((await (await ask("/v1/clients?node=edge-9")).json()).clients, []);
});

Deno.test("loads are told in seconds, ISO times and null, and can be filtered", async () => {
  let time = 1_000;
  const loads = new Loads(() => time);
  const client = loads.open({
    node: { id: "n", cluster: "c", locality: "z", userAgent: "" },
    group: "edge",
    address: "a",
  });
  const locality = { locality: "z", priority: 0, issued: 3, success: 2, error: 1, active: 1, metrics: [] };
  const load = { service: "", interval: 2_500, dropped: 0, categories: new Map(), localities: [locality] };
  time = 2_000;
  client?.report([{ ...load, cluster: "web" }, { ...load, cluster: "db" }]);
  const { ask } = setUp({ loads });
  const told = async (query: string) => (await (await ask(`/v1/loads?${query}`)).json()).loads;
  const [{ clusters, ...rest }, ...more] = await told("cluster=web");
  assertEquals([more, rest], [[], {
    stream: "1",
    node: { id: "n", cluster: "c", locality: "z", user_agent: "" },
    group: "edge",
    address: "a",
    connected: "1970-01-01T00:00:01.000Z",
    reported: "1970-01-01T00:00:02.000Z",
    gone: null,
  }]);
  const [web] = clusters;
  assertEquals([clusters.length, web.cluster, web.interval], [1, "web", 2.5]);
  assertEquals(web.localities[0].issued, { total: 3, last: 3 });
  for (const none of ["group=x", "node=x", "cluster=x"]) assertEquals(await told(none), [], none);
});

Deno.test("what is not there is a problem", async () => {
  const { ask } = setUp();
  for (const path of ["/nope", "/v1", "/v1/groups/x", "/v1/groups/x/effective", "/v1/clients/9", "/v1/groups/edge/x"]) {
    const response = await ask(path);
    assertEquals(response.status, 404);
    assertStringIncludes(await problemOf(response), "Cannot find");
  }
});

Deno.test("HEAD answers like GET without a body, OPTIONS and other methods name what is allowed", async () => {
  const { ask } = setUp();
  const head = await ask("/v1/groups", { method: "HEAD" });
  assertEquals([head.status, await head.text()], [200, ""]);
  const options = await ask("/v1/groups", { method: "OPTIONS" });
  assertEquals([options.status, options.headers.get("allow")], [204, "GET, HEAD, OPTIONS"]);
  const writable = await ask("/v1/groups/edge/resources", { method: "POST" });
  assertEquals([writable.status, writable.headers.get("allow")], [405, "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"]);
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    const response = await ask("/v1/groups", { method });
    assertEquals([response.status, response.headers.get("allow")], [405, "GET, HEAD, OPTIONS"]);
    await problemOf(response);
  }
});

Deno.test("a bug is a problem without details", async () => {
  const said: string[] = [];
  const { hub, ask } = setUp({ log: { ...SILENT, error: (message) => said.push(message) } });
  hub.groups = () => {
    throw new Error("secret detail");
  };
  const response = await ask("/v1/groups");
  assertEquals(response.status, 500);
  assertEquals((await problemOf(response)).includes("secret"), false);
  assertEquals(said, ["The admin API failed"]);
});

Deno.test("a page of another site cannot read the API through a name that points to loopback", async () => {
  const { ask } = setUp();
  for (const path of ["/", "/v1/groups", "/v1/clients", "/metrics", "/nope"]) {
    assertEquals((await ask(path, { headers: { host: "evil.example:18001" } })).status, 403);
  }
  for (const host of ["localhost", "LOCALHOST:1", "127.0.0.9:80", "[::1]:18001", "xcp.localhost"]) {
    assertEquals((await ask("/v1/groups", { headers: { host } })).status, 200, host);
  }
  for (const host of ["", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[::2]:1", "::1"]) {
    assertEquals((await ask("/v1/groups", { headers: { host } })).status, 403, host);
  }
  const response = await ask("/v1/groups", { headers: { origin: "http://evil.example" } });
  assertEquals(response.headers.get("access-control-allow-origin"), null);
});

Deno.test("beyond loopback everything but health wants the token", async () => {
  const { ask } = setUp({ guard: { reach: "network", token: () => "sesame" } });
  const at = (path: string, authorization?: string) =>
    ask(path, { headers: { host: "xcp.example", ...(authorization === undefined ? {} : { authorization }) } });
  const guarded = ["/", "/v1/groups", "/v1/groups/edge", "/v1/clients", "/v1/clients/1", "/v1/rules", "/v1/stores"];
  for (const path of [...guarded, "/metrics", "/nope"]) {
    const refused = await at(path);
    assertEquals([refused.status, refused.headers.get("www-authenticate")], [401, "Bearer"], path);
    await problemOf(refused);
    for (const wrong of ["Bearer wrong", "Bearer sesame2", "Basic sesame", "sesame", "Bearer"]) {
      assertEquals((await at(path, wrong)).status, 401, wrong);
    }
    assertEquals((await at(path, "bearer sesame")).status, path === "/nope" ? 404 : 200);
  }
  for (const path of ["/healthz", "/readyz"]) assertEquals((await at(path)).status, 200);
});

Deno.test("on loopback the token opens for any host, and a wrong one is refused", async () => {
  const { ask } = setUp({ guard: { reach: "loopback", token: () => "sesame" } });
  const host = "proxy.example";
  assertEquals((await ask("/v1/groups")).status, 200);
  assertEquals((await ask("/v1/groups", { headers: { host, authorization: "Bearer sesame" } })).status, 200);
  assertEquals((await ask("/v1/groups", { headers: { authorization: "Bearer wrong" } })).status, 401);
});

Deno.test("a changed token counts at once", async () => {
  let token = "old";
  const { ask } = setUp({ guard: { reach: "network", token: () => token } });
  const status = async () => (await ask("/v1/groups", { headers: { authorization: "Bearer new" } })).status;
  assertEquals(await status(), 401);
  token = "new";
  assertEquals(await status(), 200);
});

Deno.test("a socket is guarded by its file alone", async () => {
  const { ask } = setUp({ guard: { reach: "socket", token: () => "sesame" } });
  assertEquals((await ask("/v1/groups", { headers: { host: "anything" } })).status, 200);
});

Deno.test("the metrics address has health and metrics only", async () => {
  const { metrics } = setUp();
  for (const path of ["/healthz", "/readyz", "/metrics"]) {
    assertEquals((await metrics.request(path, { headers: { host: "10.0.0.1" } })).status, 200);
  }
  for (const path of ["/", "/v1/groups", "/v1/clients", "/v1/rules", "/v1/stores"]) {
    assertEquals((await metrics.request(path)).status, 404);
  }
});

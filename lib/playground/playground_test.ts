import { assertEquals, assertStringIncludes } from "@std/assert";
import { eventually } from "../../test/e2e/harness/eventually.ts";
import adapter from "./adapter.ts";
import type { Outcome } from "./announce.ts";
import { playgroundApp } from "./app.tsx";
import { startBackends } from "./backends.ts";
import type { Health } from "./health.ts";
import { rainbow } from "./palette.ts";
import { Playground, type View } from "./playground.ts";
import { firstPolicy, type Policy } from "./policy.ts";

const ACCEPTED: Outcome = { kind: "accepted", words: [] };
const REFUSED: Outcome = { kind: "refused-by-envoy", words: ["no such file"] };

/** A playground whose xcp refuses what has a flaw, and its page. */
async function open(health: readonly Health[] = ["healthy", "healthy", "healthy"]) {
  const backends = await startBackends(rainbow(3));
  const announced: Policy[] = [];
  let gate: Promise<void> | undefined;
  let time = 1000;
  let tick = () => {};
  const playground: Playground = new Playground({
    backends,
    now: () => time + announced.length,
    random: () => 0.5,
    every(_ms, act) {
      tick = act;
      return () => {};
    },
    health: () => Promise.resolve(health),
    announce: async (): Promise<Outcome> => {
      announced.push(playground.policy);
      await gate;
      return playground.policy.flaw === undefined ? ACCEPTED : REFUSED;
    },
  });
  const app = playgroundApp({
    playground,
    definition: () => ({ page: 1, listen: { host: "127.0.0.1", port: 2 } }),
    title: "xcp 1.2.3",
    statusUrl: "http://127.0.0.1:18001/",
  });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    Promise.resolve(app.request(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    }));
  const view = async (response: Promise<Response>): Promise<View> => await (await response).json();
  return {
    playground,
    backends,
    announced,
    app,
    post,
    view,
    wait: (ms: number) => void (time += ms),
    /** Ten seconds are over. */
    tick: () => tick(),
    hold(until: Promise<void>) {
      gate = until;
    },
    [Symbol.asyncDispose]: () => playground.close(),
  };
}

const policy = (change: Partial<Policy> = {}) => ({ ...firstPolicy(3), ...change });

Deno.test("on loopback nobody is answered who came by the name of another host", async () => {
  await using world = await open();
  for (const host of ["localhost", "127.0.0.1:10000", "[::1]:10000"]) {
    assertEquals((await world.app.request(`http://${host}/api/state`)).status, 200, host);
  }
  for (const path of ["/", "/api/state", "/definition"]) {
    assertEquals((await world.app.request(`http://evil.example:10000${path}`)).status, 403, path);
  }
});

Deno.test("new random weights come every ten seconds, where they were asked for and nothing is broken", async () => {
  await using it = await open();
  const weights = policy({ kind: "weights", weights: [100, 0, 0] });
  for (
    const still of [weights, { ...weights, shuffle: true, flaw: "missing_file" as const }, policy({ shuffle: true })]
  ) {
    await it.playground.apply(still);
    it.tick();
    assertEquals((await it.playground.view()).policy, still);
  }
  it.announced.length = 0;
  await it.playground.apply({ ...weights, shuffle: true });
  it.tick();
  await eventually(() => it.announced.length === 2);
  const [, shuffled] = it.announced;
  assertEquals([shuffled?.kind, String(shuffled?.weights) === "100,0,0"], ["weights", false]);
});

Deno.test("what Envoy took is in the history once, the newest first, and what it refused is not", async () => {
  await using it = await open();
  for (const kind of ["random", "ring_hash", "random"] as const) await it.playground.apply(policy({ kind }));
  await it.playground.apply(policy({ kind: "random", flaw: "missing_file" }));
  const { history, outcome, policy: wanted } = await it.playground.view();
  assertEquals(history.map(({ title, current }) => [title, current]), [["Random", false], ["Ring hash", false]]);
  assertEquals([outcome?.kind, outcome?.words, wanted.flaw], ["refused-by-envoy", ["no such file"], "missing_file"]);
});

Deno.test("weights that change under a finger are one entry, and others are one each", async () => {
  await using it = await open();
  for (const weights of [[1, 1, 1], [2, 1, 1], [3, 1, 1]]) {
    await it.playground.apply(policy({ kind: "weights", weights }));
  }
  it.wait(60_000);
  await it.playground.apply(policy({ kind: "weights", weights: [4, 1, 1] }));
  const { history } = await it.playground.view();
  assertEquals(history.map(({ title }) => title), ["Weights 4:1:1", "Weights 3:1:1"]);
});

Deno.test("rolling back undoes what was refused, then what was accepted, or goes where it is told", async () => {
  await using it = await open();
  for (const kind of ["random", "ring_hash", "weights"] as const) await it.playground.apply(policy({ kind }));
  await it.playground.apply(policy({ kind: "weights", flaw: "typo" }));
  const titles = async () => (await it.playground.view()).history.map(({ title }) => title);
  await it.playground.rollback();
  assertEquals([it.playground.policy.kind, it.playground.policy.flaw], ["weights", undefined]);
  await it.playground.rollback();
  assertEquals(it.playground.policy.kind, "ring_hash");
  const { history } = await it.playground.view();
  assertEquals(await it.playground.rollback(history.find(({ title }) => title === "Random")?.id), true);
  assertEquals(await titles(), ["Random", "Ring hash", "Weights 10:10:10"]);
  assertEquals(await it.playground.rollback(0), false);
});

Deno.test("of wishes that come faster than Envoy answers only the last one is announced", async () => {
  await using it = await open();
  const { promise, resolve } = Promise.withResolvers<void>();
  it.hold(promise);
  const all = (["random", "ring_hash", "least_request", "weights"] as const).map((kind) =>
    it.playground.apply(policy({ kind }))
  );
  assertEquals((await it.playground.view()).applying, true);
  resolve();
  await Promise.all(all);
  assertEquals([it.announced.at(-1)?.kind, it.announced.length <= 2], ["weights", true]);
  assertEquals((await it.playground.view()).applying, false);
});

Deno.test("the page shows what is expected of each backend, and what Envoy thinks of it", async () => {
  await using it = await open(["healthy", "ejected", "unreachable"]);
  const { backends } = await it.playground.view();
  assertEquals(backends.map(({ name, health, expected }) => [name, health, expected]), [
    ["red", "healthy", 1],
    ["lime", "ejected", 0],
    ["blue", "unreachable", 0],
  ]);
});

Deno.test("a backend answers who it is, and misbehaves as it is told", async () => {
  await using it = await open();
  const url = `http://127.0.0.1:${it.backends[1]?.port}`;
  const status = async (path: string) => {
    const response = await fetch(url + path);
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await (await fetch(`${url}/color`)).json(), { colour: "lime", backend: 2 });
  assertEquals([await status("/healthz"), await status("/else")], [200, 404]);
  assertEquals((await it.post("/api/backends/2", { mode: "failing" })).status, 200);
  assertEquals([await status("/color"), await status("/healthz")], [503, 200]);
  const { backends } = await it.view(it.post("/api/backends/2", { mode: "off" }));
  assertEquals(backends.map(({ mode }) => mode), ["on", "off", "on"]);
  assertEquals(await status("/color").catch(() => "refused"), "refused");
  await it.post("/api/backends/2", { mode: "on" });
  assertEquals(await status("/color"), 200);
});

Deno.test("the adapter is told the policy that is announced, and where everything is", async () => {
  await using it = await open();
  await it.post("/api/policy", policy({ kind: "ring_hash" }));
  assertEquals(await (await it.app.request("/definition")).json(), {
    page: 1,
    listen: { host: "127.0.0.1", port: 2 },
    policy: policy({ kind: "ring_hash" }),
    backends: it.backends.map(({ port }) => port),
  });
  assertEquals([...adapter.list()], [{ group: "playground", id: "policy" }]);
});

Deno.test("what cannot be done is refused in words, and nothing changes", async () => {
  await using it = await open();
  const wrong: [string, unknown, string][] = [
    ["/api/policy", { kind: "x" }, "Cannot take the policy: "],
    ["/api/rollback", { id: 99 }, "there is no such policy"],
    ["/api/rollback", { id: "a" }, '"id" is a number'],
    ["/api/backends/4", { mode: "on" }, "1 to 3"],
    ["/api/backends/1", { mode: "fire" }, '"mode" is on, slow, failing, off'],
  ];
  for (const [path, body, why] of wrong) {
    const response = await it.post(path, body);
    assertEquals(response.status, 400);
    assertStringIncludes((await response.json()).error, why);
  }
  assertEquals((await it.post("/api/policy", { more: "x".repeat(5000) })).status, 413);
  assertEquals(it.announced, []);
});

Deno.test("a page of another site changes nothing", async () => {
  await using it = await open();
  for (const headers of [{ "sec-fetch-site": "cross-site" }, { "content-type": "text/plain" }]) {
    assertEquals((await it.post("/api/policy", policy({ kind: "random" }), headers)).status, 403);
  }
  assertEquals(it.announced, []);
  const same = await it.post("/api/policy", policy({ kind: "random" }), { "sec-fetch-site": "same-origin" });
  assertEquals(same.status, 200);
});

Deno.test("the page is one answer with a policy that names no other host", async () => {
  await using it = await open();
  const response = await it.app.request("/");
  const page = await response.text();
  assertStringIncludes(response.headers.get("content-security-policy") ?? "", "default-src 'none'");
  assertStringIncludes(page, "<title>xcp playground</title>");
  assertStringIncludes(page, "every colour is there equally often");
  assertEquals(page.match(/ style="/), null);
});

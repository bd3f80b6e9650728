import { assertEquals, assertMatch } from "@std/assert";
import { resolve } from "node:path";
import { eventually } from "../../test/e2e/harness/eventually.ts";
import { parseFlags } from "../flags.ts";
import { serve } from "../serve.ts";
import { startServer } from "./server.ts";
import { serveSettings } from "./settings.ts";
import { sourcesText } from "./stores.ts";

const TYPE = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

async function scratch() {
  const folder = await Deno.makeTempDir();
  const store = `file://${folder}/store`;
  const [config, state] = [`${folder}/config`, `${folder}/state`];
  await Deno.mkdir(config);
  return {
    config,
    store,
    state,
    clusters: (...names: string[]) =>
      Deno.writeTextFile(
        `${config}/a.yaml`,
        names.map((name) => `"@type": ${TYPE}\nname: ${name}\ntype: STATIC\n`).join("---\n"),
      ),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** A server that settles at once, what it logged, and ways to ask it. */
async function started(...args: string[]) {
  const lines: string[] = [];
  const at = (level: string) => (line: string) => void lines.push(`${level} ${line}`);
  const fast = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--poll", "20ms", "--settle", "1ms"];
  const settings = await serveSettings(parseFlags(serve.flags, [...args, ...fast], {}), {});
  const log = { error: at("error"), warn: at("warn"), info: at("info"), debug() {} };
  const server = await startServer(settings, { log, now: Date.now, env: {} });
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${server.adminUrl}${path}`, init);
    return { status: response.status, body: await response.json() };
  };
  return {
    lines,
    ask,
    /** Asks until the answer is good. */
    until: <T>(path: string, good: (body: T) => boolean): Promise<T> =>
      eventually(async () => {
        const { body } = await ask(path);
        return good(body) ? body : undefined;
      }, { interval: 5, describe: () => lines.join("\n") }),
    async served(): Promise<string[]> {
      const { body } = await ask("/v1/groups/default/effective");
      return (body.resources ?? []).map(({ name }: { name: string }) => name);
    },
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

type Stores = { stores: { role: string; snapshot: number | null; failure: string | null }[] };

const stored = (role: string, snapshot: number) => ({ stores }: Stores) =>
  stores.some((store) => store.role === role && store.snapshot === snapshot && store.failure === null);

Deno.test("what a server had is what it starts from when its source is gone, until that is back", async () => {
  await using world = await scratch();
  await world.clusters("a", "b");
  {
    await using server = await started(world.config, "--store", world.store, "--state-dir", world.state);
    await server.until("/v1/stores", (body: Stores) => stored("store", 1)(body) && stored("copy", 1)(body));
  }
  await Deno.remove(world.config, { recursive: true });
  for (const from of [["--store", world.store], ["--state-dir", world.state]]) {
    await using server = await started(world.config, ...from);
    assertEquals(await server.served(), ["a", "b"]);
    const { status, body } = await server.ask("/v1/groups/default");
    assertEquals([status, body.restored, body.stale], [200, true, true]);
    assertEquals((await server.ask("/readyz")).status, 200);
    await Deno.mkdir(world.config);
    await world.clusters("c");
    await server.until("/v1/groups/default", (group: { restored: boolean }) => !group.restored);
    assertEquals(await server.served(), ["c"]);
    await Deno.remove(world.config, { recursive: true });
  }
  await using bare = await started(world.config, "--state-dir", `${world.state}-2`);
  assertEquals((await bare.ask("/readyz")).status, 503);
});

Deno.test("the local copy of other sources is not served", async () => {
  await using world = await scratch();
  await world.clusters("a");
  {
    await using server = await started(world.config, "--state-dir", world.state);
    await server.until("/v1/stores", stored("copy", 1));
  }
  await using server = await started(`${world.config}-typo`, "--state-dir", world.state);
  assertEquals((await server.ask("/readyz")).status, 503);
  assertMatch(server.lines.join("\n"), /warn Cannot start from the local copy .*config/);
});

Deno.test("sources are told apart by where they are, not by the words they were named with", () => {
  assertEquals(sourcesText(["./config", "/srv/site"]), `${resolve("config")}, /srv/site`);
  assertEquals(sourcesText(["./adapter.ts"]), resolve("adapter.ts"));
  assertEquals(sourcesText(["exec:./program a"]), `exec:${resolve("program")} a`);
  assertEquals(sourcesText(["exec:python3 ./adapter.py"]), `exec:python3 ${resolve("adapter.py")}`);
  assertEquals(sourcesText(["builtin:playground", "s3://b/p@7?region=eu-1"]), "builtin:playground, s3://b/p");
  assertEquals(sourcesText([]), "what was written over HTTP");
});

Deno.test("a replica follows the store that another server feeds, and speaks the same versions", async () => {
  await using world = await scratch();
  await world.clusters("a");
  await using server = await started(world.config, "--store", world.store);
  await server.until("/v1/stores", stored("store", 1));
  await using replica = await started(world.store);
  assertEquals(await replica.served(), ["a"]);
  await world.clusters("a", "b");
  await replica.until("/v1/groups/default", ({ counts }: { counts: Record<string, number> }) => counts[TYPE] === 2);
  const [one, other] = [await server.ask("/v1/groups/default"), await replica.ask("/v1/groups/default")];
  assertEquals([other.body.versions, other.body.revision], [one.body.versions, one.body.revision]);
});

Deno.test("who takes writes on a new disk begins with what the store has, and amends it", async () => {
  await using world = await scratch();
  await world.clusters("a", "b");
  {
    await using server = await started(world.config, "--store", world.store);
    await server.until("/v1/stores", stored("store", 1));
  }
  const writing = ["--accept-writes", "--store", world.store, "--state-dir", world.state];
  {
    await using server = await started(...writing);
    assertEquals(await server.served(), ["a", "b"]);
    const { status } = await server.ask("/v1/groups/default/resources", {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ upsert: [{ "@type": TYPE, name: "c", type: "STATIC" }] }),
    });
    assertEquals([status, await server.served()], [200, ["a", "b", "c"]]);
  }
  await using again = await started(...writing);
  assertEquals(await again.served(), ["a", "b", "c"]);
});

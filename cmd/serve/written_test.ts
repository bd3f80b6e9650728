import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import type { Log } from "../../lib/log.ts";
import { CommandError } from "../exit.ts";
import { parseFlags } from "../flags.ts";
import { serve } from "../serve.ts";
import { startServer } from "./server.ts";
import { serveSettings } from "./settings.ts";

const ANY_PORT = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--poll", "50ms"];
const TYPE = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

function clusters(...names: string[]) {
  return names.map((name) => ({ "@type": TYPE, name, type: "STATIC" }));
}

async function scratch() {
  const folder = await Deno.makeTempDir();
  return { folder, state: `${folder}/state`, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** A server that accepts writes, with what it logged and ways to ask it. */
async function started(...args: string[]) {
  const lines: string[] = [];
  const at = (level: string) => (line: string) => void lines.push(`${level} ${line}`);
  const log: Log = { error: at("error"), warn: at("warn"), info: at("info"), debug() {} };
  const settings = await serveSettings(parseFlags(serve.flags, [...args, ...ANY_PORT, "--accept-writes"], {}), {});
  const server = await startServer(settings, { log, now: Date.now, env: {} });
  return { ...client(server.adminUrl ?? ""), ...server, lines, [Symbol.asyncDispose]: () => server.stop() };
}

function client(url: string) {
  async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, etag: response.headers.get("etag"), body: await response.json() };
  }
  return {
    ask,
    write: (method: string, group: string, body?: unknown, headers?: Record<string, string>) =>
      ask(method, `/v1/groups/${group}/resources`, body, headers),
    async served(group: string): Promise<string[]> {
      const { body } = await ask("GET", `/v1/groups/${group}/effective`);
      return body.resources.map(({ name }: { name: string }) => name);
    },
  };
}

Deno.test("a server without sources is ready, serves what is written, and still does after a restart", async () => {
  await using world = await scratch();
  const tags: (string | null)[] = [];
  {
    await using server = await started("--state-dir", world.state);
    await server.ready;
    assertEquals((await server.ask("GET", "/readyz")).status, 200);
    const put = await server.write("PUT", "edge", { version: "git-1", resources: clusters("a", "b") });
    assertEquals([put.status, put.body.versions], [200, { [TYPE]: "git-1" }]);
    assertEquals((await server.write("PUT", "default", { resources: clusters("x") })).status, 200);
    const patch = await server.write("PATCH", "edge", {
      version: "git-2",
      upsert: clusters("c"),
      remove: [{ type: "cluster", name: "a" }],
    });
    assertEquals([patch.status, patch.body.versions], [200, { [TYPE]: "git-2" }]);
    assertEquals([await server.served("edge"), await server.served("default")], [["b", "c"], ["x"]]);
    tags.push((await server.ask("GET", "/v1/groups/edge")).etag);
  }
  await using server = await started("--state-dir", world.state);
  await server.ready;
  assertEquals([await server.served("edge"), await server.served("default")], [["b", "c"], ["x"]]);
  const { body, etag } = await server.ask("GET", "/v1/groups/edge/resources");
  assertEquals([body.version, etag], ["git-2", tags[0]]);
  assertEquals((await server.write("DELETE", "edge", undefined, { "if-match": etag ?? "" })).status, 200);
  assertEquals((await server.ask("GET", "/v1/groups/edge")).status, 404);
  assertEquals((await server.write("DELETE", "edge")).status, 404);
});

Deno.test("what is written wins over files, and what files have is not removed over HTTP", async () => {
  await using world = await scratch();
  const file = `${world.folder}/a.yaml`;
  await Deno.writeTextFile(file, `"@type": ${TYPE}\nname: web\ntype: STATIC\n`);
  await using server = await started(file, "--state-dir", world.state);
  const remove = [{ type: "clusters", name: "web" }];
  const refused = await server.write("PATCH", "edge", { remove });
  assertEquals([refused.status, refused.body.issues.length], [422, 1]);
  assertMatch(refused.body.issues[0].message, /not written here but comes from ".*a\.yaml"/);
  assertEquals(refused.body.issues[0].file, file);
  const upsert = clusters("web").map((cluster) => ({ ...cluster, connect_timeout: "7s" }));
  assertEquals((await server.write("PATCH", "edge", { upsert })).status, 200);
  const { body } = await server.ask("GET", "/v1/groups/edge/effective");
  assertEquals([body.resources.length, body.resources[0].origin.layer], [1, "http"]);
  assertEquals((await server.write("PATCH", "edge", { remove })).status, 200);
  assertEquals(await server.served("edge"), ["web"]);
});

Deno.test("a write that would leave its group invalid is refused, and nothing of it stays", async () => {
  await using world = await scratch();
  const route = {
    "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
    name: "r",
    validate_clusters: true,
    virtual_hosts: [{ name: "v", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: "gone" } }] }],
  };
  await using server = await started("--state-dir", world.state);
  await server.write("PUT", "edge", { resources: clusters("a") });
  const { status, body } = await server.write("PATCH", "edge", { upsert: [route] });
  assertEquals([status, body.issues[0].rule], [422, "dangling-reference"]);
  assertEquals(await server.served("edge"), ["a"]);
});

Deno.test("without a state directory that can be used the server runs, says so, and refuses writes", async () => {
  await using world = await scratch();
  await Deno.writeTextFile(world.state, "a file");
  for (const args of [["--state-dir", world.state], []]) {
    await using server = await started(...args);
    await server.ready;
    assert(
      server.lines.some((line) => line.startsWith("warn Writes over HTTP are refused: ")),
      server.lines.join("\n"),
    );
    const { status, body } = await server.write("PUT", "edge", { resources: [] });
    assertEquals(status, 503);
    assertStringIncludes(JSON.stringify(body), args.length > 0 ? world.state : "--state-dir");
  }
});

Deno.test("a state directory that others can write to is used, and said", async () => {
  await using world = await scratch();
  await Deno.mkdir(world.state);
  for (const [mode, said] of [[0o700, false], [0o777, true]] as const) {
    await Deno.chmod(world.state, mode);
    await using server = await started("--state-dir", world.state);
    assertEquals(server.lines.some((line) => line.startsWith("warn Others can write to the state directory")), said);
  }
});

Deno.test("a second server on the same state directory refuses to start", async () => {
  await using world = await scratch();
  await using _server = await started("--state-dir", world.state);
  const error = await assertRejects(() => started("--state-dir", world.state), CommandError);
  assertEquals([error.exitCode, error.message], [
    75,
    `Cannot use the state directory "${world.state}": another xcp has it`,
  ]);
});

Deno.test("a server that keeps nothing leaves the state directory of the user alone", async () => {
  await using world = await scratch();
  const args = [`${world.folder}/config`, ...ANY_PORT];
  const settings = await serveSettings(parseFlags(serve.flags, args, {}), { XDG_STATE_HOME: world.state });
  const server = await startServer(settings, {
    log: { error() {}, warn() {}, info() {}, debug() {} },
    now: Date.now,
    env: {},
  });
  await server.stop();
  await assertRejects(() => Deno.stat(world.state), Deno.errors.NotFound);
});

/** `xcp serve` as a process of its own. */
async function spawned(state: string) {
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const args = ["run", "-A", "--no-check", main, "serve", ...ANY_PORT, "--accept-writes", "--state-dir", state];
  const child = new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "piped" }).spawn();
  const lines = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let log = "";
  for (;;) {
    const found = /is serving xDS on \S+, admin on (http:\S+)\n/.exec(log);
    if (found !== null) return { child, lines, url: found[1] ?? "" };
    const { value, done } = await lines.read();
    if (done) throw new Error(`xcp ended: ${log}`);
    log += value;
  }
}

Deno.test("what was answered with 200 is there after kill -9 in the middle of writes", async () => {
  await using world = await scratch();
  const done = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const { child, lines, url } = await spawned(world.state);
    const { write, served } = client(url);
    if (round > 0) {
      const there = await served("edge");
      assertEquals([...done].filter((name) => !there.includes(name)), []);
    }
    const enough = Promise.withResolvers<void>();
    let answered = 0;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0;; n++) {
        const name = `c-${round}-${writer}-${n}`;
        try {
          if ((await write("PATCH", "edge", { upsert: clusters(name) })).status !== 200) return;
        } catch {
          return;
        }
        done.add(name);
        if (++answered === 60) enough.resolve();
      }
    });
    await Promise.race([enough.promise, Promise.all(writers)]);
    child.kill("SIGKILL");
    await Promise.all([child.status, ...writers]);
    await lines.cancel();
    assert(answered >= 60, `${answered} writes`);
  }
  await using server = await started("--state-dir", world.state);
  const there = await server.served("edge");
  assertEquals([...done].filter((name) => !there.includes(name)), []);
});

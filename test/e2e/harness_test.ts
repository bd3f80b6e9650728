import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  eventually,
  findEnvoy,
  freePort,
  replaceFile,
  runToEnd,
  spawn,
  startBackend,
  startEnvoy,
  startLoad,
} from "./harness.ts";
import { temporaryFolder } from "./harness.ts";

const envoy = await findEnvoy();

/** A bootstrap without xDS: one listener, one cluster, the backend at `backend`. */
function staticBootstrap(listener: number, backend: number): object {
  const address = (port: number) => ({ socket_address: { address: "127.0.0.1", port_value: port } });
  const router = {
    name: "router",
    typed_config: { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" },
  };
  const virtualHost = { name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: "one" } }] };
  const manager = {
    "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
    stat_prefix: "in",
    route_config: { virtual_hosts: [virtualHost] },
    http_filters: [router],
  };
  const filter = { name: "manager", typed_config: manager };
  const endpoint = { endpoint: { address: address(backend) } };
  return {
    static_resources: {
      listeners: [{ name: "in", address: address(listener), filter_chains: [{ filters: [filter] }] }],
      clusters: [{ name: "one", load_assignment: { cluster_name: "one", endpoints: [{ lb_endpoints: [endpoint] }] } }],
    },
  };
}

Deno.test({
  name: "a real Envoy proxies load to a backend, and the load generator keeps its rate and sees every failure",
  ignore: envoy.path === undefined,
  async fn() {
    await using backend = await startBackend("red");
    const port = freePort();
    await using proxy = await startEnvoy({ path: envoy.path ?? "", bootstrap: staticBootstrap(port, backend.port) });
    await proxy.waitReady();
    assertEquals(await proxy.clusters(), { one: [`127.0.0.1:${backend.port}`] });
    assertEquals(await proxy.listeners(), { in: `127.0.0.1:${port}` });

    await using load = startLoad({ url: `http://127.0.0.1:${port}/`, rate: 400 });
    await eventually(() => load.report().succeeded >= 200);
    assertEquals(load.report().failures, []);
    await proxy.child.stop("SIGKILL");
    await eventually(() => load.report().failures.length > 0);
    const { sent, succeeded, failures, duration, bodies } = await load.stop();
    assertEquals(succeeded + failures.length, sent);
    assertEquals(bodies, { red: succeeded });
    assert(backend.requests() >= succeeded);
    assert(sent / duration * 1000 >= 200, `${sent} requests in ${duration} ms`);
  },
});

Deno.test("an Envoy that refuses its bootstrap is reported with its own words", { ignore: !envoy.path }, async () => {
  const start = startEnvoy({ path: envoy.path ?? "", bootstrap: "static_resources: { nonsense: 1 }" });
  const error = await assertRejects(() => start, Error);
  assertStringIncludes(error.message, "nonsense");
});

Deno.test("a child that is left behind by a failing test is ended, and one that ignores SIGTERM is reported", async () => {
  let pid = 0;
  await assertRejects(
    async () => {
      await using child = spawn("sh", ["-c", "echo up >&2; exec sleep 60"]);
      await child.waitFor(/up/);
      pid = child.pid;
      throw new Error("the test fails");
    },
    Error,
    "the test fails",
  );
  assertEquals(await isRunning(pid), false);
  const deaf = spawn("sh", ["-c", "trap '' TERM; echo up >&2; while :; do sleep 0.1; done"], { grace: 300 });
  await deaf.waitFor(/up/);
  await assertRejects(() => deaf.stop(), Error, "did not end within 300 ms");
  assertEquals(deaf.running(), false);
});

Deno.test("waiting for output of a child that ends first says so at once, with what it wrote", async () => {
  await using child = spawn("sh", ["-c", "echo no such thing >&2; exit 3"]);
  await assertRejects(() => child.waitFor(/never/), Error, "ended with 3 before it wrote /never/:\nno such thing");
});

Deno.test("waiting in vain names what was waited for and the last exception", async () => {
  const look = () => eventually(() => JSON.parse("{"), { timeout: 50, describe: () => "the text to be whole" });
  await assertRejects(look, Error, "Waited 50 ms in vain: the text to be whole; last: ");
  assertEquals(await eventually(() => 0), 0);
});

Deno.test("files are replaced as a whole and go away with their folder", async () => {
  let path;
  {
    await using folder = await temporaryFolder();
    path = folder.path;
    const file = await folder.write("deep/a.yaml", "one");
    await replaceFile(file, "two");
    assertEquals(await Deno.readTextFile(file), "two");
    assertEquals([...Deno.readDirSync(folder.at("deep"))].map((entry) => entry.name), ["a.yaml"]);
  }
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
});

/** Whether a process of this id is there; one that is dead and not yet waited for counts too. */
async function isRunning(pid: number): Promise<boolean> {
  return (await runToEnd("sh", ["-c", `kill -0 ${pid}`])).code === 0;
}

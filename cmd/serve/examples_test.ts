import { assertEquals } from "@std/assert";
import { SILENT } from "../../lib/log.ts";
import { parseFlags } from "../flags.ts";
import { serve } from "../serve.ts";
import { startServer } from "./server.ts";
import { serveSettings } from "./settings.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);
/** No directories of configuration. */
const OTHERS = ["adapters", "http", "systemd"];

function served(name: string) {
  return start(new URL(name, EXAMPLES).pathname);
}

async function start(...words: string[]) {
  const args = [...words, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
  const settings = await serveSettings(parseFlags(serve.flags, args, {}), {});
  const server = await startServer(settings, { log: SILENT, now: Date.now, env: {} });
  const get = async (path: string) => (await fetch(`${server.adminUrl}${path}`)).json();
  /** Writes a file of an example to the group `edge`. */
  const write = async (method: string, name: string) => {
    const type = name.endsWith(".json") ? "application/json" : "application/yaml";
    const body = await Deno.readFile(new URL(name, EXAMPLES));
    const request = { method, headers: { "content-type": type }, body };
    const response = await fetch(`${server.adminUrl}/v1/groups/edge/resources?wait=1s`, request);
    return { status: response.status, ...await response.json() };
  };
  return { get, write, [Symbol.asyncDispose]: () => server.stop() };
}

async function configurations(): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(EXAMPLES));
  return entries.filter((entry) => entry.isDirectory && !OTHERS.includes(entry.name)).map(({ name }) => name).sort();
}

Deno.test("every example is served without an issue", async () => {
  const names = await configurations();
  assertEquals(names, ["groups", "rainbow"]);
  for (const name of names) {
    await using server = await served(name);
    const { ready, reasons } = await server.get("/readyz");
    assertEquals([ready, reasons], [true, []], name);
    const { groups } = await server.get("/v1/groups");
    for (const group of groups) {
      assertEquals([group.name, group.stale, group.issues], [group.name, false, []], name);
      assertEquals(Object.keys(group.counts).length > 0, true, `${name}: ${group.name} has nothing`);
    }
  }
});

Deno.test("in the example of groups each group has the common listener and the routes of its own", async () => {
  await using server = await served("groups");
  const { groups } = await server.get("/v1/groups");
  const routes = await Promise.all(groups.map(async ({ name }: { name: string }) => {
    const { resources } = await server.get(`/v1/groups/${name}/effective?type=route`);
    return [name, resources[0].resource.virtual_hosts[0].routes[0].direct_response.body.inline_string.trim()];
  }));
  assertEquals(routes.sort(), [["canary", "canary"], ["default", "everybody"], ["edge", "edge"]]);
});

Deno.test("the example of HTTP is written, amended, and served without an issue", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await using server = await start("--accept-writes", "--state-dir", folder);
    const listener = "type.googleapis.com/envoy.config.listener.v3.Listener";
    const route = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
    const put = await server.write("PUT", "http/site.yaml");
    assertEquals([put.status, put.outcome, put.versions], [200, "accepted", {
      [listener]: "site-1",
      [route]: "site-1",
    }]);
    const patch = await server.write("PATCH", "http/patch.json");
    assertEquals([patch.status, patch.versions], [200, { [listener]: "site-1", [route]: "site-2" }]);

    const { issues, counts } = await server.get("/v1/groups/edge");
    assertEquals([issues, counts], [[], { [listener]: 1, [route]: 1 }]);
    const { resources } = await server.get("/v1/groups/edge/effective?type=route");
    assertEquals(resources[0].resource.virtual_hosts[0].routes[0].direct_response.body.inline_string, "two\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

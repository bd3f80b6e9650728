import { assertEquals } from "@std/assert";
import { SILENT } from "../../lib/log.ts";
import { parseFlags } from "../flags.ts";
import { serve } from "../serve.ts";
import { startServer } from "./server.ts";
import { serveSettings } from "./settings.ts";

const EXAMPLES = new URL("../../examples/", import.meta.url);
/** Not configuration. */
const OTHERS = ["systemd"];

async function served(name: string) {
  const args = [new URL(name, EXAMPLES).pathname, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
  const settings = await serveSettings(parseFlags(serve.flags, args, {}), {});
  const server = await startServer(settings, { log: SILENT, now: Date.now });
  const get = async (path: string) => (await fetch(`${server.adminUrl}${path}`)).json();
  return { get, [Symbol.asyncDispose]: () => server.stop() };
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
    assertEquals(await server.get("/readyz"), { ready: true, reasons: [] }, name);
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

import { assertEquals, assertMatch } from "@std/assert";
import {
  ask,
  cluster,
  documents,
  endpoints,
  eventually,
  listener,
  MODES,
  NEEDS_ENVOY,
  route,
  startBackend,
  startLoad,
  startWorld,
} from "./harness.ts";

const TTL_MS = 2_000;

/** A resource that must be heard of again within a time, or is dropped. */
function withTtl(resource: string): string {
  const indented = resource.trimEnd().split("\n").map((line) => `  ${line}\n`).join("");
  const name = resource.match(/^name: (.*)$/m)?.[1] ?? "";
  return `"@type": type.googleapis.com/envoy.service.discovery.v3.Resource
name: ${name}
ttl: ${TTL_MS / 1000}s
resource:
${indented}`;
}

for (const mode of MODES) {
  Deno.test(`${mode}: a time to live is kept up by heartbeats, and runs out without xcp`, NEEDS_ENVOY, async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    await using world = await startWorld({
      mode,
      files: (port) => ({
        "site.yaml": documents(
          ...[listener({ port }), route("one"), cluster("two"), endpoints("two", blue.port)],
        ),
        "one.yaml": documents(withTtl(cluster("one")), endpoints("one", red.port)),
      }),
    });
    const { config, envoy, url } = world;
    await world.answers({ status: 200, body: "red" });
    {
      await using load = startLoad({ url, rate: 50 });
      await eventually(() => load.report().duration > 3 * TTL_MS, { timeout: 5 * TTL_MS });
      // A change starts the time again.
      await config.write(
        "one.yaml",
        documents(withTtl(cluster("one", "lb_policy: RANDOM")), endpoints("one", red.port)),
      );
      await eventually(async () => JSON.stringify(await envoy.configDump()).includes("RANDOM"));
      const changed = load.report().duration;
      await eventually(() => load.report().duration > changed + 2 * TTL_MS, { timeout: 5 * TTL_MS });
      assertEquals((await load.stop()).failures, []);
    }
    // Heartbeats change nothing.
    assertEquals(await envoy.stat("cluster_manager.cluster_modified"), 1);
    assertEquals(await envoy.stat("cluster_manager.cluster_removed"), 0);

    await world.crash();
    assertEquals((await ask(url)).status, 200);
    await eventually(async () => (await ask(url)).status === 503, { timeout: 5 * TTL_MS });
    assertMatch((await ask(url)).body, /NC cluster_not_found/);
    assertEquals("two" in await envoy.clusters(), true);
    await world.restart();
    await world.answers({ status: 200, body: "red" });
  });
}

import { assert, assertEquals } from "@std/assert";
import { CLUSTER, ENDPOINTS, LISTENER, ROUTES } from "../../lib/model/types.ts";
import {
  type Backend,
  clientsOf,
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
  type World,
} from "./harness.ts";

/** Clusters that nothing uses: enough content to see in bytes whether it comes again. */
const SPARE = documents(
  ...Array.from({ length: 100 }, (_, i) => cluster(`spare-${i}`, "type: STATIC").replace(/type: EDS\neds.*\n/, "")),
);

function files(red: Backend): (port: number) => Record<string, string> {
  return (port) => ({
    "listener.yaml": listener({ port }),
    "spare.yaml": SPARE,
    "routing.yaml": routing("one", red),
  });
}

function routing(name: string, { port }: Backend): string {
  return documents(route(name), cluster(name), endpoints(name, port));
}

/** Waits until Envoy is back on the new server and has said what it wants, and nothing is under way. */
async function reconnected({ xcp }: World): Promise<Record<string, string | null>> {
  const subscriptions = await eventually(async () => {
    const subscriptions = (await clientsOf(xcp))[0]?.subscriptions ?? [];
    return subscriptions.length === 4 && subscriptions.every(({ pending }) => !pending) ? subscriptions : undefined;
  }, { timeout: 40_000, describe: async () => `Envoy to be back; ${JSON.stringify(await clientsOf(xcp))}` });
  return Object.fromEntries(subscriptions.map(({ type, sent }) => [type, sent]));
}

/** What Envoy counted of clusters and listeners that were touched. */
async function touched({ envoy }: World): Promise<Readonly<Record<string, number>>> {
  return await envoy.stats(
    "^cluster_manager\\.(cluster_(added|modified|removed|updated)|cds\\.update_rejected)$" +
      "|^listener_manager\\.(listener_(added|modified|removed|in_place_updated)|lds\\.update_rejected)$",
  );
}

const received = ({ envoy }: World) => envoy.stat("cluster.xcp.upstream_cx_rx_bytes_total");

for (const mode of MODES) {
  Deno.test(
    `${mode}: Envoy outlives kill -9 of xcp, and is not told again what did not change`,
    NEEDS_ENVOY,
    async () => {
      await using red = await startBackend("red");
      await using world = await startWorld({ mode, files: files(red) });
      await world.answers({ status: 200, body: "red" });
      await using load = startLoad({ url: world.url, freshEvery: 2 });
      const whole = await received(world);
      const before = await touched(world);
      assert(whole > 5_000, `${whole} bytes`);

      await world.crash();
      await eventually(async () => await world.envoy.stat("control_plane.connected_state") === 0);
      await world.restart();
      const sent = await reconnected(world);
      assertEquals(await touched(world), before);
      const again = await received(world) - whole;
      assert(again < whole / 10, `${again} bytes after the restart, ${whole} before`);
      assertEquals(
        Object.fromEntries(Object.entries(sent).map(([type, version]) => [type, version !== null])),
        // A delta client is answered on its wildcards, with nothing in it: its start-up waits for that.
        mode === "delta"
          ? { [CLUSTER.url]: true, [LISTENER.url]: true, [ENDPOINTS.url]: false, [ROUTES.url]: false }
          : { [CLUSTER.url]: false, [LISTENER.url]: false, [ENDPOINTS.url]: true, [ROUTES.url]: true },
      );
      // It follows the new server.
      await world.config.write("listener.yaml", listener({ port: world.port, filter: "after" }));
      await world.answers({ status: 200, body: "red", filter: "after" });
      assertEquals((await load.stop()).failures, []);
    },
  );

  Deno.test(`${mode}: what changed while xcp was down arrives`, NEEDS_ENVOY, async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    await using world = await startWorld({ mode, files: files(red) });
    await world.answers({ status: 200, body: "red" });
    await using load = startLoad({ url: world.url, freshEvery: 2 });
    const changes: readonly [file: string, content: string][] = [
      ["routing.yaml", routing("one", blue)],
      ["listener.yaml", listener({ port: world.port, filter: "after" })],
    ];
    await world.crash();
    for (const [file, content] of changes) await world.config.write(file, content);
    await world.restart();
    await world.answers({ status: 200, body: "blue", filter: "after" });
    assertEquals((await load.stop()).failures, []);
  });

  const replaced = `${mode}: a cluster that was replaced while xcp was down is replaced, the route following`;
  Deno.test(replaced, NEEDS_ENVOY, async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    // The removal waits as long: after a reconnect types that still use the old cluster may not have asked yet.
    const args = ["--order-timeout", "2s"];
    await using world = await startWorld({ mode, files: files(red), args });
    await world.answers({ status: 200, body: "red" });
    await using load = startLoad({ url: world.url, freshEvery: 2 });
    await world.crash();
    await world.config.write("routing.yaml", routing("two", blue));
    await world.restart();
    await world.answers({ status: 200, body: "blue" });
    await eventually(async () => (await world.envoy.clusters()).one === undefined);
    const { failures } = await load.stop();
    const lost = failures.map(({ reason }) => reason.trim());
    if (mode === "delta") return assertEquals(lost, []);
    // A state-of-the-world client tells a version that the new server never saw, and no names. So the answer can only be
    // the new clusters alone, which removes the old one before the route can follow: a gap of two round trips, and
    // nothing but "no such cluster" in it.
    assertEquals([...new Set(lost)], lost.length === 0 ? [] : ["503 NC cluster_not_found"]);
    const gap = (failures.at(-1)?.at ?? 0) - (failures[0]?.at ?? 0);
    assert(gap < 1_000, `${lost.length} requests were lost in ${gap} ms`);
  });
}

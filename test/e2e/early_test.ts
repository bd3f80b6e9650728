import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  clientsOf,
  cluster,
  documents,
  endpoints,
  eventually,
  eventuallyAnswers,
  freePort,
  listener,
  MODES,
  NEEDS_ENVOY,
  route,
  startBackend,
  startFollower,
  startXcp,
  temporaryFolder,
} from "./harness.ts";

for (const mode of MODES) {
  Deno.test(`${mode}: an Envoy that is there before the directory is served when it appears`, NEEDS_ENVOY, async () => {
    await using red = await startBackend("red");
    await using place = await temporaryFolder();
    const directory = place.at("deep", "config");
    await using xcp = await startXcp({ args: [directory], ready: false });
    const { status, text } = await xcp.get("/readyz");
    assertEquals(status, 503);
    assertStringIncludes(text, directory);
    assertStringIncludes(xcp.log(), directory);

    await using envoy = await startFollower({ xds: xcp.xds, mode, ready: false });
    // Its streams are refused, so that with a second server it would go there.
    await eventually(async () => await envoy.stat("cluster_manager.cds.update_failure") > 0);
    assertEquals({ ready: await envoy.ready(), clients: await clientsOf(xcp) }, { ready: false, clients: [] });

    const port = freePort();
    const site = [listener({ port }), route("one"), cluster("one"), endpoints("one", red.port)];
    await place.write("deep/config/site.yaml", documents(...site));
    await xcp.child.waitFor(/xcp is serving xDS/);
    await envoy.waitReady(40_000);
    await eventuallyAnswers(`http://127.0.0.1:${port}/`, { status: 200, body: "red" });
    assertEquals((await clientsOf(xcp)).map(({ node }) => node?.id), ["site-1"]);
  });
}

for (const mode of MODES) {
  Deno.test(
    `${mode}: an Envoy whose group has nothing yet waits on its stream, and is served there`,
    NEEDS_ENVOY,
    async () => {
      await using red = await startBackend("red");
      await using config = await temporaryFolder();
      await config.write("groups/east/site.yaml", documents(cluster("one"), endpoints("one", red.port)));
      await using xcp = await startXcp({ args: [config.path] });
      await using envoy = await startFollower({ xds: xcp.xds, mode, cluster: "nowhere", ready: false });
      const [waiting] = await eventually(async () => {
        const clients = await clientsOf(xcp);
        return clients[0]?.subscriptions.length === 1 ? clients : undefined;
      });
      // An empty answer would take everything from an Envoy that comes from another server.
      assertEquals(waiting?.subscriptions.map(({ sent, pending }) => ({ sent, pending })), [{
        sent: null,
        pending: false,
      }]);
      assertEquals(await envoy.ready(), false);

      const port = freePort();
      const site = [listener({ port }), route("one"), cluster("one"), endpoints("one", red.port)];
      await config.write("site.yaml", documents(...site));
      await eventuallyAnswers(`http://127.0.0.1:${port}/`, { status: 200, body: "red" });
      assertEquals((await clientsOf(xcp)).map(({ stream }) => stream), [waiting?.stream]);
    },
  );
}

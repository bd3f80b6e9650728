import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  clientsOf,
  cluster,
  documents,
  endpoints,
  eventually,
  eventuallyAnswers,
  freePort,
  groupOf,
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
  Deno.test(
    `${mode}: two groups get their own, a node of an unknown cluster the common files, and one bad file holds one group`,
    NEEDS_ENVOY,
    async () => {
      await using red = await startBackend("red");
      await using blue = await startBackend("blue");
      await using green = await startBackend("green");
      await using config = await temporaryFolder();
      const [east, west, common] = [freePort(), freePort(), freePort()];
      // The clusters are common, what the route takes of them is the group's; east also brings endpoints of its own.
      await config.write("clusters.yaml", documents(cluster("near"), cluster("far"), endpoints("far", blue.port)));
      await config.write("endpoints.yaml", endpoints("near", green.port));
      await config.write("site.yaml", documents(listener({ port: common }), route("near")));
      await config.write("groups/east/site.yaml", documents(listener({ port: east }), route("near")));
      await config.write("groups/east/endpoints.yaml", endpoints("near", red.port));
      await config.write("groups/west/site.yaml", documents(listener({ port: west }), route("far")));
      await using xcp = await startXcp({ args: [config.path] });

      await using one = await startFollower({ xds: xcp.xds, mode, cluster: "east" });
      await using two = await startFollower({ xds: xcp.xds, mode, cluster: "west" });
      await using three = await startFollower({ xds: xcp.xds, mode, cluster: "nowhere" });
      const answers = (port: number, body: string) => eventuallyAnswers(`http://127.0.0.1:${port}/`, { body });
      await answers(east, "red");
      await answers(west, "blue");
      await answers(common, "green");
      assertEquals(await one.listeners(), { web: `127.0.0.1:${east}` });
      assertEquals(await two.listeners(), { web: `127.0.0.1:${west}` });
      assertEquals(await three.listeners(), { web: `127.0.0.1:${common}` });
      const places = (await clientsOf(xcp)).map(({ node, group }) => `${node?.cluster} in ${group}`);
      assertEquals(places.sort(), ["east in east", "nowhere in default", "west in west"]);

      // A bad file of one group: the others follow their sources, it keeps what it has.
      const bad = await config.write("groups/east/endpoints.yaml", `${endpoints("near", blue.port)}nonsense: 1\n`);
      await eventually(async () => (await groupOf(xcp, "east")).stale);
      await config.write("groups/west/site.yaml", documents(listener({ port: west }), route("near")));
      await config.write("endpoints.yaml", endpoints("near", red.port));
      await answers(west, "red");
      await answers(common, "red");
      assertEquals([(await groupOf(xcp, "west")).stale, (await groupOf(xcp)).stale], [false, false]);
      const { status, text } = await xcp.get("/readyz");
      assertEquals(status, 200);
      assertMatch(text, /group \\"east\\" keeps its last good snapshot/);
      assertStringIncludes(text, bad);
      assert(!/"(west|default)\\"/.test(text), text);
      await answers(east, "red");

      await config.write("groups/east/endpoints.yaml", endpoints("near", green.port));
      await answers(east, "green");
      assertEquals((await groupOf(xcp, "east")).stale, false);

      // A group appears for a node that had none, and goes again.
      const own = freePort();
      await config.write("groups/nowhere/site.yaml", documents(listener({ port: own }), route("far")));
      await answers(own, "blue");
      await config.remove("groups/nowhere");
      await answers(common, "red");
      assertEquals(await three.listeners(), { web: `127.0.0.1:${common}` });
    },
  );
}

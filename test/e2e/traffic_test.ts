import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { createAuthority, fingerprint } from "../certificates.ts";
import {
  cluster,
  documents,
  endpoints,
  eventually,
  eventuallyAnswers,
  listener,
  MODES,
  NEEDS_ENVOY,
  route,
  secret,
  startBackend,
  startWorld,
} from "./harness.ts";

for (const mode of MODES) {
  Deno.test(`${mode}: HTTP flows through what the files say, and follows every kind of edit`, NEEDS_ENVOY, async () => {
    await using red = await startBackend("red");
    await using blue = await startBackend("blue");
    await using world = await startWorld({
      mode,
      files: (port) => ({
        "listener.yaml": listener({ port }),
        "route.yaml": route("one"),
        "clusters/one.yaml": cluster("one"),
        "endpoints.yaml": endpoints("one", red.port),
      }),
    });
    const { config, envoy, port } = world;
    await world.answers({ status: 200, body: "red", filter: "" });

    // Endpoints move.
    await config.write("endpoints.yaml", endpoints("one", blue.port));
    await world.answers({ body: "blue" });
    // A second cluster appears in files of its own, and the route changes to it.
    await config.write("clusters/two.yaml", documents(cluster("two"), endpoints("two", red.port)));
    await config.write("route.yaml", route("two"));
    await world.answers({ body: "red" });
    // The listener gets a filter, and another one.
    await config.write("listener.yaml", listener({ port, filter: "first" }));
    await world.answers({ body: "red", filter: "first" });
    await config.write("listener.yaml", listener({ port, filter: "second" }));
    await world.answers({ body: "red", filter: "second" });
    // A cluster is replaced by another, and the route follows, in one save.
    await config.write("endpoints.yaml", documents(route("three"), cluster("three"), endpoints("three", blue.port)));
    for (const file of ["route.yaml", "clusters/one.yaml", "clusters/two.yaml"]) await config.remove(file);
    await world.answers({ status: 200, body: "blue" });
    await eventually(async () => Object.keys(await envoy.clusters()).sort().join() === "three,xcp", {
      describe: async () => `only the clusters three and xcp, found ${Object.keys(await envoy.clusters())}`,
    });
    // A cluster changes in place: its endpoints come again by themselves, so it does not wait for them.
    const before = performance.now();
    await config.write(
      "endpoints.yaml",
      documents(route("three"), cluster("three", "lb_policy: RANDOM"), endpoints("three", blue.port)),
    );
    await eventually(async () => await envoy.stat("cluster_manager.cluster_modified") === 1);
    await eventually(async () => await envoy.stat("cluster_manager.warming_clusters") === 0, { timeout: 30_000 });
    const warmed = performance.now() - before;
    assertEquals(warmed < 10_000, true, `the changed cluster was warm after ${warmed} ms`);
    // The listener goes away.
    await config.remove("listener.yaml");
    await eventually(async () => Object.keys(await envoy.listeners()).length === 0);
    assertEquals(await envoy.stat("listener_manager.lds.update_rejected"), 0);
    assertEquals(await envoy.stat("cluster_manager.cds.update_rejected"), 0);
  });

  Deno.test(`${mode}: TLS with a certificate delivered by SDS, which rotates with its file`, NEEDS_ENVOY, async () => {
    const authority = createAuthority();
    const [first, second] = ["first", "second"].map((commonName) => authority.issue({ commonName, ip: ["127.0.0.1"] }));
    if (first === undefined || second === undefined) throw new Error("no certificates");
    await using red = await startBackend("red");
    await using world = await startWorld({
      mode,
      files: (port) => ({
        "site.yaml": documents(
          listener({ port, secret: "certificate" }),
          route("one"),
          cluster("one"),
          endpoints("one", red.port),
        ),
        "secret.yaml": secret("certificate", first),
      }),
    });
    const url = world.url.replace("http:", "https:");
    const ca = { ca: authority.cert };
    await eventuallyAnswers(url, { status: 200, body: "red", certificate: fingerprint(first.cert) }, ca);
    await world.config.write("secret.yaml", secret("certificate", second));
    await eventuallyAnswers(url, { status: 200, body: "red", certificate: fingerprint(second.cert) }, ca);
    assertNotEquals(fingerprint(first.cert), fingerprint(second.cert));
    // The listener that uses it was not touched.
    assertEquals(await world.envoy.stat("listener_manager.listener_modified"), 0);
    assertEquals(await world.envoy.stat("listener_manager.listener_in_place_updated"), 0);
    const shown = await world.xcp.json<unknown>("/v1/groups/default/effective?type=secret");
    assertEquals(/PRIVATE KEY/.test(JSON.stringify(shown)), false, "the API shows the key");
    assertStringIncludes(JSON.stringify(shown), "[redacted]");
  });
}

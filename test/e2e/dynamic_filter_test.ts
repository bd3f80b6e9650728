import { assertEquals } from "@std/assert";
import {
  ADS,
  cluster,
  documents,
  endpoints,
  listener,
  MODES,
  NEEDS_ENVOY,
  route,
  startBackend,
  startLoad,
  startWorld,
} from "./harness.ts";

const MUTATION = "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";

/** The configuration of the filter `mark`: it puts a header on every answer. */
function mark(value: string): string {
  return `"@type": type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig
name: mark
typed_config:
  "@type": ${MUTATION}
  mutations:
    response_mutations:
      - append: { header: { key: x-filter, value: "${value}" } }
`;
}

const DISCOVERED = `{ name: mark, config_discovery: { config_source: ${ADS}, type_urls: [${MUTATION}] } }`;

for (const mode of MODES) {
  Deno.test(`${mode}: a filter whose configuration is discovered (ECDS) follows its file`, NEEDS_ENVOY, async () => {
    await using red = await startBackend("red");
    await using world = await startWorld({
      mode,
      files: (port) => ({
        "site.yaml": documents(
          listener({ port, filters: [DISCOVERED] }),
          ...[route("one"), cluster("one"), endpoints("one", red.port)],
        ),
        "mark.yaml": mark("first"),
      }),
    });
    const { config, envoy, url } = world;
    await world.answers({ status: 200, body: "red", filter: "first" });
    await using load = startLoad({ url, freshEvery: 2 });
    await config.write("mark.yaml", mark("second"));
    await world.answers({ status: 200, body: "red", filter: "second" });
    // What stands in the listener does not change with it.
    assertEquals(await envoy.stat("listener_manager.listener_modified"), 0);
    assertEquals(await envoy.stat("listener_manager.listener_in_place_updated"), 0);
    // The listener is replaced: the configuration of its filter is there when it takes over.
    await config.write(
      "site.yaml",
      documents(
        listener({ port: world.port, filters: [DISCOVERED] }).replace("stat_prefix: web", "stat_prefix: again"),
        ...[route("one"), cluster("one"), endpoints("one", red.port)],
      ),
    );
    await config.write("mark.yaml", mark("third"));
    await world.answers({ status: 200, body: "red", filter: "third" });
    assertEquals((await load.stop()).failures, []);
  });
}

import { assert, assertEquals } from "@std/assert";
import { loadApi } from "../model/api.ts";
import { readFile } from "../model/codec/read.ts";
import { checksOf } from "../validate/checks.ts";
import { readAgain, readResult } from "./resources.ts";

const CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

Deno.test("issues say which resource is meant, and have a path that begins with its place", async () => {
  const api = await loadApi();
  const read = (text: string, file: string) => readFile(api, text, file, "./adapter.ts", checksOf(api));
  const items = [
    { "@type": CLUSTER, name: "a", connect_timeout: "1s" },
    { "@type": CLUSTER, name: "b", conect_timeout: "1s" },
    { "@type": CLUSTER, connect_timeout: "1s" },
    "text",
    [{ "@type": CLUSTER, name: "c" }],
    {
      "@type": CLUSTER,
      name: "d",
      connect_timeout: "1s",
      upstream_bind_config: { source_address: { address: "::1", port_value: 0, port_valu: 0 } },
    },
  ];
  const { resources, issues } = readResult("./adapter.ts", "edge", items, read);
  assertEquals(resources.map(({ name, origin }) => [name, origin?.file, origin?.line]), [
    ["a", "./adapter.ts", 1],
    ["c", "./adapter.ts", 1],
  ]);
  assertEquals(issues.filter(({ severity }) => severity === "error").map(({ path, message }) => [path, message]), [
    [
      "resources[1].conect_timeout",
      'In cluster "b" of group "edge": envoy.config.cluster.v3.Cluster has no field "conect_timeout"; did you mean ' +
      '"connect_timeout"?',
    ],
    ["resources[2].name", 'In resources[2] of group "edge": "name" must not be empty: it is not set'],
    ["resources[2].name", 'In resources[2] of group "edge": a resource needs a name: name is missing'],
    ["resources[3]", 'In resources[3] of group "edge": expected a resource, a map with @type, found a string'],
    [
      "resources[5].upstream_bind_config.source_address.port_valu",
      'In cluster "d" of group "edge": envoy.config.core.v3.SocketAddress has no field "port_valu"; did you mean ' +
      '"port_value"? (at upstream_bind_config.source_address.port_valu)',
    ],
  ]);
  const known = new Map();
  const again = readAgain("./adapter.ts", "edge", items, read, known);
  assertEquals(again.resources, resources);
  assertEquals(again.issues, issues);
  // What is wrong stays wrong, also when the rest need not be read.
  const third = readAgain("./adapter.ts", "edge", items, read, again.known);
  assertEquals(third.issues, issues);
  assert(third.resources[0] === again.resources[0]);
});

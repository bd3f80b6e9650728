import { assert, assertEquals } from "@std/assert";
import { loadApi } from "../api.ts";
import { formatIssue } from "../issue.ts";
import { readFile } from "./read.ts";

const api = loadApi();

/** `type name` of each resource with its line and column, and the issues. */
function read(text: string | Uint8Array, file = "f.yaml"): { resources: string[]; issues: string[] } {
  const { resources, issues } = readFile(api, text, file, "layer");
  return {
    resources: resources.map(({ type, name, origin }) =>
      `${type.slice(type.lastIndexOf(".") + 1)} ${name} ${origin?.line}:${origin?.column}`
    ),
    issues: issues.map(formatIssue),
  };
}

const URL = "type.googleapis.com";
const CLUSTER = `"@type": ${URL}/envoy.config.cluster.v3.Cluster`;
const LISTENER = `"@type": ${URL}/envoy.config.listener.v3.Listener`;
const ENDPOINTS = `"@type": ${URL}/envoy.config.endpoint.v3.ClusterLoadAssignment`;

Deno.test("one resource with @type", () => {
  assertEquals(read(`# a comment\n${CLUSTER}\nname: a\n`), { resources: ["Cluster a 2:1"], issues: [] });
});

Deno.test("a resource knows its file, its layer and its bytes", () => {
  const [resource] = readFile(api, `{${CLUSTER}, name: a}`, "dir/f.yaml", "./config").resources;
  assertEquals(resource?.origin, { file: "dir/f.yaml", line: 1, column: 1, layer: "./config" });
  assertEquals(resource?.type, "type.googleapis.com/envoy.config.cluster.v3.Cluster");
  assertEquals([...resource?.bytes ?? []], [0x0a, 1, 0x61]);
  assertEquals(resource?.version.length, 12);
});

Deno.test("a list of resources, with its nulls left out", () => {
  assertEquals(read(`- ${CLUSTER}\n  name: a\n-\n- {${ENDPOINTS}, clusterName: b}\n`), {
    resources: ["Cluster a 1:3", "ClusterLoadAssignment b 4:3"],
    issues: [],
  });
});

Deno.test("several documents, each in a form of its own", () => {
  assertEquals(
    read(
      `---\n${CLUSTER}\nname: a\n---\n# nothing\n---\n- {${CLUSTER}, name: b}\n---\nresources: {${LISTENER}, name: c}\n`,
    ),
    {
      resources: ["Cluster a 2:1", "Cluster b 7:3", "Listener c 9:12"],
      issues: [],
    },
  );
});

Deno.test("the resources of a discovery response, whose own fields are checked", () => {
  assertEquals(read(`version_info: "1"\nresources:\n- ${CLUSTER}\n  name: a\nresorces: []\n`), {
    resources: ["Cluster a 3:3"],
    issues: [
      'f.yaml:5:1: error: envoy.service.discovery.v3.DiscoveryResponse has no field "resorces"; did you mean "resources"? [unknown-field]',
    ],
  });
  assertEquals(read("resources: []\n"), { resources: [], issues: [] });
});

Deno.test("the static resources of a bootstrap, whose other fields are checked", () => {
  const bootstrap = `
node: {id: a, clustr: b}
staticResources:
  listeners: {name: l}
  clusters:
  - name: c
  - name: d
    ${CLUSTER}
  secrets: [{name: s}, 5]
  listener: []
admin: {}
---
a: second document is not read
`;
  assertEquals(read(bootstrap), {
    resources: ["Listener l 4:14", "Cluster c 6:5", "Secret s 9:13"],
    issues: [
      'f.yaml:2:15: error: envoy.config.core.v3.Node has no field "clustr"; did you mean "cluster"? [unknown-field]',
      'f.yaml:8:5: error: envoy.config.cluster.v3.Cluster has no field "@type": its type is fixed [unknown-field]',
      "f.yaml:9:24: error: expected a resource, a map with @type, found a number [wrong-type]",
      'f.yaml:10:3: error: envoy.config.bootstrap.v3.Bootstrap.StaticResources has no field "listener"; did you mean "listeners"? [unknown-field]',
      "f.yaml:13:1: warning: ignored, as Envoy does: it comes after a bootstrap [ignored-document]",
    ],
  });
  assertEquals(read("admin: {}\n"), { resources: [], issues: [] });
});

Deno.test("an empty file holds nothing, and that is no issue", () => {
  for (const text of ["", "# comment\n", "---\n", "\ufeff", "null", "[]"]) {
    assertEquals(read(text), { resources: [], issues: [] }, JSON.stringify(text));
  }
  assertEquals(read(" ", "f.json"), { resources: [], issues: [] });
});

Deno.test("a file with an error still gives its good resources", () => {
  assertEquals(read(`- ${CLUSTER}\n  name: a\n  zz: 1\n- ${CLUSTER}\n  name: b\n`), {
    resources: ["Cluster b 4:3"],
    issues: ['f.yaml:3:3: error: envoy.config.cluster.v3.Cluster has no field "zz" [unknown-field]'],
  });
});

const SERVED = "Cluster, ClusterLoadAssignment, LbEndpoint, Listener, RouteConfiguration, ScopedRouteConfiguration, " +
  "VirtualHost, Secret, Runtime, TypedExtensionConfig";

Deno.test("what is no resource is an issue that says what is", () => {
  const table: [string, string][] = [
    ["name: a", "1:1: error: @type is missing [missing-type]"],
    [
      "# ours\nclusters: []",
      '2:1: error: @type is missing; a list of "clusters" belongs under "static_resources:" [missing-type]',
    ],
    ["- {name: a}", "1:3: error: @type is missing [missing-type]"],
    ["5", "1:1: error: expected a resource, a map with @type, found a number [wrong-type]"],
    ["- - 5", "1:5: error: expected a resource, a map with @type, found a number [wrong-type]"],
    ['"@type": a/b.C', `1:10: error: unknown type "b.C" in the API of Envoy ${api.version} [unknown-type]`],
    [
      '"@type": a/envoy.config.cluster.v3.Clustre',
      `1:10: error: unknown type "envoy.config.cluster.v3.Clustre" in the API of Envoy ${api.version}; did you mean "envoy.config.cluster.v3.Cluster"? [unknown-type]`,
    ],
    [
      '"@type": a/envoy.config.core.v3.Node',
      `1:10: error: envoy.config.core.v3.Node is no resource: it has no name; xcp serves ${SERVED} [unserved-type]`,
    ],
    [
      '"@type": a/envoy.service.discovery.v3.ResourceLocator',
      `1:10: error: envoy.service.discovery.v3.ResourceLocator is no resource: xcp serves ${SERVED} [unserved-type]`,
    ],
    [CLUSTER, "1:1: error: a resource needs a name: name is missing [missing-name]"],
    [`{${CLUSTER}, name: ""}`, "1:70: error: a resource needs a name: name is empty [missing-name]"],
    [`{${CLUSTER}, name: ~}`, "1:1: error: a resource needs a name: name is missing [missing-name]"],
    [`{${ENDPOINTS}, endpoints: []}`, "1:1: error: a resource needs a name: cluster_name is missing [missing-name]"],
    ["a: [", "1:5: error: invalid YAML: unexpected end of the stream within a flow collection [yaml-syntax]"],
  ];
  for (const [text, issue] of table) assertEquals(read(text), { resources: [], issues: [`f.yaml:${issue}`] }, text);
});

Deno.test("a listener of a bootstrap needs no name for Envoy, and is not served", () => {
  assertEquals(read("static_resources: {listeners: [{stat_prefix: x}]}"), {
    resources: [],
    issues: ["f.yaml:1:32: warning: not served: a resource needs a name, and name is missing [missing-name]"],
  });
});

const STATIC_RESOURCES = "envoy.config.bootstrap.v3.Bootstrap.StaticResources";

Deno.test("what a bootstrap has in place of its static resources must be a map", () => {
  for (const [text, found] of [["[{clusters: []}]", "a list"], ["''", "a string"], ["5", "a number"]]) {
    for (const key of ["static_resources", "staticResources"]) {
      const issues = [
        `f.yaml:1:${
          key.length + 3
        }: error: expected a map with the fields of ${STATIC_RESOURCES}, found ${found} [wrong-type]`,
      ];
      assertEquals(read(`${key}: ${text}`), { resources: [], issues }, text);
    }
  }
  assertEquals(read("static_resources: ~"), { resources: [], issues: [] });
});

Deno.test("the name of the file says whether it is JSON", () => {
  const json = `{${CLUSTER.replace(/: (.*)/, ': "$1"')}, "name": "a",#}`;
  assertEquals(read(json, "a.pb.json"), {
    resources: [],
    issues: [
      `a.pb.json:1:${json.length - 1}: error: invalid JSON: expected a key in double quotes, found "#" [json-syntax]`,
    ],
  });
  assertEquals(read(json.replace(",#}", "}"), "A.JSON").resources, ["Cluster a 1:1"]);
});

Deno.test("bytes are read as UTF-8 or not at all", () => {
  const bytes = new TextEncoder().encode(`\ufeff${CLUSTER}\nname: é\n`);
  assertEquals(read(bytes), { resources: ["Cluster é 1:1"], issues: [] });
  bytes[bytes.length - 2] = 0xff;
  assertEquals(read(bytes), {
    resources: [],
    issues: ['f.yaml:1:1: error: Cannot read "f.yaml": it is not UTF-8 [not-utf8]'],
  });
});

Deno.test("a file that was read before gives the same versions", () => {
  const versions = () =>
    readFile(loadApi(), `{${CLUSTER}, name: a, metadata: {filter_metadata: {b: {}, a: {}}}}`, "f.yaml", "l").resources
      .map((r) => r.version);
  assertEquals(versions(), versions());
  assert(versions().length === 1);
});

import { assertEquals } from "@std/assert";
import { loadApi } from "../api.ts";
import { toFileJson } from "./file_form.ts";
import { jsonToYaml } from "./print_yaml.ts";
import { readFile } from "./read.ts";
import { readWrite } from "./write.ts";

const api = loadApi();
const T = "type.googleapis.com/envoy";
const WRAPPER = `${T}.service.discovery.v3.Resource`;
const wrapped = (fields: string, resource: string) => `{"@type": ${WRAPPER}, ${fields} resource: ${resource}}`;
const CLUSTER = `{"@type": ${T}.config.cluster.v3.Cluster, name: a, connect_timeout: 1s}`;
const HOST = `{"@type": ${T}.config.route.v3.VirtualHost, name: r/v, domains: [x, z]}`;
const ENDPOINT = `{"@type": ${T}.config.endpoint.v3.LbEndpoint, endpoint_name: x}`;
const OTHER = `{"@type": ${T}.extensions.filters.network.thrift_proxy.v3.RouteConfiguration}`;

function one(yaml: string) {
  const { resources: [first], issues } = readFile(api, yaml, "f.yaml", "l");
  if (first === undefined || issues.length > 0) throw new Error(JSON.stringify(issues));
  return first;
}

Deno.test("a resource is in a wrapper when it needs one, and not otherwise", () => {
  const table: [string, string[]][] = [
    [CLUSTER, []],
    [wrapped("name: a,", CLUSTER), []],
    [HOST, []],
    [wrapped("aliases: [r/x],", HOST), []],
    [wrapped("ttl: 0.001s,", CLUSTER), ["name", "ttl"]],
    [wrapped("aliases: [b],", CLUSTER), ["name", "aliases"]],
    [wrapped("aliases: [r/other], ttl: 9223372035s,", HOST), ["name", "aliases", "ttl"]],
    [wrapped("name: e,", ENDPOINT), ["name"]],
    [wrapped("name: o,", OTHER), ["name"]],
    [wrapped("name: t,", `{"@type": ${T}.type.v3.TokenBucket}`), ["name"]],
  ];
  for (const [text, keys] of table) {
    const json = toFileJson(api, one(text));
    const expected = keys.length === 0 ? undefined : ["@type", ...keys, "resource"];
    assertEquals(json["@type"] === WRAPPER ? Object.keys(json) : undefined, expected, text);
  }
});

Deno.test("it reads back as the same resource, from YAML and from the body of a write, in both spellings", () => {
  const texts = [
    CLUSTER,
    HOST,
    wrapped("aliases: [r/other, r/x], ttl: 1.5s,", HOST),
    wrapped("name: e, aliases: [f], ttl: 9223372035.001s,", ENDPOINT),
    wrapped("name: o,", OTHER),
    `{"@type": ${T}.config.endpoint.v3.ClusterLoadAssignment, cluster_name: "xdstp://a/b/c?y=1&x=2"}`,
    `{"@type": ${T}.extensions.transport_sockets.tls.v3.Secret, name: s, generic_secret: {secret: {inline_string: x}}}`,
  ];
  for (const text of texts) {
    const { origin: _, references: __, ...resource } = one(text);
    for (const names of ["proto", "json"] as const) {
      const json = toFileJson(api, resource, { redact: false, names });
      const [again] = readFile(api, jsonToYaml(json), "f.yaml", "l").resources;
      const body = new TextEncoder().encode(JSON.stringify({ resources: [json] }));
      const [written] = readWrite(api, body, "json", "put", "l").resources;
      for (const found of [again, written]) {
        assertEquals(found && { ...found, origin: undefined, references: [] }, {
          ...resource,
          origin: undefined,
          references: [],
        });
      }
    }
  }
});

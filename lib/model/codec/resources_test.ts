import { assertEquals } from "@std/assert";
import { create, toBinary } from "@bufbuild/protobuf";
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type Api, loadApi } from "../api.ts";
import { formatIssue } from "../issue.ts";
import { RESOURCE_TYPES, typeByUrl } from "../types.ts";
import { readFile } from "./read.ts";

const api = loadApi();
const T = "type.googleapis.com/envoy";
const WRAPPER = `"@type": ${T}.service.discovery.v3.Resource`;
const CLUSTER = `"@type": ${T}.config.cluster.v3.Cluster`;
const HOST = `"@type": ${T}.config.route.v3.VirtualHost`;
const ENDPOINT = `"@type": ${T}.config.endpoint.v3.LbEndpoint`;

function read(yaml: string, of: Api = api) {
  const { resources, issues } = readFile(of, yaml, "f.yaml", "l");
  return { resources, issues: issues.map(formatIssue) };
}

/** The resource of a text without issues. */
function one(yaml: string, of: Api = api) {
  const { resources, issues } = read(yaml, of);
  assertEquals(issues, []);
  assertEquals(resources.length, 1);
  const [resource] = resources;
  if (resource === undefined) throw new Error("No resource");
  return resource;
}

/** The issues of a text that gives no resource. */
function refused(yaml: string): string[] {
  const { resources, issues } = read(yaml);
  assertEquals(resources, [], yaml);
  return issues;
}

Deno.test("every type of the table is read, with its name where the table says", () => {
  for (const { url, nameField } of RESOURCE_TYPES) {
    const message = nameField === undefined ? `{"@type": ${url}}` : `{"@type": ${url}, ${nameField}: a/b}`;
    const text = nameField === undefined ? `{${WRAPPER}, name: a/b, resource: ${message}}` : message;
    const { type, name } = one(text);
    assertEquals([type, name], [url, "a/b"]);
  }
});

Deno.test("a wrapped resource is what is in it, with a time to live and other names", () => {
  const { name, ttl, aliases, origin, bytes } = one(
    `${WRAPPER}\nname: a\nttl: 1.5s\naliases: [b, c, b]\nversion: x\nresource:\n  ${CLUSTER}\n  name: a\n`,
  );
  assertEquals({ name, ttl, aliases, line: origin?.line, bytes: [...bytes] }, {
    name: "a",
    ttl: 1500,
    aliases: ["b", "c"],
    line: 7,
    bytes: [0x0a, 1, 0x61],
  });
});

Deno.test("a wrapper says nothing it does not say, in either spelling of its fields", () => {
  const bare = one(`{${CLUSTER}, name: a}`);
  const { version, ttl, aliases } = one(`{${WRAPPER}, resource: {${CLUSTER}, name: a}}`);
  assertEquals([version, ttl, aliases], [bare.version, undefined, []]);
  assertEquals(one(`{${WRAPPER}, ttl: {seconds: 2, nanos: 999999}, resource: {${CLUSTER}, name: a}}`).ttl, 2000);
});

Deno.test("a time to live and aliases are part of the content", () => {
  const versions = ["", "ttl: 1s,", "ttl: 2s,", "aliases: x,"].map((more) =>
    one(`{${WRAPPER}, ${more} resource: {${CLUSTER}, name: a}}`).version
  );
  assertEquals(new Set(versions).size, 4);
});

Deno.test("what is wrong with a wrapper is said where it is, and its resource is not taken", () => {
  const inner = `resource: {${CLUSTER}, name: a}`;
  const table: [string, string][] = [
    [`name: b, ${inner}`, 'the name of a wrapper must be that of its resource, whose name is "a" [name-mismatch]'],
    [`name: 5, ${inner}`, "expected a string, found a number: put it in quotes [wrong-type]"],
    [`ttl: 0s, ${inner}`, AT_LEAST],
    [`ttl: 0.0009s, ${inner}`, AT_LEAST],
    [`ttl: -1s, ${inner}`, '"-1s" is not a duration that Envoy takes: it is negative [bad-duration]'],
    [`ttl: 5, ${inner}`, 'expected a duration, such as "1.5s", found a number [wrong-type]'],
    [`aliases: [b, ""], ${inner}`, "an alias is empty [bad-name]"],
    [
      `tttl: 5s, ${inner}`,
      'envoy.service.discovery.v3.Resource has no field "tttl"; did you mean "ttl"? [unknown-field]',
    ],
    [`name: a`, "a wrapper without a resource: put one under the key resource [missing-resource]"],
    [`name: a, resource: ~`, "a wrapper without a resource: put one under the key resource [missing-resource]"],
    [`resource: {name: a}`, "@type is missing [missing-type]"],
    [`resource: [5]`, "expected a resource, a map with @type, found a list [wrong-type]"],
    [`name: a, resource: {${CLUSTER}}`, "a resource needs a name: name is missing [missing-name]"],
    [
      `name: a, resource: {${WRAPPER}, ${inner}}`,
      `envoy.service.discovery.v3.Resource is no resource: xcp serves ${SERVED} [unserved-type]`,
    ],
    [
      `name: a, resource: {"@type": ${T}.config.bootstrap.v3.Bootstrap}`,
      `envoy.config.bootstrap.v3.Bootstrap is no resource: xcp serves ${SERVED} [unserved-type]`,
    ],
  ];
  for (const [fields, issue] of table) {
    const [found = "", ...others] = refused(`{${WRAPPER}, ${fields}}`);
    assertEquals(found.replace(/^\S+ error: /, ""), issue);
    assertEquals(others, []);
  }
});

const AT_LEAST =
  "a time to live is at least a millisecond: leave it out for a resource that does not expire [bad-duration]";
const SERVED = RESOURCE_TYPES.map(({ url }) => url.split(".").at(-1)).join(", ");

Deno.test("a wrapper with an issue hides no issue of its resource", () => {
  assertEquals(refused(`{${WRAPPER}, ttl: 0s, resource: {${CLUSTER}, name: a, zz: 1}}`).length, 2);
});

Deno.test("the fields of a wrapper that do nothing are warnings", () => {
  const { resources, issues } = read(
    `{${WRAPPER}, metadata: {}, cache_control: {do_not_cache: true}, resource: {${CLUSTER}, name: a}}`,
  );
  assertEquals(resources.length, 1);
  assertEquals(issues.map((issue) => issue.replace(/^\S+ /, "")), [
    "warning: not served: of a wrapper, xcp takes name, ttl, aliases and resource [ignored-field]",
    "warning: not served: of a wrapper, xcp takes name, ttl, aliases and resource [ignored-field]",
  ]);
});

Deno.test("names are compared, and kept, in the canonical form of xdstp", () => {
  const name = (query: string) => `"xdstp://a/envoy.config.cluster.v3.Cluster/x?${query}"`;
  const { name: kept, aliases } = one(
    `{${WRAPPER}, name: ${name("b=2&a=1")}, aliases: ${name("d=2&c=1")}, resource: {${CLUSTER}, name: ${
      name("a=1&b=2")
    }}}`,
  );
  assertEquals(kept, "xdstp://a/envoy.config.cluster.v3.Cluster/x?a=1&b=2");
  assertEquals(aliases, ["xdstp://a/envoy.config.cluster.v3.Cluster/x?c=1&d=2"]);
});

Deno.test("an endpoint has the name of its wrapper, and without one is told so", () => {
  const name = "xdstp://a/envoy.config.endpoint.v3.LbEndpoint/x/1";
  assertEquals(one(`{${WRAPPER}, name: "${name}", resource: {${ENDPOINT}, endpoint: {}}}`).name, name);
  const issue = "a resource needs a name, and LbEndpoint has no field for it: give it one with " +
    '"@type": type.googleapis.com/envoy.service.discovery.v3.Resource, name, and the LbEndpoint under resource [missing-name]';
  assertEquals(refused(`{${ENDPOINT}, endpoint: {}}`), [`f.yaml:1:1: error: ${issue}`]);
  assertEquals(refused(`{${WRAPPER}, name: "", resource: {${ENDPOINT}}}`).length, 1);
});

Deno.test("a virtual host answers to its domains, after its route configuration, and to what its wrapper adds", () => {
  const host = `{${HOST}, name: a/b/v, domains: [x.com, "*", x.com]}`;
  assertEquals(one(host).aliases, ["a/b/x.com", "a/b/*"]);
  assertEquals(one(`{${WRAPPER}, aliases: [a/b/z, "a/b/*"], resource: ${host}}`).aliases, [
    "a/b/x.com",
    "a/b/*",
    "a/b/z",
  ]);
  assertEquals(one(`{${HOST}, name: r/v, domains: x.com}`).aliases, ["r/x.com"]);
  assertEquals(one(`{${HOST}, name: r/v}`).aliases, []);
  assertEquals(one(`{${HOST}, name: r/v, domains: ["", x]}`).aliases, ["r/x"]);
});

Deno.test("a virtual host that no client could ask for is an issue", () => {
  const issue =
    'no client can ask for a virtual host of this name: it must be "<route configuration>/<name>" [bad-name]';
  for (const name of ["v", "/v", "v/"]) {
    assertEquals(refused(`{${HOST}, domains: ["*"], name: ${name}}`), [
      `f.yaml:1:88: error: ${issue}`,
    ]);
  }
});

Deno.test("a type without a row is served by its name, with a warning for what nobody asks for", () => {
  const filter = `"@type": ${T}.extensions.filters.network.http_connection_manager.v3.HttpFilter`;
  const { resources: [resource], issues } = read(`{${filter}, name: f}`);
  assertEquals([resource?.type, resource?.name], [filter.slice(9), "f"]);
  assertEquals(issues, [
    "f.yaml:1:11: warning: neither Envoy nor gRPC asks for envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter by name: served to whoever does [unasked-type]",
  ]);
  const manager = `"@type": ${T}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
  const wrapped = read(`{${WRAPPER}, name: m, resource: {${manager}}}`);
  assertEquals(wrapped.resources.map(({ name }) => name), ["m"]);
  assertEquals(wrapped.issues.map((issue) => issue.split(" ")[1]), ["warning:"]);
  assertEquals(refused(`{${manager}, codec_type: AUTO}`).map((issue) => issue.split(": ")[2]), [
    "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager is no resource",
  ]);
});

Deno.test("a type without a row that Envoy does ask for is no warning", () => {
  const routes = `${T}.extensions.filters.network.thrift_proxy.v3.RouteConfiguration`;
  assertEquals(one(`{"@type": ${routes}, name: r}`).type, routes);
  const bucket = `{"@type": ${T}.type.v3.TokenBucket, max_tokens: 5, fill_interval: 1s}`;
  assertEquals(one(`{${WRAPPER}, name: b, resource: ${bucket}}`).name, "b");
});

Deno.test("of a type without a row, a wrapper names what has left its name empty", () => {
  const routes = `{"@type": ${T}.extensions.filters.network.thrift_proxy.v3.RouteConfiguration}`;
  assertEquals(one(`{${WRAPPER}, name: r, resource: ${routes}}`).name, "r");
  assertEquals(refused(routes).map((issue) => issue.split("error: ")[1]), [
    "a resource needs a name: name is missing [missing-name]",
  ]);
});

Deno.test("a message with a JSON form of its own is under value, as in an Any", () => {
  const mask = (more: string) =>
    read(`{${WRAPPER}, name: m, resource: {"@type": type.googleapis.com/google.protobuf.FieldMask, ${more}}}`);
  assertEquals(mask("value: a").resources.map(({ bytes }) => [...bytes]), [[0x0a, 1, 0x61]]);
  assertEquals(mask("value: a, path: b").issues.length, 2);
});

/** An API with a type of somebody's own, `mine.Table { string name = 1; repeated string rows = 2; }`. */
function loadOwn(): Api {
  const set = create(FileDescriptorSetSchema, {
    file: [{
      name: "mine.proto",
      package: "mine",
      syntax: "proto3",
      messageType: [{
        name: "Table",
        field: [
          {
            name: "name",
            number: 1,
            label: FieldDescriptorProto_Label.OPTIONAL,
            type: FieldDescriptorProto_Type.STRING,
          },
          {
            name: "rows",
            number: 2,
            label: FieldDescriptorProto_Label.REPEATED,
            type: FieldDescriptorProto_Type.STRING,
          },
        ],
      }],
    }],
  });
  return loadApi([{ name: "mine.binpb", bytes: toBinary(FileDescriptorSetSchema, set) }]);
}

Deno.test("a type of the operator's own is a resource like any other", () => {
  const text = `{"@type": type.googleapis.com/mine.Table, name: t, rows: [a, b]}`;
  const { type, name, bytes } = one(text, loadOwn());
  assertEquals([type, name], ["type.googleapis.com/mine.Table", "t"]);
  assertEquals(new TextDecoder().decode(bytes), "\n\x01t\x12\x01a\x12\x01b");
  assertEquals(typeByUrl(type), undefined);
  assertEquals(refused(text).map((issue) => issue.split("[")[1]), ["unknown-type]"]);
});

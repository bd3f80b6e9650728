import { assert, assertEquals } from "@std/assert";
import { loadApi } from "../api.ts";
import { formatIssue, hasErrors } from "../issue.ts";
import { CLUSTER as CLUSTER_TYPE, ENDPOINTS, RESOURCE_TYPES } from "../types.ts";
import { readFile } from "./read.ts";
import { readWrite } from "./write.ts";

const api = loadApi();
const CLUSTER = `"@type": "${CLUSTER_TYPE.url}"`;
const cluster = (name: string, more = "") => `{${CLUSTER}, "name": "${name}"${more}}`;

const bytes = (text: string) => new TextEncoder().encode(text);
const put = (text: string, form: "json" | "yaml" = "json") => readWrite(api, bytes(text), form, "put", "http");
const patch = (text: string, form: "json" | "yaml" = "json") => readWrite(api, bytes(text), form, "patch", "http");

/** `path line:column rule: message` of each issue, all of which must be errors. */
function issues({ issues }: ReturnType<typeof put> | ReturnType<typeof patch>): string[] {
  assertEquals(issues.filter(({ severity }) => severity !== "error"), []);
  return issues.map(({ path, at, rule, message }) => `${path} ${at?.line}:${at?.column} ${rule}: ${message}`);
}

Deno.test("a PUT has a label and resources, in JSON and in YAML, in any order of its keys", () => {
  const json = `{"version": "v1", "resources": [${cluster("a")}, ${cluster("b")}]}`;
  const turned = `{"resources": [${cluster("a")}, ${cluster("b")}], "version": "v1"}`;
  for (const content of [put(json), put(json, "yaml"), put(turned), put(turned, "yaml")]) {
    assertEquals(issues(content), []);
    assertEquals(content.label, "v1");
    assertEquals(content.resources.map(({ name, origin }) => [name, origin?.file, origin?.layer]), [
      ["a", "request body", "http"],
      ["b", "request body", "http"],
    ]);
  }
});

Deno.test("resources of a write are those of a file: bytes, versions, references, wrappers", () => {
  const list = `{"resources": [
    ${cluster("a", ', "type": "EDS"')},
    {"@type": "type.googleapis.com/envoy.service.discovery.v3.Resource", "ttl": "5s", "resource": ${cluster("b")}}
  ]}`;
  const file = readFile(api, list, "f.json", "l").resources;
  const written = put(list).resources;
  assertEquals(written.map(({ version, ttl }) => [version, ttl]), file.map(({ version, ttl }) => [version, ttl]));
  assertEquals(written[0]?.references.map(({ name, path, at }) => [name, path, at?.line]), [["a", "name", 2]]);
  assertEquals(written[1]?.ttl, 5000);
});

Deno.test("a PATCH has what is new and what goes, by URL, short name, plural or service", () => {
  const names = ["cluster", "clusters", "CDS", CLUSTER_TYPE.url, "other.host/envoy.config.cluster.v3.Cluster"];
  for (const type of names) {
    const content = patch(`{"upsert": [${cluster("a")}], "remove": [{"type": "${type}", "name": "b"}]}`);
    assertEquals(issues(content), []);
    assertEquals(content.label, undefined);
    assertEquals(content.upsert.map(({ name }) => name), ["a"]);
    assertEquals(content.remove, [{ type: CLUSTER_TYPE.url, name: "b" }], type);
  }
  const removed = patch(`{"remove": [
    {"name": "e", "type": "endpoint"}, {"type": "endpoints", "name": "e"},
    {"type": "type.googleapis.com/envoy.type.v3.TokenBucket", "name": "xdstp://a/b/c?y=1&x=2"}
  ]}`);
  assertEquals(removed.remove, [
    { type: ENDPOINTS.url, name: "e" },
    { type: "type.googleapis.com/envoy.type.v3.TokenBucket", name: "xdstp://a/b/c?x=2&y=1" },
  ]);
  assertEquals(issues(patch("{}")), []);
});

Deno.test("an issue has its place in the body, and its path from the root of the body", () => {
  const body = `{"upsert": [\n ${cluster("a")},\n ${cluster("b", ', "connect_timeout": "5"')},\n [5]]}`;
  for (const form of ["json", "yaml"] as const) {
    assertEquals(issues(patch(body, form)), [
      'upsert[1].connect_timeout 3:99 bad-duration: "5" is not a duration: did you mean "5s"?',
      "upsert[2][0] 4:3 wrong-type: expected a resource, a map with @type, found a number",
    ]);
  }
  const wrapper = `"@type": "type.googleapis.com/envoy.service.discovery.v3.Resource"`;
  const wrapped = `{"resources": [{${wrapper}, "name": "b", "ttl": "0s", "resource": ${cluster("a", ', "x": 1')}},
    {${wrapper}, "name": "b", "resource": ${cluster("a")}}]}`;
  assertEquals(issues(put(wrapped)).map((issue) => issue.split(" ")[0]), [
    "resources[0].ttl",
    "resources[0].resource.x",
    "resources[1].name",
  ]);
});

Deno.test("what is not a write is an issue that says what is", () => {
  const table: [string, string][] = [
    ["", ' 1:1 wrong-type: expected one map with "resources", found nothing'],
    ["null", ' 1:1 wrong-type: expected one map with "resources", found nothing'],
    ["5", ' 1:1 wrong-type: expected one map with "resources", found a number'],
    [`[${cluster("a")}]`, ' 1:1 wrong-type: expected one map with "resources", found a list'],
    ["{}", 'resources 1:1 missing-field: "resources" is missing: [] empties the layer'],
    [
      '{"resources": null}',
      'resources 1:1 missing-field: "resources" is missing: [] empties the layer',
    ],
    ['{"resources": {}}', "resources 1:15 wrong-type: expected a list, found a map"],
    [
      '{"resources": [], "resorces": []}',
      'resorces 1:19 unknown-field: unknown key "resorces"; did you mean "resources"?',
    ],
    ['{"resources": [], "upsert": []}', 'upsert 1:19 unknown-field: unknown key "upsert": there is version, resources'],
    ['{"resources": [], "@type": "x"}', '@type 1:19 unknown-field: unknown key "@type": there is version, resources'],
    ['{"resources": [', ' 1:16 json-syntax: invalid JSON: expected a value, found "the end of the file"'],
  ];
  for (const [body, issue] of table) {
    const content = put(body);
    assertEquals(content.resources.length > 0, body.startsWith("[{"), body);
    assertEquals(issues(content), [issue.replace('"the end of the file"', "the end of the file")], body);
  }
  assertEquals(issues(put("resources: []\n---\nresources: []\n", "yaml")), [
    ' 3:1 wrong-type: expected one map with "resources", a second document is one too many',
  ]);
  assertEquals(issues(put("# nothing\n", "yaml")), [
    ' 1:1 wrong-type: expected one map with "resources", found nothing',
  ]);
  assertEquals(issues(readWrite(api, new Uint8Array([0x22, 0xff, 0x22]), "json", "put", "http")), [
    ' 1:1 not-utf8: Cannot read "request body": it is not UTF-8',
  ]);
});

Deno.test("what cannot be removed is an issue", () => {
  const shorts = RESOURCE_TYPES.map(({ short }) => short).join(", ");
  const table: [string, string[]][] = [
    ['"a"', ['remove[0] 1:13 wrong-type: expected a map with "type" and "name", found a string']],
    ["{}", [
      'remove[0].type 1:13 missing-field: "type" is missing',
      'remove[0].name 1:13 missing-field: "name" is missing',
    ]],
    ['{"type": "cluster", "name": ""}', ["remove[0].name 1:41 wrong-type: expected a string, it is empty"]],
    ['{"type": "cluster", "name": null}', ["remove[0].name 1:41 wrong-type: expected a string, found null"]],
    ['{"type": 5, "name": "a"}', ["remove[0].type 1:22 wrong-type: expected a string, found a number"]],
    ['{"type": "cluster", "name": "a", "nam": 1}', [
      'remove[0].nam 1:46 unknown-field: unknown key "nam"; did you mean "name"?',
    ]],
    ['{"type": "clutser", "name": "a"}', [
      'remove[0].type 1:22 unknown-type: unknown type "clutser"; did you mean "cluster"?',
    ]],
    ['{"type": "foo", "name": "a"}', [
      `remove[0].type 1:22 unknown-type: unknown type "foo": it is a type URL or one of ${shorts}`,
    ]],
    ['{"type": "envoy.config.cluster.v3.Cluster", "name": "a"}', [
      'remove[0].type 1:22 unknown-type: unknown type "envoy.config.cluster.v3.Cluster"; did you mean "type.googleapis.com/envoy.config.cluster.v3.Cluster"?',
    ]],
    ['{"type": "type.googleapis.com/envoy.config.cluster.v3.Clutser", "name": "a"}', [
      'remove[0].type 1:22 unknown-type: unknown type "type.googleapis.com/envoy.config.cluster.v3.Clutser"; did you mean "type.googleapis.com/envoy.config.cluster.v3.Cluster"?',
    ]],
  ];
  for (const [item, expected] of table) assertEquals(issues(patch(`{"remove": [${item}]}`)), expected, item);
});

Deno.test("one type and name is there once", () => {
  assertEquals(issues(put(`{"resources": [\n${cluster("a")},\n${cluster("b")},\n${cluster("a")}]}`)), [
    'resources[2] 4:1 duplicate-resource: cluster "a" is there already, at 2:1',
  ]);
  for (
    const body of [
      `{"upsert": [${cluster("a")}],\n"remove": [{"type": "cluster", "name": "a"}]}`,
      `{\n"remove": [{"type": "cluster", "name": "a"}], "upsert": [${cluster("a")}]}`,
    ]
  ) assertEquals(issues(patch(body)), ['remove[0] 2:12 duplicate-resource: cluster "a" is in "upsert" too']);
  assertEquals(issues(patch(`{"upsert": [${cluster("a")}], "remove": [{"type": "endpoint", "name": "a"}]}`)), []);
});

Deno.test("a label is some text on one line", () => {
  const label = (version: string) => issues(patch(`{"version": ${version}}`));
  for (const fine of ['"a"', '"1.2 – ü 🎈"', `"${"x".repeat(256)}"`, "null"]) assertEquals(label(fine), [], fine);
  const empty = "version 1:13 bad-label: a version label is not empty: leave it out for none";
  const long = "version 1:13 bad-label: a version label has at most 256 characters";
  const control = "version 1:13 bad-label: a version label has no control characters";
  const table: [string, string][] = [
    ['""', empty],
    [`"${"x".repeat(257)}"`, long],
    ['"a\\n"', control],
    ['"\\u0000"', control],
    ['"\\u007f"', control],
    ['"\\u0085"', control],
    ['"\\u2028"', control],
    ['"\\ud800"', "version 1:13 bad-label: a version label is text: a lone surrogate has no UTF-8 form"],
    ["5", "version 1:13 wrong-type: expected a string, found a number: put it in quotes"],
    ["[]", "version 1:13 wrong-type: expected a string, found a list"],
  ];
  for (const [version, issue] of table) assertEquals(label(version), [issue], version);
});

Deno.test("nesting is bounded, and so is the number of issues", () => {
  const deep = `{"resources": ${"[".repeat(200)}${"]".repeat(200)}}`;
  for (const form of ["json", "yaml"] as const) {
    assertEquals(put(deep, form).issues.map(({ rule }) => rule), ["too-deep"]);
  }
  const many = put(`{"resources": [${Array(5000).fill(5)}]}`);
  assertEquals(many.issues.length, 1001);
  assertEquals(
    formatIssue(many.issues.at(-1) ?? { path: "", rule: "", severity: "info", message: "" }),
    "info: 4000 more issues are not listed [more-issues]",
  );
  assert(hasErrors(many.issues));
});

Deno.test("errors are among the issues even after any number of warnings", () => {
  const filters = Array.from(
    { length: 1500 },
    (_, i) => `{"@type": "type.googleapis.com/envoy.config.listener.v3.Filter", "name": "${i}"}`,
  );
  const many = patch(`{"upsert": [${filters}], "remov": []}`);
  assert(many.issues.some(({ rule }) => rule === "unasked-type"));
  assert(many.issues.some(({ path, severity }) => path === "remov" && severity === "error"));
});

Deno.test("the items of a long list go by one after another, and in both keys of a PATCH", () => {
  const names = Array.from({ length: 2000 }, (_, i) => `c${i}`);
  const content = patch(
    `{"upsert": [${names.map((name) => cluster(name))}], "remove": [${
      names.map((name) => `{"type": "cluster", "name": "old-${name}"}`)
    }]}`,
  );
  assertEquals(issues(content), []);
  assertEquals(content.upsert.map(({ name }) => name), names);
  assertEquals(content.remove.length, 2000);
});

import { assertEquals } from "@std/assert";
import { formatIssue } from "../model/issue.ts";
import { createResource, type Reference, type Resource } from "../model/resource.ts";
import { createSnapshot } from "../model/snapshot.ts";
import {
  CLUSTER,
  ENDPOINTS,
  EXTENSION_CONFIG,
  LISTENER,
  LOCALITY_ENDPOINTS,
  ROUTES,
  SCOPED_ROUTES,
  SECRET,
  VIRTUAL_HOST,
} from "../model/types.ts";
import { checkDuplicates } from "./duplicates.ts";
import { checkReferences, type Served } from "./references.ts";

let line = 0;

function resource(type: string, name: string, ...references: Reference[]): Resource {
  const origin = { file: "a.yaml", line: ++line, column: 1, layer: "config" };
  return createResource({ type, name, bytes: new Uint8Array(), references, origin });
}

function reference(type: string, name: string, more: Partial<Reference> = {}): Reference {
  return { type, name, path: "field", required: true, at: { file: "a.yaml", line: 7, column: 9 }, ...more };
}

Deno.test("references to what is there are fine, whatever the order", () => {
  const resources = [
    resource(LISTENER.url, "http", reference(ROUTES.url, "web"), reference(SECRET.url, "certificate")),
    resource(ROUTES.url, "web", reference(CLUSTER.url, "a")),
    resource(CLUSTER.url, "a", reference(ENDPOINTS.url, "a")),
    resource(ENDPOINTS.url, "a"),
    resource(SECRET.url, "certificate"),
  ];
  assertEquals(checkReferences(resources), []);
});

Deno.test("a dangling reference for which Envoy refuses what names it is an error, at the place that names it", () => {
  const issues = checkReferences([
    resource(ROUTES.url, "web", reference(CLUSTER.url, "a", { path: "routes[0].cluster", strict: true })),
  ]);
  assertEquals(issues.map(formatIssue), [
    'a.yaml:7:9: error: Route "web" names cluster "a", which is not in this configuration [dangling-reference]',
  ]);
  assertEquals(issues[0]?.path, "routes[0].cluster");
});

Deno.test("what Envoy accepts and waits for is a warning, until it vanishes from what is served", () => {
  const resources = [
    resource(CLUSTER.url, "a", reference(ENDPOINTS.url, "a")),
    resource(LISTENER.url, "l", reference(SECRET.url, "key"), reference(ROUTES.url, "new")),
  ];
  const served = createSnapshot([resource(ENDPOINTS.url, "a"), resource(SECRET.url, "key")]);
  const severities = (now?: Served) => checkReferences(resources, now).map(({ severity }) => severity);
  assertEquals(severities(), ["warning", "warning", "warning"]);
  assertEquals(severities(served), ["error", "error", "warning"]);
});

Deno.test("a reference that the bootstrap may satisfy is a warning", () => {
  const issues = checkReferences([resource(CLUSTER.url, "a", reference(SECRET.url, "key", { required: false }))]);
  assertEquals(issues.map(({ severity }) => severity), ["warning"]);
});

Deno.test("a secret that is here, but that the client looks for in its bootstrap only, is a warning that says what to add", () => {
  const named = reference(SECRET.url, "key", { required: false, bootstrap: true });
  const issues = checkReferences([resource(LISTENER.url, "a", named), resource(SECRET.url, "key")]);
  assertEquals(issues.map(formatIssue), [
    'a.yaml:7:9: warning: Listener "a" names secret "key" without sds_config: Envoy looks for it in its own bootstrap ' +
    'file, and not here; add "sds_config: { ads: {}, resource_api_version: V3 }" [reference-without-source]',
  ]);
});

Deno.test("the name of another type does not satisfy a reference", () => {
  const resources = [resource(CLUSTER.url, "a", reference(ENDPOINTS.url, "a"))];
  assertEquals(checkReferences(resources).map(({ message }) => message), [
    'Cluster "a" names endpoints "a", which are not in this configuration',
  ]);
});

Deno.test("a similar name is suggested, and one that is far off is not", () => {
  const resources = [
    resource(CLUSTER.url, "orders-v2"),
    resource(SCOPED_ROUTES.url, "s", reference(CLUSTER.url, "order-v2"), reference(CLUSTER.url, "payments")),
  ];
  assertEquals(checkReferences(resources).map(({ message }) => message), [
    'Scoped route "s" names cluster "order-v2", which is not in this configuration; did you mean "orders-v2"?',
    'Scoped route "s" names cluster "payments", which is not in this configuration',
  ]);
});

Deno.test("a reference without a place stands at its resource, and one of a written resource nowhere", () => {
  const { at: _, ...bare } = reference(CLUSTER.url, "a");
  const read = resource(ROUTES.url, "web", bare);
  const written = { ...read, origin: undefined };
  assertEquals(checkReferences([read, written]).map(({ at }) => at), [
    { file: "a.yaml", line: read.origin?.line ?? 0, column: 1 },
    undefined,
  ]);
});

Deno.test("types that have no row in the table are checked alike", () => {
  const type = "type.googleapis.com/example.v1.Thing";
  assertEquals(checkReferences([resource(type, "x", reference(type, "y"))]).map(({ message }) => message), [
    'Thing "x" names Thing "y", which is not in this configuration',
  ]);
});

Deno.test("of thousands of dangling references a hundred are spelled out, and the rest counted", () => {
  const resources = Array.from(
    { length: 5_000 },
    (_, i) => resource(ROUTES.url, `r${i}`, reference(CLUSTER.url, `cluster-number-${i + 5_000}`)),
  );
  for (let i = 0; i < 5_000; i++) resources.push(resource(CLUSTER.url, `cluster-number-${i}`));
  const issues = checkReferences(resources);
  assertEquals(issues.length, 101);
  assertEquals(issues.at(-1)?.message, "4900 more references to resources that are not in this configuration");
});

Deno.test("the same type and name twice in one part is an error that names both places", () => {
  const first = resource(CLUSTER.url, "a");
  const second = { ...resource(CLUSTER.url, "a"), origin: { file: "b.yaml", line: 3, column: 5, layer: "config" } };
  const resources = [first, resource(ENDPOINTS.url, "a"), resource(CLUSTER.url, "b"), second];
  assertEquals(checkDuplicates({ resources, issues: [] }).map(formatIssue), [
    `b.yaml:3:5: error: Cluster "a" is already defined at a.yaml:${first.origin?.line}:1 [duplicate-resource]`,
  ]);
  assertEquals(checkDuplicates({ resources: [first, { ...second, name: "c" }], issues: [] }), []);
});

Deno.test("three of one name are two issues, and need no places", () => {
  const written = { ...resource(ENDPOINTS.url, "a"), origin: undefined };
  assertEquals(checkDuplicates({ resources: [written, written, written], issues: [] }).map(formatIssue), [
    'error: Endpoints "a" are already defined earlier [duplicate-resource]',
    'error: Endpoints "a" are already defined earlier [duplicate-resource]',
  ]);
});

Deno.test("a collection may have no members, nor a route configuration any hosts on demand", () => {
  const glob = "xdstp://a/envoy.config.endpoint.v3.LbEndpoint/c/*";
  const member = resource(LOCALITY_ENDPOINTS.url, "xdstp://a/envoy.config.endpoint.v3.LbEndpoint/c/1");
  const endpoints = resource(ENDPOINTS.url, "c", reference(LOCALITY_ENDPOINTS.url, glob));
  assertEquals(checkReferences([endpoints, member]), []);
  assertEquals(checkReferences([endpoints]), []);
  const routes = resource(ROUTES.url, "r", reference(VIRTUAL_HOST.url, "r/", { required: false }));
  assertEquals(checkReferences([routes]), []);
});

Deno.test("a discovered extension that is not there is said in words of its own", () => {
  const issues = checkReferences([resource(LISTENER.url, "l", reference(EXTENSION_CONFIG.url, "ext"))]);
  assertEquals(issues.map(({ severity, message }) => `${severity}: ${message}`), [
    'warning: Listener "l" names extension config "ext", which is not in this configuration',
  ]);
});

Deno.test("names of xdstp are equal whatever the order of their parameters", () => {
  const names = ["xdstp://a/b/c?y=1&x=2", "xdstp://a/b/c?x=2&y=1"] as const;
  assertEquals(
    checkReferences([
      resource(LISTENER.url, "l", reference(ROUTES.url, names[1])),
      resource(ROUTES.url, names[0]),
    ]),
    [],
  );
});

import { assertEquals } from "@std/assert";
import { loadApi } from "../model/api.ts";
import { readFile } from "../model/codec/read.ts";
import { formatIssue } from "../model/issue.ts";
import { checksOf } from "./checks.ts";
import { checkConfiguration } from "./configuration.ts";

const api = loadApi();
const checks = checksOf(api);

/** Files of one source, by name; `groups/<name>/…` feeds a group. */
function issuesOf(...sources: Record<string, string>[]): string[] {
  return checkConfiguration(sources.map((files) =>
    Object.entries(files).map(([file, text]) => ({
      file,
      group: /^groups\/([^/]+)\//.exec(file)?.[1],
      content: readFile(api, text, file, "source", checks),
    }))
  )).map(formatIssue);
}

const cluster = (name: string, more = "") =>
  `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
name: ${name}
connect_timeout: 1s
${more}`;

const routes = (to: string, more = "") =>
  `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
name: web
virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: ${to} } }] }]
${more}`;

const listener = (name: string, port: number) =>
  `{ name: ${name}, address: { socket_address: { address: 127.0.0.1, port_value: ${port} } }, filter_chains: [{}] }`;

Deno.test("routes over xDS are taken without their clusters, unless they say that they are to be looked at", () => {
  assertEquals(issuesOf({ "a.yaml": routes("gone") }), [
    'a.yaml:3:97: warning: Route "web" names cluster "gone", which is not in this configuration [dangling-reference]',
  ]);
  assertEquals(issuesOf({ "a.yaml": routes("gone", "validate_clusters: true") }), [
    'a.yaml:3:97: error: Route "web" names cluster "gone", which is not in this configuration [dangling-reference]',
  ]);
  assertEquals(issuesOf({ "a.yaml": routes("here", "validate_clusters: true"), "b.yaml": cluster("here") }), []);
});

Deno.test("in a bootstrap two listeners of one name are odd, elsewhere an error; clusters are an error anywhere", () => {
  const bootstrap = `static_resources: { listeners: [${listener("a", 1)}, ${listener("a", 2)}] }`;
  assertEquals(issuesOf({ "a.yaml": bootstrap }).map((issue) => issue.split(" ")[1]), ["warning:"]);
  assertEquals(
    issuesOf({ "a.yaml": cluster("a"), "b.yaml": cluster("a") }),
    ['b.yaml:1:1: error: Cluster "a" is already defined at a.yaml:1:1 [duplicate-resource]'],
  );
});

Deno.test("secrets of a bootstrap may have one name if they are of different kinds", () => {
  const secrets = (...all: string[]) => `static_resources: { secrets: [${all.join(", ")}] }`;
  const generic = "{ name: a, generic_secret: { secret: { inline_string: x } } }";
  const authority = "{ name: a, validation_context: {} }";
  assertEquals(issuesOf({ "a.yaml": secrets(generic, authority) }), []);
  assertEquals(issuesOf({ "a.yaml": secrets(generic, generic) }), [
    'a.yaml:1:94: error: Secret "a" is already defined at a.yaml:1:31 [duplicate-resource]',
  ]);
});

Deno.test("listeners with one address exclude each other, over files too", () => {
  const typed = (name: string) =>
    `"@type": type.googleapis.com/envoy.config.listener.v3.Listener\n${
      listener(name, 80).slice(2, -2).replace(/, (?=address|filter)/g, "\n")
    }`;
  assertEquals(issuesOf({ "a.yaml": typed("a"), "b.yaml": typed("b") }), [
    'b.yaml:3:10: error: Listener "b" has address 127.0.0.1:80 (TCP), which listener "a" has already at a.yaml:3:10 [duplicate-address]',
  ]);
});

Deno.test("what is broken counts as being there", () => {
  const broken = cluster("here", "lb_polizy: RANDOM");
  assertEquals(issuesOf({ "a.yaml": routes("here", "validate_clusters: true"), "b.yaml": broken }).length, 1);
});

Deno.test("what nothing names is a note, where something could name it", () => {
  assertEquals(issuesOf({ "a.yaml": cluster("alone") }), []);
  assertEquals(issuesOf({ "a.yaml": cluster("alone"), "b.yaml": `${routes("other")}\n---\n${cluster("other")}` }), [
    'a.yaml:1:1: info: Cluster "alone" is named by nothing here [unused-resource]',
  ]);
});

Deno.test("a later source wins over an earlier one, and a group over what is common", () => {
  const strict = routes("a", "validate_clusters: true");
  assertEquals(issuesOf({ "a.yaml": cluster("a") }, { "a.yaml": cluster("a") }), []);
  assertEquals(issuesOf({ "a.yaml": strict, "groups/edge/b.yaml": cluster("a") }), [
    'a.yaml:3:97: error: Route "web" names cluster "a", which is not in this configuration, in group "default" [dangling-reference]',
  ]);
  const other = routes("b", "validate_clusters: true");
  assertEquals(
    issuesOf({
      "a.yaml": strict,
      "b.yaml": cluster("a"),
      "groups/edge/c.yaml": other,
      "groups/edge/d.yaml": cluster("b"),
    })
      .filter((issue) => issue.includes("error")),
    [],
  );
});

Deno.test("issues come in the order of files and lines", () => {
  const wrong = `${cluster("a", "lb_polizy: X\nbogus: 1")}\n---\n${cluster("a")}`;
  assertEquals(
    issuesOf({ "z.yaml": wrong, "a.yaml": wrong.replaceAll("name: a", "name: b") }).map((i) => i.split(" ")[0]),
    [
      "z.yaml:4:1:",
      "z.yaml:5:1:",
      "a.yaml:4:1:",
      "a.yaml:5:1:",
    ],
  );
});

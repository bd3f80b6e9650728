import { create, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { load, loadAll } from "js-yaml";
import { compile } from "../../test/tools/typescript.ts";
import { loadApi } from "../model/api.ts";
import { declarationsText } from "./declarations.ts";
import { authorFiles } from "./files.ts";
import { isDeclarable } from "./value.ts";

const ROOT = new URL("../../", import.meta.url);
const written = Object.fromEntries(authorFiles(loadApi()).map(({ name, text }) => [name, text]));
const { "adapter.ts": adapter = "", "xcp.d.ts": declarations = "", "tsconfig.json": settings = "" } = written;
/** What every compilation has: without the example, which has a test of its own. */
const base = { "xcp.d.ts": declarations, "tsconfig.json": settings };

Deno.test("the same API gives the same declarations, of a size that an editor reads at once", () => {
  assertEquals(declarationsText(loadApi()), declarations);
  assert(declarations.length < 1.5e6, `${declarations.length} characters`);
});

Deno.test("the example compiles as it is written, and more strictly, and is little work", () => {
  const { errors, instantiations } = compile({ ...base, "adapter.ts": adapter });
  assertEquals(errors, []);
  assertEquals(compile({ ...base, "adapter.ts": adapter }, { exactOptionalPropertyTypes: true }).errors, []);
  assert(instantiations < 30_000, `${instantiations} instantiations of types`);
});

Deno.test("comments name the page, what is required, limits, and what is deprecated", () => {
  const has = (...lines: string[]) => assertStringIncludes(declarations, lines.join("\n"));
  has(
    "   * [envoy.config.route.v3.RouteMatch](https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/" +
      "route_components.proto#envoy-v3-api-msg-config-route-v3-routematch)",
    "   * One of these is required: `prefix`, `path`, `safe_regex`, `connect_matcher`, `path_separated_prefix`, " +
      "`path_match_policy`.",
  );
  has("    /** Required. */", "    stat_prefix?: string;");
  has("    /** <= 65535. */", "    port_value?: number;");
  has("    /** @deprecated */", "    dns_resolvers?: envoy.config.core.v3.Address[];");
  // A member of a oneof is not required, whatever its own rule says.
  has("    path?: string;", "    safe_regex?: envoy.type.matcher.v3.RegexMatcher;");
});

Deno.test("every message and enum of Envoy's API is declared, and refers to what is declared", () => {
  const api = loadApi();
  const names = api.paths.filter((path) => path.startsWith("envoy/") && !path.startsWith("envoy/annotations/"))
    .flatMap((path) => [...nestedTypes(api.file(path) ?? unknown(path))])
    .filter((type) => type.kind === "enum" || type.kind === "message" && !type.proto.options?.mapEntry)
    .map((type) => type.typeName);
  assert(names.length > 1200, `${names.length} types`);
  assertEquals(names.filter((name) => !isDeclarable(name)), []);
  const text = names.map((name, i) => `export type T${i} = ${name};\n`).join("");
  const names_ts = `import type { envoy } from "./xcp.d.ts";\n${text}`;
  assertEquals(compile({ ...base, "names.ts": names_ts }, { skipLibCheck: false }).errors, []);
});

Deno.test("what the examples and the pages of rules call right is right for the compiler", async () => {
  const configurations: [string, unknown[]][] = [];
  for (const path of EXAMPLES) {
    configurations.push([path, documents(await Deno.readTextFile(new URL(`examples/${path}.yaml`, ROOT)))]);
  }
  const rules = await Deno.readTextFile(new URL("docs/rules.md", ROOT));
  for (const { name, right } of examplesOf(rules)) {
    if (right !== undefined && !NOT_FOR_JS_YAML.has(name)) configurations.push([`rule ${name}`, documents(right)]);
  }
  assert(configurations.length > 60, `${configurations.length} configurations`);
  const files = configurations.map(([name, documents], i) => {
    const lines = documents.map((document, j) =>
      `export const d${j} = ${JSON.stringify(document)} satisfies ${formOf(document)};\n`
    );
    return [`c${i}.ts`, `// ${name}\n${IMPORT}${lines.join("")}`] as const;
  });
  const { errors } = compile({ ...base, ...Object.fromEntries(files) });
  assertEquals(errors.map((error) => error.replace(/^c(\d+)\.ts/, (_, i) => configurations[i]?.[0] ?? "")), []);
});

const IMPORT = `import type { envoy, Resource } from "./xcp.d.ts";\n`;

/** The type of what is in a file: a resource, a list of them under a key, a bootstrap. */
function formOf(document: unknown): string {
  if (typeof document !== "object" || document === null) return "never";
  if ("@type" in document) return "Resource";
  return "resources" in document
    ? "{ version?: string; resources: Resource[] }"
    : "envoy.config.bootstrap.v3.Bootstrap";
}

const EXAMPLES = [
  ...["listener", "routes", "clusters", "endpoints"].map((name) => `rainbow/${name}`),
  ...["listener", "routes", "groups/edge/routes", "groups/canary/routes"].map((name) => `groups/${name}`),
  "http/site",
];

/** Their right examples close a map in the column of its key, which js-yaml refuses. */
const NOT_FOR_JS_YAML: ReadonlySet<string> = new Set(["bad-port", "tls-without-ca", "reference-without-source"]);

/** The examples of a page of rules. */
function examplesOf(page: string): { name: string; right: string | undefined }[] {
  return page.split(/^### /m).slice(1).map((section) => ({
    name: section.slice(0, section.indexOf("\n")),
    right: /```yaml\n# is right\n([\s\S]*?)```/.exec(section)?.[1],
  }));
}

/** The documents of a YAML text; a document may be a list of them. */
function documents(text: string): unknown[] {
  return loadAll(text).flat();
}

function unknown(path: string): never {
  throw new Error(`Cannot read "${path}": not in the API`);
}

const CLUSTER = `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\nname: orders\n`;
const ROUTES = `"@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration\nname: main\n`;
const LISTENER = `"@type": type.googleapis.com/envoy.config.listener.v3.Listener\nname: http\n`;
const NETWORK = "type.googleapis.com/envoy.extensions.filters.network";
const HTTP = "type.googleapis.com/envoy.extensions.filters.http";
const HCM = `${NETWORK}.http_connection_manager.v3.HttpConnectionManager`;

/** YAML of one resource, and words of the one error that the compiler has for it. */
const MISTAKES: readonly (readonly [what: string, resource: string, words: string])[] = [
  ["a misspelled field", `${CLUSTER}lb_polcy: RANDOM`, "'\"lb_polcy\"' does not exist in type"],
  ["a camelCase field", `${CLUSTER}lbPolicy: RANDOM`, "'\"lbPolicy\"' does not exist in type"],
  ["a value that the enum lacks", `${CLUSTER}type: STATC`, `Type '"STATC"' is not assignable to type 'DiscoveryType`],
  [
    "a string for a number",
    `${CLUSTER}per_connection_buffer_limit_bytes: "1024"`,
    "'string' is not assignable to type 'number'",
  ],
  ["a number for a string", `${CLUSTER}alt_stat_name: 7`, "'number' is not assignable to type 'string"],
  [
    "a string for a boolean",
    `${CLUSTER}ignore_health_on_host_removal: "yes"`,
    "'string' is not assignable to type 'boolean",
  ],
  ["a number for a duration", `${CLUSTER}connect_timeout: 5`, "'number' is not assignable to type '`${number}s`'"],
  [
    "a duration in another unit",
    `${CLUSTER}connect_timeout: 5ms`,
    `Type '"5ms"' is not assignable to type '\`\${number}s\`'`,
  ],
  [
    "two members of a oneof",
    `${CLUSTER}type: STATIC\ncluster_type: { name: x }`,
    "is not assignable to type 'undefined'",
  ],
  [
    "a resource type that is misspelled",
    `"@type": type.googleapis.com/envoy.config.cluster.v3.Clutser\nname: x`,
    "Did you mean '\"type.googleapis.com/envoy.config.cluster.v3.Cluster\"'?",
  ],
  ["a resource without @type", `name: orders\ntype: STATIC`, `Property '"@type"' is missing`],
  [
    "a resource without a name",
    `"@type": type.googleapis.com/envoy.config.cluster.v3.Cluster\ntype: STATIC`,
    "Property 'name' is missing",
  ],
  ["a message that is no resource", `"@type": ${HTTP}.router.v3.Router`, "is not assignable to type"],
  [
    "a value where a list is expected",
    `${ROUTES}virtual_hosts: [{ name: all, domains: "*" }]`,
    "'string' is not assignable to type 'string[]'",
  ],
  [
    "a misspelled field far inside",
    `${ROUTES}virtual_hosts: [{ name: all, domains: ["*"], routes: [{ match: { prefx: / } }] }]`,
    "'\"prefx\"' does not exist in type 'RouteMatch'",
  ],
  [
    "two members of a oneof far inside",
    `${ROUTES}virtual_hosts: [{ routes: [{ match: { prefix: /, path: /a } }] }]`,
    "'string' is not assignable to type 'undefined'",
  ],
  [
    "a field of a message without fields",
    `${CLUSTER}type: EDS\neds_cluster_config: { eds_config: { ads: { v3: true } } }`,
    "Type 'true' is not assignable to type 'never'",
  ],
  [
    "a misspelled field of an extension",
    `${LISTENER}filter_chains: [{ filters: [{ typed_config: { "@type": ${HCM}, stat_prefx: x } }] }]`,
    "'\"stat_prefx\"' does not exist in type",
  ],
  [
    "a misspelled field of an extension in an extension",
    `${LISTENER}filter_chains: [{ filters: [{ typed_config: { "@type": ${HCM}, http_filters: [{ typed_config: { "@type": ${HTTP}.router.v3.Router, dynamic_stat: true } }] } }] }]`,
    "'\"dynamic_stat\"' does not exist in type",
  ],
  [
    "an extension that is misspelled",
    `${LISTENER}filter_chains: [{ filters: [{ typed_config: { "@type": ${HCM}, http_filters: [{ typed_config: { "@type": ${HTTP}.router.v3.Ruter } }] } }] }]`,
    `Did you mean '"${HTTP}.router.v3.Router"'?`,
  ],
  [
    "an extension in the wrong place",
    `${LISTENER}filter_chains: [{ filters: [{ typed_config: { "@type": ${HTTP}.router.v3.Router } }] }]`,
    `Type '"${HTTP}.router.v3.Router"' is not assignable to type`,
  ],
  [
    "an extension without @type",
    `${LISTENER}filter_chains: [{ filters: [{ typed_config: { stat_prefix: x } }] }]`,
    `Property '"@type"' is missing`,
  ],
  [
    "an unknown type where any will do",
    `${CLUSTER}typed_extension_protocol_options: { x: { "@type": type.googleapis.com/acme.v1.Options } }`,
    "is not assignable to type",
  ],
];

Deno.test("mistakes are found where they are, each by one error", () => {
  const files = MISTAKES.map(([what, yaml], i) => {
    const json = JSON.stringify(load(yaml), undefined, 1);
    return [`m${i}.ts`, `// ${what}\n${IMPORT}export const resources: Resource[] = [${json}];\n`] as const;
  });
  const { errors } = compile({ ...base, ...Object.fromEntries(files) });
  for (const [i, [what, , words]] of MISTAKES.entries()) {
    const found = errors.filter((error) => error.startsWith(`m${i}.ts:`));
    assertEquals(found.length, 1, `${what}: ${found.join("\n") || "no error"}`);
    assertStringIncludes(found[0] ?? "", words, what);
  }
});

/** TypeScript that authors write, and that is right. */
const RIGHT: readonly (readonly [what: string, text: string])[] = [
  [
    "a duration that is computed, and a field that may be undefined",
    `export function make(seconds: number, alt_stat_name?: string): Cluster {
       return { ...CLUSTER, connect_timeout: \`\${seconds}s\`, alt_stat_name };
     }`,
  ],
  [
    "another member of a oneof than in what is spread",
    `export function eds(cluster: Cluster): Cluster {
       return { ...cluster, cluster_type: undefined, type: "EDS" };
     }`,
  ],
  [
    "a resource that is put together in steps",
    `const cluster: Cluster = { ...CLUSTER };
     cluster.type = "STATIC";
     (cluster.typed_extension_protocol_options ??= {})["x"] = {
       "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
       explicit_http_config: { http2_protocol_options: {} },
     };
     export const resources: Resource[] = [cluster];`,
  ],
  [
    "parts by their full names, 64 bits as a string, bytes, a wrapper, a free map",
    `export const value: envoy.config.core.v3.DataSource = { inline_bytes: "aGVsbG8=" };
     export const percent: envoy.config.core.v3.RuntimeFractionalPercent = { runtime_key: "x" };
     export const metadata: envoy.config.core.v3.Metadata = { filter_metadata: { a: { b: [1, null, { c: true }] } } };
     export const route: RouteAction = { cluster: "a", max_grpc_timeout: "0s", retry_policy: { num_retries: 3 } };
     export const balancing: envoy.config.cluster.v3.Cluster.RingHashLbConfig = { minimum_ring_size: "1024" };`,
  ],
  [
    "an Any of no type that turns a filter on, one that nobody reads, a TypedStruct, a well-known type",
    `export const on: envoy.config.route.v3.FilterConfig = { config: {} };
     export const unread: envoy.config.core.v3.Metadata = { typed_filter_metadata: { a: { "@type": "acme.v1/A", b: 1 } } };
     export const filter: HttpFilter = {
       typed_config: { "@type": "type.googleapis.com/xds.type.v3.TypedStruct", type_url: "acme.v1/A", value: { b: 1 } },
     };
     export const plain: Typed<"google.protobuf.StringValue"> = {
       "@type": "type.googleapis.com/google.protobuf.StringValue",
       value: "x",
     };`,
  ],
  [
    "a resource in a wrapper that gives it a time to live",
    `export const resources: Resource[] = [{
       "@type": "type.googleapis.com/envoy.service.discovery.v3.Resource",
       name: "a",
       ttl: "30s",
       resource: CLUSTER,
     }];`,
  ],
  [
    "an extension of one's own",
    `declare module "./xcp.d.ts" {
       interface OwnMessages {
         "acme.v1.Filter": { greeting?: string };
       }
     }
     export const filter: HttpFilter = { typed_config: { "@type": "type.googleapis.com/acme.v1.Filter", greeting: "hi" } };`,
  ],
];

Deno.test("what authors write is right", () => {
  const head = `import type { Cluster, envoy, HttpFilter, Resource, RouteAction, Typed } from "./xcp.d.ts";
    const CLUSTER: Cluster = { "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", name: "a" };\n`;
  const files = RIGHT.map(([what, text], i) => [`r${i}.ts`, `// ${what}\n${head}${text}\n`] as const);
  assertEquals(compile({ ...base, ...Object.fromEntries(files) }).errors, []);
});

Deno.test("types of an operator's descriptors are written too, and stand wherever an extension does", () => {
  const bytes = descriptors("acme.filters.v1", "Greet", "greeting");
  const text = declarationsText(loadApi([{ name: "acme.binpb", bytes }]));
  const right = `import type { HttpFilter } from "./xcp.d.ts";
export const filter: HttpFilter = {
  typed_config: { "@type": "type.googleapis.com/acme.filters.v1.Greet", greeting: "hi" },
};\n`;
  const files = { ...base, "xcp.d.ts": text, "right.ts": right, "wrong.ts": right.replace("greeting", "greting") };
  const { errors } = compile(files);
  assertEquals(errors.length, 1);
  assertStringIncludes(errors[0] ?? "", "wrong.ts:3");
});

Deno.test("a package whose name no namespace can have is left open", () => {
  const packages = ["acme.envoy.v1", "acme.default.v1", ""];
  const text = declarationsText(
    loadApi(packages.map((name) => ({ name: `${name}.binpb`, bytes: descriptors(name, "Greet", "greeting") }))),
  );
  const own = packages.map((name, i) => {
    const type = name === "" ? "Greet" : `${name}.Greet`;
    return `export const m${i}: Typed<"${type}"> = { "@type": "type.googleapis.com/${type}", greeting: "hi" };\n`;
  });
  const files = { ...base, "xcp.d.ts": text, "own.ts": `import type { Typed } from "./xcp.d.ts";\n${own.join("")}` };
  assertEquals(compile(files, { skipLibCheck: false }).errors, []);
});

/** A descriptor set of one message with one text field. */
function descriptors(packageName: string, message: string, field: string): Uint8Array {
  const { STRING } = FieldDescriptorProto_Type;
  const { OPTIONAL } = FieldDescriptorProto_Label;
  return toBinary(
    FileDescriptorSetSchema,
    create(FileDescriptorSetSchema, {
      file: [{
        name: `${packageName}.proto`,
        package: packageName,
        syntax: "proto3",
        messageType: [{ name: message, field: [{ name: field, number: 1, label: OPTIONAL, type: STRING }] }],
      }],
    }),
  );
}

/**
 * One OpenAPI document (3.0 or 3.1) as a cluster and routes. `x-upstream` says where its servers are, `x-timeout` how long
 * an answer may take; everything else is what OpenAPI has for it.
 */
import { parse } from "yaml";
import type { Cluster, HeaderMatcher, Route, RouteMatch } from "./xcp.d.ts";

/** As much of a document as routes are made of. */
export interface Api {
  openapi: string;
  servers?: { url: string; variables?: Record<string, { default: string; enum?: string[] }> }[];
  paths: Record<string, PathItem>;
  /** `host:port`, or several of them, with weights if they are not alike. */
  "x-upstream": string | (string | { address: string; weight?: number })[];
  /** `2s`; an operation may have its own. */
  "x-timeout"?: `${number}s`;
}

interface PathItem extends Partial<Record<(typeof METHODS)[number], Operation>> {
  parameters?: (Parameter | Reference)[];
}

interface Operation {
  operationId?: string;
  parameters?: (Parameter | Reference)[];
  "x-timeout"?: `${number}s`;
}

interface Parameter {
  name: string;
  in: "path" | "query" | "header" | "cookie";
  required?: boolean;
  schema?: Schema | Reference;
}

interface Schema {
  type?: string | string[];
  format?: string;
  enum?: unknown[];
}

interface Reference {
  $ref: string;
}

const METHODS = ["get", "head", "post", "put", "patch", "delete", "options", "trace"] as const;

/** A path of an API on one of its hosts. */
export interface Path {
  api: string;
  host: string;
  path: string;
  /** The path without names of parameters. Sorted by it, what is written out comes before what is a parameter. */
  order: string;
  /** In the order in which they are to be tried: they answer every request to this path. */
  routes: Route[];
}

/** @throws What is wrong with the text, with its line if it is no YAML */
export function readApi(text: string): Api {
  const api: Api = parse(text); // JSON is YAML too
  if (!/^3\.[01]\./.test(api?.openapi)) throw new Error("it does not say that it is OpenAPI 3.0 or 3.1");
  if (typeof api.paths !== "object") throw new Error("it has no paths");
  if (api["x-upstream"] === undefined) throw new Error("it does not say where its servers are, in x-upstream");
  return api;
}

export function clusterOf(api: Api, name: string): Cluster {
  return {
    "@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster",
    name,
    type: "STRICT_DNS", // for addresses too
    connect_timeout: "1s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{
        lb_endpoints: [api["x-upstream"]].flat().map((upstream) => {
          const { address, weight = 1 } = typeof upstream === "string" ? { address: upstream } : upstream;
          const { hostname, port } = new URL(`tcp://${address}`);
          const socket_address = { address: hostname.replace(/^\[(.*)\]$/, "$1"), port_value: Number(port) };
          return { endpoint: { address: { socket_address } }, load_balancing_weight: weight };
        }),
      }],
    },
  };
}

export function pathsOf(api: Api, cluster: string): Path[] {
  return (api.servers ?? [{ url: "/" }]).flatMap(urlsOf).flatMap((url) => {
    const { hostname, pathname } = new URL(url, "http://any.invalid");
    const host = hostname === "any.invalid" ? "*" : hostname;
    return Object.entries(api.paths).map(([template, item]) => {
      const path = pathname.replace(/\/$/, "") + template;
      const order = path.replaceAll(/\{[^}]*\}/g, "\u{ffff}");
      return { api: cluster, host, path, order, routes: routesOf(api, cluster, path, item) };
    });
  });
}

/** An address for each combination of what its variables may be. */
function urlsOf({ url, variables = {} }: NonNullable<Api["servers"]>[number]): string[] {
  return Object.entries(variables).reduce(
    (urls, [name, variable]) =>
      urls.flatMap((url) => (variable.enum ?? [variable.default]).map((value) => url.replaceAll(`{${name}}`, value))),
    [url],
  );
}

function routesOf(api: Api, cluster: string, path: string, item: PathItem): Route[] {
  const routes: Route[] = [];
  const methods = METHODS.filter((method) => item[method] !== undefined);
  const where = pathMatch(api, path, methods.flatMap((method) => parametersOf(api, item, item[method])));
  for (const method of methods) {
    const operation = item[method] ?? {};
    const parameters = parametersOf(api, item, operation);
    const headers: HeaderMatcher[] = [{ name: ":method", string_match: { exact: method.toUpperCase() } }];
    const match: RouteMatch = { ...where, headers };
    const needed = (place: Parameter["in"]) =>
      parameters.filter((each) => each.in === place && each.required).map(({ name, schema }) => ({
        name,
        string_match: { safe_regex: { regex: valuesOf(api, schema) ?? ".+" } },
      }));
    const [needsHeaders, needsQuery] = [needed("header"), needed("query")];
    routes.push({
      name: operation.operationId ?? `${method} ${path}`,
      match: { ...match, headers: [...headers, ...needsHeaders], query_parameters: needsQuery },
      route: { cluster, timeout: operation["x-timeout"] ?? api["x-timeout"] ?? "15s" },
    });
    const names = [
      ...needsQuery.map(({ name }) => `query ${name}`),
      ...needsHeaders.map(({ name }) => `header ${name}`),
    ];
    if (names.length === 0) continue;
    // The same request without them comes to the next route.
    routes.push({
      match,
      direct_response: { status: 400, body: { inline_string: `Required: ${names.join(", ")}\n` } },
    });
  }
  const allow = methods.map((method) => method.toUpperCase()).join(", ");
  routes.push({
    match: where,
    direct_response: { status: 405 },
    response_headers_to_add: [{ header: { key: "allow", value: allow } }],
  });
  return routes;
}

/** Those of the operation come before those of its path. */
function parametersOf(api: Api, item: PathItem, operation: Operation = {}): Parameter[] {
  return [...operation.parameters ?? [], ...item.parameters ?? []]
    .map((parameter) => resolve(api, parameter))
    .filter((one, index, all) => index === all.findIndex((other) => other.name === one.name && other.in === one.in));
}

/**
 * Envoy's own templates of paths (`uri_template`) become regular expressions as well: they are no faster. They know neither
 * `/{name}.{format}` nor more than five parameters, and no `=` in a value.
 */
function pathMatch(api: Api, path: string, parameters: readonly Parameter[]): RouteMatch {
  if (!path.includes("{")) return { path };
  const parts = path.split(/\{([^}]*)\}/); // what is written out, a name, what is written out, a name, …
  const regex = parts.map((part, index) => {
    if (index % 2 === 0) return literal(part);
    const parameter = parameters.find((each) => each.in === "path" && each.name === part);
    return `(?:${valuesOf(api, parameter?.schema) ?? "[^/]+"})`;
  });
  return { safe_regex: { regex: regex.join("") } };
}

/** A regular expression of the values that a schema allows, as far as they can be told without a parser. */
function valuesOf(api: Api, schema: Schema | Reference = {}): string | undefined {
  const { type, format, enum: values } = resolve(api, schema);
  if (values !== undefined) return values.map((value) => literal(String(value))).join("|");
  if (type === "integer") return "-?[0-9]+";
  if (type === "boolean") return "true|false";
  if (format === "uuid") return "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}";
  return undefined;
}

function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** What `{ $ref: "#/components/…" }` stands for. */
function resolve<T extends object>(api: Api, node: T | Reference): T {
  if (!("$ref" in node)) return node;
  const keys = node.$ref.split("/").slice(1).map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const found = keys.reduce<unknown>((at, key) => Object(at)[key], api);
  if (found === undefined || !node.$ref.startsWith("#/")) throw new Error(`it has no "${node.$ref}"`);
  return resolve(api, found as T | Reference);
}

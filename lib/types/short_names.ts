/**
 * Short names for what people write most. Those of resources and of configurations of extensions have their `@type`,
 * because that is how they are written; parts of other messages have none.
 *
 * @module
 */
import { RESOURCE_TYPES } from "../model/types.ts";

const PREFIX = "type.googleapis.com/";
const WRAPPER = "envoy.service.discovery.v3.Resource";

/** Types of resources that mostly are parts of others: their short names are for that. */
const RESOURCE_PARTS: readonly string[] = [
  "envoy.config.core.v3.TypedExtensionConfig",
  "envoy.config.endpoint.v3.LbEndpoint",
  "envoy.config.route.v3.VirtualHost",
];

const EXTENSIONS: readonly string[] = [
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
  "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
  "envoy.extensions.filters.http.router.v3.Router",
  "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
  "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
  "envoy.extensions.access_loggers.file.v3.FileAccessLog",
  "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
];

const PARTS: readonly string[] = [
  "envoy.config.core.v3.Address",
  "envoy.config.core.v3.ConfigSource",
  "envoy.config.core.v3.HealthCheck",
  "envoy.config.core.v3.Metadata",
  "envoy.config.core.v3.TransportSocket",
  "envoy.config.endpoint.v3.LocalityLbEndpoints",
  "envoy.config.listener.v3.Filter",
  "envoy.config.listener.v3.FilterChain",
  "envoy.config.listener.v3.ListenerFilter",
  "envoy.config.route.v3.HeaderMatcher",
  "envoy.config.route.v3.RetryPolicy",
  "envoy.config.route.v3.Route",
  "envoy.config.route.v3.RouteAction",
  "envoy.config.route.v3.RouteMatch",
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter",
  "envoy.type.matcher.v3.StringMatcher",
];

/** Declarations of the short names and of `Resource`. */
export function shortNames(): string {
  // A message without a field for its name is a resource inside of a wrapper only.
  const resources = RESOURCE_TYPES.flatMap(({ url, nameField }) =>
    nameField === undefined ? [] : [{ name: url.slice(PREFIX.length), nameField }]
  );
  const named = new Map(resources.map(({ name, nameField }) => [name, `Typed<"${name}"> & { ${nameField}: string }`]));
  const typed = [...[...named.keys()].filter((name) => !isPart(name)), ...EXTENSIONS];
  const plain = [...PARTS, ...RESOURCE_PARTS];
  const union = [...named].map(([name, type]) => `\n  | ${isPart(name) ? `(${type})` : simple(name)}`).join("");
  const declared = typed.toSorted(bySimpleName).map((name) =>
    `export type ${simple(name)} = ${named.get(name) ?? `Typed<"${name}">`};\n`
  );
  return `/** What \`generate\` returns: messages with \`@type\`. The last one gives any message a name or a time to live. */
export type Resource =${union}
  | Typed<"${WRAPPER}">;

${declared.join("")}
${plain.toSorted(bySimpleName).map((name) => `export type ${simple(name)} = ${name};\n`).join("")}`;
}

function isPart(name: string): boolean {
  return RESOURCE_PARTS.includes(name);
}

function simple(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function bySimpleName(a: string, b: string): number {
  return simple(a) < simple(b) ? -1 : 1;
}

/**
 * What Envoy has under a type: which categories of extensions, by the list that its binary gives.
 *
 * @module
 */
import { EXTENSIONS } from "../../../gen/extensions.ts";

export const HTTP_FILTER = "envoy.filters.http";
export const UPSTREAM_HTTP_FILTER = "envoy.filters.http.upstream";
export const HTTP_ROUTE = "envoy.filters.http.route";

/** Whether Envoy takes the type in one of the categories; a category that ends with `*` stands for all that begin so. */
export function fits(type: string, categories: readonly string[]): boolean {
  return categories.some((category) =>
    category.endsWith("*")
      ? categoriesOf(type).some((each) => each.startsWith(category.slice(0, -1)))
      : hasType(category, type)
  );
}

/** Whether a category has the name, for the few places where Envoy finds an extension by it. */
export function hasName(category: string, name: string): boolean {
  const lines = EXTENSIONS[category] ?? "";
  return lines.includes(`\n${name}\n`) || lines.includes(`\n${name} `);
}

/** The categories of a type: none for what is no configuration of an extension. */
export function categoriesOf(type: string): string[] {
  // A message of no fields is the configuration of extensions that have none.
  if (type === "google.protobuf.Empty") return [];
  return Object.keys(EXTENSIONS).filter((category) => hasType(category, type));
}

/**
 * Whether the two categories have the same extension under this type or its sibling: Envoy finds a filter by the type of
 * its configuration for a route too, and reads it as the type of the place.
 */
export function hasSibling(type: string, from: string, to: string): boolean {
  const names = (EXTENSIONS[from] ?? "").split("\n").filter((line) => line.endsWith(` ${type}`))
    .map((line) => line.slice(0, line.indexOf(" ")));
  return names.some((name) => (EXTENSIONS[to] ?? "").includes(`\n${name} `));
}

/**
 * Whether the type is one that the list can tell of: it is of Envoy's stable API. Whoever brings types of their own has
 * an Envoy of their own.
 */
export function isKnown(type: string): boolean {
  if (type === APPLE) return false;
  return /^(envoy|xds|udpa|google)\.(.*\.)?(v3|v1|protobuf)\.[^.]+(\.[^.]+)*$/.test(type);
}

/** On another platform, Envoy has it. */
const APPLE = "envoy.extensions.network.dns_resolver.apple.v3.AppleDnsResolverConfig";

/** `an HTTP filter`. */
export function describeCategory(category: string): string {
  return WORDS[category] ?? `an extension of "${category.replace(/\*$/, "")}"`;
}

const WORDS: Readonly<Record<string, string>> = {
  "envoy.access_loggers": "an access logger",
  "envoy.clusters": "a type of cluster",
  "envoy.filters.http": "an HTTP filter",
  "envoy.filters.http*": "an HTTP filter",
  "envoy.filters.http.route": "a configuration of an HTTP filter for routes",
  "envoy.filters.http.upstream": "an upstream HTTP filter",
  "envoy.filters.listener": "a listener filter",
  "envoy.filters.network": "a network filter",
  "envoy.filters.udp_listener": "a UDP listener filter",
  "envoy.filters.upstream_network": "an upstream network filter",
  "envoy.formatter": "a formatter",
  "envoy.health_checkers": "a health checker",
  "envoy.load_balancing_policies": "a load balancing policy",
  "envoy.matching.*": "an input of a matcher",
  "envoy.matching.input_matchers": "a matcher of an input",
  "envoy.stats_sinks": "a stats sink",
  "envoy.tracers": "a tracer",
  "envoy.transport_sockets.downstream": "a downstream transport socket",
  "envoy.transport_sockets.upstream": "an upstream transport socket",
};

function hasType(category: string, type: string): boolean {
  const lines = EXTENSIONS[category] ?? "";
  return lines.includes(` ${type}\n`) || lines.includes(` ${type} `);
}

/**
 * `envoy.service.discovery.v3.Resource`: what gives a message a name, a time to live and other names. Envoy takes it in
 * place of a resource in its own files too.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/discovery/v3/discovery.proto
 * @module
 */
import { fromBinary } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { canonicalName } from "../names.ts";
import { collect } from "./collect.ts";
import type { Encoder } from "./encode.ts";
import { RULES } from "./rules.ts";
import type { Source } from "./source.ts";
import type { MapNode, Node } from "./tree.ts";

/** Proto name of the wrapper. */
export const WRAPPER = "envoy.service.discovery.v3.Resource";

/** What a wrapper says about what is in it. */
export interface Wrapping {
  /** Not empty. */
  readonly name: string | undefined;
  /** Where the name is. */
  readonly nameOffset: number;
  /** Milliseconds, at least one. */
  readonly ttl: number | undefined;
  /** In canonical form. */
  readonly aliases: readonly string[];
  /** The path of the wrapper in its text. */
  readonly within: string;
}

/** Fields that change nothing of what xcp sends. `version` is another: Envoy too puts that of the response in its place. */
const IGNORED: readonly string[] = ["resource_name", "cache_control", "metadata"];

/** Reads a wrapper but for its resource; undefined when something is wrong with it, which is then an issue. */
export function readWrapper(
  encoder: Encoder,
  node: MapNode,
  source: Source,
): { readonly wrapping: Wrapping | undefined; readonly resource: Node | undefined } {
  const desc = encoder.api.message(WRAPPER);
  if (desc === undefined) throw new Error(`Cannot read "${source.file}": the API has no ${WRAPPER}`);
  const outside = { ...node, entries: node.entries.filter((entry) => entry.key !== "resource") };
  let whole = encoder.encode(desc, outside, source).bytes !== undefined;
  const fields = new Map(collect(encoder.plan(desc), node, undefined, true).map((each) => [each.field.name, each]));

  for (const name of IGNORED) {
    const offset = fields.get(name)?.offset;
    if (offset === undefined) continue;
    const message = `not served: of a wrapper, xcp takes name, ttl, aliases and resource`;
    source.issue({ rule: RULES.ignoredField, severity: "warning", offset, message, path: name });
  }
  const name = fields.get("name")?.node;
  const aliases = [...strings(fields.get("aliases")?.node)];
  if (aliases.includes("")) {
    whole = false;
    const offset = fields.get("aliases")?.offset ?? node.offset;
    source.issue({ rule: RULES.badName, offset, message: "an alias is empty", path: "aliases" });
  }
  const lifetime = fields.get("ttl")?.node;
  const ttl = lifetime === undefined ? undefined : milliseconds(encoder, lifetime, source);
  if (ttl !== undefined && lifetime !== undefined && ttl < 1) {
    whole = false;
    const message = "a time to live is at least a millisecond: leave it out for a resource that does not expire";
    source.issue({ rule: RULES.badDuration, offset: lifetime.offset, message, path: "ttl" });
  }
  const resource = fields.get("resource");
  if (resource === undefined) {
    const message = "a wrapper without a resource: put one under the key resource";
    source.issue({ rule: RULES.missingResource, offset: node.offset, message });
  }
  const wrapping: Wrapping = {
    name: name?.kind === "string" && name.text !== "" ? name.text : undefined,
    nameOffset: name?.offset ?? node.offset,
    ttl,
    aliases: aliases.map(canonicalName),
    within: source.within,
  };
  return { wrapping: whole ? wrapping : undefined, resource: resource?.node };
}

/** Whole milliseconds of a `Duration`, as Envoy rounds them; undefined for what is none, an issue already. */
function milliseconds(encoder: Encoder, node: Node, source: Source): number | undefined {
  const desc = encoder.api.message(DurationSchema.typeName);
  const bytes = desc && encoder.encode(desc, node, source, false).bytes;
  if (bytes === undefined) return undefined;
  const { seconds, nanos } = fromBinary(DurationSchema, bytes);
  return Number(seconds) * 1000 + Math.floor(nanos / 1e6);
}

/** The strings of a list, or a lone one. */
export function* strings(node: Node | undefined): Iterable<string> {
  if (node?.kind === "list") { for (const item of node.items) yield* strings(item); }
  else if (node?.kind === "string") yield node.text;
}

/**
 * The names under which Envoy asks for a virtual host: the route configuration, which the name of the virtual host begins
 * with, and each domain. Undefined for a name that is not `<route configuration>/<name>`.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/vhds
 */
export function hostAliases(name: string, domains: Iterable<string>): string[] | undefined {
  const slash = name.lastIndexOf("/");
  if (slash < 1 || slash === name.length - 1) return undefined;
  // With nothing behind the slash it would be the name of all hosts together.
  return [...new Set(domains)].filter((domain) => domain !== "").map((domain) => name.slice(0, slash + 1) + domain);
}

/**
 * What is newer than the release of Envoy that people run: its descriptors do not say when a field came, a table that is
 * made from several releases does.
 *
 * @module
 */
import type { DescEnum } from "@bufbuild/protobuf";
import { ADDED } from "../gen/history.ts";
import { ENVOY_RELEASES } from "../gen/version.ts";
import { enumNames } from "../model/codec/enums.ts";
import type { Found } from "../model/codec/collect.ts";
import { type Node, valueOf } from "../model/codec/tree.ts";
import type { MessageView, Watch } from "../model/codec/view.ts";
import type { RuleDoc } from "./rule.ts";

/** Name of the rule. */
const RULE = "newer-than-envoy";

/** `1.38`, or why a text is none; `why` is the state that follows the colon of a message. */
export type EnvoyVersion =
  | { readonly kind: "release"; readonly release: string }
  | { readonly kind: "none"; readonly why: string };

/** Reads a version of Envoy: `1.38`, `1.38.2`, `v1.38.2`. Fields come with releases, so what is behind the second dot is not looked at. */
export function parseEnvoyVersion(text: string): EnvoyVersion {
  const match = /^v?(\d+\.\d+)(?:\.\d+)?$/.exec(text);
  if (match === null) return { kind: "none", why: "a version of Envoy looks like 1.38 or 1.38.2" };
  const release = match[1] ?? "";
  if (ENVOY_RELEASES.includes(release)) return { kind: "release", release };
  return { kind: "none", why: `what came when is known for Envoy ${ENVOY_RELEASES[0]} to ${ENVOY_RELEASES.at(-1)}` };
}

/**
 * Warns of fields, enum values and messages that came after a release: `1.38`, as {@link parseEnvoyVersion} gives it.
 * Of the newest release nothing is watched.
 */
export function watchNewer(release: string): Watch {
  const later = ENVOY_RELEASES.slice(ENVOY_RELEASES.indexOf(release) + 1);
  if (later.length === 0) return () => undefined;
  let table: ReadonlyMap<string, Newer> | undefined;
  return (desc) => {
    table ??= newerThings(later);
    const own = table.get(desc.typeName);
    const values = new Map<string, ReadonlyMap<number, NewValue>>();
    for (const field of desc.fields) {
      const newer = field.enum && table.get(field.enum.typeName);
      if (field.enum !== undefined && newer !== undefined) values.set(field.name, newValues(field.enum, newer));
    }
    if (own === undefined && values.size === 0) return undefined;
    const unknown = (since: string) => `is new in Envoy ${since}: Envoy ${release} does not know it`;
    return (view) => {
      if (own?.since !== undefined) view.warn(RULE, `type "${desc.typeName}" ${unknown(own.since)}`, typePlace(view));
      for (const found of view.found) {
        const { name } = found.field;
        const since = own?.members.get(name);
        if (since !== undefined) {
          view.warn(RULE, `field "${name}" ${unknown(since)}`, { offset: found.offset, path: view.path(name) });
        }
        for (const [node, value] of newValuesIn(found, values.get(name))) {
          view.warn(RULE, `value ${value.name} of "${name}" ${unknown(value.since)}`, {
            offset: node.offset,
            path: view.path(name),
          });
        }
      }
    };
  };
}

/** What is new about one message or enum. */
interface Newer {
  /** The release that brought it; undefined for one that was there and has grown. */
  since: string | undefined;
  readonly members: Map<string, string>;
}

interface NewValue {
  readonly name: string;
  readonly since: string;
}

function newerThings(releases: readonly string[]): ReadonlyMap<string, Newer> {
  const table = new Map<string, Newer>();
  for (const release of releases) {
    for (const line of (ADDED[release] ?? "").split("\n")) {
      const [typeName = "", ...members] = line.split(" ");
      if (typeName === "") continue;
      const newer = table.get(typeName) ?? { since: undefined, members: new Map() };
      if (members.length === 0) newer.since = release;
      for (const member of members) newer.members.set(member, release);
      table.set(typeName, newer);
    }
  }
  return table;
}

/** By number: a value may be written as one, and its name in any case. */
function newValues({ values }: DescEnum, { members }: Newer): ReadonlyMap<number, NewValue> {
  const found = new Map<number, NewValue>();
  for (const { name, number } of values) {
    const since = members.get(name);
    if (since !== undefined) found.set(number, { name, since });
  }
  return found;
}

function* newValuesIn(
  { field, node }: Found,
  values: ReadonlyMap<number, NewValue> | undefined,
): Iterable<[Node, NewValue]> {
  if (values === undefined || field.desc.enum === undefined) return;
  const names = enumNames(field, field.desc.enum);
  for (const each of leaves(node)) {
    const value = values.get(names.read(each) ?? NaN);
    if (value !== undefined) yield [each, value];
  }
}

/** The values of a list or a map, or a lone one. */
function* leaves(node: Node): Iterable<Node> {
  if (node.kind === "list") { for (const item of node.items) yield* leaves(item); }
  else if (node.kind === "map") { for (const { value } of node.entries) yield* leaves(value); }
  else yield node;
}

/** The message's `@type`; in a `TypedStruct`, and where the type goes without saying, the message. */
function typePlace(view: MessageView) {
  return { offset: valueOf(view.map, "@type")?.offset ?? view.map.offset, path: view.path() };
}

/** The page of the rule. Its example breaks the rule with `--envoy-version 1.36`. */
export const NEWER_RULES: readonly RuleDoc[] = [{
  name: RULE,
  severity: "warning",
  title: "With `--envoy-version`, everything in the configuration was known to that release",
  text:
    `xcp has the API of the newest release that it knows. With \`--envoy-version 1.38\` it warns of fields, enum values and
extensions that came later: that Envoy refuses them in its own files and in extensions, and elsewhere ignores them when they
come over xDS. The table begins with Envoy ${ENVOY_RELEASES[0]}, the oldest release that can be named.`,
  bad: `resources:
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: web
  vhost_header: x-host
  virtual_hosts:
  - name: all
    domains: ["*"]
    routes:
    - match: {prefix: /}
      direct_response: {status: 204}
`,
  good: `resources:
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: web
  virtual_hosts:
  - name: all
    domains: ["*"]
    routes:
    - match: {prefix: /}
      direct_response: {status: 204}
`,
}];

/**
 * One extension in its place: whether Envoy has something for the type that stands there.
 *
 * @module
 */
import type { MessageView, Place } from "../../../model/codec/view.ts";
import { type Node, valueOf } from "../../../model/codec/tree.ts";
import { RULES } from "../../../model/codec/rules.ts";
import { categoriesOf, describeCategory, fits, hasSibling, HTTP_FILTER, HTTP_ROUTE, isKnown } from "./extensions.ts";

export const WRONG_EXTENSION = "wrong-extension";

/** A rule of the field says it of the first two; the next is found by its name; the last is a matter of taste. */
const MAY_LACK: ReadonlySet<string> = new Set([
  "envoy.config.core.v3.TypedExtensionConfig",
  "xds.core.v3.TypedExtensionConfig",
  "envoy.config.cluster.v3.Cluster.CustomClusterType",
  "envoy.extensions.filters.network.http_connection_manager.v3.RequestIDExtension",
]);

/** Here Envoy asks for the type of the `Any`, and does not look into a `TypedStruct`, as it does elsewhere. */
const AS_THEY_ARE: ReadonlySet<string> = new Set([
  "envoy.clusters",
  "envoy.compression.compressor",
  "envoy.compression.decompressor",
  "envoy.health_check.event_sinks",
  "envoy.http.cache",
  "envoy.http.cache_v2",
  "envoy.network.dns_resolver",
]);

/** Checks the field of a message: an `Any`, a message with a `typed_config`, or a list of them. */
export function checkPlace(view: MessageView, field: string, categories: readonly string[]): void {
  if (field !== "typed_config" && !view.has(field)) return;
  if (view.field(field)?.message?.typeName === "google.protobuf.Any") checkHolder(view, categories, field);
  else for (const holder of view.messages(field)) checkHolder(holder, categories);
}

/** Checks a message whose `typed_config` (or other field of type `Any`) is an extension. */
export function checkHolder(
  holder: MessageView,
  categories: readonly string[],
  field = "typed_config",
): void {
  const discovered = holder.message("config_discovery");
  if (discovered !== undefined) {
    if (CHECKED.test(holder.desc.typeName)) checkTypes(discovered, categories);
    return checkDefault(discovered);
  }
  const node = holder.node(field);
  if (node === undefined) {
    if (!MAY_LACK.has(holder.desc.typeName)) {
      holder.reject("missing-field", `${field} is missing: Envoy finds no extension by its name alone`);
    }
    return;
  }
  if (isEmptyAny(node)) return holder.reject(RULES.missingType, "@type is missing", field);
  if (isStruct(node) && categories.some((category) => AS_THEY_ARE.has(category))) {
    const message = `Cannot use a TypedStruct as ${describeCategory(categories[0] ?? "")}: write the type itself`;
    return holder.reject(WRONG_EXTENSION, message, typeAt(holder, field, node));
  }
  const typed = holder.typed(field);
  const type = typed?.desc.typeName;
  if (typed === undefined || type === undefined || accepts(typed, categories)) return;
  holder.reject(WRONG_EXTENSION, wrong(type, categories), typeAt(holder, field, node));
}

/** Whether the message that stands in an `Any` is one for the place. */
export function accepts(typed: MessageView, categories: readonly string[]): boolean {
  const type = typed.desc.typeName;
  if (fits(type, categories) || !isKnown(type)) return true;
  // Envoy does not look at the type of what has no fields set, once it has found the filter.
  return isFound(type, categories) && isEmpty(typed);
}

/** Whether Envoy finds an extension by the type, even if it will not read it in this place. */
function isFound(type: string, categories: readonly string[]): boolean {
  if (fits(type, categories)) return true;
  if (categories.includes(HTTP_ROUTE)) return hasSibling(type, HTTP_FILTER, HTTP_ROUTE);
  return categories.includes(HTTP_FILTER) && hasSibling(type, HTTP_ROUTE, HTTP_FILTER);
}

/** `Cannot use … as a network filter: it is an HTTP filter`. */
export function wrong(type: string, categories: readonly string[]): string {
  const [wanted = ""] = categories;
  const [is] = categoriesOf(type);
  const state = is === undefined ? "Envoy has no extension of this type" : `it is ${describeCategory(is)}`;
  return `Cannot use "${type}" as ${describeCategory(wanted)}: ${state}`;
}

/** The place of the `@type` in a field. */
export function typeAt(holder: MessageView, field: string, node: Node | undefined): Place {
  const type = node?.kind === "map" ? valueOf(node, "@type") : undefined;
  return { offset: type?.offset ?? holder.offset(field), path: holder.path(field) };
}

/** `{}`, or null in a map: an `Any` of no type. */
export function isEmptyAny(node: Node): boolean {
  return node.kind === "null" || node.kind === "map" && node.entries.length === 0;
}

function isStruct(node: Node): boolean {
  const type = node.kind === "map" ? valueOf(node, "@type") : undefined;
  return type?.kind === "string" && /\/(udpa\.type\.v1|xds\.type\.v3)\.TypedStruct$/.test(type.text);
}

/** Whether nothing in the message is set to more than a default. */
function isEmpty(view: MessageView): boolean {
  return view.found.every(({ field, node }) => {
    if (node.kind === "list") return node.items.length === 0;
    if (node.kind === "map") return field.desc.fieldKind === "map" && node.entries.length === 0;
    return field.desc.message === undefined && ["", "0", "false"].includes(node.text);
  });
}

/** Messages of filters whose list of types Envoy compares with what it has; of the others it takes any. */
const CHECKED = /\.(HttpFilter|ListenerFilter)$/;

/** The types that may come by discovery. */
function checkTypes(source: MessageView, categories: readonly string[]): void {
  for (const url of source.strings("type_urls")) {
    const type = nameOf(url.value);
    if (isKnown(type) && !isFound(type, categories)) source.reject(WRONG_EXTENSION, wrong(type, categories), url);
  }
}

/** What a discovered filter is until it comes, must be of a type that may come. */
function checkDefault(source: MessageView): void {
  if (source.bool("apply_default_config_without_warming") && !source.has("default_config")) {
    source.reject("missing-field", "There is no default_config to apply", "apply_default_config_without_warming");
  }
  const type = source.typed("default_config")?.desc.typeName;
  if (type === undefined || source.strings("type_urls").some(({ value }) => nameOf(value) === type)) return;
  const at = typeAt(source, "default_config", source.node("default_config"));
  source.reject(WRONG_EXTENSION, `Cannot use "${type}" as default_config: it is none of type_urls`, at);
}

function nameOf(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

/**
 * One extension in its place: whether Envoy has something for the type that stands there.
 *
 * @module
 */
import type { MessageView, Place } from "../../../model/codec/view.ts";
import { type MapNode, type Node, valueOf } from "../../../model/codec/tree.ts";
import { RULES } from "../../../model/codec/rules.ts";
import { categoriesOf, describeCategory, fits, hasSibling, HTTP_FILTER, HTTP_ROUTE, isKnown } from "./extensions.ts";

export const WRONG_EXTENSION = "wrong-extension";

/** How strict a place is. */
export interface Strictness {
  /** Envoy finds the extension by its name where there is no type: what is missing is then none of ours. */
  readonly byName?: boolean;
}

/** Checks the field of a message: an `Any`, a message with a `typed_config`, or a list of them. */
export function checkPlace(view: MessageView, field: string, categories: readonly string[]): void {
  const desc = view.desc.fields.find((each) => each.name === field)?.message;
  if (desc?.typeName === "google.protobuf.Any") checkHolder(view, categories, field);
  else for (const holder of view.messages(field)) checkHolder(holder, categories);
}

/** Checks a message whose `typed_config` (or other field of type `Any`) is an extension. */
export function checkHolder(
  holder: MessageView,
  categories: readonly string[],
  field = "typed_config",
  { byName = false }: Strictness = {},
): void {
  if (holder.has("config_discovery")) return checkDiscovered(holder.message("config_discovery"), categories);
  const node = holder.node(field);
  if (node === undefined) {
    // A rule of the field says it of a TypedExtensionConfig.
    if (!byName && !holder.desc.typeName.endsWith(".TypedExtensionConfig")) {
      holder.reject("missing-field", `${field} is missing: Envoy finds no extension by its name alone`);
    }
    return;
  }
  if (isEmptyAny(node)) return holder.reject(RULES.missingType, "@type is missing", field);
  const typed = holder.typed(field);
  const type = typed?.desc.typeName;
  if (typed === undefined || type === undefined || accepts(typed, categories)) return;
  holder.reject(WRONG_EXTENSION, wrong(type, categories), typeAt(holder, field, node));
}

/** Whether the message that stands in an `Any` is one for the place. */
export function accepts(typed: MessageView, categories: readonly string[]): boolean {
  const type = typed.desc.typeName;
  if (!isKnown(type) || fits(type, categories)) return true;
  // Envoy does not look at the type of what has no fields set, once it has found the filter.
  const [from, to] = categories.includes(HTTP_ROUTE) ? [HTTP_FILTER, HTTP_ROUTE] : [HTTP_ROUTE, HTTP_FILTER];
  return (categories.includes(from) || categories.includes(to)) && hasSibling(type, from, to) && isEmpty(typed);
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

/** `{}`: an `Any` of no type. */
export function isEmptyAny(node: Node): node is MapNode {
  return node.kind === "map" && node.entries.length === 0;
}

/** Whether nothing in the message is set to more than a default. */
function isEmpty(view: MessageView): boolean {
  return view.found.every(({ field, node }) => {
    if (node.kind === "list") return node.items.length === 0;
    if (node.kind === "map") return field.desc.fieldKind === "map" && node.entries.length === 0;
    return field.desc.message === undefined && ["", "0", "false"].includes(node.text);
  });
}

/** Filters that are discovered say which types may come, and what they are until then. */
function checkDiscovered(source: MessageView | undefined, categories: readonly string[]): void {
  const names = new Set<string>();
  for (const url of source?.strings("type_urls") ?? []) {
    const type = url.value.slice(url.value.lastIndexOf("/") + 1);
    names.add(type);
    if (isKnown(type) && !fits(type, categories)) source?.reject(WRONG_EXTENSION, wrong(type, categories), url);
  }
  const type = source?.typed("default_config")?.desc.typeName;
  if (source === undefined || type === undefined || names.has(type)) return;
  const at = typeAt(source, "default_config", source.node("default_config"));
  source.reject(WRONG_EXTENSION, `Cannot use "${type}" as default_config: it is none of type_urls`, at);
}

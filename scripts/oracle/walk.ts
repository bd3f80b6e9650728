/**
 * A configuration beside its descriptors: which message a map is, which field an entry sets.
 *
 * @module
 */
import type { DescEnum, DescField, DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Api } from "../../lib/model/api.ts";
import { get, type MapValue, type Path, textOf, type Value } from "./value.ts";

/** A message: a map of the text. */
export interface MessageSite {
  readonly desc: DescMessage;
  readonly path: Path;
  readonly map: MapValue;
  /** It stands in an `Any`, so `@type` belongs to it. */
  readonly isTyped: boolean;
}

/** A field that is set, with its whole value: of a list, the list. */
export interface FieldSite {
  readonly field: DescField;
  readonly path: Path;
  readonly value: Value;
  readonly message: MessageSite;
}

/** One value of a field: the field's own, or that of an item or an entry. */
export interface ValueSite extends FieldSite {
  readonly type: ValueType;
  readonly inList: boolean;
  readonly inMap: boolean;
}

export type ValueType =
  | { readonly kind: "scalar"; readonly scalar: ScalarType }
  | { readonly kind: "enum"; readonly desc: DescEnum }
  | { readonly kind: "message"; readonly desc: DescMessage };

export interface Sites {
  readonly messages: MessageSite[];
  readonly fields: FieldSite[];
  readonly values: ValueSite[];
}

/** Messages whose text is not a map of their fields. */
const OPAQUE =
  /^google\.protobuf\.(Struct|Value|ListValue|Duration|Timestamp|FieldMask|Any)$|^(xds|udpa)\.type\.v\d\.TypedStruct$/;

/** Everything in a message that the descriptors know. */
export function sitesOf(api: Api, desc: DescMessage, root: Value, path: Path = [], isTyped = false): Sites {
  const sites: Sites = { messages: [], fields: [], values: [] };
  new Walk(api, sites).message(desc, root, path, isTyped);
  return sites;
}

/** As {@link sitesOf}, for a map with `@type`; nothing for a type that is not in the API. */
export function typedSites(api: Api, root: Value, path: Path = []): Sites {
  const sites: Sites = { messages: [], fields: [], values: [] };
  new Walk(api, sites).any(root, path);
  return sites;
}

/** The message of a map with `@type`. */
export function typeOf(api: Api, value: Value): DescMessage | undefined {
  return api.message(textOf(get(value, "@type"))?.replace(/^.*\//, "") ?? "");
}

/** How the values of a field are: of a list its items, of a map its values. */
export function valueType(field: DescField): ValueType {
  if (field.message !== undefined) return { kind: "message", desc: field.message };
  if (field.enum !== undefined) return { kind: "enum", desc: field.enum };
  if (field.scalar !== undefined) return { kind: "scalar", scalar: field.scalar };
  throw new Error("A field without a type");
}

export function fieldOf(desc: DescMessage, key: string): DescField | undefined {
  return desc.fields.find((field) => field.name === key || field.jsonName === key);
}

class Walk {
  readonly #api: Api;
  readonly #sites: Sites;

  constructor(api: Api, sites: Sites) {
    this.#api = api;
    this.#sites = sites;
  }

  any(value: Value, path: Path): void {
    const desc = typeOf(this.#api, value);
    if (desc !== undefined) this.message(desc, value, path, true);
  }

  message(desc: DescMessage, value: Value, path: Path, isTyped = false): void {
    if (desc.typeName === "google.protobuf.Any") return this.any(value, path);
    if (value.kind !== "map" || OPAQUE.test(desc.typeName)) return;
    const message = { desc, path, map: value, isTyped };
    this.#sites.messages.push(message);
    for (const [i, entry] of value.entries.entries()) {
      const field = fieldOf(desc, entry.key);
      if (field !== undefined) this.#field({ field, path: [...path, i], value: entry.value, message });
    }
  }

  #field(site: FieldSite): void {
    this.#sites.fields.push(site);
    const { fieldKind } = site.field;
    const type = valueType(site.field);
    const one = (value: Value, path: Path, inList: boolean, inMap: boolean): void => {
      this.#sites.values.push({ ...site, value, path, type, inList, inMap });
      if (type.kind === "message") this.message(type.desc, value, path);
    };
    if (fieldKind === "list" && site.value.kind === "list") {
      for (const [i, item] of site.value.items.entries()) one(item, [...site.path, i], true, false);
    } else if (fieldKind === "map") {
      if (site.value.kind !== "map") return;
      for (const [i, { value }] of site.value.entries.entries()) one(value, [...site.path, i], false, true);
    } else if (fieldKind !== "list") {
      one(site.value, site.path, false, false);
    } else {
      one(site.value, site.path, true, false);
    }
  }
}

/**
 * A configuration that mutants are made of, in one of the forms that files have, and the bootstrap that Envoy is asked
 * about it with.
 *
 * @module
 */
import { type Api } from "../../lib/model/api.ts";
import { parseYaml } from "../../lib/model/codec/yaml.ts";
import { Source } from "../../lib/model/codec/source.ts";
import type { Change } from "./mutant.ts";
import { fieldChanges, messageChanges } from "./shapes.ts";
import type { Minimal } from "./minimal.ts";
import { printDocuments, type Printed } from "./print.ts";
import type { RuleReader } from "./rules.ts";
import { fromNode, get, list, textOf, type Value } from "./value.ts";
import { collectionChanges, valueChanges } from "./values.ts";
import { type Sites, sitesOf, typedSites } from "./walk.ts";

export type Form = "bootstrap" | "discovery" | "typed" | "typed-list" | "typed-multi";

/** The documents of one file are the items of `root`. */
export interface Base {
  readonly name: string;
  readonly form: Form;
  readonly root: Value;
}

const BOOTSTRAP = "envoy.config.bootstrap.v3.Bootstrap";

/** What a file of resources has. */
const DISCOVERY = /^(resources|version_?[iI]nfo|type_?[uU]rl|nonce)$/;

/** Reads a file; undefined for what is in no form that is known. */
export function readBase(name: string, content: string): Base | undefined {
  const source = new Source(name, content);
  const documents = parseYaml(source).map(fromNode).filter((each) => each.kind !== "scalar");
  const [first] = documents;
  if (first === undefined) return undefined;
  const root = list(documents);
  if (documents.length > 1) return documents.every(isTyped) ? { name, form: "typed-multi", root } : undefined;
  if (isTyped(first)) return { name, form: "typed", root };
  if (first.kind === "list") return first.items.every(isTyped) ? { name, form: "typed-list", root } : undefined;
  const resources = get(first, "resources");
  if (resources?.kind === "list") {
    const isDiscovery = first.entries.every(({ key }) => DISCOVERY.test(key)) && resources.items.every(isTyped);
    return isDiscovery ? { name, form: "discovery", root } : undefined;
  }
  const isBootstrap = ["static_resources", "dynamic_resources", "admin"].some((key) => get(first, key) !== undefined);
  return isBootstrap ? { name, form: "bootstrap", root } : undefined;
}

function isTyped(value: Value): boolean {
  return textOf(get(value, "@type")) !== undefined;
}

/** Everything in the base that the descriptors know. */
export function baseSites(api: Api, base: Base): Sites {
  const all: Sites = { messages: [], fields: [], values: [] };
  const take = (sites: Sites) => {
    all.messages.push(...sites.messages);
    all.fields.push(...sites.fields);
    all.values.push(...sites.values);
  };
  const documents = base.root.kind === "list" ? base.root.items : [];
  for (const [i, document] of documents.entries()) {
    const desc = api.message(BOOTSTRAP);
    if (base.form === "bootstrap") {
      if (desc !== undefined && i === 0) take(sitesOf(api, desc, document, [i]));
    } else if (base.form === "discovery" && document.kind === "map") {
      const index = document.entries.findIndex(({ key }) => key === "resources");
      for (const [j, item] of children(document.entries[index]?.value)) take(typedSites(api, item, [i, index, j]));
    } else if (base.form === "typed-list") {
      for (const [j, item] of children(document)) take(typedSites(api, item, [i, j]));
    } else take(typedSites(api, document, [i]));
  }
  return all;
}

function children(value: Value | undefined): IterableIterator<[number, Value]> {
  return (value?.kind === "list" ? value.items : []).entries();
}

/** Every change that is known for the base. */
export function changesOf(api: Api, rules: RuleReader, minimal: Minimal, base: Base): Change[] {
  const sites = baseSites(api, base);
  return [
    ...sites.values.flatMap((site) => valueChanges(rules, site)),
    ...sites.fields.flatMap((site) => [...collectionChanges(rules, site), ...fieldChanges(site)]),
    ...sites.messages.flatMap((site) => messageChanges(minimal, site)),
  ];
}

/** The text of a base or of what a change made of it. */
export function printRoot(root: Value): Printed {
  return printDocuments(root.kind === "list" ? root.items : []);
}

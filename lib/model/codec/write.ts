/**
 * From the body of a write to resources: what `PUT` and `PATCH` of a group's layer take.
 *
 * @module
 */
import type { Api } from "../api.ts";
import type { Issue } from "../issue.ts";
import { canonicalName } from "../names.ts";
import type { Resource } from "../resource.ts";
import { RESOURCE_TYPES, typeByName, typeByUrl } from "../types.ts";
import { TYPE_PREFIX } from "./any.ts";
import type { Encoder } from "./encode.ts";
import { parseJson, parseJsonItems } from "./json.ts";
import { type Checks, encoderOf, ResourceReader, urlOf } from "./resources.ts";
import { RULES } from "./rules.ts";
import { clip } from "./scalars.ts";
import { Source } from "./source.ts";
import { describe, type Entry, type Node } from "./tree.ts";
import { parseYaml } from "./yaml.ts";

/** A resource by what it is called: type URL, and name in canonical form. */
export interface ResourceKey {
  readonly type: string;
  readonly name: string;
}

/** The body of a `PUT`. With errors among the issues, nothing of it is to be used. */
export interface PutContent {
  readonly label: string | undefined;
  readonly resources: readonly Resource[];
  /** In the order of the text, with paths that begin at its root: `resources[3].load_assignment`. */
  readonly issues: readonly Issue[];
}

/** The body of a `PATCH`. With errors among the issues, nothing of it is to be used. */
export interface PatchContent {
  readonly label: string | undefined;
  readonly upsert: readonly Resource[];
  /** Each once. */
  readonly remove: readonly ResourceKey[];
  readonly issues: readonly Issue[];
}

/** What the body is called where a file would be. */
const BODY = "request body";

/** Issues of each severity: more help nobody, and there could be one for every second byte. */
const MOST_ISSUES = 1_000;

/** Characters (UTF-16 code units) of a version label. */
const MAX_LABEL = 256;

/**
 * Reads `{"version"?: label, "resources": […]}` for `put`, and `{"version"?: label, "upsert"?: […], "remove"?: [{"type",
 * "name"}]}` for `patch`. The items of a list of resources are what a file may hold: messages with `@type`, wrapped or
 * not.
 *
 * @param layer The source that the resources belong to.
 * @param checks What is checked beside whether it can be read.
 */
export function readWrite(
  api: Api,
  body: Uint8Array,
  form: "json" | "yaml",
  kind: "put",
  layer: string,
  checks?: Checks,
): PutContent;
export function readWrite(
  api: Api,
  body: Uint8Array,
  form: "json" | "yaml",
  kind: "patch",
  layer: string,
  checks?: Checks,
): PatchContent;
export function readWrite(
  api: Api,
  body: Uint8Array,
  form: "json" | "yaml",
  kind: "put" | "patch",
  layer: string,
  checks?: Checks,
): PutContent | PatchContent {
  const list = kind === "put" ? "resources" : "upsert";
  const options = { most: MOST_ISSUES, rejections: checks?.severity ?? "error" };
  const encoder = encoderOf(api, checks);
  let source = new Source(BODY, body, options);
  let reader = new WriteReader(encoder, source, layer, list);
  if (form === "yaml") {
    reader.documents(parseYaml(source));
  } else {
    const root = parseJsonItems(source, list, (item) => reader.item(item));
    if (root === undefined) {
      source = new Source(BODY, body, options);
      reader = new WriteReader(encoder, source, layer, list);
      const tree = parseJson(source);
      reader.documents(tree === undefined ? [] : [tree]);
    } else {
      reader.documents([root]);
    }
  }
  const { label, resources, remove } = reader;
  const issues = source.issues();
  return kind === "put" ? { label, resources, issues } : { label, upsert: resources, remove, issues };
}

class WriteReader {
  readonly resources: Resource[] = [];
  readonly #api: Api;
  readonly #source: Source;
  readonly #list: "resources" | "upsert";
  readonly #reader: ResourceReader;
  /** Where each resource stands, by name, by type. */
  readonly #places = new Map<string, Map<string, number>>();
  readonly #removed = new Map<string, ResourceKey & { readonly offset: number; readonly path: string }>();
  #label: string | undefined;
  #items = 0;

  constructor(encoder: Encoder, source: Source, layer: string, list: "resources" | "upsert") {
    this.#api = encoder.api;
    this.#source = source;
    this.#list = list;
    this.#reader = new ResourceReader(
      encoder,
      source,
      layer,
      (resource, offset) => this.#take(resource, offset),
    );
  }

  get label(): string | undefined {
    return this.#label;
  }

  get remove(): ResourceKey[] {
    return [...this.#removed.values()].map(({ type, name }) => ({ type, name }));
  }

  /** The next item of the list of resources. */
  item(node: Node): void {
    this.#reader.item(node, `${this.#list}[${this.#items++}]`);
  }

  /** One document and no more. */
  documents(roots: readonly Node[]): void {
    const [root, second] = roots.filter((node) => node.kind !== "null");
    if (root === undefined) {
      // A text that cannot be parsed has said so already.
      if (this.#source.issues().length === 0) this.#wrongType("", roots[0]?.offset ?? 0, "found nothing");
    } else if (root.kind === "map") {
      this.#root(root.entries, root.offset);
    } else {
      this.#wrongType("", root.offset, `found ${describe(root)}`);
    }
    if (second !== undefined) {
      this.#wrongType("", second.offset, "a second document is one too many");
    }
  }

  #root(entries: readonly Entry[], offset: number): void {
    const patch = this.#list === "upsert";
    const known = patch ? ["version", "upsert", "remove"] : ["version", "resources"];
    for (const { key, offset, value } of entries) {
      if (!known.includes(key)) this.#unknownKey(key, offset, known, "");
      else if (value.kind === "null") continue;
      else if (key === "version") this.#readLabel(value);
      else if (value.kind !== "list") this.#wrongType(key, value.offset, `found ${describe(value)}`, "a list");
      else if (key === "remove") value.items.forEach((item, i) => this.#remove(item, `remove[${i}]`));
      else for (const item of value.items) this.item(item);
    }
    if (!patch && !entries.some(({ key, value }) => key === "resources" && value.kind !== "null")) {
      const message = `"resources" is missing: [] empties the layer`;
      this.#source.issue({ rule: RULES.missingField, offset, message, path: "resources" });
    }
    for (const { type, name, offset, path } of this.#removed.values()) {
      if (!this.#places.get(type)?.has(name)) continue;
      const message = `${nounOf(type)} "${name}" is in "upsert" too`;
      this.#source.issue({ rule: RULES.duplicateResource, offset, message, path });
    }
  }

  #readLabel(node: Node): void {
    const issue = (message: string) =>
      this.#source.issue({ rule: RULES.badLabel, offset: node.offset, message, path: "version" });
    if (node.kind !== "string") {
      const hint = node.kind === "number" || node.kind === "boolean" ? ": put it in quotes" : "";
      this.#wrongType("version", node.offset, `found ${describe(node)}${hint}`, "a string");
    } else if (node.text === "") issue("a version label is not empty: leave it out for none");
    else if (node.text.length > MAX_LABEL) issue(`a version label has at most ${MAX_LABEL} characters`);
    else if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(node.text)) issue("a version label has no control characters");
    else if (!node.text.isWellFormed()) issue("a version label is text: a lone surrogate has no UTF-8 form");
    else this.#label = this.#source.keep(node.text);
  }

  #take(resource: Resource, offset: number): void {
    const { type, name } = resource;
    let places = this.#places.get(type);
    if (places === undefined) this.#places.set(type, places = new Map());
    const first = places.get(name);
    if (first === undefined) {
      places.set(name, offset);
      this.resources.push(resource);
      return;
    }
    const { line, column } = this.#source.position(first);
    const message = `${nounOf(type)} "${name}" is there already, at ${line}:${column}`;
    this.#source.issue({ rule: RULES.duplicateResource, offset, message });
  }

  /** `{"type": "cluster", "name": "a"}`. */
  #remove(node: Node, path: string): void {
    if (node.kind !== "map") {
      return this.#wrongType(path, node.offset, `found ${describe(node)}`, `a map with "type" and "name"`);
    }
    const texts = new Map<string, { readonly text: string; readonly offset: number }>();
    for (const { key, offset, value } of node.entries) {
      if (key !== "type" && key !== "name") this.#unknownKey(key, offset, ["type", "name"], path);
      else if (value.kind === "string" && value.text !== "") texts.set(key, value);
      else {
        const found = value.kind === "string" ? "it is empty" : `found ${describe(value)}`;
        this.#wrongType(`${path}.${key}`, value.offset, found, "a string");
        texts.set(key, { text: "", offset: value.offset });
      }
    }
    for (const key of ["type", "name"]) {
      if (texts.has(key)) continue;
      const message = `"${key}" is missing`;
      this.#source.issue({ rule: RULES.missingField, offset: node.offset, message, path: `${path}.${key}` });
    }
    const { text = "", offset = 0 } = texts.get("type") ?? {};
    const type = text === "" ? undefined : this.#type(text, offset, `${path}.type`);
    const name = canonicalName(texts.get("name")?.text ?? "");
    if (type === undefined || name === "") return;
    const { offset: at } = node;
    this.#removed.set(JSON.stringify([type, name]), { type, name: this.#source.keep(name), offset: at, path });
  }

  /** The URL of a type, whatever is before its last slash. */
  #type(text: string, offset: number, path: string): string | undefined {
    const known = typeByName(text)?.url;
    if (known !== undefined) return known;
    const name = text.slice(text.lastIndexOf("/") + 1);
    const desc = this.#api.message(name);
    if (desc !== undefined && text.lastIndexOf("/") > 0) return urlOf(desc);
    const candidates = RESOURCE_TYPES.flatMap(({ url, short, plural }) =>
      name === text && !name.includes(".") ? [short, plural] : url
    );
    const near = desc === undefined ? this.#source.suggest(text, candidates) : TYPE_PREFIX + name;
    const hint = near === undefined
      ? `: it is a type URL or one of ${RESOURCE_TYPES.map(({ short }) => short).join(", ")}`
      : `; did you mean "${near}"?`;
    this.#source.issue({ rule: RULES.unknownType, offset, message: `unknown type "${clip(text)}"${hint}`, path });
    return undefined;
  }

  #unknownKey(key: string, offset: number, known: readonly string[], path: string): void {
    const near = this.#source.suggest(key, known);
    const hint = near === undefined ? `: there is ${known.join(", ")}` : `; did you mean "${near}"?`;
    const message = `unknown key "${clip(key)}"${hint}`;
    this.#source.issue({
      rule: RULES.unknownField,
      offset,
      message,
      path: path === "" ? clip(key) : `${path}.${clip(key)}`,
    });
  }

  #wrongType(path: string, offset: number, found: string, expected = this.#form()): void {
    this.#source.issue({ rule: RULES.wrongType, offset, message: `expected ${expected}, ${found}`, path });
  }

  #form(): string {
    const keys = this.#list === "resources" ? `"resources"` : `"upsert" or "remove"`;
    return `one map with ${keys}`;
  }
}

/** `cluster`, `virtual host`; of a type without a row in the table the message's own name. */
function nounOf(type: string): string {
  return typeByUrl(type)?.short.replaceAll("-", " ") ?? type.slice(type.lastIndexOf(".") + 1);
}

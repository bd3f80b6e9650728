/**
 * From the text of a file to resources: every form that a file can have.
 *
 * @module
 */
import type { Api } from "../api.ts";
import type { Issue } from "../issue.ts";
import type { Resource } from "../resource.ts";
import { CLUSTER, LISTENER, type ResourceType, SECRET } from "../types.ts";
import { TYPE_PREFIX } from "./any.ts";
import type { Encoder } from "./encode.ts";
import { parseJson, parseJsonItems } from "./json.ts";
import { encoderOf, ResourceReader } from "./resources.ts";
import { RULES } from "./rules.ts";
import { Source } from "./source.ts";
import { type MapNode, type Node, valueOf } from "./tree.ts";
import { parseYaml } from "./yaml.ts";

/** What a file holds. With errors among the issues, the resources are those that have none. */
export interface FileContent {
  readonly resources: Resource[];
  /** In the order of the text. */
  readonly issues: Issue[];
}

/**
 * Reads a file: one resource with `@type`, a list of them, `resources: […]`, several YAML documents of these, or a
 * bootstrap, of which the static resources are taken. An empty file holds nothing.
 *
 * @param content Bytes, or text that is decoded already.
 * @param file Its name; one that ends in `.json` is JSON, all others are YAML.
 * @param layer The source that the file belongs to.
 */
export function readFile(api: Api, content: string | Uint8Array, file: string, layer: string): FileContent {
  const source = new Source(file, content);
  const encoder = encoderOf(api);
  const reader = new FileReader(encoder, source, layer);
  if (file.toLowerCase().endsWith(".json")) {
    const root = parseJsonItems(source, RESOURCES, (item) => reader.item(item));
    if (root === undefined) return readTree(encoder, new Source(file, content), layer);
    reader.document(root);
  } else {
    const documents = parseYaml(source);
    for (const [index, root] of documents.entries()) {
      if (reader.document(root) === "last") {
        reader.ignore(documents.slice(index + 1));
        break;
      }
    }
  }
  return { resources: reader.resources, issues: source.issues() };
}

/** Reads JSON as one tree: with what is wrong with its syntax, and in every order of its keys. */
function readTree(encoder: Encoder, source: Source, layer: string): FileContent {
  const reader = new FileReader(encoder, source, layer);
  const root = parseJson(source);
  if (root !== undefined) reader.document(root);
  return { resources: reader.resources, issues: source.issues() };
}

/** The list of a response, and of files in that form. */
const RESOURCES = "resources";
const BOOTSTRAP = "envoy.config.bootstrap.v3.Bootstrap";
const RESPONSE = "envoy.service.discovery.v3.DiscoveryResponse";

/** Fields of `Bootstrap.StaticResources`. */
const STATIC: ReadonlyMap<string, ResourceType> = new Map([
  ["listeners", LISTENER],
  ["clusters", CLUSTER],
  ["secrets", SECRET],
]);

class FileReader {
  readonly resources: Resource[] = [];
  readonly #encoder: Encoder;
  readonly #source: Source;
  readonly #reader: ResourceReader;

  constructor(encoder: Encoder, source: Source, layer: string) {
    this.#encoder = encoder;
    this.#source = source;
    this.#reader = new ResourceReader(encoder, source, layer, (resource) => this.resources.push(resource));
  }

  /** `last`: what follows is not read. */
  document(root: Node): "last" | "more" {
    if (root.kind === "null") return "more";
    if (root.kind === "list") {
      this.item(root);
    } else if (root.kind !== "map") {
      this.#reader.wrongKind(root);
    } else if (valueOf(root, "@type") !== undefined) {
      this.#reader.any(root);
    } else if (valueOf(root, RESOURCES) !== undefined) {
      this.#response(root);
    } else if (this.#isBootstrap(root)) {
      this.#bootstrap(root);
      return "last";
    } else {
      const stray = root.entries.find(({ key }) => STATIC.has(key));
      if (stray === undefined) this.#reader.any(root);
      else this.#stray(stray.key, stray.offset);
    }
    return "more";
  }

  /** The lists of a bootstrap without what they stand in. */
  #stray(key: string, offset: number): void {
    const message = `@type is missing; a list of "${key}" belongs under "static_resources:"`;
    this.#source.issue({ rule: RULES.missingType, offset, message });
  }

  /** An item of a list of resources: a resource, or a list in the list. */
  item(node: Node): void {
    this.#reader.item(node);
  }

  /** Envoy reads the first document of a bootstrap and is silent about the others. */
  ignore(documents: readonly Node[]): void {
    for (const { kind, offset } of documents) {
      if (kind === "null") continue;
      const message = "ignored, as Envoy does: it comes after a bootstrap";
      this.#source.issue({ rule: RULES.ignoredDocument, severity: "warning", offset, message });
    }
  }

  #response(node: MapNode): void {
    this.#check(RESPONSE, node, RESOURCES);
    const list = valueOf(node, RESOURCES);
    if (list !== undefined) this.item(list);
  }

  #bootstrap(node: MapNode): void {
    this.#check(BOOTSTRAP, node, "static_resources", "staticResources");
    for (const name of ["static_resources", "staticResources"]) {
      const resources = valueOf(node, name);
      if (resources?.kind !== "map") continue;
      this.#check(`${BOOTSTRAP}.StaticResources`, resources, ...STATIC.keys());
      for (const { key, value } of resources.entries) {
        const type = STATIC.get(key);
        if (type === undefined) continue;
        const desc = this.#message(type.url.slice(TYPE_PREFIX.length));
        this.#each(value, (item) => {
          if (item.kind === "map") this.#reader.resource(desc, item, false);
          else if (item.kind !== "null") this.#reader.wrongKind(item);
        });
      }
    }
  }

  /** Reports what is wrong with a message that is no resource, but for the named keys. Its bytes are not needed. */
  #check(typeName: string, node: MapNode, ...except: string[]): void {
    const entries = node.entries.filter((entry) => entry.value.kind === "null" || !except.includes(entry.key));
    this.#encoder.encode(this.#message(typeName), { ...node, entries }, this.#source, false);
  }

  /** Items of a list; a single value is a list of one, as everywhere. */
  #each(node: Node | undefined, visit: (item: Node) => void): void {
    if (node?.kind === "list") { for (const item of node.items) this.#each(item, visit); }
    else if (node !== undefined) visit(node);
  }

  #isBootstrap(node: MapNode): boolean {
    const { byName } = this.#encoder.plan(this.#message(BOOTSTRAP));
    return node.entries.some((entry) => byName.has(entry.key));
  }

  #message(typeName: string) {
    const desc = this.#encoder.api.message(typeName);
    if (desc === undefined) throw new Error(`Cannot read "${this.#source.file}": the API has no ${typeName}`);
    return desc;
  }
}

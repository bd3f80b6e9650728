/**
 * From the text of a file to resources: every form that a file can have.
 *
 * @module
 */
import type { Api } from "../api.ts";
import type { Issue } from "../issue.ts";
import { type Claim, createResource, type Reference, type Resource } from "../resource.ts";
import type { Key } from "../written.ts";
import { CLUSTER, LISTENER, type ResourceType, SECRET } from "../types.ts";
import { TYPE_PREFIX } from "./any.ts";
import type { Encoded, Encoder } from "./encode.ts";
import { parseJson, parseJsonItems } from "./json.ts";
import { type Checks, encoderOf, ResourceReader } from "./resources.ts";
import { RULES } from "./rules.ts";
import { Source } from "./source.ts";
import { type MapNode, mapNode, type Node, valueOf } from "./tree.ts";
import { parseYaml } from "./yaml.ts";

/** What a file holds. With errors among the issues, the resources are those that have none. */
export interface FileContent {
  readonly resources: Resource[];
  /** Names of resources that are there and cannot be read, to tell them from what is not there. */
  readonly broken: readonly Key[];
  /**
   * Of a bootstrap, what is no resource, as one: it names clusters and secrets too, as do its listeners without names.
   */
  readonly bootstrap: Resource | undefined;
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
 * @param checks What else is checked. None: only whether the file can be read.
 */
export function readFile(
  api: Api,
  content: string | Uint8Array,
  file: string,
  layer: string,
  checks?: Checks,
): FileContent {
  const rejections = checks?.severity ?? "error";
  const source = new Source(file, content, { rejections });
  const encoder = encoderOf(api, checks);
  const reader = new FileReader(encoder, source, layer);
  if (file.toLowerCase().endsWith(".json")) {
    const root = parseJsonItems(source, RESOURCES, (item) => reader.item(item));
    if (root === undefined) return readTree(encoder, new Source(file, content, { rejections }), layer);
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
  return reader.content();
}

/** Reads JSON as one tree: with what is wrong with its syntax, and in every order of its keys. */
function readTree(encoder: Encoder, source: Source, layer: string): FileContent {
  const reader = new FileReader(encoder, source, layer);
  const root = parseJson(source);
  if (root !== undefined) reader.document(root);
  return reader.content();
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
  readonly #resources: Resource[] = [];
  readonly #broken: Key[] = [];
  /** Of resources without names. */
  readonly #references: Reference[] = [];
  readonly #claims: Claim[] = [];
  readonly #layer: string;
  #bootstrap: Resource | undefined;
  readonly #encoder: Encoder;
  readonly #source: Source;
  readonly #reader: ResourceReader;

  constructor(encoder: Encoder, source: Source, layer: string) {
    this.#encoder = encoder;
    this.#source = source;
    this.#layer = layer;
    this.#reader = new ResourceReader(
      encoder,
      source,
      layer,
      (resource) => this.#resources.push(resource),
      (key) => this.#broken.push(key),
      ({ references, claims }) => {
        for (const reference of references) this.#references.push(reference);
        for (const claim of claims) this.#claims.push(claim);
      },
    );
  }

  content(): FileContent {
    const issues = this.#source.issues();
    return { resources: this.#resources, broken: this.#broken, bootstrap: this.#bootstrap, issues };
  }

  /** `last`: what follows is not read. */
  document(root: Node): "last" | "more" {
    // Nothing at all is also a bootstrap that says nothing.
    if (root.kind === "null" || root.kind === "map" && root.entries.length === 0) return "more";
    if (root.kind === "list") {
      this.item(root);
    } else if (root.kind !== "map") {
      this.#reader.wrongKind(root);
    } else if (valueOf(root, "@type") !== undefined) {
      this.#reader.any(root);
    } else if (valueOf(root, RESOURCES) !== undefined) {
      this.#response(root);
    } else if (this.#isBootstrap(root)) {
      this.#readBootstrap(root);
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
    // Most have nothing else, and building the message takes longer than reading a small file.
    if (node.entries.length > 1) this.#check(RESPONSE, node, RESOURCES);
    const list = valueOf(node, RESOURCES);
    if (list !== undefined) this.item(list);
  }

  #readBootstrap(node: MapNode): void {
    const { bytes, references, claims } = this.#check(BOOTSTRAP, node, "static_resources", "staticResources");
    for (const name of ["static_resources", "staticResources"]) {
      const resources = valueOf(node, name);
      if (resources === undefined) continue;
      if (resources.kind !== "map") {
        this.#check(BOOTSTRAP, { ...node, entries: node.entries.filter(({ key }) => key === name) });
        continue;
      }
      this.#check(`${BOOTSTRAP}.StaticResources`, resources, ...STATIC.keys());
      for (const { key, value } of resources.entries) {
        const type = STATIC.get(key);
        if (type === undefined) continue;
        const desc = this.#message(type.url.slice(TYPE_PREFIX.length));
        this.#each(value, (item) => {
          if (item.kind === "map") this.#reader.resource(desc, item, false);
          else if (item.kind === "null") this.#reader.resource(desc, mapNode(item.offset, []), false);
          else this.#reader.wrongKind(item);
        });
      }
    }
    const origin = { ...this.#source.position(node.offset), layer: this.#layer };
    this.#bootstrap = createResource({
      type: TYPE_PREFIX + BOOTSTRAP,
      name: "",
      bytes: bytes ?? new Uint8Array(),
      references: [...references, ...this.#references],
      claims: [...claims, ...this.#claims],
      origin,
    });
  }

  /** Reports what is wrong with a message that is no resource, but for the named keys. */
  #check(typeName: string, node: MapNode, ...except: string[]): Encoded {
    const entries = node.entries.filter((entry) => entry.value.kind === "null" || !except.includes(entry.key));
    return this.#encoder.encode(this.#message(typeName), { ...node, entries }, this.#source, false, true);
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

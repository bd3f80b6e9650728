/**
 * From the text of a file to resources: every form that a file can have.
 *
 * @module
 */
import type { Api } from "../api.ts";
import type { Issue } from "../issue.ts";
import { watchReferences } from "../references.ts";
import { createResource, type Resource } from "../resource.ts";
import { CLUSTER, LISTENER, RESOURCE_TYPES, type ResourceType, SECRET, typeByUrl } from "../types.ts";
import { TYPE_PREFIX, typeOf } from "./any.ts";
import { collect } from "./collect.ts";
import { Encoder } from "./encode.ts";
import { parseJson, parseJsonItems } from "./json.ts";
import { RULES } from "./rules.ts";
import { Source } from "./source.ts";
import { describe, type MapNode, type Node, valueOf } from "./tree.ts";
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
  const reader = new Reader(encoder, source, layer);
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
  const reader = new Reader(encoder, source, layer);
  const root = parseJson(source);
  if (root !== undefined) reader.document(root);
  return { resources: reader.resources, issues: source.issues() };
}

/** An encoder's plans are worth keeping: they depend on the API alone, and live as long as it does. */
const ENCODERS = new WeakMap<Api, Encoder>();

function encoderOf(api: Api): Encoder {
  let encoder = ENCODERS.get(api);
  if (encoder === undefined) {
    encoder = new Encoder(api, watchReferences);
    ENCODERS.set(api, encoder);
  }
  return encoder;
}

/** The list of a response, and of files in that form. */
const RESOURCES = "resources";
const BOOTSTRAP = "envoy.config.bootstrap.v3.Bootstrap";
const RESPONSE = "envoy.service.discovery.v3.DiscoveryResponse";
const WRAPPER = "envoy.service.discovery.v3.Resource";

/** Fields of `Bootstrap.StaticResources`. */
const STATIC: ReadonlyMap<string, ResourceType> = new Map([
  ["listeners", LISTENER],
  ["clusters", CLUSTER],
  ["secrets", SECRET],
]);

class Reader {
  readonly resources: Resource[] = [];
  readonly #encoder: Encoder;
  readonly #source: Source;
  readonly #layer: string;

  constructor(encoder: Encoder, source: Source, layer: string) {
    this.#encoder = encoder;
    this.#source = source;
    this.#layer = layer;
  }

  /** `last`: what follows is not read. */
  document(root: Node): "last" | "more" {
    if (root.kind === "null") return "more";
    if (root.kind === "list") {
      this.item(root);
    } else if (root.kind !== "map") {
      this.#wrongRoot(root);
    } else if (valueOf(root, "@type") !== undefined) {
      this.#any(root);
    } else if (valueOf(root, RESOURCES) !== undefined) {
      this.#response(root);
    } else if (this.#isBootstrap(root)) {
      this.#bootstrap(root);
      return "last";
    } else {
      const stray = root.entries.find(({ key }) => STATIC.has(key));
      if (stray === undefined) this.#any(root);
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
    this.#each(node, (item) => this.#any(item));
  }

  /** Envoy reads the first document of a bootstrap and is silent about the others. */
  ignore(documents: readonly Node[]): void {
    for (const { kind, offset } of documents) {
      if (kind === "null") continue;
      const message = "ignored, as Envoy does: it comes after a bootstrap";
      this.#source.issue({ rule: RULES.ignoredDocument, severity: "warning", offset, message });
    }
  }

  /** One resource with `@type`. */
  #any(node: Node): void {
    if (node.kind === "null") return;
    if (node.kind !== "map") return this.#wrongRoot(node);
    const type = typeOf(this.#encoder.api, node);
    if (!("desc" in type)) return this.#source.issue(type);
    const { typeName } = type.desc;
    const served = typeByUrl(TYPE_PREFIX + typeName);
    if (served !== undefined) return this.#resource(served, node, true);
    if (typeName === WRAPPER) return this.#wrapper(node);
    const offset = valueOf(node, "@type")?.offset ?? node.offset;
    const message = `${typeName} is no resource: xcp serves ${SERVED}`;
    this.#source.issue({ rule: RULES.unservedType, offset, message });
  }

  #resource(type: ResourceType, node: MapNode, inAny: boolean): void {
    const desc = this.#message(type.url.slice(TYPE_PREFIX.length));
    const { bytes, references } = this.#encoder.encode(desc, node, this.#source, inAny);
    const name = collect(this.#encoder.plan(desc), node, undefined, true)
      .find(({ field }) => field.name === type.nameField)?.node;
    if (name === undefined || name.kind === "string" && name.text === "") {
      this.#unnamed(type, name?.offset ?? node.offset, name === undefined ? "missing" : "empty", inAny);
    } else if (bytes !== undefined && name.kind === "string") {
      const origin = { ...this.#source.position(node.offset), layer: this.#layer };
      const kept = this.#source.keep(name.text);
      this.resources.push(createResource({ type: type.url, name: kept, bytes, references, origin }));
    }
  }

  #unnamed(type: ResourceType, offset: number, state: string, inAny: boolean): void {
    // Envoy makes up a name for a listener of its bootstrap; a resource that is served cannot do without.
    const warn = type === LISTENER && !inAny;
    const message = warn
      ? `not served: a ${type.short} needs a name, and ${type.nameField} is ${state}`
      : `a resource needs a name: ${type.nameField} is ${state}`;
    const severity = warn ? "warning" : "error";
    this.#source.issue({ rule: RULES.missingName, severity, offset, message, path: type.nameField });
  }

  /** `{"@type": ".../envoy.service.discovery.v3.Resource", name, resource: {"@type": …}}`. */
  #wrapper(node: MapNode): void {
    this.#check(WRAPPER, node, true, "resource");
    const inner = valueOf(node, "resource");
    if (inner !== undefined) this.#any(inner);
  }

  #response(node: MapNode): void {
    this.#check(RESPONSE, node, false, RESOURCES);
    const list = valueOf(node, RESOURCES);
    if (list !== undefined) this.item(list);
  }

  #bootstrap(node: MapNode): void {
    this.#check(BOOTSTRAP, node, false, "static_resources", "staticResources");
    for (const name of ["static_resources", "staticResources"]) {
      const resources = valueOf(node, name);
      if (resources?.kind !== "map") continue;
      this.#check(`${BOOTSTRAP}.StaticResources`, resources, false, ...STATIC.keys());
      for (const { key, value } of resources.entries) {
        const type = STATIC.get(key);
        if (type === undefined) continue;
        this.#each(value, (item) => {
          if (item.kind === "map") this.#resource(type, item, false);
          else if (item.kind !== "null") this.#wrongRoot(item);
        });
      }
    }
  }

  /** Reports what is wrong with a message that is no resource, but for the named keys. Its bytes are not needed. */
  #check(typeName: string, node: MapNode, inAny: boolean, ...except: string[]): void {
    const entries = node.entries.filter((entry) => entry.value.kind === "null" || !except.includes(entry.key));
    this.#encoder.encode(this.#message(typeName), { ...node, entries }, this.#source, inAny);
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

  #wrongRoot(node: Node): void {
    const message = `expected a resource, a map with @type, found ${describe(node)}`;
    this.#source.issue({ rule: RULES.wrongType, offset: node.offset, message });
  }

  #message(typeName: string) {
    const desc = this.#encoder.api.message(typeName);
    if (desc === undefined) throw new Error(`Cannot read "${this.#source.file}": the API has no ${typeName}`);
    return desc;
  }
}

const SERVED = RESOURCE_TYPES.map((type) => type.url.slice(type.url.lastIndexOf(".") + 1)).join(", ");

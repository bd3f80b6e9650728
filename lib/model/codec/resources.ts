/**
 * From nodes to resources: every message that has a name, bare or in a wrapper that gives it one.
 *
 * @module
 */
import { type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Api } from "../api.ts";
import { canonicalName } from "../names.ts";
import { OTHER_TYPES, watchReferences } from "../references.ts";
import { createResource, type Resource } from "../resource.ts";
import {
  LISTENER,
  LOCALITY_ENDPOINTS,
  RESOURCE_TYPES,
  type ResourceType,
  ROUTES,
  SECRET,
  typeByUrl,
  VIRTUAL_HOST,
} from "../types.ts";
import { TYPE_PREFIX, typeOf, valueEntry } from "./any.ts";
import { collect, type Found } from "./collect.ts";
import { type Encoded, Encoder } from "./encode.ts";
import { RULES } from "./rules.ts";
import { joinPath, type Source } from "./source.ts";
import { describe, type MapNode, type Node, valueOf } from "./tree.ts";
import type { Key } from "../written.ts";
import type { Watch } from "./view.ts";
import { hostAliases, readWrapper, strings, WRAPPER, type Wrapping } from "./wrapper.ts";

/** What is checked while a text is read, beside whether it can be read. */
export interface Checks {
  /** Looks at all messages, beside what finds references. Of one object, the answers are kept. */
  readonly watch: Watch;
  /** What becomes of what Envoy would refuse. */
  readonly severity: "error" | "warning";
}

/** An encoder's plans are worth keeping: they depend on the API and the checks, and live as long as these do. */
const ENCODERS = new WeakMap<Api, WeakMap<Watch, Encoder>>();

/** The encoder of an API that finds references, and checks what it is told to. */
export function encoderOf(api: Api, checks?: Checks): Encoder {
  const watch = checks?.watch ?? watchReferences;
  let encoders = ENCODERS.get(api);
  if (encoders === undefined) ENCODERS.set(api, encoders = new WeakMap());
  let encoder = encoders.get(watch);
  if (encoder === undefined) {
    encoder = new Encoder(api, checks === undefined ? watchReferences : both(watchReferences, watch));
    encoders.set(watch, encoder);
  }
  return encoder;
}

/** The first finds what the second may look at. */
function both(first: Watch, second: Watch): Watch {
  return (desc) => {
    const one = first(desc);
    const other = second(desc);
    if (one === undefined || other === undefined) return one ?? other;
    return (message, run) => {
      one(message, run);
      other(message, run);
    };
  };
}

/** The type URL of a message. */
export function urlOf(desc: DescMessage): string {
  return TYPE_PREFIX + desc.typeName;
}

/** Proto name of the field that holds a message's own name; undefined for a message that needs a wrapper. */
export function nameFieldOf(desc: DescMessage, row = typeByUrl(urlOf(desc))): string | undefined {
  if (row !== undefined) return row.nameField;
  const field = desc.fields.find(({ name }) => name === "name");
  return field?.fieldKind === "scalar" && field.scalar === ScalarType.STRING ? "name" : undefined;
}

/** Types that Envoy takes without a name where they are part of something else. */
const NAMELESS: ReadonlySet<ResourceType> = new Set([LISTENER, ROUTES, SECRET]);

/** Messages that are no resources whatever their fields: those of the protocol itself, of the client's own start, … */
const NO_RESOURCE = /^envoy\.(admin|config\.bootstrap|service\.discovery)\.v3\./;

/** Reads resources of one text, and hands each on that nothing is wrong with. */
export class ResourceReader {
  readonly #encoder: Encoder;
  readonly #source: Source;
  readonly #layer: string;
  readonly #take: (resource: Resource, offset: number) => void;
  readonly #drop: (key: Key) => void;
  readonly #unserved: ((found: Encoded) => void) | undefined;

  /**
   * `take` gets what can be read, and `drop` the name of what has one and cannot. `unserved` gets what is found in what
   * has no name, where Envoy itself takes it without; if it is not given, everything needs a name.
   */
  constructor(
    encoder: Encoder,
    source: Source,
    layer: string,
    take: (resource: Resource, offset: number) => void,
    drop: (key: Key) => void = () => {},
    unserved?: (found: Encoded) => void,
  ) {
    this.#encoder = encoder;
    this.#source = source;
    this.#layer = layer;
    this.#take = take;
    this.#drop = drop;
    this.#unserved = unserved;
  }

  /** A resource with `@type`, or a list of them at any depth. `path`: where it is, for issues that shall say it. */
  item(node: Node, path = ""): void {
    if (node.kind !== "list") return this.#source.inside(path, () => this.any(node));
    for (const [i, item] of node.items.entries()) this.item(item, path === "" ? "" : `${path}[${i}]`);
  }

  /** One resource with `@type`; null is none. */
  any(node: Node, wrapping?: Wrapping | "broken"): void {
    if (node.kind === "null") return;
    if (node.kind !== "map") return this.wrongKind(node);
    const type = typeOf(this.#encoder.api, node);
    if (!("desc" in type)) return this.#source.issue(type);
    if (type.desc.typeName === WRAPPER && wrapping === undefined) return this.#wrapper(node);
    if (typeByUrl(this.#encoder.plan(type.desc).url) === undefined && !this.#isServed(type.desc, node, wrapping)) {
      return;
    }
    this.resource(type.desc, node, true, wrapping);
  }

  /** Whether a type that is not in the table can be a resource; an issue says so if not, and if nobody asks for it. */
  #isServed(desc: DescMessage, node: MapNode, wrapping: Wrapping | "broken" | undefined): boolean {
    const isOther = NO_RESOURCE.test(desc.typeName);
    if (isOther || wrapping === undefined && nameFieldOf(desc) === undefined) {
      const message = `${desc.typeName} is no resource: ${isOther ? "" : "it has no name; "}xcp serves ${SERVED}`;
      this.#source.issue({ rule: RULES.unservedType, offset: typeOffset(node), message });
      return false;
    }
    this.#checkAsked(desc, typeOffset(node));
    return true;
  }

  /** One resource whose type is known. In an `Any`, the key `@type` is not a field. */
  resource(desc: DescMessage, node: MapNode, inAny: boolean, wrapping?: Wrapping | "broken"): void {
    const source = this.#source;
    const plan = this.#encoder.plan(desc);
    const plain = plan.special === undefined;
    const content = plain ? node : valueEntry(node, desc, (rule, offset, message) => {
      source.issue({ rule, offset, message });
    });
    const encoded = this.#encoder.encode(desc, content ?? { ...node, entries: [] }, source, inAny, !inAny);
    const { bytes, references, claims } = encoded;
    const fields = plain ? collect(plan, node, undefined, true) : [];
    const name = this.#name(desc, node, fields, wrapping);
    if (bytes === undefined || name === undefined || wrapping === "broken") {
      if (name !== undefined) this.#drop({ type: plan.url, name: canonicalName(name.text) });
      else this.#unserved?.(encoded);
      return;
    }
    const aliases = this.#aliases(desc, name, fields, wrapping);
    if (aliases === undefined) return;
    const origin = { ...source.position(node.offset), layer: this.#layer };
    const ttl = wrapping?.ttl;
    this.#take(
      createResource({
        type: plan.url,
        name: source.keep(canonicalName(name.text)),
        bytes,
        references,
        claims,
        origin,
        ...(ttl === undefined ? {} : { ttl }),
        ...(aliases.length === 0 ? {} : { aliases: aliases.map((alias) => source.keep(alias)) }),
      }),
      node.offset,
    );
  }

  /** Where a resource was expected. */
  wrongKind(node: Node): void {
    const message = `expected a resource, a map with @type, found ${describe(node)}`;
    this.#source.issue({ rule: RULES.wrongType, offset: node.offset, message });
  }

  #wrapper(node: MapNode): void {
    const { wrapping = "broken", resource } = readWrapper(this.#encoder, node, this.#source);
    if (resource === undefined) return;
    const { within } = this.#source;
    this.#source.inside(within === "" ? "" : joinPath(within, "resource"), () => this.any(resource, wrapping));
  }

  /** The name and where it is. Undefined, with an issue, for a resource that has none or two. */
  #name(
    desc: DescMessage,
    node: MapNode,
    fields: readonly Found[],
    wrapping: Wrapping | "broken" | undefined,
  ): { readonly text: string; readonly offset: number } | undefined {
    const row = typeByUrl(this.#encoder.plan(desc).url);
    const field = nameFieldOf(desc, row);
    const own = field === undefined ? undefined : fields.find((each) => each.field.name === field)?.node;
    const given = wrapping === "broken" ? undefined : wrapping;
    if (own === undefined || own.kind === "string" && own.text === "") {
      if (given?.name !== undefined && (row?.nameField === undefined)) {
        return { text: given.name, offset: given.nameOffset };
      }
      // A wrapper with an issue of its own may be the one that has the name.
      if (wrapping === "broken" && row?.nameField === undefined) return undefined;
      this.#unnamed(desc, row, own?.offset ?? node.offset, own === undefined ? "missing" : "empty");
      return undefined;
    }
    if (own.kind !== "string") return undefined;
    if (given?.name !== undefined && canonicalName(given.name) !== canonicalName(own.text)) {
      const { nameOffset: offset, within } = given;
      const message = `the name of a wrapper must be that of its resource, whose ${field} is "${own.text}"`;
      this.#source.inside(
        within,
        () => this.#source.issue({ rule: RULES.nameMismatch, offset, message, path: "name" }),
      );
      return undefined;
    }
    return own;
  }

  #unnamed(desc: DescMessage, row: ResourceType | undefined, offset: number, state: string): void {
    const field = nameFieldOf(desc, row);
    // Envoy takes these without a name where they are part of something else; nobody can ask for them.
    const warn = this.#unserved !== undefined && row !== undefined && NAMELESS.has(row);
    let message = `a resource needs a name: ${field} is ${state}`;
    if (warn) message = `not served: a resource needs a name, and ${field} is ${state}`;
    else if (row === LOCALITY_ENDPOINTS || field === undefined) {
      const short = desc.typeName.slice(desc.typeName.lastIndexOf(".") + 1);
      message = `a resource needs a name, and ${short} has no field for it: give it one with "@type": ` +
        `${TYPE_PREFIX}${WRAPPER}, name, and the ${short} under resource`;
    }
    const severity = warn ? "warning" : "error";
    this.#source.issue({ rule: RULES.missingName, severity, offset, message, path: field ?? "" });
  }

  /** The other names of a resource; undefined, with an issue, for a virtual host that nobody can ask for. */
  #aliases(
    desc: DescMessage,
    name: { readonly text: string; readonly offset: number },
    fields: readonly Found[],
    wrapping: Wrapping | undefined,
  ): readonly string[] | undefined {
    const given = wrapping?.aliases ?? [];
    if (this.#encoder.plan(desc).url !== VIRTUAL_HOST.url) return given.length === 0 ? given : [...new Set(given)];
    const domains = fields.find((each) => each.field.name === "domains")?.node;
    const own = hostAliases(canonicalName(name.text), strings(domains));
    if (own !== undefined) return [...new Set([...own, ...given])];
    const message = `no client can ask for a virtual host of this name: it must be "<route configuration>/<name>"`;
    this.#source.issue({ rule: RULES.badName, offset: name.offset, message, path: "name" });
    return undefined;
  }

  /** A part of a resource that stands alone is a slip of the pen, but it is served all the same. */
  #checkAsked(desc: DescMessage, offset: number): void {
    if (OTHER_TYPES.has(urlOf(desc)) || this.#encoder.api.added.has(desc.file.proto.name)) return;
    const message = `neither Envoy nor gRPC asks for ${desc.typeName} by name: served to whoever does`;
    this.#source.issue({ rule: RULES.unaskedType, severity: "warning", offset, message });
  }
}

function typeOffset(node: MapNode): number {
  return valueOf(node, "@type")?.offset ?? node.offset;
}

const SERVED = RESOURCE_TYPES.map((type) => type.url.slice(type.url.lastIndexOf(".") + 1)).join(", ");

/**
 * From kept bytes to a resource: what a store holds is the message, and where it refers to others is found again.
 *
 * @module
 */
import type { JsonValue } from "@bufbuild/protobuf";
import type { Api } from "../api.ts";
import { createResource, type Resource } from "../resource.ts";
import { TYPE_PREFIX } from "./any.ts";
import { Printer } from "./print.ts";
import { encoderOf } from "./resources.ts";
import { Source } from "./source.ts";
import { mapNode, type Node } from "./tree.ts";

/** What a resource has beside its message. */
export type Kept = Partial<Pick<Resource, "ttl" | "aliases" | "origin">>;

/**
 * The resource of these bytes, which are canonical already: those of a {@link Resource}, kept with its type, name, time
 * to live and aliases. It has the version that it had, and its references, which stand nowhere: there is no text.
 *
 * @throws {Error} If the API does not have the type, or the bytes are not a message of it.
 */
export function readBytes(api: Api, type: string, name: string, bytes: Uint8Array, kept: Kept = {}): Resource {
  const typeName = type.slice(type.lastIndexOf("/") + 1);
  const desc = api.message(typeName);
  if (desc === undefined || type !== TYPE_PREFIX + typeName) {
    throw new Error(`Cannot restore "${name}": unknown type "${type}"`);
  }
  let json: JsonValue;
  try {
    json = new Printer(api, false).print(desc, bytes);
  } catch (error) {
    throw new Error(`Cannot restore "${name}": its bytes are no ${typeName}`, { cause: error });
  }
  // What one encoder wrote, the other reads: issues are of types that the API has lost, and the bytes stay as they are.
  const found = encoderOf(api).encode(desc, nodeOf(json), new Source(name, ""), false);
  const references = found.references.map(({ at: _, ...reference }) => reference);
  const { ttl, aliases, origin } = kept;
  return createResource({
    type,
    name,
    bytes,
    references,
    origin,
    ...(ttl === undefined ? {} : { ttl }),
    ...(aliases === undefined ? {} : { aliases }),
  });
}

/** JSON as the tree that its text would be. */
function nodeOf(json: JsonValue): Node {
  const offset = 0;
  if (json === null) return { kind: "null", offset, text: "" };
  if (Array.isArray(json)) return { kind: "list", offset, items: json.map(nodeOf) };
  switch (typeof json) {
    case "object": {
      const entries = Object.entries(json).map(([key, value]) => ({ key, offset, value: nodeOf(value) }));
      return mapNode(offset, entries);
    }
    case "string":
      return { kind: "string", offset, text: json };
    case "number":
      return { kind: "number", offset, text: String(json) };
    case "boolean":
      return { kind: "boolean", offset, text: String(json) };
  }
}

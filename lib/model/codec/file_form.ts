/**
 * From a resource to what reads back as the same resource: the message, in a wrapper where the message alone does not
 * say all.
 *
 * @module
 */
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import type { Api } from "../api.ts";
import { canonicalName } from "../names.ts";
import type { Resource } from "../resource.ts";
import { VIRTUAL_HOST } from "../types.ts";
import { TYPE_PREFIX } from "./any.ts";
import { type PrintOptions, toJson } from "./print.ts";
import { nameFieldOf } from "./resources.ts";
import { hostAliases, WRAPPER } from "./wrapper.ts";

/** What a printed resource is made of. */
export type Printed = Pick<Resource, "type" | "name" | "bytes" | "ttl" | "aliases">;

/**
 * A resource as a file or a write has it: with `@type`, and in a wrapper when it expires, has aliases of its own, or has
 * no name of its own. Reads back as the same resource, of the same version, where nothing is redacted.
 *
 * @throws {Error} If the API does not have the type, or the bytes are not a message of it.
 */
export function toFileJson(api: Api, resource: Printed, options: PrintOptions = {}): JsonObject {
  const json = toJson(api, resource, options);
  const aliases = givenAliases(resource, json);
  const named = ownName(api, resource, json, options) === resource.name;
  if (named && resource.ttl === undefined && aliases.length === 0) return json;
  return {
    "@type": TYPE_PREFIX + WRAPPER,
    name: resource.name,
    ...(aliases.length === 0 ? {} : { aliases: [...aliases] }),
    ...(resource.ttl === undefined ? {} : { ttl: `${resource.ttl / 1000}s` }),
    resource: json,
  };
}

/** The aliases that the message does not say itself. */
function givenAliases({ type, name, aliases }: Printed, json: JsonObject): readonly string[] {
  if (aliases.length === 0 || type !== VIRTUAL_HOST.url) return aliases;
  const domains: JsonValue[] = Array.isArray(json.domains) ? json.domains : [];
  const own = new Set(hostAliases(name, domains.map(String)));
  return aliases.filter((alias) => !own.has(alias));
}

function ownName(api: Api, { type }: Printed, json: JsonObject, { names }: PrintOptions): string | undefined {
  const desc = api.message(type.slice(type.lastIndexOf("/") + 1));
  const field = desc?.fields.find((each) => each.name === nameFieldOf(desc));
  const name = field && json[names === "json" ? field.jsonName : field.name];
  return typeof name === "string" ? canonicalName(name) : undefined;
}

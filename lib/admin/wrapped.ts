/**
 * A resource in a form that it can be read from again.
 *
 * @module
 */
import { hostAliases } from "../model/codec/wrapper.ts";
import { canonicalName } from "../model/names.ts";
import type { Resource } from "../model/resource.ts";
import { typeByUrl, VIRTUAL_HOST } from "../model/types.ts";

/** `envoy.service.discovery.v3.Resource`, as a delta response has it. */
const WRAPPER = "type.googleapis.com/envoy.service.discovery.v3.Resource";

/** `content` is the message; what it does not say of itself (name, aliases, time to live) is said by a wrapper. */
export function wrapped({ type, name, ttl, aliases }: Resource, content: unknown): unknown {
  const own: Readonly<Record<string, unknown>> = { ...content as object };
  const ownName = own[typeByUrl(type)?.nameField ?? "name"];
  const known = new Set(type === VIRTUAL_HOST.url ? hostAliases(name, texts(own["domains"])) : []);
  const others = aliases.filter((alias) => !known.has(alias));
  const named = typeof ownName === "string" && canonicalName(ownName) === name;
  if (named && ttl === undefined && others.length === 0) return content;
  return {
    "@type": WRAPPER,
    name,
    ...(others.length === 0 ? {} : { aliases: others }),
    ...(ttl === undefined ? {} : { ttl: `${ttl / 1_000}s` }),
    resource: content,
  };
}

function texts(list: unknown): string[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}

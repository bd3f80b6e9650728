/**
 * Numbers as real resources, and back: what the tables call content 7 of a cluster is a `Cluster` whose connect timeout
 * is 7 s. Read back from the bytes of a response, with protobuf-es and none of the server's own code.
 *
 * @module
 */
import { fromBinary, toJson } from "@bufbuild/protobuf";
import type { Api } from "../../../lib/model/api.ts";
import { typeByName } from "../../../lib/model/types.ts";
import { type Content, OTHER, type Service } from "../script.ts";

/** Protobuf JSON with snake_case names. */
type Json = Record<string, unknown>;

/** How a number stands in a message. */
interface Form {
  make(name: string, content: Exclude<Content, number>): Json;
  read(json: Json): unknown;
}

const PREFIX = "type.googleapis.com/";
const WRAPPER = `${PREFIX}envoy.service.discovery.v3.Resource`;
const ADS = { ads: {}, resource_api_version: "V3" };

const address = (port: number) => ({ socket_address: { address: "127.0.0.1", port_value: port } });
const number = (content: number) => ({ "@type": `${PREFIX}google.protobuf.UInt32Value`, value: content });

const FORMS: Readonly<Record<Service | "other", Form>> = {
  CDS: {
    make: (name, { content }) => ({
      name,
      type: "EDS",
      eds_cluster_config: { eds_config: ADS },
      connect_timeout: `${content}s`,
    }),
    read: (json) => String(json.connect_timeout).replace(/s$/, ""),
  },
  EDS: {
    make: (name, { content }) => ({
      cluster_name: name,
      // No endpoints at all: how a cluster is drained.
      endpoints: content === 0 ? [] : [{ lb_endpoints: [{ endpoint: { address: address(content) } }] }],
    }),
    read: (json) =>
      at(json, "endpoints", 0, "lb_endpoints", 0, "endpoint", "address", "socket_address", "port_value") ?? 0,
  },
  LEDS: {
    make: (_, { content }) => ({ endpoint: { address: address(1) }, load_balancing_weight: content }),
    read: (json) => json.load_balancing_weight,
  },
  LDS: {
    make: (name, { content }) => ({ name, address: address(content) }),
    read: (json) => at(json, "address", "socket_address", "port_value"),
  },
  RDS: {
    make: (name, { content, vhds }) => ({
      name,
      max_direct_response_body_size_bytes: content,
      ...(vhds ? { vhds: { config_source: ADS } } : {}),
    }),
    read: (json) => json.max_direct_response_body_size_bytes,
  },
  SRDS: {
    make: (name, { content }) => ({
      name,
      route_configuration_name: String(content),
      key: { fragments: [{ string_key: "k" }] },
    }),
    read: (json) => json.route_configuration_name,
  },
  VHDS: {
    make: (name, { content, domains = ["unused"] }) => ({
      name,
      domains,
      request_headers_to_remove: [String(content)],
    }),
    read: (json) => at(json, "request_headers_to_remove", 0),
  },
  SDS: {
    make: (name, { content }) => ({ name, generic_secret: { secret: { inline_string: String(content) } } }),
    read: (json) => at(json, "generic_secret", "secret", "inline_string"),
  },
  RTDS: {
    make: (name, { content }) => ({ name, layer: { number: content } }),
    read: (json) => at(json, "layer", "number"),
  },
  ECDS: {
    make: (name, { content }) => ({ name, typed_config: number(content) }),
    read: (json) => at(json, "typed_config", "value"),
  },
  other: {
    make: (name, { content }) => ({ name, typed_config: number(content) }),
    read: (json) => at(json, "typed_config", "value"),
  },
};

/** The type of the sentinels (see `connection.ts`), which no table uses. */
export const SENTINEL = `${PREFIX}envoy.config.core.v3.Extension`;

const BY_URL: ReadonlyMap<string, Form> = new Map([
  ...Object.entries(FORMS).map(([service, form]) => [typeByName(service)?.url ?? OTHER, form] as const),
  [SENTINEL, {
    make: (name, { content }) => ({ name, category: String(content) }),
    read: (json) => json.category,
  }],
]);

/** A resource as the HTTP API takes it. `type` is a type URL. */
export function writeResource(type: string, name: string, given: Content): Json {
  const content = typeof given === "number" ? { content: given } : given;
  const resource = { "@type": type, ...formOf(type).make(name, content) };
  const { ttl } = content;
  if (ttl === undefined && type !== typeByName("LEDS")?.url) return resource;
  return { "@type": WRAPPER, name, resource, ...(ttl === undefined ? {} : { ttl: `${ttl / 1_000}s` }) };
}

/** The name that a resource gives itself, undefined where it has none, and its content. */
export function readResource(api: Api, type: string, bytes: Uint8Array): { name: string | undefined; content: number } {
  const desc = api.message(type.slice(PREFIX.length));
  if (desc === undefined) throw new Error(`The API has no ${type}`);
  const json = toJson(desc, fromBinary(desc, bytes), { registry: api.registry, useProtoFieldName: true }) as Json;
  const name = json.name ?? json.cluster_name;
  return { name: name === undefined ? undefined : String(name), content: Number(formOf(type).read(json)) };
}

function formOf(type: string): Form {
  const form = BY_URL.get(type);
  if (form === undefined) throw new Error(`There is no form for ${type}`);
  return form;
}

/** What is found along a path. */
function at(json: unknown, ...path: (string | number)[]): unknown {
  let value = json;
  for (const step of path) value = (value as Record<string | number, unknown> | undefined)?.[step];
  return value;
}

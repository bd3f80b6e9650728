/**
 * Contents for the tests of this room.
 *
 * @module
 */
import { fromJson, type JsonObject, toBinary } from "@bufbuild/protobuf";
import type { Api } from "../../model/api.ts";
import { readBytes } from "../../model/codec/restore.ts";
import type { Origin, Resource } from "../../model/resource.ts";
import type { Content } from "./content.ts";
import type { PushOptions } from "./push.ts";
import { SecretFinder } from "./secrets.ts";

export const TYPES = {
  cluster: "type.googleapis.com/envoy.config.cluster.v3.Cluster",
  listener: "type.googleapis.com/envoy.config.listener.v3.Listener",
  secret: "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
  extension: "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig",
} as const;

/** What must not be found in a store. */
export const KEY_MATERIAL = "-----BEGIN PRIVATE KEY----- hush-hush-key-material-0123456789";
export const PASSWORD = "hush-hush-password-abcdefgh";

/** A resource of a message in JSON. */
export function resource(api: Api, type: string, json: JsonObject, origin?: Origin): Resource {
  const desc = api.message(type.slice(type.lastIndexOf("/") + 1));
  if (desc === undefined) throw new Error(type);
  const bytes = toBinary(desc, fromJson(desc, json, { registry: api.registry }));
  return readBytes(api, type, String(json.name), bytes, { origin });
}

/** About 700 bytes that gzip cannot make much less of. */
export function cluster(api: Api, name: string, seconds = 1, line = 1): Resource {
  const filler = Array.from({ length: 8 }, (_, place) => `${name}-${(place + 1) * 2_654_435_761 % 4_294_967_296}`);
  return resource(api, TYPES.cluster, {
    name,
    connect_timeout: `${seconds}s`,
    type: "STATIC",
    alt_stat_name: filler.join("/"),
    metadata: { filter_metadata: { test: { filler } } },
  }, { layer: "./config", file: "config/clusters.yaml", line, column: 3 });
}

export function secret(api: Api, name: string, key: string = KEY_MATERIAL): Resource {
  return resource(api, TYPES.secret, {
    name,
    tls_certificate: { certificate_chain: { inline_string: "public chain" }, private_key: { inline_string: key } },
  });
}

/** A cluster with a password inside an `Any`. */
export function secretCluster(api: Api, name: string, password: string = PASSWORD): Resource {
  return resource(api, TYPES.cluster, {
    name,
    transport_socket: {
      name: "tls",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
        common_tls_context: {
          tls_certificates: [{
            certificate_chain: { filename: "/chain" },
            private_key: { filename: "/key" },
            password: { inline_string: password },
          }],
        },
      },
    },
  });
}

export function content(groups: Readonly<Record<string, readonly Resource[]>>, more: Partial<Content> = {}): Content {
  return { groups: new Map(Object.entries(groups)), rules: [], leftOut: [], ...more };
}

/** Options of a push; secrets are refused. */
export function pushing(api: Api, more: Partial<PushOptions> = {}): PushOptions {
  return {
    secrets: { mode: "refuse" },
    finder: new SecretFinder(api),
    provenance: { who: "ana@build", from: "./config", xcp: "0.1.0", envoyApi: api.version },
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
    ...more,
  };
}

/** What counts of a content: everything but identity. */
export function told({ groups, rules, leftOut }: Content) {
  return {
    groups: Array.from(groups, ([group, resources]) => [
      group,
      resources.map(({ type, name, version, ttl, aliases, origin }) => ({ type, name, version, ttl, aliases, origin }))
        .sort((a, b) => a.type + a.name < b.type + b.name ? -1 : 1),
    ]),
    rules,
    leftOut,
  };
}

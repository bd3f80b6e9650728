/**
 * One bootstrap out of pieces.
 *
 * @module
 */
import type { JsonObject, JsonValue } from "./json.ts";
import { isObject } from "./json.ts";
import { type Parts, type Piece, staticCluster } from "./pieces.ts";

/** A bootstrap, and which piece each of its resources belongs to. */
export interface Bootstrap {
  readonly text: string;
  /** By list and index, as Envoy counts them: `listeners[3]`. */
  readonly owners: ReadonlyMap<string, number>;
}

/** The management server of a bootstrap that is made here. */
const SERVER = "xcp stand-in for ads";

/** What a client is sure to have in its own bootstrap, as far as resources depend on it. */
const FRAME: Parts = {
  rest: {
    node: { id: "xcp", cluster: "xcp" },
    dynamic_resources: {
      ads_config: {
        // Virtual hosts on demand are refused with the other kind.
        api_type: "DELTA_GRPC",
        transport_api_version: "V3",
        grpc_services: [{ envoy_grpc: { cluster_name: SERVER } }],
      },
    },
    bootstrap_extensions: [{
      name: "envoy.bootstrap.internal_listener",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener",
      },
    }],
  },
  clusters: [staticCluster(SERVER)],
};

const LISTS = ["listeners", "clusters", "secrets"] as const;

/**
 * All pieces that `active` has, with stubs for the others. `around` is there in any case: what the pieces name and nobody
 * asks about here.
 */
export function bootstrapOf(
  pieces: readonly Piece[],
  active: ReadonlySet<number>,
  around: readonly Parts[],
): Bootstrap {
  const owners = new Map<string, number>();
  const lists: Record<typeof LISTS[number] | "layers", JsonObject[]> = {
    listeners: [],
    clusters: [],
    secrets: [],
    layers: [],
  };
  let rest: JsonObject | undefined;
  const put = (parts: Parts, owner?: number) => {
    rest ??= parts.rest;
    lists.layers.push(...parts.layers ?? []);
    for (const list of LISTS) {
      for (const item of parts[list] ?? []) {
        if (owner !== undefined) owners.set(`${list}[${lists[list].length}]`, owner);
        lists[list].push(item);
      }
    }
  };
  for (const [i, { parts }] of pieces.entries()) if (active.has(i)) put(parts, i);
  // Two of one name are at fault together, so what stands in for one of them makes way for the other.
  const names = Object.fromEntries(LISTS.map((list) => [list, new Set(lists[list].map(({ name }) => name))]));
  const putNew = (parts: Parts, owner?: number) => {
    for (const list of LISTS) {
      const items = (parts[list] ?? []).filter(({ name }) => !names[list]?.has(name));
      for (const { name } of items) names[list]?.add(name);
      put({ [list]: items }, owner);
    }
  };
  for (const [i, { stub }] of pieces.entries()) if (!active.has(i)) putNew(stub, i);
  for (const parts of around) putNew(parts);
  if (rest === undefined) put(FRAME);
  const { listeners, clusters, secrets, layers } = lists;
  const bootstrap: JsonObject = {
    ...rest,
    static_resources: { ...object(rest?.static_resources), listeners, clusters, secrets },
    ...(layers.length === 0 ? {} : { layered_runtime: { layers } }),
  };
  return { text: JSON.stringify(bootstrap), owners };
}

function object(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/**
 * What Envoy is asked about, cut into pieces that can be asked about one by one: each resource, where a bootstrap has a
 * place for it.
 *
 * What is named through a management server stays named there: Envoy does not ask for it when it validates. It is put
 * into the same bootstrap by itself, inside the least that takes it: a route configuration into a listener of its own,
 * endpoints into a cluster, a certificate into a cluster that uses it. So every resource is looked at once, however many
 * others name it, and whatever Envoy says of it is about that resource.
 *
 * @module
 */
import type { Resource } from "../model/resource.ts";
import {
  CLUSTER,
  ENDPOINTS,
  LISTENER,
  LOCALITY_ENDPOINTS,
  ROUTES,
  RUNTIME,
  SCOPED_ROUTES,
  SECRET,
  VIRTUAL_HOST,
} from "../model/types.ts";
import { isObject, type JsonObject, type JsonValue } from "./json.ts";

/** Lists of a bootstrap. */
export interface Parts {
  readonly listeners?: readonly JsonObject[];
  readonly clusters?: readonly JsonObject[];
  readonly secrets?: readonly JsonObject[];
  /** Of `layered_runtime`. */
  readonly layers?: readonly JsonObject[];
  /** The bootstrap without these lists. At most one piece has it. */
  readonly rest?: JsonObject;
}

/** Something that Envoy can be asked about by itself. */
export interface Piece {
  readonly resource: Resource;
  readonly parts: Parts;
  /** Takes its place while others are asked about, because they name it. */
  readonly stub: Parts;
}

const TYPES = "type.googleapis.com/envoy";
const ADS: JsonObject = { ads: {}, resource_api_version: "V3" };

/** What has to be known of a resource to find a place for it. */
export interface Circumstances {
  /** Tells the addresses of listeners apart that are made. */
  readonly index: number;
  /** Whether another resource names it. */
  readonly used: boolean;
}

/**
 * The parts of a resource of a group, from its JSON; undefined for what only a running Envoy looks at: filters that come
 * by themselves, routes by scope, listeners of gRPC clients, types that nobody has a place for.
 */
export function partsOf(
  { type, name }: Pick<Resource, "type" | "name">,
  json: JsonObject,
  { index, used }: Circumstances,
): Parts | undefined {
  const { "@type": _, ...message } = json;
  const plain = fromAds(message);
  switch (type) {
    case LISTENER.url:
      return "api_listener" in plain ? undefined : { listeners: [plain] };
    case CLUSTER.url:
      return { clusters: [fromStatic(plain)] };
    case SECRET.url:
      return { secrets: [plain], clusters: used ? secretUser(name, plain) : [] };
    case ROUTES.url:
      return routed(`routes ${name}`, index, { route_config: routes(plain) });
    case VIRTUAL_HOST.url:
      return routed(`virtual host ${name}`, index, { route_config: routes({ name, virtual_hosts: [plain] }) });
    case SCOPED_ROUTES.url:
      return scoped(name, index, plain);
    case ENDPOINTS.url:
      return { clusters: [staticCluster(`endpoints ${name}`, assignment(plain))] };
    case LOCALITY_ENDPOINTS.url:
      return {
        clusters: [
          staticCluster(`endpoint ${name}`, { cluster_name: name, endpoints: [{ lb_endpoints: [plain] }] }),
        ],
      };
    case RUNTIME.url:
      return { layers: [{ name, static_layer: plain.layer ?? {} }] };
    default:
      return undefined;
  }
}

/** The parts of a resource of a bootstrap file, as they stand there but for what Envoy cannot validate. */
export function staticPartsOf({ type }: Pick<Resource, "type">, json: JsonObject): Parts | undefined {
  const { "@type": _, ...plain } = json;
  if (type === LISTENER.url) return { listeners: [plain] };
  if (type === CLUSTER.url) return { clusters: [fromStatic(plain)] };
  return type === SECRET.url ? { secrets: [plain] } : undefined;
}

/** What stands in for a resource that others cannot do without. `json` says which kind of a secret it is. */
export function stubOf({ type, name }: Pick<Resource, "type" | "name">, json: JsonObject, stubs: Stubs): Parts {
  if (type === CLUSTER.url) return { clusters: [staticCluster(name)] };
  if (type !== SECRET.url) return {};
  const kind = ["tls_certificate", "validation_context", "session_ticket_keys"].find((key) => key in json);
  return { secrets: [stubs.secret(name, kind ?? "generic_secret")] };
}

/** Makes what has to be valid. */
export interface Stubs {
  /** A secret of the kind that the field of `Secret` names. */
  secret(name: string, kind: string): JsonObject;
}

/** The kind of secret that a path inside a resource asks for. */
export function secretKind(path: string): string {
  if (path.includes("tls_certificate")) return "tls_certificate";
  if (path.includes("validation_context")) return "validation_context";
  return path.includes("session_ticket_keys") ? "session_ticket_keys" : "generic_secret";
}

/** A cluster that is valid whatever is asked of it. */
export function staticCluster(name: string, load?: JsonObject): JsonObject {
  return { name, type: "STATIC", load_assignment: load ?? { cluster_name: name } };
}

/** A client that asks for each resource alone says `self`, which Envoy does not know; what comes from there is the same. */
function fromAds(json: JsonObject): JsonObject {
  return mapObjects(json, (object) => {
    const source = isObject(object.self) && Object.keys(object).every((key) => SOURCE_KEYS.has(key));
    if (!source) return object;
    const { self: _, ...others } = object;
    return { ads: {}, ...others };
  });
}

/**
 * Secrets that a cluster gets over ADS are looked for in the bootstrap: Envoy 1.40 crashes when it validates such a
 * cluster, if that is one that it starts before it has its management server.
 */
function fromStatic(json: JsonObject): JsonObject {
  return mapObjects(json, (object) => {
    const { sds_config: source, ...others } = object;
    return isObject(source) && "ads" in source ? others : object;
  });
}

/** Changes every object, those inside first. */
function mapObjects(json: JsonObject, change: (object: JsonObject) => JsonObject): JsonObject {
  const visit = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(visit);
    return isObject(value) ? mapObjects(value, change) : value;
  };
  return change(Object.fromEntries(Object.entries(json).map(([key, value]) => [key, visit(value)])));
}

const SOURCE_KEYS: ReadonlySet<string> = new Set([
  "self",
  "authorities",
  "initial_fetch_timeout",
  "resource_api_version",
]);

/** Over RDS Envoy looks for the clusters only where it is told to. */
function routes(json: JsonObject): JsonObject {
  return { ...json, validate_clusters: json.validate_clusters ?? false };
}

function scoped(name: string, index: number, json: JsonObject): Parts | undefined {
  // Routes that come by name are no part of it, and Envoy has no static form with them.
  if (!isObject(json.route_configuration)) return undefined;
  const fragments = isObject(json.key) && Array.isArray(json.key.fragments) ? json.key.fragments : [];
  const configuration = { ...json, route_configuration: routes(json.route_configuration) };
  return routed(`scoped routes ${name}`, index, {
    scoped_routes: {
      name,
      scope_key_builder: {
        fragments: fragments.map((_, i) => ({ header_value_extractor: { name: `x-scope-${i}`, index: 0 } })),
      },
      rds_config_source: ADS,
      scoped_route_configurations_list: { scoped_route_configurations: [configuration] },
    },
  });
}

/** Ports of one address that are used: addresses of documentation (RFC 5737), which nobody listens on. */
const PORTS = 60_000;

function routed(name: string, index: number, of: JsonObject): Parts {
  const address = { address: `192.0.2.${1 + Math.floor(index / PORTS)}`, port_value: 1 + index % PORTS };
  const manager = {
    "@type": `${TYPES}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "xcp",
    ...of,
    http_filters: [{
      name: "router",
      typed_config: { "@type": `${TYPES}.extensions.filters.http.router.v3.Router` },
    }],
  };
  return {
    listeners: [{
      name,
      address: { socket_address: address },
      filter_chains: [{ filters: [{ name: "http", typed_config: manager }] }],
    }],
  };
}

/** What only a cluster of type EDS can have is left out. */
function assignment(json: JsonObject): JsonObject {
  const localities = Array.isArray(json.endpoints) ? json.endpoints : [];
  const endpoints = localities.filter((each) => !isObject(each) || !("leds_cluster_locality_config" in each));
  return { ...json, ...(localities.length === 0 ? {} : { endpoints }) };
}

/** A client that asks for a certificate reads it; a bootstrap has to use it for that. Names in a certificate are nothing without an authority. */
function secretUser(name: string, json: JsonObject): JsonObject[] {
  const trusted = isObject(json.validation_context) && "trusted_ca" in json.validation_context;
  const context = "tls_certificate" in json
    ? { tls_certificate_sds_secret_configs: [{ name }] }
    : trusted
    ? { validation_context_sds_secret_config: { name } }
    : undefined;
  if (context === undefined) return [];
  const socket = {
    name: "tls",
    typed_config: {
      "@type": `${TYPES}.extensions.transport_sockets.tls.v3.UpstreamTlsContext`,
      common_tls_context: context,
    },
  };
  return [{ ...staticCluster(`user of secret ${name}`), transport_socket: socket }];
}

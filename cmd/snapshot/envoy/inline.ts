/**
 * Puts resources where they are used: what an Envoy would ask a control plane for stands in the cluster or the listener
 * that would ask. Secrets stay apart, because only those of a file of their own can rotate.
 *
 * @module
 */
import { canonicalName } from "../../../lib/model/names.ts";
import {
  ENDPOINTS,
  EXTENSION_CONFIG,
  LOCALITY_ENDPOINTS,
  ROUTES,
  SCOPED_ROUTES,
  VIRTUAL_HOST,
} from "../../../lib/model/types.ts";
import { isObject, type Json, type JsonObject, mapObjects } from "./json.ts";

/** The resources of a type, printed when they are asked for. */
export interface Named {
  get(name: string): JsonObject | undefined;
  names(): Iterable<string>;
}

export interface InlinerOptions {
  readonly of: (type: { readonly url: string }) => Named;
  /** Where a secret is to be had. */
  readonly secretSource: (name: string) => JsonObject;
}

export class Inliner {
  /** Secrets that are named and come from a control plane: each needs a file. */
  readonly secrets = new Set<string>();
  /** Secrets that are looked for in the bootstrap. */
  readonly staticSecrets = new Set<string>();
  readonly #options: InlinerOptions;
  readonly #warnings = new Set<string>();

  constructor(options: InlinerOptions) {
    this.#options = options;
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  warn(warning: string): void {
    this.#warnings.add(warning);
  }

  cluster(json: JsonObject): JsonObject {
    const whose = `cluster "${String(json.name)}"`;
    const plain = mapObjects(json, (object) => this.#change(object, whose));
    const eds = plain.eds_cluster_config;
    if (plain.type !== "EDS" && eds === undefined) return this.#checked(plain, whose);
    const config = isObject(eds) ? eds : {};
    if (config.eds_config !== undefined && !isFromServer(config.eds_config)) return this.#checked(plain, whose);
    const asked = canonicalName(String(config.service_name || json.name));
    const found = this.#options.of(ENDPOINTS).get(asked);
    if (found === undefined) this.warn(`${whose} has no endpoints: "${asked}" is not there`);
    const { "@type": _, ...assignment } = found ?? {};
    const { eds_cluster_config: __, ...rest } = plain;
    return this.#checked({
      ...rest,
      type: "STATIC",
      load_assignment: { ...this.#assignment(assignment, whose), cluster_name: json.name ?? "" },
    }, whose);
  }

  listener(json: JsonObject): JsonObject {
    const whose = `listener "${String(json.name)}"`;
    return this.#checked(mapObjects(json, (object) => this.#change(object, whose)), whose);
  }

  /** One object, of which everything inside is as it should be. */
  #change(object: JsonObject, whose: string): JsonObject {
    if (isObject(object.rds) && isFromServer(object.rds.config_source)) return this.#routed(object, object.rds, whose);
    if (isObject(object.scoped_routes)) {
      const scoped = this.#scoped(object.scoped_routes, whose);
      if (scoped !== undefined) return { ...object, scoped_routes: scoped };
    }
    if (isObject(object.config_discovery) && isFromServer(object.config_discovery.config_source)) {
      return this.#filter(object, object.config_discovery, whose);
    }
    for (const [key, value] of Object.entries(object)) {
      if (!key.includes("sds_") || !/_sds_secret_configs?$|^sds_config$|^sds_secret_config/.test(key)) continue;
      if (key === "sds_config") return this.#secret(object);
      // Named without a source: a secret of the bootstrap.
      for (const one of Array.isArray(value) ? value : [value]) {
        if (isObject(one) && typeof one.name === "string" && one.sds_config === undefined) {
          this.staticSecrets.add(one.name);
        }
      }
    }
    return object;
  }

  #secret(object: JsonObject): JsonObject {
    if (!isFromServer(object.sds_config) || typeof object.name !== "string") return object;
    const name = canonicalName(object.name);
    this.secrets.add(name);
    return { ...object, sds_config: this.#options.secretSource(name) };
  }

  #routed(manager: JsonObject, rds: JsonObject, whose: string): JsonObject {
    const { rds: _, ...rest } = manager;
    return { ...rest, route_config: this.#routes(String(rds.route_config_name ?? ""), whose) };
  }

  #routes(asked: string, whose: string): JsonObject {
    const name = canonicalName(asked);
    const found = this.#options.of(ROUTES).get(name);
    if (found === undefined) this.warn(`${whose} has no routes: "${name}" is not there, every request is answered 404`);
    const { "@type": _, vhds, ...routes } = found ?? { name };
    // Over RDS Envoy looks for the clusters only where it is told to, and in a listener where it is not told not to.
    const plain: JsonObject = { ...routes, validate_clusters: routes.validate_clusters ?? false };
    if (vhds === undefined) return mapObjects(plain, (object) => this.#change(object, whose));
    const own = Array.isArray(routes.virtual_hosts) ? routes.virtual_hosts : [];
    const hosts = this.#all(VIRTUAL_HOST, (host) => host.slice(0, host.lastIndexOf("/")) === name);
    return mapObjects({ ...plain, virtual_hosts: [...own, ...hosts] }, (object) => this.#change(object, whose));
  }

  /** Scopes that come from a control plane, as a list. */
  #scoped(scoped: JsonObject, whose: string): JsonObject | undefined {
    const { scoped_rds: source, rds_config_source: routesFrom, scoped_route_configurations_list: list, ...rest } =
      scoped;
    let scopes: Json[];
    if (isObject(source)) {
      if (!isFromServer(source.scoped_rds_config_source)) return undefined;
      scopes = this.#all(SCOPED_ROUTES);
    } else if (isObject(list)) {
      scopes = Array.isArray(list.scoped_route_configurations) ? list.scoped_route_configurations : [];
    } else return undefined;
    if (routesFrom !== undefined && !isFromServer(routesFrom)) return undefined;
    const inlined = scopes.filter(isObject).map((scope): JsonObject => {
      const { route_configuration_name: name, on_demand: _, ...others } = scope;
      if (typeof name !== "string" || name === "") return scope;
      return { ...others, route_configuration: this.#routes(name, whose) };
    });
    return { ...rest, scoped_route_configurations_list: { scoped_route_configurations: inlined } };
  }

  #filter(filter: JsonObject, discovery: JsonObject, whose: string): JsonObject {
    const name = canonicalName(String(filter.name ?? ""));
    const found = this.#options.of(EXTENSION_CONFIG).get(name)?.typed_config ?? discovery.default_config;
    if (found === undefined) {
      this.warn(`${whose} has a filter without configuration: "${name}" is not there`);
      return filter;
    }
    const { config_discovery: _, ...rest } = filter;
    const typed = isObject(found) ? mapObjects(found, (object) => this.#change(object, whose)) : found;
    return { ...rest, typed_config: typed };
  }

  /** Endpoints with those that would be asked for locality by locality. */
  #assignment(assignment: JsonObject, whose: string): JsonObject {
    const localities = Array.isArray(assignment.endpoints) ? assignment.endpoints : [];
    if (localities.length === 0) return assignment;
    const endpoints = localities.map((locality): Json => {
      if (!isObject(locality) || !isObject(locality.leds_cluster_locality_config)) return locality;
      const { leds_cluster_locality_config: leds, ...rest } = locality;
      const collection = canonicalName(String(leds.leds_collection_name ?? ""));
      const prefix = collection.replace(/\*(\?.*)?$/, "");
      const isMember = (name: string) => name.startsWith(prefix) && !name.slice(prefix.length).includes("/");
      const members = collection === prefix ? [] : this.#all(LOCALITY_ENDPOINTS, isMember);
      if (members.length === 0) this.warn(`${whose} has a locality without endpoints: "${collection}" is not there`);
      return { ...rest, lb_endpoints: members };
    });
    return { ...assignment, endpoints };
  }

  /** Resources as they stand in another. */
  #all(type: { readonly url: string }, wanted: (name: string) => boolean = () => true): JsonObject[] {
    const named = this.#options.of(type);
    return Array.from(named.names()).filter(wanted).map((name) => {
      const { "@type": _, ...json } = named.get(name) ?? {};
      return json;
    });
  }

  /** Says where something still comes from a control plane. */
  #checked(json: JsonObject, whose: string): JsonObject {
    mapObjects(json, (object) => {
      const asks = "ads" in object && isObject(object.ads) || "self" in object && isObject(object.self);
      if (asks) this.warn(`${whose} names something that only a control plane can give, and will not have it`);
      return object;
    });
    return json;
  }
}

/** Whether a `ConfigSource` is the server that everything else comes from: `ads`, `self`, or nothing that says otherwise. */
function isFromServer(source: Json | undefined): boolean {
  if (!isObject(source)) return false;
  return !["path", "path_config_source", "api_config_source"].some((key) => key in source);
}

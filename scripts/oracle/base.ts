/**
 * A configuration that mutants are made of, in one of the forms that files have, and the bootstrap that Envoy is asked
 * about it with.
 *
 * @module
 */
import { type Api } from "../../lib/model/api.ts";
import { parseYaml } from "../../lib/model/codec/yaml.ts";
import { Source } from "../../lib/model/codec/source.ts";
import type { Change } from "./mutant.ts";
import { fieldChanges, messageChanges } from "./shapes.ts";
import { CLUSTER, type Minimal } from "./minimal.ts";
import { printDocuments, type Printed } from "./print.ts";
import type { RuleReader } from "./rules.ts";
import { from, fromNode, get, list, type MapValue, raw, text, textOf, type Value } from "./value.ts";
import { collectionChanges, valueChanges } from "./values.ts";
import { type Sites, sitesOf, typedSites } from "./walk.ts";

export type Form = "bootstrap" | "discovery" | "typed" | "typed-list" | "typed-multi";

/** The documents of one file are the items of `root`. */
export interface Base {
  readonly name: string;
  readonly form: Form;
  readonly root: Value;
}

const BOOTSTRAP = "envoy.config.bootstrap.v3.Bootstrap";
const TYPE = "type.googleapis.com/";
/** What a file of resources has. */
const DISCOVERY = /^(resources|version_?[iI]nfo|type_?[uU]rl|nonce)$/;

/** Reads a file; undefined for what is in no form that is known. */
export function readBase(name: string, content: string): Base | undefined {
  const source = new Source(name, content);
  const documents = parseYaml(source).map(fromNode).filter((each) => each.kind !== "scalar");
  const [first] = documents;
  if (first === undefined) return undefined;
  const root = list(documents);
  if (documents.length > 1) return documents.every(isTyped) ? { name, form: "typed-multi", root } : undefined;
  if (isTyped(first)) return { name, form: "typed", root };
  if (first.kind === "list") return first.items.every(isTyped) ? { name, form: "typed-list", root } : undefined;
  const resources = get(first, "resources");
  if (resources?.kind === "list") {
    const isDiscovery = first.entries.every(({ key }) => DISCOVERY.test(key)) && resources.items.every(isTyped);
    return isDiscovery ? { name, form: "discovery", root } : undefined;
  }
  const isBootstrap = ["static_resources", "dynamic_resources", "admin"].some((key) => get(first, key) !== undefined);
  return isBootstrap ? { name, form: "bootstrap", root } : undefined;
}

function isTyped(value: Value): boolean {
  return textOf(get(value, "@type")) !== undefined;
}

/** Everything in the base that the descriptors know. */
export function baseSites(api: Api, base: Base): Sites {
  const all: Sites = { messages: [], fields: [], values: [] };
  const take = (sites: Sites) => {
    all.messages.push(...sites.messages);
    all.fields.push(...sites.fields);
    all.values.push(...sites.values);
  };
  const documents = base.root.kind === "list" ? base.root.items : [];
  for (const [i, document] of documents.entries()) {
    const desc = api.message(BOOTSTRAP);
    if (base.form === "bootstrap") {
      if (desc !== undefined && i === 0) take(sitesOf(api, desc, document, [i]));
    } else if (base.form === "discovery" && document.kind === "map") {
      const index = document.entries.findIndex(({ key }) => key === "resources");
      for (const [j, item] of children(document.entries[index]?.value)) take(typedSites(api, item, [i, index, j]));
    } else if (base.form === "typed-list") {
      for (const [j, item] of children(document)) take(typedSites(api, item, [i, j]));
    } else take(typedSites(api, document, [i]));
  }
  return all;
}

function children(value: Value | undefined): IterableIterator<[number, Value]> {
  return (value?.kind === "list" ? value.items : []).entries();
}

/** Every change that is known for the base. */
export function changesOf(api: Api, rules: RuleReader, minimal: Minimal, base: Base): Change[] {
  const sites = baseSites(api, base);
  return [
    ...sites.values.flatMap((site) => valueChanges(rules, site)),
    ...sites.fields.flatMap((site) => [...collectionChanges(rules, site), ...fieldChanges(site)]),
    ...sites.messages.flatMap((site) => messageChanges(minimal, site)),
  ];
}

/** The text of a base or of what a change made of it. */
export function printRoot(root: Value): Printed {
  return printDocuments(root.kind === "list" ? root.items : []);
}

/** The bootstrap that stands for a configuration, or why Envoy is not asked. */
export function bootstrapOf(form: Form, root: Value): Value | "bad" | undefined {
  const documents = root.kind === "list" ? root.items : [];
  const [first] = documents;
  if (form === "bootstrap") return first;
  const resources = form === "discovery" ? get(first, "resources") : form === "typed-list" ? first : root;
  if (resources?.kind !== "list") return undefined;
  const parts = new Parts();
  for (const [i, item] of resources.items.entries()) {
    // Without a type it is no resource, so it is wrong by definition.
    const type = textOf(get(item, "@type"));
    if (item.kind !== "map" || type === undefined || !type.includes("/")) return "bad";
    const known = parts.add(type.slice(type.lastIndexOf("/") + 1), item, i);
    if (!known) return type.includes(".no.such.") ? "bad" : undefined;
  }
  return parts.bootstrap();
}

class Parts {
  readonly #listeners: Value[] = [];
  readonly #clusters: Value[] = [];
  readonly #secrets: Value[] = [];
  readonly #layers: Value[] = [];
  #ads = false;

  /** False for a type that has no place in a bootstrap. */
  add(type: string, item: MapValue, index: number): boolean {
    const own: MapValue = { kind: "map", entries: item.entries.filter(({ key }) => key !== "@type") };
    this.#ads ||= usesAds(own);
    switch (type) {
      case "envoy.config.listener.v3.Listener":
        return this.#listeners.push(own) > 0;
      case "envoy.config.cluster.v3.Cluster":
        return this.#clusters.push(own) > 0;
      case "envoy.extensions.transport_sockets.tls.v3.Secret":
        return this.#secrets.push(own) > 0;
      case "envoy.config.route.v3.RouteConfiguration":
        return this.#listeners.push(routeListener(own, index)) > 0;
      case "envoy.config.route.v3.VirtualHost":
        return this.#listeners.push(routeListener(withEntries({ name: "r" }, "virtual_hosts", list([own])), index)) > 0;
      case "envoy.config.endpoint.v3.ClusterLoadAssignment":
        return this.#clusters.push(
          withEntries(
            { name: `xcp_assignment_${index}`, type: "STATIC", connect_timeout: "1s" },
            "load_assignment",
            own,
          ),
        ) > 0;
      case "envoy.service.runtime.v3.Runtime":
        // A layer of the bootstrap has no place for anything else.
        if (textOf(get(own, "name")) === undefined || own.entries.length > 2) return false;
        return this.#layers.push(withEntries({ name: `l${index}` }, "static_layer", get(own, "layer") ?? from({}))) > 0;
      default:
        return false;
    }
  }

  bootstrap(): Value {
    if (this.#ads) this.#clusters.push(grpcCluster("xcp_ads"));
    const ads = {
      api_type: "GRPC",
      transport_api_version: "V3",
      grpc_services: [{ envoy_grpc: { cluster_name: "xcp_ads" } }],
    };
    const entries = [{
      key: "static_resources",
      value: {
        kind: "map" as const,
        entries: [
          { key: "listeners", value: list(this.#listeners) },
          { key: "clusters", value: list(this.#clusters) },
          { key: "secrets", value: list(this.#secrets) },
        ],
      },
    }];
    const more = this.#ads ? [{ key: "dynamic_resources", value: from({ ads_config: ads }) }] : [];
    const runtime: MapValue = { kind: "map", entries: [{ key: "layers", value: list(this.#layers) }] };
    const layers = this.#layers.length > 0 ? [{ key: "layered_runtime", value: runtime }] : [];
    return { kind: "map", entries: [...entries, ...more, ...layers] };
  }
}

function withEntries(plain: Readonly<Record<string, string>>, key: string, value: Value): MapValue {
  const map = from(plain);
  return { kind: "map", entries: [...(map.kind === "map" ? map.entries : []), { key, value }] };
}

function usesAds(value: Value): boolean {
  if (value.kind === "list") return value.items.some(usesAds);
  return value.kind === "map" && value.entries.some((entry) => entry.key === "ads" || usesAds(entry.value));
}

/** An HTTP/2 cluster on the loopback that nothing listens at. */
export function grpcCluster(name: string): Value {
  const http2 = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  return from({
    name,
    type: "STATIC",
    connect_timeout: "1s",
    load_assignment: {
      cluster_name: name,
      endpoints: [{
        lb_endpoints: [{ endpoint: { address: { socket_address: { address: "127.0.0.1", port_value: 1 } } } }],
      }],
    },
    typed_extension_protocol_options: {
      [http2]: { "@type": `${TYPE}${http2}`, explicit_http_config: { http2_protocol_options: {} } },
    },
  });
}

/** A listener whose connection manager has the route configuration, and looks at no cluster unless the file says so. */
function routeListener(routes: MapValue, index: number): Value {
  const config: MapValue = get(routes, "validate_clusters") === undefined
    ? { kind: "map", entries: [...routes.entries, { key: "validate_clusters", value: raw("false") }] }
    : routes;
  const manager: MapValue = {
    kind: "map",
    entries: [
      {
        key: "@type",
        value: text(`${TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`),
      },
      { key: "stat_prefix", value: text("x") },
      {
        key: "http_filters",
        value: from([{
          name: "router",
          typed_config: { "@type": `${TYPE}envoy.extensions.filters.http.router.v3.Router` },
        }]),
      },
      { key: "route_config", value: config },
    ],
  };
  const filter: MapValue = {
    kind: "map",
    entries: [{ key: "name", value: text("hcm") }, { key: "typed_config", value: manager }],
  };
  const chain: MapValue = { kind: "map", entries: [{ key: "filters", value: list([filter]) }] };
  return {
    kind: "map",
    entries: [
      { key: "name", value: text(`xcp_routes_${index}`) },
      { key: "address", value: from({ socket_address: { address: "127.9.9.9", port_value: 20_000 + index } }) },
      { key: "filter_chains", value: list([chain]) },
    ],
  };
}

export { CLUSTER };

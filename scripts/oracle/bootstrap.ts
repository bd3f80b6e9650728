/**
 * The bootstrap that Envoy is asked with, for configurations of every form.
 *
 * @module
 */
import type { Form } from "./base.ts";
import { from, get, list, type MapValue, raw, text, textOf, type Value } from "./value.ts";

const TYPE = "type.googleapis.com/";

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

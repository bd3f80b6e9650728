/**
 * Where configuration comes from: `ConfigSource` and `ApiConfigSource`, wherever Envoy makes a subscription of one while
 * it loads its configuration. It does not look at those of LDS, HDS and load reports before it runs.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { checkPlace } from "../http_filters/typed_config.ts";
import { checkRetries } from "../routes/retry.ts";
import { checkGrpcService } from "./grpc.ts";

/** Numbers of `ApiConfigSource.ApiType`. */
const UNSET = 0;
const REST = 1;
const GRPC = 2;
const DELTA_GRPC = 3;
const AGGREGATED: readonly number[] = [5, 6];

/** What a source is for: resources of one type, ADS itself, or names of an authority. */
type Purpose = "one" | "ads" | "authority";

/** A source of resources of one type. */
function source(field: string): Watcher {
  return (view) => checkSource(view.message(field));
}

function checkSource(config: MessageView | undefined): void {
  const api = config?.message("api_config_source");
  if (api !== undefined) return checkApi(api, "one");
  if (config?.has("self")) {
    // In a bootstrap there is no other client.
    if (config.run.bootstrap) config.reject("unsupported", "Envoy does not know self as a source", "self");
    else config.warn("unsupported", "Envoy refuses self as a source here; other clients may know it", "self");
  }
}

function checkApi(api: MessageView, purpose: Purpose): void {
  const type = api.enum("api_type");
  // That is a value which is gone, and has a rule of its own.
  if (type === UNSET) return;
  const fault = typeFault(type, purpose);
  if (fault !== undefined) return api.reject("unsupported", fault, "api_type");
  if (type === REST) rest(api);
  else grpc(api);
  checkRate(api);
}

function typeFault(type: number, purpose: Purpose): string | undefined {
  if (purpose === "authority") {
    return AGGREGATED.includes(type)
      ? undefined
      : "An authority needs api_type AGGREGATED_GRPC or AGGREGATED_DELTA_GRPC";
  }
  if (type === GRPC || type === DELTA_GRPC || type === REST && purpose === "one") return undefined;
  return purpose === "ads"
    ? "ADS needs api_type GRPC or DELTA_GRPC"
    : "A source of its own cannot be aggregated: use ads, or api_type GRPC or DELTA_GRPC";
}

function rest(api: MessageView): void {
  const names = api.strings("cluster_names");
  const [, surplus] = names;
  if (api.messages("grpc_services").length > 0) {
    api.reject("conflicting-fields", "grpc_services is set, and api_type is REST", "grpc_services");
  } else if (names.length === 0) {
    api.reject("missing-field", "A source of type REST needs cluster_names", "cluster_names");
  } else if (surplus !== undefined) {
    api.reject("unsupported", "A source of type REST can have one of cluster_names only", surplus);
  }
  if (!api.has("refresh_delay")) api.reject("missing-field", "A source of type REST needs refresh_delay");
}

function grpc(api: MessageView): void {
  const services = api.messages("grpc_services");
  const [service, surplus] = services;
  if (api.strings("cluster_names").length > 0) {
    const message = "cluster_names is set, and api_type is a kind of gRPC: use grpc_services";
    api.reject("conflicting-fields", message, "cluster_names");
  } else if (service === undefined) {
    api.reject("missing-field", "A source of gRPC needs grpc_services", "grpc_services");
  }
  surplus?.reject("unsupported", "A source can have one of grpc_services only");
  checkPlace(api, "config_validators", ["envoy.config.validators"]);
  checkRetries(service?.message("envoy_grpc")?.message("retry_policy"));
  checkGrpcService(service);
}

function checkRate(api: MessageView): void {
  const settings = api.message("rate_limit_settings");
  const rate = settings?.number("fill_rate");
  if (rate === undefined || Number.isFinite(rate)) return;
  settings?.reject("bad-value", "fill_rate must be a finite number", "fill_rate");
}

/** Sources of the bootstrap for names of authorities. */
const authorities: Watcher = (bootstrap) => {
  for (const config of bootstrap.messages("config_sources")) {
    checkAuthority(config);
    if (!config.has("authorities")) config.reject("missing-field", "One of config_sources needs authorities");
  }
  const config = bootstrap.message("default_config_source");
  if (config !== undefined) checkAuthority(config);
};

function checkAuthority(config: MessageView): void {
  const names = new Set<string>();
  for (const authority of config.messages("authorities")) {
    const name = authority.string("name")?.value ?? "";
    if (names.has(name)) authority.reject("duplicate-name", `There is an authority "${name}" already`, "name");
    names.add(name);
  }
  const api = config.message("api_config_source");
  if (api !== undefined) checkApi(api, "authority");
  else config.reject("unsupported", "A source of an authority needs api_config_source");
}

const resources: Watcher = (view) => {
  const ads = view.message("ads_config");
  if (ads !== undefined) checkApi(ads, "ads");
  checkSource(view.message("cds_config"));
  const locator = view.string("cds_resources_locator");
  if (locator !== undefined && !/^(?:xdstp|http|file):/.test(locator.value)) {
    view.reject("bad-value", "A locator begins with xdstp:, http: or file:", locator);
  }
};

const HCM = "envoy.extensions.filters.network.http_connection_manager.v3";
const BOOTSTRAP = "envoy.config.bootstrap.v3";

export const SOURCE_CHECKS: CheckTable = [
  [`${BOOTSTRAP}.Bootstrap`, authorities],
  [`${BOOTSTRAP}.Bootstrap.DynamicResources`, resources],
  [`${BOOTSTRAP}.RuntimeLayer.RtdsLayer`, source("rtds_config")],
  ["envoy.config.cluster.v3.Cluster.EdsClusterConfig", source("eds_config")],
  ["envoy.config.core.v3.ExtensionConfigSource", source("config_source")],
  [`${HCM}.Rds`, source("config_source")],
  [`${HCM}.ScopedRds`, source("scoped_rds_config_source")],
  ["envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig", source("sds_config")],
];

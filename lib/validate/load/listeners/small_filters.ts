/**
 * Network and listener filters of few rules.
 *
 * Source: `config.cc` of each filter under `source/extensions/filters/network/` and `listener/` of Envoy.
 *
 * @module
 */
import type { Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { hasName } from "../http_filters/extensions.ts";
import { checkPlace } from "../http_filters/typed_config.ts";
import { checkFormat } from "./proxies.ts";
import { textsAt } from "./lists.ts";

const FILTERS = "envoy.extensions.filters";

const zooKeeper: Watcher = (filter) => {
  const seen = new Set<number>();
  for (const override of filter.messages("latency_threshold_overrides")) {
    const opcode = override.enum("opcode");
    if (seen.has(opcode)) override.reject("duplicate-name", "There are two thresholds for one opcode", "opcode");
    seen.add(opcode);
  }
};

const MIN_FILL_INTERVAL = 50;

/** Of the two filters that count connections by themselves. */
const localRateLimit: Watcher = (filter) => {
  const bucket = filter.message("token_bucket");
  const interval = bucket?.duration("fill_interval");
  if (interval === undefined || Math.floor(interval) >= MIN_FILL_INTERVAL) return;
  bucket?.reject("unsupported", `Envoy fills a bucket every ${MIN_FILL_INTERVAL} ms at most`, "fill_interval");
};

const connectionLimit: Watcher = (filter) => {
  if (!filter.has("max_connections")) filter.reject("missing-field", "max_connections is missing");
};

const V2 = 1;

/** The protocol of version 2 is gone; 3 is spoken if nothing is said. */
const transportVersion: Watcher = (view) => {
  if (view.enum("transport_api_version") !== V2) return;
  view.reject("unsupported", "Envoy has lost version 2 of its protocols", "transport_api_version");
};

const rateLimit: Watcher = (filter, run) => {
  const service = filter.message("rate_limit_service");
  if (service !== undefined) transportVersion(service, run);
  for (const descriptor of filter.messages("descriptors")) {
    for (const entry of descriptor.messages("entries")) checkFormat(entry, "value");
  }
};

const SKIP = 1;

const externalProcessor: Watcher = (filter) => {
  if (!filter.has("grpc_service")) filter.reject("missing-field", "grpc_service is missing");
  const mode = filter.message("processing_mode");
  if (mode?.enum("process_read") === SKIP && mode.enum("process_write") === SKIP) {
    mode.reject("conflicting-fields", "Neither what is read nor what is written is processed", "process_write");
  }
};

const geoip: Watcher = (filter) => {
  checkFormat(filter, "client_ip");
  checkPlace(filter, "provider", ["envoy.geoip_providers"]);
};

const filterState: Watcher = (value) => {
  const field = value.string("factory_key") === undefined ? "object_key" : "factory_key";
  const key = value.string(field);
  if (key === undefined || hasName("filter_state.object", key.value)) return;
  const more = field === "object_key" ? "; of any other, factory_key says what it is" : "";
  value.reject("wrong-extension", `Envoy has no filter state object ${JSON.stringify(key.value)}${more}`, field);
};

const proxyProtocol: Watcher = (filter) => {
  const versions = new Set(textsAt(filter, "disallowed_versions").map(({ text }) => text.toUpperCase()));
  if (!["V1", "0"].some((each) => versions.has(each)) || !["V2", "1"].some((each) => versions.has(each))) return;
  filter.reject("conflicting-fields", "All versions of the protocol are disallowed", "disallowed_versions");
};

export const SMALL_FILTER_CHECKS: CheckTable = [
  [`${FILTERS}.network.zookeeper_proxy.v3.ZooKeeperProxy`, zooKeeper],
  [`${FILTERS}.network.local_ratelimit.v3.LocalRateLimit`, localRateLimit],
  [`${FILTERS}.listener.local_ratelimit.v3.LocalRateLimit`, localRateLimit],
  [`${FILTERS}.network.connection_limit.v3.ConnectionLimit`, connectionLimit],
  [`${FILTERS}.network.ext_authz.v3.ExtAuthz`, transportVersion],
  [`${FILTERS}.network.ratelimit.v3.RateLimit`, rateLimit],
  [`${FILTERS}.network.ext_proc.v3.NetworkExternalProcessor`, externalProcessor],
  [`${FILTERS}.network.geoip.v3.Geoip`, geoip],
  [`${FILTERS}.common.set_filter_state.v3.FilterStateValue`, filterState],
  [`${FILTERS}.listener.proxy_protocol.v3.ProxyProtocol`, proxyProtocol],
];

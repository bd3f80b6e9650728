/**
 * The HTTP connection manager apart from its filters and routes: options that exclude each other.
 *
 * Source: `HttpConnectionManagerConfig` in `http_connection_manager/config.cc`.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { formatFault } from "../format.ts";

const HCM = "envoy.extensions.filters.network.http_connection_manager.v3";

/** Kilobytes of request headers that Envoy takes by itself. */
const MAX_REQUEST_HEADERS_KB = 60;

/** The first two cannot be together; the last is where it is said. */
function exclude(view: MessageView, one: string, other: string): void {
  view.reject("conflicting-fields", `"${one}" and "${other}" exclude each other`, other);
}

const connectionManager: Watcher = (hcm) => {
  if (hcm.bool("strip_matching_host_port") && hcm.bool("strip_any_host_port")) {
    exclude(hcm, "strip_matching_host_port", "strip_any_host_port");
  }
  if (hcm.has("original_ip_detection_extensions") && hcm.messages("original_ip_detection_extensions").length > 0) {
    if (hcm.bool("use_remote_address")) exclude(hcm, "original_ip_detection_extensions", "use_remote_address");
    if ((hcm.number("xff_num_trusted_hops") ?? 0) > 0) {
      exclude(hcm, "original_ip_detection_extensions", "xff_num_trusted_hops");
    }
  }
  if (hcm.has("access_log_options")) {
    if (hcm.bool("flush_access_log_on_new_request")) {
      exclude(hcm, "access_log_options", "flush_access_log_on_new_request");
    }
    if (hcm.has("access_log_flush_interval")) exclude(hcm, "access_log_options", "access_log_flush_interval");
  }
  if (hcm.has("typed_header_validation_config")) {
    hcm.reject("unsupported", "Envoy is built without header validators", "typed_header_validation_config");
  }
  const common = hcm.message("common_http_protocol_options");
  if (common?.has("max_response_headers_kb")) {
    common.reject("unsupported", "max_response_headers_kb is for clusters only", "max_response_headers_kb");
  }
  checkHeaderSize(hcm);
  checkUpgrades(hcm);
  checkRouteSource(hcm.message("rds"));
};

function checkHeaderSize(hcm: MessageView): void {
  const http2 = hcm.message("http2_protocol_options");
  const field = http2?.number("max_header_field_size_kb");
  const all = hcm.number("max_request_headers_kb") ?? MAX_REQUEST_HEADERS_KB;
  if (http2 === undefined || field === undefined || field <= all) return;
  http2.reject(
    "conflicting-fields",
    `max_header_field_size_kb is ${field}, more than all headers may have (max_request_headers_kb: ${all})`,
    "max_header_field_size_kb",
  );
}

function checkUpgrades(hcm: MessageView): void {
  const types = new Set<string>();
  for (const upgrade of hcm.messages("upgrade_configs")) {
    const type = upgrade.string("upgrade_type")?.value ?? "";
    const key = type.toLowerCase();
    if (types.has(key)) upgrade.reject("duplicate-name", `upgrade "${type}" is there twice`, "upgrade_type");
    types.add(key);
  }
}

function checkRouteSource(rds: MessageView | undefined): void {
  if (rds === undefined || rds.has("config_source")) return;
  if (rds.string("route_config_name")?.value.startsWith("xdstp:")) return;
  rds.reject("missing-field", "config_source is missing: only an xdstp name does without");
}

/** Formats that spans and their tags are named by. */
function formats(...fields: string[]): Watcher {
  return (view) => {
    for (const field of fields) {
      const text = view.string(field);
      const fault = text === undefined ? undefined : formatFault(text.value);
      if (fault !== undefined) view.reject("bad-format", fault, field);
    }
  };
}

const forwardedFor: Watcher = (xff) => {
  if ((xff.number("xff_num_trusted_hops") ?? 0) > 0 && xff.has("xff_trusted_cidrs")) {
    exclude(xff, "xff_num_trusted_hops", "xff_trusted_cidrs");
  }
};

const scopedRoutes: Watcher = (scoped) => {
  const inline = scoped.message("scoped_route_configurations_list");
  for (const scope of inline?.messages("scoped_route_configurations") ?? []) {
    if (scope.string("route_configuration_name") !== undefined) {
      scope.reject("unsupported", "Scopes in place need their routes in place too", "route_configuration_name");
    } else if (!scope.has("route_configuration")) {
      scope.reject("missing-field", "route_configuration is missing: scopes in place need their routes in place too");
    }
  }
};

const headerExtractor: Watcher = (extractor) => {
  if (extractor.has("element")) return;
  if (!extractor.has("index")) return extractor.reject("missing-field", "Neither element nor index is set");
  const index = extractor.number("index") ?? 0;
  if (index === 0 || extractor.string("element_separator") !== undefined) return;
  extractor.reject(
    "conflicting-fields",
    `index is ${index}, and without element_separator there is one element`,
    "index",
  );
};

const vhds: Watcher = (view) => {
  const source = view.message("config_source");
  const api = source?.message("api_config_source");
  const DELTA_GRPC = 3;
  const wrong = api === undefined ? source?.which("path", "path_config_source") : "api_config_source";
  if (source === undefined || wrong === undefined || api?.enum("api_type") === DELTA_GRPC) return;
  source.reject("unsupported", "Virtual hosts are discovered by ads or DELTA_GRPC only", wrong);
};

export const MANAGER_CHECKS: CheckTable = [
  [`${HCM}.HttpConnectionManager`, connectionManager],
  [`${HCM}.HttpConnectionManager.Tracing`, formats("operation", "upstream_operation")],
  [`${HCM}.ScopedRoutes`, scopedRoutes],
  [`${HCM}.ScopedRoutes.ScopeKeyBuilder.FragmentBuilder.HeaderValueExtractor`, headerExtractor],
  ["envoy.config.route.v3.Tracing", formats("operation", "upstream_operation")],
  ["envoy.type.tracing.v3.CustomTag", formats("value")],
  ["envoy.extensions.http.original_ip_detection.xff.v3.XffConfig", forwardedFor],
  ["envoy.config.route.v3.Vhds", vhds],
];

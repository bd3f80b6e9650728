/**
 * gRPC services that Envoy makes a client of while it loads its configuration. Most filters make theirs when a request
 * comes, and nothing of it is refused before.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { hasName } from "../http_filters/extensions.ts";
import { checkHeaderValue } from "../header.ts";

/** Checks a `core.v3.GrpcService`. */
export function checkGrpcService(service: MessageView | undefined): void {
  for (const header of service?.messages("initial_metadata") ?? []) checkHeaderValue(header);
  const google = service?.message("google_grpc");
  const name = google?.string("credentials_factory_name");
  if (name === undefined || hasName("envoy.grpc_credentials", name.value)) return;
  google?.reject("wrong-extension", `Envoy has no gRPC credentials "${name.value}"`, "credentials_factory_name");
}

function serviceIn(field: string): Watcher {
  return (view) => checkGrpcService(view.message(field));
}

const LOGGERS = "envoy.extensions.access_loggers";

export const GRPC_CHECKS: CheckTable = [
  ["envoy.config.metrics.v3.MetricsServiceConfig", serviceIn("grpc_service")],
  ["envoy.config.trace.v3.SkyWalkingConfig", serviceIn("grpc_service")],
  [`${LOGGERS}.grpc.v3.CommonGrpcAccessLogConfig`, serviceIn("grpc_service")],
  [`${LOGGERS}.open_telemetry.v3.OpenTelemetryAccessLogConfig`, serviceIn("grpc_service")],
  ["envoy.extensions.filters.http.rate_limit_quota.v3.RateLimitQuotaFilterConfig", serviceIn("rlqs_server")],
];

/**
 * Access logs, tracers and statistics: what they need beside their formats.
 *
 * @module
 */
import type { Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { stdRegexFault } from "./std_regex.ts";

/** Exactly one of the fields may be set. */
function exactlyOne(what: string, ...fields: string[]): Watcher {
  return (view) => {
    const [first, second] = fields.filter((field) => view.has(field));
    if (first === undefined) view.reject("missing-field", `${what} needs one of ${fields.join(", ")}`);
    else if (second !== undefined) {
      view.reject("conflicting-fields", `${what} takes one of ${fields.join(", ")}, not both`, second);
    }
  };
}

/** Three ways to say where logs go, one of them inside a message that has other fields too. */
const openTelemetryLog: Watcher = (log) => {
  const [first, second] = ["grpc_service", "http_service", "common_config"].filter((field) => log.has(field));
  if (first === undefined) {
    log.reject("missing-field", "the access log needs a grpc_service or an http_service");
  } else if (second !== undefined) {
    log.reject("conflicting-fields", `${first} and ${second} cannot both say where the access log goes`, second);
  }
};

/** Envoy's default for the first delay is not compared. */
const fluentdLog: Watcher = (log) => {
  const backoff = log.message("retry_options")?.message("backoff_options");
  const base = backoff?.duration("base_interval");
  const most = backoff?.duration("max_interval");
  if (base !== undefined && most !== undefined && most < base) {
    backoff?.reject("conflicting-fields", "max_interval is shorter than base_interval", "max_interval");
  }
};

const expression: Watcher = (filter) => {
  if (filter.string("expression") === undefined) filter.reject("missing-field", "the filter needs an expression");
};

const rateLimit: Watcher = (filter) => {
  if (!filter.has("dynamic_config")) filter.reject("missing-field", "the filter needs a dynamic_config");
};

const METADATA_KINDS = ["request", "route", "cluster", "host"] as const;

/** An internal connection takes along metadata of hosts and clusters; requests and routes are not known there. */
const passthrough: Watcher = (socket) => {
  for (const each of socket.messages("passthrough_metadata")) {
    const kind = each.message("kind")?.which(...METADATA_KINDS);
    if (kind !== "request" && kind !== "route") continue;
    each.reject("unsupported", `metadata of kind ${kind} cannot be passed to an internal connection`, "kind");
  }
};

/** A tag with a pattern of its own, or the name of one that Envoy has a pattern for. */
const tag: Watcher = (specifier) => {
  if (specifier.has("fixed_value")) return;
  const name = specifier.string("tag_name");
  const regex = specifier.string("regex");
  if (name === undefined) {
    specifier.reject("missing-field", "a tag needs a tag_name");
  } else if (regex !== undefined) {
    const fault = stdRegexFault(regex.value);
    if (fault !== undefined) specifier.reject("bad-regex", `Cannot compile the pattern: ${fault}`, regex);
  } else if (!/^envoy\./.test(name.value)) {
    const message = `tag "${name.value}" needs a regex or a fixed_value: Envoy has no pattern of that name`;
    specifier.reject("missing-field", message, name);
  }
};

const EXTENSIONS = "envoy.extensions";
const LOGGERS = `${EXTENSIONS}.access_loggers`;
const SOCKETS = `${EXTENSIONS}.transport_sockets`;

export const TELEMETRY_CHECKS: CheckTable = [
  [`${LOGGERS}.open_telemetry.v3.OpenTelemetryAccessLogConfig`, openTelemetryLog],
  [`${LOGGERS}.fluentd.v3.FluentdAccessLogConfig`, fluentdLog],
  [`${LOGGERS}.filters.cel.v3.ExpressionFilter`, expression],
  [`${LOGGERS}.filters.process_ratelimit.v3.ProcessRateLimitFilter`, rateLimit],
  [
    "envoy.config.trace.v3.OpenTelemetryConfig",
    exactlyOne("the tracer", "grpc_service", "http_service"),
  ],
  ["envoy.config.metrics.v3.TagSpecifier", tag],
  [`${SOCKETS}.internal_upstream.v3.InternalUpstreamTransport`, passthrough],
];

/**
 * Checks of single filters, one or two each.
 *
 * Source: `source/extensions/filters/http/` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { hasName } from "./extensions.ts";

const HTTP = "envoy.extensions.filters.http";

const FIRST_STATUS = 100;
const LAST_STATUS = 600;
const LAST_GRPC_CODE = 16;

const admissionControl: Watcher = (view) => {
  const threshold = view.message("sr_threshold");
  if (threshold !== undefined && (threshold.message("default_value")?.number("value") ?? 0) < 1) {
    threshold.reject("bad-value", "The default_value of sr_threshold is less than 1 per cent", "default_value");
  }
  const criteria = view.message("success_criteria");
  for (const range of criteria?.message("http_criteria")?.messages("http_success_status") ?? []) {
    const [start, end] = [range.number("start") ?? 0, range.number("end") ?? 0];
    if (start > end || start < FIRST_STATUS || end > LAST_STATUS) {
      range.reject("bad-value", `The range from ${start} to before ${end} has more than HTTP's statuses`);
    }
  }
  checkGrpcCodes(criteria?.message("grpc_criteria"));
};

function checkGrpcCodes(criteria: MessageView | undefined): void {
  const node = criteria?.node("grpc_success_status");
  for (const item of node?.kind === "list" ? node.items : []) {
    if (item.kind !== "number" || Number(item.text) <= LAST_GRPC_CODE) continue;
    const at = { offset: item.offset, path: criteria?.path("grpc_success_status") ?? "" };
    criteria?.reject("bad-value", `${item.text} is no status of gRPC: these end at ${LAST_GRPC_CODE}`, at);
  }
}

const adaptiveConcurrency: Watcher = (view) => {
  if (!view.has("interval") && !view.has("fixed_value")) {
    view.reject("missing-field", "Neither interval nor fixed_value says what the minimal round trip is");
  }
};

const healthCheck: Watcher = (view) => {
  if (!view.bool("pass_through_mode") && Math.trunc(view.duration("cache_time") ?? 0) > 0) {
    view.reject(
      "conflicting-fields",
      "cache_time needs pass_through_mode: there is nothing else to cache",
      "cache_time",
    );
  }
};

const ipTagging: Watcher = (view) => {
  if (view.messages("ip_tags").length === 0 && !view.has("ip_tags_file_provider") && !view.has("ip_tags_datasource")) {
    view.reject("missing-field", "ip_tags is missing: there is nothing to tag with");
  }
  if (view.messages("ip_tags").length > 0 && view.has("ip_tags_datasource")) {
    view.reject("conflicting-fields", "Cannot set both ip_tags and ip_tags_datasource", "ip_tags_datasource");
  }
};

const geoip: Watcher = (view) => {
  if (view.has("xff_config") && view.has("custom_header_config")) {
    view.reject("conflicting-fields", "Cannot set both xff_config and custom_header_config", "custom_header_config");
  }
};

/** Objects have kinds, by the name of their key. */
const filterState: Watcher = (value) => {
  const [key, factory] = [value.string("object_key"), value.string("factory_key")];
  const name = factory ?? key;
  if (name === undefined || hasName("filter_state.object", name.value) || !/^envoy\.|^[^.]*$/.test(name.value)) return;
  value.reject("unknown-name", `Cannot make an object of kind "${name.value}": factory_key names one Envoy has`, name);
};

/** RFC 8586: a host with or without a port, or a pseudonym (a token). */
const CDN_ID = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|\[[^\]]*\])(?::\d*)?$/;

const cdnLoop: Watcher = (view) => {
  const id = view.string("cdn_id");
  if (id !== undefined && !CDN_ID.test(id.value)) {
    view.reject("bad-value", `"${id.value}" is no identifier of a CDN`, id);
  }
};

const ARN_PARTS = 7;

const lambda: Watcher = (view) => {
  const arn = view.string("arn");
  if (arn === undefined) return;
  const parts = arn.value.split(":");
  if (parts[0] === "arn" && parts.length >= ARN_PARTS) return;
  view.reject(
    "bad-value",
    `"${arn.value}" is no ARN of a function: it is "arn:aws:lambda:region:account:function:name"`,
    arn,
  );
};

const AWS_SIGV4A = 1;

const awsSigning: Watcher = (view) => {
  const region = view.string("region");
  if (region !== undefined && view.enum("signing_algorithm") !== AWS_SIGV4A && /[*,]/.test(region.value)) {
    view.reject("bad-value", `region "${region.value}" is a set of regions: only AWS_SIGV4A takes one`, region);
  }
  const provider = view.message("credential_provider");
  const others = provider?.found.some(({ field }) => field.name !== "custom_credential_provider_chain");
  if (provider?.bool("custom_credential_provider_chain") && !others) {
    provider.reject("missing-field", "custom_credential_provider_chain has no provider in it");
  }
};

/** Sinks of a tap that nobody has asked for at the admin interface. */
const tap: Watcher = (view) => {
  const output = view.message("static_config")?.message("output_config");
  for (const sink of output?.messages("sinks") ?? []) {
    const field = sink.which("streaming_admin", "buffered_admin", "streaming_grpc");
    if (field === "streaming_grpc") sink.reject("unsupported", "Envoy has no sink of gRPC yet", field);
    else if (field !== undefined) sink.reject("unsupported", `${field} works only with admin_config`, field);
  }
};

export const OTHER_CHECKS: CheckTable = [
  [`${HTTP}.admission_control.v3.AdmissionControl`, admissionControl],
  [
    `${HTTP}.adaptive_concurrency.v3.GradientControllerConfig.MinimumRTTCalculationParams`,
    adaptiveConcurrency,
  ],
  [`${HTTP}.health_check.v3.HealthCheck`, healthCheck],
  [`${HTTP}.ip_tagging.v3.IPTagging`, ipTagging],
  [`${HTTP}.geoip.v3.Geoip`, geoip],
  ["envoy.extensions.common.tap.v3.CommonExtensionConfig", tap],
  ["envoy.extensions.filters.common.set_filter_state.v3.FilterStateValue", filterState],
  [`${HTTP}.cdn_loop.v3.CdnLoopConfig`, cdnLoop],
  [`${HTTP}.aws_lambda.v3.Config`, lambda],
  [`${HTTP}.aws_request_signing.v3.AwsRequestSigning`, awsSigning],
];

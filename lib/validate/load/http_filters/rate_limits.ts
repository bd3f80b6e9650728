/**
 * Limits of rates, in Envoy itself or by another server.
 *
 * Source: `source/extensions/filters/{http/local_ratelimit,common/local_ratelimit,common/ratelimit_config}/` of Envoy.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";

const HTTP = "envoy.extensions.filters.http";

/** Milliseconds. */
const SHORTEST = 50;

const localRateLimit: Watcher = (view) => {
  const bucket = view.message("token_bucket");
  const interval = bucket?.duration("fill_interval");
  // Envoy counts whole milliseconds, and leaves a bucket alone that has none.
  if (interval !== undefined && Math.trunc(interval) > 0) checkInterval(bucket, interval);
  const seen = new Set<string>();
  for (const descriptor of view.messages("descriptors")) {
    const own = descriptor.message("token_bucket");
    checkInterval(own, own?.duration("fill_interval") ?? SHORTEST);
    const entries = descriptor.messages("entries").map((entry) => [
      entry.string("key")?.value ?? "",
      entry.string("value")?.value ?? "",
    ]);
    const key = JSON.stringify(entries);
    if (seen.has(key)) descriptor.reject("duplicate-name", "The entries of this descriptor stand there already");
    seen.add(key);
  }
  if (view.has("local_cluster_rate_limit") && view.bool("local_rate_limit_per_downstream_connection")) {
    const message = "Cannot share a limit in the cluster that every connection has for itself";
    view.reject("conflicting-fields", message, "local_rate_limit_per_downstream_connection");
  }
  checkRateLimits(view, false);
};

function checkInterval(bucket: MessageView | undefined, interval: number): void {
  if (Math.trunc(interval) >= SHORTEST) return;
  bucket?.reject("bad-value", `fill_interval is shorter than ${SHORTEST} ms`, "fill_interval");
}

/** In a filter, these have less than in a route. */
function checkRateLimits(view: MessageView, withLimit: boolean): void {
  for (const limit of view.messages("rate_limits")) {
    for (const field of ["stage", "disable_key"]) {
      if (field === "stage" ? limit.has(field) : limit.string(field) !== undefined) {
        limit.reject("unsupported", `Cannot use ${field} here: only rate limits of routes have it`, field);
      }
    }
    if (!withLimit && limit.has("limit")) {
      limit.reject("unsupported", "Cannot use limit here: only rate limits of routes have it", "limit");
    }
    const addend = limit.message("hits_addend");
    if (addend === undefined) continue;
    const format = addend.string("format") !== undefined;
    if (format && addend.has("number")) {
      addend.reject("conflicting-fields", "Cannot set both format and number", "number");
    } else if (!format && !addend.has("number")) {
      addend.reject("missing-field", "Neither format nor number says how many hits");
    }
  }
}

export const RATE_LIMIT_CHECKS: CheckTable = [
  [`${HTTP}.local_ratelimit.v3.LocalRateLimit`, localRateLimit],
  [`${HTTP}.ratelimit.v3.RateLimit`, (view) => checkRateLimits(view, true)],
  [`${HTTP}.ratelimit.v3.RateLimitPerRoute`, (view) => checkRateLimits(view, true)],
];

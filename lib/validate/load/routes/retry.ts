/**
 * Retry policies of routes. Called where Envoy reads one: one in `retry_policy_typed_config` it does not.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";

/** Checks a `RetryPolicy`. Source: `source/common/router/retry_policy_impl.cc`. */
export function checkRetries(policy: MessageView | undefined): void {
  const backOff = policy?.message("retry_back_off");
  const base = backOff?.duration("base_interval");
  const max = backOff?.duration("max_interval");
  if (backOff === undefined || base === undefined || max === undefined || wholeMs(max) >= wholeMs(base)) return;
  backOff.reject("conflicting-fields", "max_interval is less than base_interval", "max_interval");
}

/** Envoy compares whole milliseconds, of which there is at least one. */
function wholeMs(ms: number): number {
  return Math.max(1, Math.floor(ms));
}

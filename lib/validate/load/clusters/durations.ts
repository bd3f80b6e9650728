/**
 * Pairs of durations of which one bounds the other.
 *
 * @module
 */
import type { MessageView } from "../../../model/codec/view.ts";

/** A `base_interval` and a `max_interval` that is not below it; without one, Envoy takes the tenfold. */
export function checkBackOff(view: MessageView, field: string): void {
  const backOff = view.message(field);
  const base = backOff?.duration("base_interval");
  const max = backOff?.duration("max_interval");
  if (backOff === undefined || base === undefined || max === undefined) return;
  // Envoy compares whole milliseconds.
  if (Math.trunc(max) >= Math.trunc(base)) return;
  backOff.reject(
    "conflicting-fields",
    `max_interval is shorter than base_interval: ${max} ms and ${base} ms`,
    "max_interval",
  );
}

/** What Envoy takes for the shortest time of ejection that is not set, in ms. */
const EJECTION = 30_000;

/** For how long a host is ejected: the longest time is not below the shortest. */
export function checkEjection(cluster: MessageView): void {
  const detection = cluster.message("outlier_detection");
  const max = detection?.duration("max_ejection_time");
  // By default it is 300 s, or the shortest time where that is longer.
  if (detection === undefined || max === undefined) return;
  const base = detection.duration("base_ejection_time") ?? EJECTION;
  if (Math.trunc(max) >= Math.trunc(base)) return;
  const given = detection.has("base_ejection_time") ? `${base} ms` : `${base} ms by default`;
  const message = `max_ejection_time is shorter than base_ejection_time: ${max} ms and ${given}`;
  detection.reject("conflicting-fields", message, "max_ejection_time");
}

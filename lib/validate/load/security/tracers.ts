/**
 * Where traces and statistics go: what tracers and sinks need beside what their fields say.
 *
 * @module
 */
import type { MessageView, Watcher } from "../../../model/codec/view.ts";
import type { CheckTable } from "../../rule.ts";
import { formatFault } from "../format.ts";

/** A service, or in the older way a cluster and a path. */
const zipkin: Watcher = (tracer) => {
  const service = tracer.message("collector_service");
  if (service !== undefined) {
    const uri = service.message("http_uri");
    if (uri?.string("cluster") === undefined) {
      (uri ?? service).reject("missing-field", "The collector needs a cluster: http_uri.cluster", "cluster");
    }
    return;
  }
  for (const field of ["collector_cluster", "collector_endpoint"]) {
    if (tracer.string(field) !== undefined) continue;
    return tracer.reject("missing-field", `Without collector_service, the tracer needs ${field}`, field);
  }
};

const statsd: Watcher = (sink) => {
  if (!sink.has("tcp_cluster_name") || sink.string("tcp_cluster_name") !== undefined) return;
  sink.reject("missing-field", "The sink needs the name of a cluster", "tcp_cluster_name");
};

function checkFormat(view: MessageView, field: string): void {
  const text = view.string(field);
  const fault = text === undefined ? undefined : formatFault(text.value);
  if (fault !== undefined) view.reject("bad-format", fault, field);
}

/** An access log that counts. */
const statistics: Watcher = (log) => {
  for (const kind of ["histograms", "counters", "gauges"]) {
    for (const each of log.messages(kind)) {
      checkFormat(each, "value_format");
      for (const tag of each.message("stat")?.messages("tags") ?? []) checkFormat(tag, "value_format");
      if (kind === "counters") checkCounter(each);
    }
  }
};

function checkCounter(counter: MessageView): void {
  const format = counter.string("value_format") !== undefined;
  if (format && counter.has("value_fixed")) {
    counter.reject("conflicting-fields", "A counter grows by value_format or by value_fixed, not both", "value_fixed");
  } else if (!format && !counter.has("value_fixed")) {
    counter.reject("missing-field", "A counter needs value_format or value_fixed");
  }
}

export const TRACER_CHECKS: CheckTable = [
  ["envoy.config.trace.v3.ZipkinConfig", zipkin],
  ["envoy.config.metrics.v3.StatsdSink", statsd],
  ["envoy.extensions.access_loggers.stats.v3.Config", statistics],
];

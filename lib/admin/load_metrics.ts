/**
 * The loads that clients report (LRS), as metrics. Groups and clusters are the only labels, and `Loads` bounds how many
 * pairs of them there are; what else is reported is in `GET /v1/loads`.
 *
 * @module
 */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Loads, LoadSeries } from "../hub/loads.ts";

/** Adds the metrics; they are read from `loads` when somebody scrapes. */
export function loadMetrics(registry: Registry, loads: Loads): void {
  const registers = [registry];
  const labelNames = ["group", "cluster"] as const;
  const counter = (name: string, help: string, read: (series: LoadSeries) => number) =>
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const series of loads.series().series) this.inc(labels(series), read(series));
      },
    });

  new Gauge({
    name: "xcp_load_clients",
    help: "Clients that report the load they put on clusters",
    labelNames: ["group"],
    registers,
    collect() {
      this.reset();
      for (const [group, count] of loads.series().clients) this.set({ group }, count);
    },
  });
  counter("xcp_load_issued_requests_total", "Requests that clients began", ({ issued }) => issued);
  new Counter({
    name: "xcp_load_requests_total",
    help: "Requests that clients finished, as they report them",
    labelNames: [...labelNames, "result"],
    registers,
    collect() {
      this.reset();
      for (const series of loads.series().series) {
        for (const result of ["success", "error"] as const) this.inc({ ...labels(series), result }, series[result]);
      }
    },
  });
  counter("xcp_load_dropped_requests_total", "Requests that clients dropped themselves", ({ dropped }) => dropped);
  new Gauge({
    name: "xcp_load_active_requests",
    help: "Requests that were not finished when clients last reported",
    labelNames,
    registers,
    collect() {
      this.reset();
      for (const series of loads.series().series) this.set(labels(series), series.active);
    },
  });
  new Counter({
    name: "xcp_load_omitted_total",
    help: "Parts of load reports that were not kept, because there were too many",
    registers,
    collect() {
      this.reset();
      this.inc(loads.omitted);
    },
  });
}

function labels({ group, cluster }: LoadSeries): { group: string; cluster: string } {
  return { group, cluster };
}

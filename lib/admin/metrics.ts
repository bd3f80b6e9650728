/**
 * The numbers of `/metrics`: counters fed by the hub's events, gauges read from the hub when somebody scrapes.
 *
 * Labels are bounded: groups are those of the configuration, and a type that the type table does not have is `other`,
 * because clients may subscribe to any string.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { ClientStatus, GroupStatus, HubEvent, HubView } from "../hub/status.ts";
import { typeByUrl } from "../model/types.ts";
import { ageSeconds } from "./json.ts";
import { processMetrics } from "./process_metrics.ts";

/** What `/metrics` answers with. */
export interface Metrics {
  /** Counts what happens. Never throws. */
  observe(event: HubEvent): void;
  /** The text of one scrape. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsOptions {
  readonly hub: HubView;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Labels of `xcp_build_info`. */
  readonly build: Readonly<Record<"version" | "envoy_api" | "runtime" | "platform", string>>;
}

export function createMetrics({ hub, now, build }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  // Both lists are made anew by the hub each time it is asked: once for a scrape is enough.
  let groups: readonly GroupStatus[] = [];
  let clients: readonly ClientStatus[] = [];
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[], read: (g: Gauge<L>) => void) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        read(this);
      },
    });

  gauge(
    "xcp_build_info",
    "What runs; always 1",
    ["version", "envoy_api", "runtime", "platform"],
    (g) => g.set(build, 1),
  );
  gauge("xcp_streams", "Open streams", ["type", "mode"], (g) => {
    for (const mode of ["sotw", "delta"]) g.set({ type: "ads", mode }, 0);
    for (const { mode } of clients) g.inc({ type: "ads", mode });
  });
  gauge("xcp_clients", "Open streams of the nodes of a group", ["group"], (g) => {
    for (const group of groups) g.set({ group: group.name }, group.clients);
  });
  gauge(
    "xcp_clients_rejecting",
    "Clients that rejected the last response of a type",
    ["group", "type"],
    (g) => {
      for (const { group, subscriptions } of clients) {
        for (const { type, rejected } of subscriptions) {
          if (group !== undefined) g.inc({ group, type: typeLabel(type) }, rejected === undefined ? 0 : 1);
        }
      }
    },
  );
  gauge("xcp_snapshot_resources", "Resources that clients of a group get", ["group", "type"], (g) => {
    for (const { name, counts } of groups) {
      for (const [type, count] of Object.entries(counts)) g.inc({ group: name, type: typeLabel(type) }, count);
    }
  });
  gauge("xcp_snapshot_age_seconds", "Time since the snapshot of a group was taken", ["group"], (g) => {
    for (const { name, since } of groups) {
      if (since !== undefined) g.set({ group: name }, ageSeconds(since, now()));
    }
  });
  let lastReload = false;
  gauge("xcp_last_reload_successful", "Whether every group could take the last change of the sources", [], (g) => {
    g.set(lastReload ? 1 : 0);
  });

  const verdicts = new Tally();
  new Counter({
    name: "xcp_responses_total",
    help: "Verdicts of clients on responses",
    labelNames: ["group", "type", "result"],
    registers,
    collect() {
      this.reset();
      for (const [labels, count] of verdicts) this.inc(labels, count);
    },
  });
  const propagation = new Histogram({
    name: "xcp_propagation_seconds",
    help: "From the change of a snapshot to a client's acknowledgement",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const reloads = new Counter({
    name: "xcp_reloads_total",
    help: "Changes of the sources, by whether every group could take them",
    labelNames: ["result"],
    registers,
  });
  for (const result of ["success", "failure"]) reloads.inc({ result }, 0);
  processMetrics(registry, now);

  return {
    observe(event) {
      if (event.kind === "acknowledged") {
        verdicts.add(event.group, typeLabel(event.type), "ack");
        if (event.propagationMs !== undefined) propagation.observe(event.propagationMs / 1000);
      } else if (event.kind === "rejected") {
        verdicts.add(event.group, typeLabel(event.type), "nack");
      } else if (event.kind === "reloaded") {
        lastReload = event.ok;
        reloads.inc({ result: event.ok ? "success" : "failure" });
      }
    },
    text() {
      [groups, clients] = [hub.groups(), hub.clients()];
      return registry.metrics();
    },
    contentType: registry.contentType,
  };
}

interface Verdict {
  readonly group: string;
  readonly type: string;
  readonly result: "ack" | "nack";
}

/** Counts verdicts. Every ACK comes by here, and to find a counter by its labels would be a tenth of what it costs. */
class Tally {
  readonly #counts = new Map<string, Map<string, { ack: number; nack: number }>>();

  add(group: string, type: string, result: Verdict["result"]): void {
    let types = this.#counts.get(group);
    if (types === undefined) this.#counts.set(group, types = new Map());
    let count = types.get(type);
    if (count === undefined) types.set(type, count = { ack: 0, nack: 0 });
    count[result]++;
  }

  /** What was seen at least once. */
  *[Symbol.iterator](): Iterator<[Verdict & Record<string, string>, number]> {
    for (const [group, types] of this.#counts) {
      for (const [type, count] of types) {
        for (const result of ["ack", "nack"] as const) {
          if (count[result] > 0) yield [{ group, type, result }, count[result]];
        }
      }
    }
  }
}

function typeLabel(url: string): string {
  return typeByUrl(url)?.short ?? "other";
}

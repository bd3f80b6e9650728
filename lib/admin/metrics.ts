/**
 * The numbers of `/metrics`: counters fed by the hub's events, gauges read from the hub when somebody scrapes.
 *
 * Labels are bounded: groups are those of the configuration, and a type that the type table does not have is `other`,
 * because clients may subscribe to any string.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Loads } from "../hub/loads.ts";
import type { ClientStatus, GroupStatus, HubEvent, HubView } from "../hub/status.ts";
import { RESOURCE_TYPES, typeByUrl } from "../model/types.ts";
import { ageSeconds } from "./json.ts";
import { loadMetrics } from "./load_metrics.ts";
import { processMetrics } from "./process_metrics.ts";
import { storeMetrics, type StoreOperation, type StoreResult } from "./store_metrics.ts";
import { NO_STORES, type Stores } from "./stores.ts";

/** What `/metrics` answers with. */
export interface Metrics {
  /** Counts what happens. Never throws. */
  observe(event: HubEvent): void;
  /** Counts a call to a store. Never throws. */
  observeStore(operation: StoreOperation, result: StoreResult): void;
  /** The text of one scrape. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsOptions {
  readonly hub: HubView;
  /** What clients report of their load; without it there are no metrics of it. */
  readonly loads?: Loads;
  /** How its stores do; default: it has none. */
  readonly stores?: Stores;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Labels of `xcp_build_info`. */
  readonly build: Readonly<Record<"version" | "envoy_api" | "runtime" | "platform", string>>;
}

export function createMetrics({ hub, loads, stores = NO_STORES, now, build }: MetricsOptions): Metrics {
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
    for (const type of [AGGREGATED, ...RESOURCE_TYPES.map(({ service }) => service)]) g.set({ type, mode: "delta" }, 0);
    for (const type of SOTW_SERVICES) g.set({ type, mode: "sotw" }, 0);
    for (const { mode, service } of clients) g.inc({ type: serviceLabel(service), mode });
  });
  gauge("xcp_clients", "Nodes of a group that have a stream open", ["group"], (g) => {
    for (const { name } of groups) g.set({ group: name }, 0);
    for (const [group, streams] of Map.groupBy(clients, (client) => client.group)) {
      if (group !== undefined) g.set({ group }, new Set(streams.map(nodeKey)).size);
    }
  });
  gauge(
    "xcp_clients_rejecting",
    "Nodes that rejected the last response of a type, on any of their streams",
    ["group", "type"],
    (g) => {
      const rejecting = new Map<string, Set<string>>();
      for (const client of clients) {
        const { group, subscriptions } = client;
        for (const { type, rejected } of subscriptions) {
          if (group === undefined) continue;
          const labels = { group, type: typeLabel(type) };
          const key = `${group}\n${labels.type}`;
          let nodes = rejecting.get(key);
          if (nodes === undefined) rejecting.set(key, nodes = new Set());
          if (rejected !== undefined) nodes.add(nodeKey(client));
          g.set(labels, nodes.size);
        }
      }
    },
  );
  gauge("xcp_snapshot_resources", "Resources that clients of a group get", ["group", "type"], (g) => {
    for (const { name, counts } of groups) {
      for (const [type, count] of Object.entries(counts)) g.inc({ group: name, type: typeLabel(type) }, count);
    }
  });
  gauge("xcp_snapshot_age_seconds", "Time since the snapshot of a group was taken, or stored if it is restored", [
    "group",
  ], (g) => {
    for (const { name, since } of groups) {
      if (since !== undefined) g.set({ group: name }, ageSeconds(since, now()));
    }
  });
  gauge("xcp_group_stale", "Whether a group cannot follow its sources", ["group"], (g) => {
    for (const { name, stale } of groups) g.set({ group: name }, stale ? 1 : 0);
  });
  gauge("xcp_group_restored", "Whether a group serves what was stored, because its sources failed", ["group"], (g) => {
    for (const { name, restored } of groups) g.set({ group: name }, restored ? 1 : 0);
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
  if (loads !== undefined) loadMetrics(registry, loads);
  const observeStore = storeMetrics(registry, stores);
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
    observeStore,
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

/** The name of the aggregated service in the documentation. */
const AGGREGATED = "ADS";
/** The services that are not delta only. */
const SOTW_SERVICES: readonly string[] = [
  AGGREGATED,
  ...RESOURCE_TYPES.filter(({ discovery }) => discovery.stream !== undefined).map(({ service }) => service),
];

/** `ADS`, `CDS`, …: the service of a stream, by the type URL that it is for. */
function serviceLabel(type: string | undefined): string {
  return type === undefined ? AGGREGATED : typeByUrl(type)?.service ?? "other";
}

function typeLabel(url: string): string {
  return typeByUrl(url)?.short ?? "other";
}

/** Streams of one node are one client: with per-type services an Envoy has several. A stranger is its stream. */
function nodeKey({ stream, node }: ClientStatus): string {
  return node === undefined || node.id === "" ? `stream ${stream}` : `${node.cluster}\n${node.id}`;
}

/**
 * The messages of the load reporting service. A client with thousands of clusters sends thousands of small messages
 * every ten seconds, so they are read field by field.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/service/load_stats/v3/lrs.proto
 * @module
 */
import type { Buffer } from "node:buffer";
import type { ClusterLoad, LoadMetric, LocalityLoad } from "../../hub/loads.ts";
import { FieldReader } from "../../xds/wire/reader.ts";
import { MessageWriter } from "./writer.ts";

/** A `LoadStatsRequest`. */
export interface LoadReport {
  /** The node message, not yet looked at. */
  readonly node: Uint8Array | undefined;
  readonly clusters: readonly ClusterLoad[];
}

/** Clusters, localities, categories and metrics of one message that are read: more is nobody's load. */
const MOST_PARTS = 100_000;

interface Budget {
  left: number;
}

function spend(budget: Budget): boolean {
  return budget.left-- > 0;
}

/** @throws MalformedMessage */
export function readLoadReport(body: Uint8Array): LoadReport {
  let node: Uint8Array | undefined;
  const budget: Budget = { left: MOST_PARTS };
  const clusters: ClusterLoad[] = [];
  const reader = new FieldReader(body);
  while (reader.next()) {
    if (reader.field === 1) node = reader.bytes();
    else if (reader.field === 2 && spend(budget)) clusters.push(readCluster(reader.bytes(), budget));
  }
  return { node, clusters };
}

/** A `LoadStatsResponse`: report these clusters, or all of them, every `seconds`. */
export function writeLoadAnswer(clusters: readonly string[] | "all", seconds: number): Buffer {
  const writer = new MessageWriter();
  if (clusters !== "all") { for (const cluster of clusters) writer.element(1, cluster); }
  writer.message(2, () => writer.uint(1, seconds));
  writer.uint(4, clusters === "all");
  return writer.finish();
}

/** `ClusterStats`. */
function readCluster(bytes: Uint8Array, budget: Budget): ClusterLoad {
  let cluster = "", service = "", interval = 0, dropped = 0;
  const categories = new Map<string, number>();
  const localities: LocalityLoad[] = [];
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        cluster = reader.string();
        break;
      case 2:
        if (spend(budget)) localities.push(readLocalityStats(reader.bytes(), budget));
        break;
      case 3:
        dropped = reader.uint();
        break;
      case 4:
        interval = readDuration(reader.bytes());
        break;
      case 5:
        if (spend(budget)) readDropped(reader.bytes(), categories);
        break;
      case 6:
        service = reader.string();
        break;
    }
  }
  return { cluster, service, interval, dropped, categories, localities };
}

/** `ClusterStats.DroppedRequests`. */
function readDropped(bytes: Uint8Array, into: Map<string, number>): void {
  let category = "", count = 0;
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) category = reader.string();
    else if (reader.field === 2) count = reader.uint();
  }
  into.set(category, (into.get(category) ?? 0) + count);
}

/** `UpstreamLocalityStats`. Endpoint by endpoint nothing is asked for. */
function readLocalityStats(bytes: Uint8Array, budget: Budget): LocalityLoad {
  let locality = "", priority = 0, issued = 0, success = 0, error = 0, active = 0;
  const metrics: LoadMetric[] = [];
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        locality = readLocality(reader.bytes());
        break;
      case 2:
        success = reader.uint();
        break;
      case 3:
        active = reader.uint();
        break;
      case 4:
        error = reader.uint();
        break;
      case 5:
        if (spend(budget)) metrics.push(readMetric(reader.bytes()));
        break;
      case 6:
        priority = reader.uint();
        break;
      case 8:
        issued = reader.uint();
        break;
      case 12:
      case 13:
      case 14:
        if (spend(budget)) metrics.push({ ...readUnnamed(reader.bytes()), name: UNNAMED[reader.field] });
        break;
    }
  }
  return { locality, priority, issued, success, error, active, metrics };
}

/** Metrics that have a field instead of a name. */
const UNNAMED = { 12: "cpu_utilization", 13: "mem_utilization", 14: "application_utilization" } as const;

/** `EndpointLoadMetricStats`. */
function readMetric(bytes: Uint8Array): LoadMetric {
  let name = "", requests = 0, sum = 0;
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) requests = reader.uint();
    else if (reader.field === 3) sum = reader.double();
  }
  return { name, requests, sum };
}

/** `UnnamedEndpointLoadMetricStats`. */
function readUnnamed(bytes: Uint8Array): Omit<LoadMetric, "name"> {
  let requests = 0, sum = 0;
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) requests = reader.uint();
    else if (reader.field === 2) sum = reader.double();
  }
  return { requests, sum };
}

/** `core.v3.Locality` as `region/zone/sub_zone`, empty parts left out. */
function readLocality(bytes: Uint8Array): string {
  const parts = ["", "", ""];
  const reader = new FieldReader(bytes);
  while (reader.next()) if (reader.field >= 1 && reader.field <= 3) parts[reader.field - 1] = reader.string();
  return parts.filter((part) => part !== "").join("/");
}

/** `google.protobuf.Duration` in milliseconds. */
function readDuration(bytes: Uint8Array): number {
  let seconds = 0, nanos = 0;
  const reader = new FieldReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.uint();
    else if (reader.field === 2) nanos = reader.uint();
  }
  return seconds * 1_000 + Math.round(nanos / 1_000_000);
}

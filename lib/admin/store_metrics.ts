/**
 * How the stores of a server do, as metrics. The labels are closed lists: several stores of one role are one series, of
 * which the worst is told.
 *
 * @module
 */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Stores } from "./stores.ts";

/** A call to a store. */
export type StoreOperation = "get" | "create" | "replace" | "list" | "remove";
export type StoreResult = "ok" | "error";

const OPERATIONS: readonly StoreOperation[] = ["get", "create", "replace", "list", "remove"];
const RESULTS: readonly StoreResult[] = ["ok", "error"];

/** Adds the metrics: the gauges are read when somebody scrapes, calls are counted with what is returned. */
export function storeMetrics(registry: Registry, stores: Stores): (call: StoreOperation, result: StoreResult) => void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: (g: Gauge<"role">) => void) =>
    new Gauge({
      name,
      help,
      labelNames: ["role"],
      registers,
      collect() {
        this.reset();
        read(this);
      },
    });

  gauge("xcp_store_failing", "Whether the last attempt at a store failed", (g) => {
    for (const [role, all] of Map.groupBy(stores(), (store) => store.role)) {
      g.set({ role }, all.some(({ failure }) => failure !== undefined) ? 1 : 0);
    }
  });
  gauge("xcp_store_last_success_timestamp_seconds", "When a store was last read or written with success", (g) => {
    for (const [role, all] of Map.groupBy(stores(), (store) => store.role)) {
      const times = all.flatMap(({ succeeded }) => succeeded ?? []);
      if (times.length > 0) g.set({ role }, Math.min(...times) / 1_000);
    }
  });
  const operations = new Counter({
    name: "xcp_store_operations_total",
    help: "Calls to stores, by whether they were answered",
    labelNames: ["operation", "result"],
    registers,
  });
  for (const operation of OPERATIONS) for (const result of RESULTS) operations.inc({ operation, result }, 0);
  return (operation, result) => operations.inc({ operation, result });
}

/**
 * The process' own numbers under the names that every Prometheus client uses. Chosen one by one: what Bun reports about
 * its heap and its collector is not what these names promise, so it is left out.
 *
 * @see https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { Counter, Gauge, type Registry } from "prom-client";

/** Registers the process metrics. `now` in milliseconds since the epoch. */
export function processMetrics(registry: Registry, now: () => number): void {
  const registers = [registry];
  const started = now() / 1000 - process.uptime();
  new Counter({
    name: "process_cpu_seconds_total",
    help: "User and system CPU time",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory",
    registers,
    collect() {
      this.set(process.memoryUsage().rss);
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "Start time since the epoch",
    registers,
    collect() {
      this.set(started);
    },
  });
  // Linux only: elsewhere there is no cheap way to ask.
  if (openFiles() === undefined) return;
  new Gauge({
    name: "process_open_fds",
    help: "Open file descriptors",
    registers,
    collect() {
      this.set(openFiles() ?? 0);
    },
  });
  const limit = fileLimit();
  if (limit !== undefined) {
    new Gauge({ name: "process_max_fds", help: "Most file descriptors", registers }).set(limit);
  }
}

function openFiles(): number | undefined {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return undefined;
  }
}

function fileLimit(): number | undefined {
  try {
    const limit = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
}

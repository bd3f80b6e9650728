/**
 * Health, readiness and metrics.
 *
 * @module
 */
import * as v from "valibot";
import { json } from "./answer.ts";
import type { Metrics } from "./metrics.ts";
import { operation } from "./operation.ts";
import { readinessJson, type ReadinessOptions } from "./readiness.ts";
import type { Register } from "./router.ts";
import { HEALTH, READINESS } from "./schemas/readiness.ts";

/** Whoever asks is answered: a load balancer has no token. */
export function healthRoutes(register: Register, options: ReadinessOptions): void {
  register("/healthz", {
    get: operation({
      id: "getHealth",
      summary: "Whether the process is up",
      open: true,
      answers: { 200: { description: "It is", schema: HEALTH } },
    }, () => json({ healthy: true })),
  });
  register("/readyz", {
    get: operation({
      id: "getReadiness",
      summary: "Whether it serves configuration, from where, and how old that is",
      open: true,
      answers: {
        200: { description: "It does", schema: READINESS },
        503: { description: "It does not", schema: READINESS },
      },
    }, () => {
      const readiness = readinessJson(options);
      return json(readiness, readiness.ready ? 200 : 503);
    }),
  });
}

export function metricsRoutes(register: Register, metrics: Metrics): void {
  register("/metrics", {
    get: operation({
      id: "getMetrics",
      summary: "Metrics for Prometheus",
      answers: { 200: { description: "Its text format", type: "text/plain", schema: v.string() } },
    }, async () => new Response(await metrics.text(), { headers: { "content-type": metrics.contentType } })),
  });
}

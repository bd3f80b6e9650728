/**
 * Health, readiness and metrics.
 *
 * @module
 */
import * as v from "valibot";
import type { HubView } from "../hub/status.ts";
import { json } from "./answer.ts";
import type { Metrics } from "./metrics.ts";
import { operation } from "./operation.ts";
import type { Register } from "./router.ts";
import { list } from "./schemas/common.ts";

const HEALTH = v.object({ healthy: v.literal(true) });
const READINESS = v.object({ ready: v.boolean(), reasons: list(v.string()) });

/** Whoever asks is answered: a load balancer has no token. */
export function healthRoutes(register: Register, hub: HubView): void {
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
      summary: "Whether it serves configuration",
      open: true,
      answers: {
        200: { description: "It does", schema: READINESS },
        503: { description: "It does not", schema: READINESS },
      },
    }, () => {
      const { ready, reasons } = hub.readiness();
      return json({ ready, reasons }, ready ? 200 : 503);
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

/**
 * The admin API as a Hono app, put together. It reads what the hub tells, and hands writes on.
 *
 * @module
 */
import { Hono } from "hono";
import * as v from "valibot";
import type { Loads } from "../hub/loads.ts";
import type { HubEvent, HubView } from "../hub/status.ts";
import type { Log } from "../log.ts";
import type { Resource } from "../model/resource.ts";
import { adapterEventRoutes, type AdapterEvents } from "./adapter_events.ts";
import { jsonText } from "./answer.ts";
import { type BodyLimits, DEFAULT_BODY_LIMITS } from "./body.ts";
import { clientRoutes } from "./clients.ts";
import { describe } from "./description.ts";
import { EventFeed } from "./event_feed.ts";
import { eventRoutes } from "./events.ts";
import { groupRoutes } from "./groups.ts";
import { type Guard, guarded, ownSite } from "./guard.ts";
import { healthRoutes, metricsRoutes } from "./health.ts";
import { loadRoutes } from "./loads.ts";
import type { Metrics } from "./metrics.ts";
import { operation } from "./operation.ts";
import { pageRoute } from "./page/route.ts";
import { askingForToken } from "./page/sign_in.tsx";
import type { WriteReader } from "./read_write.ts";
import { finish, router } from "./router.ts";
import { ruleRoutes } from "./rules.ts";
import { NO_STORES, storeRoutes, type Stores } from "./stores.ts";
import type { Writes } from "./writes.ts";
import { writtenRoutes } from "./written.ts";

export interface AdminOptions {
  readonly hub: HubView & { on(listener: (event: HubEvent) => void): void };
  readonly metrics: Metrics;
  readonly guard: Guard;
  /** The layer that is written over HTTP; undefined when none is taken. */
  readonly writes: Writes | undefined;
  readonly reader: WriteReader;
  /** The adapters that are served; undefined when there are none. */
  readonly adapter?: AdapterEvents;
  /** What clients report of their load. */
  readonly loads: Pick<Loads, "list">;
  /** How its stores do; default: it has none. */
  readonly stores?: Stores;
  /** A resource as JSON with `@type`, snake_case names, secrets redacted. */
  readonly print: (resource: Resource) => unknown;
  /** The same in a form that it can be read from again: in a `Resource` where that alone has its name, aliases or time. */
  readonly printWritten: (resource: Resource) => unknown;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Log;
  /** Ends what would go on for ever. */
  readonly signal: AbortSignal;
  /** What the status page says about itself: `xcp 0.1.0`. */
  readonly title: string;
  readonly bodies?: BodyLimits;
}

/** Everything that the admin address answers. */
export function adminApp(options: AdminOptions): Hono {
  const { hub, metrics, loads, stores = NO_STORES, now, log, signal, title } = options;
  const app = new Hono();
  const guard = guarded(options.guard);
  healthRoutes(router(app, log), { hub, stores, now });

  const register = router(app, log, guard);
  metricsRoutes(register, metrics);
  pageRoute(router(app, log, askingForToken(guard)), options);
  const drop = writtenRoutes(register, { bodies: DEFAULT_BODY_LIMITS, ...options }, ownSite(options.guard));
  groupRoutes(register, options, drop);
  adapterEventRoutes(register, options, ownSite(options.guard));
  ruleRoutes(register, hub);
  storeRoutes(register, stores);
  clientRoutes(register, hub);
  loadRoutes(register, loads);

  const feed = new EventFeed({ hub, now, signal });
  hub.on((event) => feed.observe(event));
  eventRoutes(register, feed);

  let description: Promise<string> | undefined;
  register("/openapi.json", {
    get: operation({
      id: "getDescription",
      summary: "This description",
      answers: { 200: { description: "OpenAPI 3.1", schema: v.looseObject({ openapi: v.string() }) } },
    }, async () => jsonText(await (description ??= describe(app, title)))),
  });
  return finish(app, log, guard);
}

/** What the metrics address answers: nothing that a scraper must not see, so nobody is asked for a token. */
export function metricsApp(
  { hub, metrics, stores = NO_STORES, now, log }:
    & Pick<AdminOptions, "metrics" | "stores" | "now" | "log">
    & { hub: HubView },
): Hono {
  const app = new Hono();
  const register = router(app, log);
  healthRoutes(register, { hub, stores, now });
  metricsRoutes(register, metrics);
  return finish(app, log);
}

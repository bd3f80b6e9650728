/**
 * The admin API as a Hono app. It reads what the hub tells and changes nothing; request bodies are not read.
 *
 * @module
 */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { HubView } from "../hub/status.ts";
import type { Log } from "../log.ts";
import type { Resource } from "../model/resource.ts";
import { effective } from "./effective.ts";
import { type Guard, guarded } from "./guard.ts";
import { clientJson, groupJson } from "./json.ts";
import type { Metrics } from "./metrics.ts";
import { statusPage } from "./page.ts";
import { problem } from "./problem.ts";

export interface AdminOptions {
  readonly hub: HubView;
  readonly metrics: Metrics;
  readonly guard: Guard;
  /** A resource as JSON with `@type`, snake_case names, secrets redacted. */
  readonly print: (resource: Resource) => unknown;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Log;
  /** What the status page says about itself: `xcp 0.1.0`. */
  readonly title: string;
}

/** Everything that the admin address answers. */
export function adminApp({ hub, metrics, guard, print, now, log, title }: AdminOptions): Hono {
  const app = new Hono();
  const open = router(app, log);
  open("/healthz", health);
  open("/readyz", readiness(hub));

  const get = router(app, log, guarded(guard));
  get("/metrics", scrape(metrics));
  get(
    "/",
    () => statusPage({ title, readiness: hub.readiness(), groups: hub.groups(), clients: hub.clients(), now: now() }),
  );
  get("/v1/groups", () => json({ groups: hub.groups().map((group) => groupJson(group, now())) }));
  get("/v1/groups/:group", (context) => {
    const group = hub.group(param(context, "group"));
    return group === undefined ? noGroup(context) : json(groupJson(group, now()), 200, etag(group.revision));
  });
  get("/v1/groups/:group/effective", async (context) => {
    const group = hub.group(param(context, "group"));
    if (group === undefined) return noGroup(context);
    const answer = await effective({
      hub,
      group,
      print,
      type: context.req.query("type"),
      name: context.req.query("name"),
    });
    return answer instanceof Response ? answer : json(answer, 200, etag(group.revision));
  });
  get("/v1/clients", (context) => {
    const { group, node } = context.req.query();
    const filter = { ...(group === undefined ? {} : { group }), ...(node === undefined ? {} : { node }) };
    return json({ clients: hub.clients(filter).map(clientJson) });
  });
  get("/v1/clients/:stream", (context) => {
    const client = hub.client(param(context, "stream"));
    if (client !== undefined) return json(clientJson(client));
    return problem(404, `Cannot find stream "${param(context, "stream")}": it is not open`);
  });
  return finish(app, log, guarded(guard));
}

/** What the metrics address answers: nothing that a scraper must not see, so nobody is asked for a token. */
export function metricsApp({ hub, metrics, log }: Pick<AdminOptions, "hub" | "metrics" | "log">): Hono {
  const app = new Hono();
  const get = router(app, log);
  get("/healthz", health);
  get("/readyz", readiness(hub));
  get("/metrics", scrape(metrics));
  return finish(app, log);
}

type Answer = (context: Context) => Response | Promise<Response>;

/** Registers a path for GET (and so HEAD); the other methods are told what there is. */
function router(app: Hono, log: Log, ...before: MiddlewareHandler[]): (path: string, answer: Answer) => void {
  return (path, answer) => {
    app.use(path, headers, ...before);
    app.get(path, answer);
    app.options(path, () => new Response(null, { status: 204, headers: { allow: ALLOW } }));
    app.all(path, ({ req }) => {
      log.debug("A method was refused", { method: req.method, path: req.path });
      return problem(405, `Cannot ${req.method} "${req.path}": it can only be read`, { allow: ALLOW });
    });
  };
}

function finish(app: Hono, log: Log, ...before: MiddlewareHandler[]): Hono {
  app.use("*", headers, ...before);
  app.notFound(({ req }) => problem(404, `Cannot find "${req.path}": there is no such path`));
  app.onError((error, { req }) => {
    log.error("The admin API failed", { method: req.method, path: req.path, error: error.stack ?? error.message });
    return problem(500, `Cannot answer "${req.path}": xcp has a bug, its log has the details`);
  });
  return app;
}

const ALLOW = "GET, HEAD, OPTIONS";

/** No page of another origin may read, frame or sniff an answer, and no cache keeps one. */
const headers: MiddlewareHandler = async (context, next) => {
  await next();
  context.res.headers.set("cache-control", "no-store");
  context.res.headers.set("x-content-type-options", "nosniff");
  context.res.headers.set("cross-origin-resource-policy", "same-origin");
};

const health: Answer = () => json({ healthy: true });

function readiness(hub: HubView): Answer {
  return () => {
    const { ready, reasons } = hub.readiness();
    return json({ ready, reasons }, ready ? 200 : 503);
  };
}

function scrape(metrics: Metrics): Answer {
  return async () => new Response(await metrics.text(), { headers: { "content-type": metrics.contentType } });
}

function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(`${JSON.stringify(value)}\n`, {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** The revision as an entity tag: what a later write may be conditional on. */
function etag(revision: string | undefined): Record<string, string> {
  return revision === undefined ? {} : { etag: `"${revision}"` };
}

function param(context: Context, name: string): string {
  return context.req.param(name) ?? "";
}

function noGroup(context: Context): Response {
  return problem(404, `Cannot find group "${param(context, "group")}": there is no such group`);
}

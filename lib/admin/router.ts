/**
 * Paths and their methods, with what every answer carries.
 *
 * @module
 */
import type { Hono, MiddlewareHandler } from "hono";
import type { Log } from "../log.ts";
import { problem } from "./problem.ts";

type Method = "get" | "put" | "patch" | "post" | "delete";

/** Registers a path with its methods; the others are told what there is. */
export type Register = (path: string, methods: Partial<Readonly<Record<Method, readonly MiddlewareHandler[]>>>) => void;

/** `before` runs before every answer of the path. */
export function router(app: Hono, log: Log, ...before: MiddlewareHandler[]): Register {
  return (path, methods) => {
    app.use(path, headers, ...before);
    const allow = Object.keys(methods).flatMap((method) => method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()]);
    allow.push("OPTIONS");
    for (const [method, handlers] of Object.entries(methods)) app.on(method.toUpperCase(), [path], ...handlers);
    app.options(path, () => new Response(null, { status: 204, headers: { allow: allow.join(", ") } }));
    app.all(path, ({ req }) => {
      log.debug("A method was refused", { method: req.method, path: req.path });
      const detail = `Cannot ${req.method} "${req.path}": it takes ${allow.join(", ")}`;
      return problem(405, detail, { allow: allow.join(", ") });
    });
  };
}

/** What is answered where there is no path, and when something breaks. */
export function finish(app: Hono, log: Log, ...before: MiddlewareHandler[]): Hono {
  app.use("*", headers, ...before);
  app.notFound(({ req }) => problem(404, `Cannot find "${req.path}": there is no such path`));
  app.onError((error, { req }) => {
    log.error("The admin API failed", { method: req.method, path: req.path, error: error.stack ?? error.message });
    return problem(500, `Cannot answer "${req.path}": xcp has a bug, its log has the details`);
  });
  return app;
}

/** No page of another origin may read, frame or sniff an answer, and no cache keeps one. */
const headers: MiddlewareHandler = async (context, next) => {
  await next();
  context.res.headers.set("cache-control", "no-store");
  context.res.headers.set("x-content-type-options", "nosniff");
  context.res.headers.set("cross-origin-resource-policy", "same-origin");
};
